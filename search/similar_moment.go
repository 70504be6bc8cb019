package search

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// SimilarMoments are the passages of clips found by meaning, as moments. The
// documents come without their transcripts. What is not in a document any more is
// left out; a clip of which nothing is left has no moment.
func (f *Finder) SimilarMoments(ctx context.Context, docs []tidings.Document, found []tidings.SimilarClip) ([][]tidings.Moment, error) {
	transcripts := make([]*analyzedTranscript, len(docs))
	if err := f.loadTranscripts(ctx, docs, transcripts); err != nil {
		return nil, err
	}

	out := make([][]tidings.Moment, len(docs))
	for i, d := range docs {
		at := slices.IndexFunc(found, func(s tidings.SimilarClip) bool { return s.ClipID == d.ClipID })
		if at >= 0 {
			out[i] = similarMoments(d, transcripts[i], found[at].Passages)
		}
	}

	return out, nil
}

func similarMoments(d tidings.Document, transcript *analyzedTranscript, sums []uint64) (out []tidings.Moment) {
	all := splitPassages(d, transcript.TranscriptText)
	for _, sum := range sums {
		i := slices.IndexFunc(all, func(p passage) bool { return p.sum == sum })
		if i < 0 {
			continue
		}

		p := all[i]
		at := p.location
		if p.source == "transcript" {
			at = transcript.locateByte(p.from)
		}
		out = append(out, tidings.Moment{Source: p.source, ID: at.id, StartMS: at.ms, By: at.speaker, Snippet: escapeText(shortenText(p.text))})
	}
	return out
}

// shortenText cuts a text between words, with an ellipsis.
func shortenText(text string) string {
	const most = snippetBefore + snippetAfter
	if utf8.RuneCountInString(text) <= most {
		return text
	}

	cut := string([]rune(text)[:most])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + " …"
}
