package search

import (
	"context"

	"tidings.example/tidings/tidings"
)

const (
	usualBatch = 20      // clips changed together
	batchBytes = 8 << 20 // of text read for a batch; a single clip may have more
)

// batchSize is the number of clips an engine is given at once. An engine for
// which many clips cost as much as one has a method Batch.
func batchSize(e Engine) int {
	if b, ok := e.(interface{ Batch() int }); ok {
		return b.Batch()
	}
	return usualBatch
}

// batch is a set of changes to an index.
type batch struct {
	docs []tidings.Document
	put  []tidings.OutboxEntry // of the documents
	gone []tidings.OutboxEntry // to be deleted
}

// readBatch reads the documents of the first entries, up to batchBytes, and
// returns the other entries. fail is called for clips that cannot be read.
func readBatch(ctx context.Context, rows Rows, entries []tidings.OutboxEntry, fail func(tidings.OutboxEntry, error)) (b batch, rest []tidings.OutboxEntry, err error) {
	size := 0
	for i, e := range entries {
		if size >= batchBytes {
			return b, entries[i:], nil
		}

		d, err := rows.Document(ctx, e.ClipID)
		switch {
		case err == nil:
			b.docs, b.put = append(b.docs, d), append(b.put, e)
			size += documentBytes(d)
		case tidings.KindOf(err) == tidings.KindNotFound:
			b.gone = append(b.gone, e)
		case ctx.Err() != nil:
			return b, nil, ctx.Err()
		default:
			fail(e, err)
		}
	}

	return b, nil, nil
}

func documentBytes(d tidings.Document) int {
	n := len(d.Title) + len(d.Description)
	for _, seg := range d.Transcript {
		n += len(seg.Text)
	}
	for _, c := range d.Comments {
		n += len(c.Body)
	}
	return n
}
