package main

import (
	"context"
	"encoding/json"
	"fmt"
)

// publicPolicy is Bucketeer's rule: what lies below public/ everybody may read.
const publicPolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"public","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/public/*"}]}`

const ownerSid = "owner"

// PutBucketPolicy adds that the app's account may do everything with its bucket: in S3 its own policy says so, and this server, which has
// none for accounts, would take a policy for all that is allowed. What the policy denies stays denied.
func (l *limited) PutBucketPolicy(ctx context.Context, bucket string, policy []byte) error {
	whole, err := withOwner(policy, bucket, l.owner)
	if err != nil {
		return err
	}
	return l.Posix.PutBucketPolicy(ctx, bucket, whole)
}

func withOwner(policy []byte, bucket, owner string) ([]byte, error) {
	if policy == nil {
		return nil, nil
	}
	var whole map[string]any
	if err := json.Unmarshal(policy, &whole); err != nil {
		return nil, fmt.Errorf("parse bucket policy: %w", err)
	}
	statements, isList := whole["Statement"].([]any)
	if !isList {
		statements = []any{whole["Statement"]}
	}
	for _, one := range statements {
		if statement, ok := one.(map[string]any); ok && statement["Sid"] == ownerSid {
			return policy, nil
		}
	}
	resource := "arn:aws:s3:::" + bucket
	whole["Statement"] = append(statements, map[string]any{
		"Sid": ownerSid, "Effect": "Allow", "Principal": map[string]any{"AWS": owner}, "Action": "s3:*", "Resource": []string{resource, resource + "/*"},
	})
	return json.Marshal(whole)
}
