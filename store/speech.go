package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// The speech of a transcript is kept in one piece beside its segments, from
// when the transcript is whole: whatever changes segments after that changes it
// in the same transaction.

// putSpeech keeps the speech of a transcript with these segments.
func putSpeech(ctx context.Context, q *dbq.Queries, transcript string, segments []tidings.TranscriptSegment) error {
	lines := make([]line, len(segments))
	for i, seg := range segments {
		lines[i] = toLine(seg)
	}
	return q.PutSpeech(ctx, dbq.PutSpeechParams{TranscriptID: transcript, Body: packSpeech(lines)})
}

// gatherSpeech keeps the speech of a transcript as its rows have it.
func gatherSpeech(ctx context.Context, q *dbq.Queries, transcript string) error {
	segments, err := segmentsOf(ctx, q, transcript)
	if err != nil {
		return err
	}
	return putSpeech(ctx, q, transcript, segments)
}

// spliceSpeech follows splice: segments took the place of those with the ids
// in from.
func spliceSpeech(ctx context.Context, tx Tx, transcript string, from []shownSegment, to []tidings.TranscriptSegment) error {
	body, err := tx.SpeechOfTranscript(ctx, transcript)
	if err != nil {
		return ignoreMissing(err) // it is still being written
	}

	_, lines, err := unpackSpeech(body)
	if err != nil {
		return tx.DropSpeech(ctx, transcript) // its segments are the truth
	}

	gone := make(map[tidings.ID]bool, len(from))
	for _, f := range from {
		gone[f.ID] = true
	}

	same, next := sameSegments(from, to), 0
	out := make([]line, 0, len(lines)+len(to))
	for _, l := range lines {
		switch {
		case !gone[l.ID]:
			out = append(out, l)
		case same:
			out, next = append(out, toLine(to[next])), next+1
		case next == 0:
			for _, seg := range to {
				out = append(out, toLine(seg))
			}
			next = 1
		}
	}

	return tx.PutSpeech(ctx, dbq.PutSpeechParams{TranscriptID: transcript, Body: packSpeech(out)})
}

// gatherAll is migration 19: it keeps the speech of the transcripts that were
// whole before there was any. A million passages take about a minute.
func gatherAll(ctx context.Context, tx *sql.Tx) error {
	q := dbq.New(tx)
	const batch = 100
	for after := ""; ; {
		ids, err := q.WholeTranscripts(ctx, dbq.WholeTranscriptsParams{ID: after, Limit: batch})
		if err != nil || len(ids) == 0 {
			return err
		}

		for _, id := range ids {
			if err := gatherSpeech(ctx, q, id); err != nil {
				return err
			}
			after = id
		}
	}
}

// speech is what the shown transcripts of clips say. A clip without one, or in
// the trash, is missing.
func speech(ctx context.Context, q *dbq.Queries, clips []tidings.ID) (map[tidings.ID]tidings.TranscriptText, error) {
	list, err := idsJSON(clips)
	if err != nil {
		return nil, err
	}

	rows, err := q.SpeechOfClips(ctx, list)
	if err != nil {
		return nil, err
	}

	out := make(map[tidings.ID]tidings.TranscriptText, len(rows))
	for _, r := range rows {
		if r.TrashedMs != nil {
			continue
		}

		said, err := toSpeech(r.Body)
		if err != nil { // there is none yet, or another version wrote it
			if said, err = speechFromRows(ctx, q, r.ID); err != nil {
				return nil, err
			}
		}

		out[tidings.ID(r.ClipID)] = said
	}

	return out, nil
}

func toSpeech(body []byte) (tidings.TranscriptText, error) {
	text, lines, err := unpackSpeech(body)
	said := tidings.TranscriptText{Text: text, Segments: make([]tidings.TranscriptSegment, len(lines)), Bytes: len(body)}
	words := make([]string, len(lines))
	for i, l := range lines {
		said.Segments[i], words[i] = l.TranscriptSegment, l.words
	}
	said.Words = func(i int) []tidings.Word { return unpackWords(said.Segments[i].Text, words[i]) }
	return said, err
}

// speechFromRows is the speech of a transcript that is being written.
func speechFromRows(ctx context.Context, q *dbq.Queries, transcript string) (tidings.TranscriptText, error) {
	rows, err := q.SegmentsOfTranscript(ctx, transcript)
	said := tidings.TranscriptText{Segments: make([]tidings.TranscriptSegment, len(rows))}
	var text strings.Builder
	for i, r := range rows {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(r.Text)
		said.Segments[i] = tidings.TranscriptSegment{ID: tidings.ID(r.ID), StartMS: r.StartMs, EndMS: r.EndMs, Text: r.Text, Speaker: r.Speaker}
		said.Bytes += len(r.Text) + len(r.Words)
	}

	said.Text = text.String()
	said.Words = func(i int) (words []tidings.Word) {
		if json.Unmarshal([]byte(rows[i].Words), &words) != nil {
			return nil // its words are where the segment is
		}
		return words
	}

	return said, err
}

// segmentsOf are the segments of a transcript, whole.
func segmentsOf(ctx context.Context, q *dbq.Queries, transcript string) ([]tidings.TranscriptSegment, error) {
	rows, err := q.SegmentsOfTranscript(ctx, transcript)
	out := make([]tidings.TranscriptSegment, len(rows))
	for i, row := range rows {
		if out[i], err = toTranscriptSegment(row); err != nil {
			return nil, err
		}
	}
	return out, err
}
