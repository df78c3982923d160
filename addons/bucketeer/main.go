// Bucketeer's bucket: versitygw with one account, one bucket and the plan's limit. `bucketeer serve`, `health`, `info` and `reset`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
)

// settings are what the add-on is, from its environment: nothing secret is in an argument or a file.
type settings struct {
	accessKey, secretKey, region, bucket, host string
	port                                       string
	connections                                int
	storage, memory                            int64
}

const (
	objectsFolder  = "/data/objects"
	metadataFolder = "/data/metadata"
	// madeFile says that the bucket is there, with its policy.
	madeFile   = "/data/made"
	healthPath = "/health"
	version    = "1.8.0"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	own, err := settingsFrom(os.Getenv)
	if err != nil {
		return err
	}
	if len(arguments) != 1 {
		return fmt.Errorf("one of serve, health, info, reset is needed")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	switch arguments[0] {
	case "serve":
		// So that it collects before the container is ended.
		debug.SetMemoryLimit(own.memory * 8 / 10)
		return serve(ctx, own)
	case "health":
		return health(ctx, own)
	case "info":
		return info(own)
	case "reset":
		return reset(ctx, own)
	}
	return fmt.Errorf("there is no %s", arguments[0])
}

func settingsFrom(get func(string) string) (settings, error) {
	connections, err := strconv.Atoi(get("CONNECTIONS"))
	if err != nil {
		return settings{}, fmt.Errorf("CONNECTIONS: %w", err)
	}
	storage, err := strconv.ParseInt(get("STORAGE"), 10, 64)
	if err != nil {
		return settings{}, fmt.Errorf("STORAGE: %w", err)
	}
	memory, err := strconv.ParseInt(get("MEMORY"), 10, 64)
	if err != nil {
		return settings{}, fmt.Errorf("MEMORY: %w", err)
	}
	return settings{
		accessKey: get("ACCESS_KEY"), secretKey: get("SECRET_KEY"), region: get("REGION"), bucket: get("BUCKET"), host: get("HOST"),
		port: get("PORT"), connections: connections, storage: storage, memory: memory,
	}, nil
}
