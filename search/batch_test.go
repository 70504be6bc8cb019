package search

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// thick are rows of clips with much text; one is gone, one cannot be read.
type thick struct {
	Rows
	text string
}

func (r thick) Document(_ context.Context, id tidings.ID) (tidings.Document, error) {
	switch id {
	case "gone":
		return tidings.Document{}, tidings.NotFound()
	case "bad":
		return tidings.Document{}, errors.New("torn")
	}
	return tidings.Document{ClipID: id, Transcript: []tidings.TranscriptSegment{{Text: r.text}}}, nil
}

// TestReadBatch: what is read at once is bounded, and nothing is left out.
func TestReadBatch(t *testing.T) {
	var left []tidings.OutboxEntry
	for _, id := range []tidings.ID{"a", "gone", "b", "bad", "c", "d", "e"} {
		left = append(left, tidings.OutboxEntry{ClipID: id})
	}

	var batches, failed []string
	for len(left) > 0 {
		b, rest, err := readBatch(t.Context(), thick{text: strings.Repeat("x", batchBytes/2)}, left, func(e tidings.OutboxEntry, err error) {
			failed = append(failed, fmt.Sprint(e.ClipID, " ", err))
		})
		if err != nil {
			t.Fatal(err)
		}

		var ids []tidings.ID
		for i, d := range b.docs {
			if ids = append(ids, d.ClipID); b.put[i].ClipID != d.ClipID {
				t.Errorf("%s is put as %s", d.ClipID, b.put[i].ClipID)
			}
		}

		batches, left = append(batches, fmt.Sprint(ids, b.gone)), rest
	}

	wantEqual(t, "batches", batches, "[[a b] [{gone 0}] [c d] [] [e] []]")
	wantEqual(t, "failed", failed, "[bad torn]")
}
