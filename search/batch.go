package search

import (
	"context"

	"tidings.example/tidings/tidings"
)

const (
	usualBatch = 20      // clips that are changed together
	batchBytes = 8 << 20 // of texts that are read for it; one clip may have more
)

// batchSize is how many clips an engine is given at once. One to which a change
// of one clip costs as much as of many says so by a method Batch.
func batchSize(e Engine) int {
	if b, ok := e.(interface{ Batch() int }); ok {
		return b.Batch()
	}
	return usualBatch
}

// batch is what clips are to be in an index.
type batch struct {
	docs []tidings.Document
	put  []tidings.OutboxEntry // of the documents
	gone []tidings.OutboxEntry // what is not to be found any more
}

// readBatch reads the first of some entries, as many as it may hold, and
// answers the others. fail hears of a clip that cannot be read.
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
