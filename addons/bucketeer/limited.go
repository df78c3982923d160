package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// limited refuses what would make more than the plan's bytes. It adds up what is written and forgets what is deleted, so it knows at
// most too much; only when that is more than the limit it measures again.
type limited struct {
	*posix.Posix
	// owner is the access key of the app.
	owner string
	limit int64
	used  func() (int64, error)

	lock sync.Mutex
	// atMost is what lies in the volume, with what is being written, once it has been measured.
	measured bool
	atMost   int64
	// writing is what is being written now.
	writing int64
}

var quotaExceeded = s3err.APIError{
	Code:           "QuotaExceeded",
	Description:    "The bucket has no room for this object in its plan. Delete objects, or upgrade the add-on.",
	HTTPStatusCode: http.StatusForbidden,
}

// reserve makes room for so many bytes; `done` says that they are written, or that they are not.
func (l *limited) reserve(bytes int64) (done func(), err error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if !l.measured || l.atMost+bytes > l.limit {
		used, err := l.used()
		if err != nil {
			return nil, err
		}
		l.measured, l.atMost = true, used+l.writing
	}
	if l.atMost+bytes > l.limit {
		return nil, quotaExceeded
	}
	l.atMost += bytes
	l.writing += bytes
	return func() {
		l.lock.Lock()
		defer l.lock.Unlock()
		l.writing -= bytes
	}, nil
}

func (l *limited) PutObject(ctx context.Context, input s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	done, err := l.reserve(bytesOf(input.ContentLength))
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	defer done()
	return l.Posix.PutObject(ctx, input)
}

func (l *limited) UploadPart(ctx context.Context, input *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	done, err := l.reserve(bytesOf(input.ContentLength))
	if err != nil {
		return nil, err
	}
	defer done()
	return l.Posix.UploadPart(ctx, input)
}

// CopyObject and UploadPartCopy write as much as their source has.
func (l *limited) CopyObject(ctx context.Context, input s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	bytes, err := l.sourceBytes(ctx, input.CopySource)
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	done, err := l.reserve(bytes)
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	defer done()
	return l.Posix.CopyObject(ctx, input)
}

func (l *limited) UploadPartCopy(ctx context.Context, input *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	bytes, err := l.sourceBytes(ctx, input.CopySource)
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	done, err := l.reserve(bytes)
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	defer done()
	return l.Posix.UploadPartCopy(ctx, input)
}

func bytesOf(length *int64) int64 {
	if length == nil {
		return 0
	}
	return *length
}

func (l *limited) sourceBytes(ctx context.Context, source *string) (int64, error) {
	if source == nil {
		return 0, nil
	}
	bucket, key, _, err := backend.ParseCopySource(*source)
	if err != nil {
		return 0, err
	}
	found, err := l.Posix.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return 0, err
	}
	return bytesOf(found.ContentLength), nil
}
