package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// serve answers S3 until the context ends.
func serve(ctx context.Context, own settings) error {
	store, err := open()
	if err != nil {
		return err
	}
	limited := &limited{Posix: store, owner: own.accessKey, limit: own.storage, used: usedBytes}
	if err := ensureBucket(ctx, limited, own); err != nil {
		return err
	}
	root := auth.Account{Access: rand.Text(), Secret: rand.Text(), Role: auth.RoleAdmin}
	if err := sweepUploads(own.bucket); err != nil {
		return err
	}
	return embedgw.RunVersityGW(ctx, limited, &embedgw.Config{
		// Nobody knows it: the app's account is a user, who has its bucket and cannot make others.
		RootUserAccess:    root.Access,
		RootUserSecret:    root.Secret,
		IAMService:        accounts{auth.NewIAMServiceSingle(root), own},
		Region:            own.region,
		Ports:             []string{":" + own.port},
		VirtualDomain:     own.host,
		HealthPath:        healthPath,
		MaxConnections:    own.connections,
		MaxRequests:       own.connections,
		MultipartMaxParts: 10_000,
		KeepAlive:         true,
		DisableACLs:       true,
		Quiet:             true,
	})
}

// open gives the objects as files. What S3 knows besides their bytes lies in files too: attributes of files are lost in a snapshot.
func open() (*posix.Posix, error) {
	for _, folder := range []string{objectsFolder, metadataFolder} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	sidecar, err := meta.NewSideCar(metadataFolder)
	if err != nil {
		return nil, err
	}
	return posix.New(objectsFolder, sidecar, posix.PosixOpts{
		SideCarDir: metadataFolder, NewDirPerm: 0o700, NewFilePerm: 0o600, Concurrency: 256, CopyObjectThreshold: 5 << 30,
		// They are for several servers on the same files.
		ForceNoObjLockFile: true,
	})
}

// ensureBucket makes the add-on's bucket, unless it is there. What was never finished has never held an object, so it starts afresh.
func ensureBucket(ctx context.Context, store backend.Backend, own settings) error {
	if _, err := os.Stat(madeFile); err == nil {
		return nil
	}
	for _, folder := range []string{objectsFolder, metadataFolder} {
		if err := os.RemoveAll(filepath.Join(folder, own.bucket)); err != nil {
			return err
		}
	}
	owner := auth.Account{Access: own.accessKey, Role: auth.RoleUser}
	acl, err := json.Marshal(auth.ACL{Owner: own.accessKey})
	if err != nil {
		return err
	}
	err = store.CreateBucket(context.WithValue(ctx, "bucket-owner", owner), &s3.CreateBucketInput{
		Bucket:                    &own.bucket,
		ObjectOwnership:           types.ObjectOwnershipBucketOwnerEnforced,
		CreateBucketConfiguration: &types.CreateBucketConfiguration{},
	}, acl)
	if err != nil {
		return fmt.Errorf("make the bucket: %w", err)
	}
	if err := store.PutBucketPolicy(ctx, own.bucket, []byte(fmt.Sprintf(publicPolicy, own.bucket))); err != nil {
		return fmt.Errorf("say who may read the bucket: %w", err)
	}
	if err := os.WriteFile(madeFile, nil, 0o600); err != nil {
		return err
	}
	// On the disk before the first object is: without it, objects would be taken for what was never finished.
	syscall.Sync()
	return nil
}

// sweepUploads removes what versitygw leaves of uploads that have ended: a few bytes for each part, in the metadata only.
func sweepUploads(bucket string) error {
	const uploads = ".sgwtmp/multipart"
	left, err := filepath.Glob(filepath.Join(metadataFolder, bucket, uploads, "*"))
	if err != nil {
		return err
	}
	for _, folder := range left {
		if _, err := os.Stat(filepath.Join(objectsFolder, bucket, uploads, filepath.Base(folder))); errors.Is(err, os.ErrNotExist) {
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// accounts are the root account and the app's.
type accounts struct {
	auth.IAMService
	own settings
}

func (a accounts) GetUserAccount(access string) (auth.Account, error) {
	if access == a.own.accessKey {
		return auth.Account{Access: access, Secret: a.own.secretKey, Role: auth.RoleUser}, nil
	}
	if account, err := a.IAMService.GetUserAccount(access); err == nil {
		return account, nil
	}
	// So that it is told in S3's words.
	return auth.Account{}, auth.ErrNoSuchUser
}

// ResolveAccounts gives those that there are not.
func (a accounts) ResolveAccounts(keys []string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == a.own.accessKey }), nil
}

// usedBytes is what lies in the volume: objects, parts of uploads that have not ended, metadata.
func usedBytes() (int64, error) {
	var total int64
	err := filepath.WalkDir("/data", func(_ string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return ignoreMissing(err)
		}
		file, err := entry.Info()
		if err == nil {
			total += file.Size()
		}
		return ignoreMissing(err)
	})
	return total, err
}

// ignoreMissing: what is deleted while somebody looks is no error.
func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
