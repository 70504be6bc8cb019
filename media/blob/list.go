package blob

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Item is one entry of a listing.
type Item struct {
	Key          string
	Size         int64
	LastModified time.Time
}

// List returns up to limit objects whose keys begin with prefix and sort after
// `after`, in the byte order of their keys. Fewer than limit means the end.
func (s *Store) List(ctx context.Context, prefix, after string, limit int) ([]Item, error) {
	var items []Item
	in := &s3.ListObjectsV2Input{Bucket: &s.config.Bucket, Prefix: &prefix}
	if after != "" {
		in.StartAfter = &after
	}

	for len(items) < limit {
		in.MaxKeys = aws.Int32(int32(min(limit-len(items), 1000)))
		out, err := s.listPage(ctx, in)
		if err != nil {
			return nil, mapError(ctx, err, "list "+prefix)
		}

		for _, o := range out.Contents {
			items = append(items, Item{Key: aws.ToString(o.Key), Size: aws.ToInt64(o.Size), LastModified: aws.ToTime(o.LastModified)})
		}

		if !aws.ToBool(out.IsTruncated) || len(out.Contents) == 0 {
			break
		}

		in.StartAfter, in.ContinuationToken = nil, out.NextContinuationToken
	}

	return items, nil
}

func (s *Store) listPage(ctx context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	return s.client.ListObjectsV2(ctx, in)
}
