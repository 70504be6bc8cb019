package store

import (
	"context"
	"encoding/json"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/store/packed"
	"tidings.example/tidings/tidings"
)

// A finished transcript is kept packed, in one piece, beside its segments:
// search reads many at once. Whatever changes segments after that changes the
// packed transcript in the same transaction.

// putPackedTranscript stores the packed transcript of these segments.
func putPackedTranscript(ctx context.Context, q *dbq.Queries, transcript string, segments []tidings.TranscriptSegment) error {
	return q.PutPackedTranscript(ctx, dbq.PutPackedTranscriptParams{TranscriptID: transcript, Body: packed.Encode(packed.NewSegments(segments))})
}

// packTranscript stores the packed transcript of the segments that its rows
// hold.
func packTranscript(ctx context.Context, q *dbq.Queries, transcript string) error {
	segments, err := segmentsOfTranscript(ctx, q, transcript)
	if err != nil {
		return err
	}
	return putPackedTranscript(ctx, q, transcript, segments)
}

// splicePackedTranscript repeats a splice of segments in the packed transcript:
// the segments from are replaced by to.
func splicePackedTranscript(ctx context.Context, tx Tx, transcript string, from []shownSegment, to []tidings.TranscriptSegment) error {
	body, err := tx.PackedTranscript(ctx, transcript)
	if err != nil {
		return ignoreNotFound(err) // the transcript is not finished
	}

	_, segments, err := packed.Decode(body)
	if err != nil {
		return tx.DropPackedTranscript(ctx, transcript) // readers then read its segments
	}

	return tx.PutPackedTranscript(ctx, dbq.PutPackedTranscriptParams{TranscriptID: transcript, Body: packed.Encode(splicePacked(segments, from, to))})
}

// splicePacked replaces the segments from by to. Where they are the same ones,
// each stays in its place; otherwise all of to stand where the first of from
// stood.
func splicePacked(segments []packed.Segment, from []shownSegment, to []tidings.TranscriptSegment) []packed.Segment {
	replaced := make(map[tidings.ID]bool, len(from))
	for _, f := range from {
		replaced[f.ID] = true
	}

	same, next := sameSegments(from, to), 0
	out := make([]packed.Segment, 0, len(segments)+len(to))
	for _, seg := range segments {
		switch {
		case !replaced[seg.ID]:
			out = append(out, seg)
		case same:
			out, next = append(out, packed.NewSegment(to[next])), next+1
		case next == 0:
			out, next = append(out, packed.NewSegments(to)...), 1
		}
	}

	return out
}

// transcriptTexts returns the texts of the shown transcripts of clips, by clip.
// A clip without one, or in the trash, is missing.
func transcriptTexts(ctx context.Context, q *dbq.Queries, clips []tidings.ID) (map[tidings.ID]tidings.TranscriptText, error) {
	list, err := idsJSON(clips)
	if err != nil {
		return nil, err
	}

	rows, err := q.TranscriptTextsOfClips(ctx, list)
	if err != nil {
		return nil, err
	}

	out := make(map[tidings.ID]tidings.TranscriptText, len(rows))
	for _, r := range rows {
		if r.TrashedMs != nil {
			continue
		}

		text, err := unpackTranscript(r.Body)
		if err != nil { // there is none yet, or a newer version of the program wrote it
			if text, err = transcriptTextFromRows(ctx, q, r.ID); err != nil {
				return nil, err
			}
		}

		out[tidings.ID(r.ClipID)] = text
	}

	return out, nil
}

func unpackTranscript(body []byte) (tidings.TranscriptText, error) {
	whole, segments, err := packed.Decode(body)
	text := tidings.TranscriptText{Text: whole, Segments: make([]tidings.TranscriptSegment, len(segments)), Bytes: len(body)}
	for i, seg := range segments {
		text.Segments[i] = seg.TranscriptSegment
	}
	text.Words = func(i int) []tidings.Word { return segments[i].UnpackWords() }
	return text, err
}

// transcriptTextFromRows is the text of a transcript that is not packed, such as
// one that is still being written.
func transcriptTextFromRows(ctx context.Context, q *dbq.Queries, transcript string) (tidings.TranscriptText, error) {
	rows, err := q.SegmentsOfTranscript(ctx, transcript)
	text := tidings.TranscriptText{Segments: make([]tidings.TranscriptSegment, len(rows))}
	var whole strings.Builder
	for i, r := range rows {
		if i > 0 {
			whole.WriteByte(' ')
		}
		whole.WriteString(r.Text)
		text.Segments[i] = tidings.TranscriptSegment{ID: tidings.ID(r.ID), StartMS: r.StartMs, EndMS: r.EndMs, Text: r.Text, Speaker: r.Speaker}
		text.Bytes += len(r.Text) + len(r.Words)
	}

	text.Text = whole.String()
	text.Words = func(i int) (words []tidings.Word) {
		if json.Unmarshal([]byte(rows[i].Words), &words) != nil {
			return nil // the segment has no word times then
		}
		return words
	}

	return text, err
}

// segmentsOfTranscript returns the segments of a transcript with their words.
func segmentsOfTranscript(ctx context.Context, q *dbq.Queries, transcript string) ([]tidings.TranscriptSegment, error) {
	rows, err := q.SegmentsOfTranscript(ctx, transcript)
	if err != nil {
		return nil, err
	}

	out := make([]tidings.TranscriptSegment, len(rows))
	for i, row := range rows {
		if out[i], err = toTranscriptSegment(row); err != nil {
			return nil, err
		}
	}

	return out, nil
}
