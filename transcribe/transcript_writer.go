package transcribe

import (
	"context"
	"strings"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/glossary"
)

// transcriptWriter writes the utterances of one run to its transcript.
type transcriptWriter struct {
	ctx           context.Context
	rows          Rows
	run           tidings.StepRun
	id            tidings.ID
	caps          Caps
	nextSeq       int64 // sequence number of the next segment
	words         int
	endMS         int64 // end of the previous segment
	heard         []tidings.TranscriptSegment
	languageVotes map[string]int     // number of words by detected language
	terms         *glossary.Replacer // of the clip's workspace; nil = none
	vocabulary    []string           // of the glossary, for the engine

	storeErr error // why a segment could not be stored
}

// openWriter starts the transcript of a run.
func (t *Transcriber) openWriter(ctx context.Context, run tidings.StepRun, e Engine, when tidings.Refinement) (*transcriptWriter, error) {
	terms, words, err := t.clipGlossary(ctx, run.ClipID)
	if err != nil {
		return nil, err
	}
	id, err := t.cfg.Rows.StartTranscript(ctx, run, tidings.Transcript{ClipID: run.ClipID, Attempt: run.Attempt, State: tidings.StepRunning,
		Draft: !e.Caps().Punctuation, Engine: e.Name(), Model: e.Model(), Refinement: when})
	return &transcriptWriter{ctx: ctx, rows: t.cfg.Rows, run: run, id: id, caps: e.Caps(), terms: terms, vocabulary: words}, err
}

// addSegment stores one utterance. It is the engine's sink.
func (tw *transcriptWriter) addSegment(seg tidings.TranscriptSegment) error {
	tw.heard = append(tw.heard, seg)
	seg, ok := tw.normaliseSegment(seg)
	if !ok {
		return nil
	}
	if err := tw.rows.AddTranscriptSegments(tw.ctx, tw.run, tw.id, []tidings.TranscriptSegment{seg}); err != nil {
		tw.storeErr = err
		return err
	}
	tw.countSegment(seg)
	return nil
}

// countSegment advances the counters by a stored segment.
func (tw *transcriptWriter) countSegment(seg tidings.TranscriptSegment) {
	tw.nextSeq, tw.endMS = tw.nextSeq+1, seg.EndMS
	tw.words += len(seg.Words)
}

// addLanguageVotes is Options.OnLanguage.
func (tw *transcriptWriter) addLanguageVotes(language string, words int) {
	if tw.languageVotes == nil {
		tw.languageVotes = map[string]int{}
	}
	tw.languageVotes[language] += words
}

// detectedLanguage is the language of most words, or the only one that the
// engine supports; "" for a transcript without segments.
func (tw *transcriptWriter) detectedLanguage() (most string) {
	if tw.nextSeq == 0 {
		return ""
	}

	for language, n := range tw.languageVotes {
		if n > tw.languageVotes[most] || n == tw.languageVotes[most] && language < most {
			most = language
		}
	}

	if most == "" && len(tw.caps.Languages) == 1 {
		most = tw.caps.Languages[0]
	}

	return most
}

// normaliseSegment enforces what the rest of the product relies on: segments in
// order, words in order and inside their segment, valid UTF-8, no empty text. ok
// is false for a segment without text.
func (tw *transcriptWriter) normaliseSegment(seg tidings.TranscriptSegment) (_ tidings.TranscriptSegment, ok bool) {
	seg.ID, seg.Seq = "", tw.nextSeq
	seg.Text = strings.Join(strings.Fields(strings.ToValidUTF8(seg.Text, "")), " ")
	if seg.Text == "" {
		return seg, false
	}

	seg.StartMS = max(seg.StartMS, tw.endMS)
	seg.EndMS = max(seg.EndMS, seg.StartMS)
	at := seg.StartMS
	words := make([]tidings.Word, 0, len(seg.Words))
	for _, w := range seg.Words {
		w.StartMS = min(max(w.StartMS, at), seg.EndMS)
		w.EndMS = min(max(w.EndMS, w.StartMS), seg.EndMS)
		if w.P != nil && !(*w.P >= 0 && *w.P <= 1) { // NaN too
			w.P = nil
		}

		if w.Text != "" {
			words, at = append(words, w), w.EndMS
		}
	}

	seg.Words = words
	seg, _ = tw.terms.Apply(seg)
	return seg, true
}

// normaliseAll normalises and counts all segments of a transcript.
func (tw *transcriptWriter) normaliseAll(segs []tidings.TranscriptSegment) (out []tidings.TranscriptSegment) {
	for _, seg := range segs {
		if seg, ok := tw.normaliseSegment(seg); ok {
			out = append(out, seg)
			tw.countSegment(seg)
		}
	}
	return out
}

// divideTurns divides what an engine returned at turns, as divideTurns does.
func (tw *transcriptWriter) divideTurns(heard []tidings.TranscriptSegment, levels [][2]uint8) (out []tidings.TranscriptSegment, apart bool) {
	out, apart = divideTurns(heard, levels)
	if apart && !tw.caps.Punctuation {
		formatTurns(out)
	}
	return out, apart
}

// finishTranscript ends the transcript and its step. What it has stored is
// divided at turns when the levels of the channels show some.
func (tw *transcriptWriter) finishTranscript(levels [][2]uint8) error {
	var turns []tidings.TranscriptSegment
	if divided, ok := tw.divideTurns(tw.heard, levels); ok {
		again := transcriptWriter{terms: tw.terms}
		turns = again.normaliseAll(divided)
	}
	return tw.rows.FinishTranscript(tw.ctx, tw.run, tw.id, tw.detectedLanguage(), turns...)
}
