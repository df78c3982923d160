package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend/posix"
)

// health succeeds when the server answers.
func health(ctx context.Context, own settings) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+own.port+healthPath, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s", response.Status)
	}
	return nil
}

// info prints `Name: value` lines.
func info(own settings) error {
	used, err := usedBytes()
	if err != nil {
		return err
	}
	fmt.Printf("Version: versitygw %s\n", version)
	fmt.Printf("Connections: %d/%d\n", openConnections(own.port), own.connections)
	fmt.Printf("Data Size: %.1f MB / %.1f MB\n", float64(used)/(1<<20), float64(own.storage)/(1<<20))
	return nil
}

// openConnections counts those that the kernel knows to the server's port.
func openConnections(port string) int {
	number, _ := strconv.Atoi(port)
	local := fmt.Sprintf(":%04X", number)
	count := 0
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			// sl local_address rem_address st; 01 is ESTABLISHED.
			if words := strings.Fields(lines.Text()); len(words) > 3 && strings.HasSuffix(words[1], local) && words[3] == "01" {
				count++
			}
		}
		file.Close()
	}
	return count
}

// reset deletes every object and ends every upload; bucket, policy and CORS rules stay.
func reset(ctx context.Context, own settings) error {
	store, err := open()
	if err != nil {
		return err
	}
	defer store.Shutdown()
	if err := deleteObjects(ctx, store, own.bucket); err != nil {
		return err
	}
	return abortUploads(ctx, store, own.bucket)
}

const page int32 = 1000

func deleteObjects(ctx context.Context, store *posix.Posix, bucket string) error {
	max, none := page, ""
	for {
		listed, err := store.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
			Bucket: &bucket, MaxKeys: &max, Prefix: &none, Delimiter: &none, ContinuationToken: &none, StartAfter: &none,
		})
		if err != nil || len(listed.Contents) == 0 {
			return err
		}
		for _, object := range listed.Contents {
			if _, err := store.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: object.Key}); err != nil {
				return fmt.Errorf("delete %s: %w", *object.Key, err)
			}
		}
	}
}

func abortUploads(ctx context.Context, store *posix.Posix, bucket string) error {
	max, none := page, ""
	for {
		listed, err := store.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{
			Bucket: &bucket, MaxUploads: &max, Prefix: &none, Delimiter: &none, KeyMarker: &none, UploadIdMarker: &none,
		})
		if err != nil || len(listed.Uploads) == 0 {
			return err
		}
		for _, upload := range listed.Uploads {
			abort := &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: &upload.Key, UploadId: &upload.UploadID}
			if err := store.AbortMultipartUpload(ctx, abort); err != nil {
				return fmt.Errorf("end the upload of %s: %w", upload.Key, err)
			}
		}
	}
}
