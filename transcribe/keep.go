package transcribe

import (
	"context"
	"strings"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/glossary"
)

// keeper writes the utterances of one run to its transcript.
type keeper struct {
	ctx        context.Context
	rows       Rows
	run        tidings.StepRun
	id         tidings.ID
	caps       Caps
	next       int64 // sequence number of the next segment
	words      int
	endMS      int64              // end of the one before
	votes      map[string]int     // words by the language they were heard in
	terms      *glossary.Replacer // of the clip's workspace; nil = none
	vocabulary []string           // of it, for the engine

	failed error // why an utterance could not be stored
}

// keep opens the transcript of a run.
func (t *Transcriber) keep(ctx context.Context, run tidings.StepRun, e Engine) (*keeper, error) {
	terms, words, err := t.terms(ctx, run.ClipID)
	if err != nil {
		return nil, err
	}
	id, err := t.cfg.Rows.StartTranscript(ctx, run, tidings.Transcript{ClipID: run.ClipID, Attempt: run.Attempt, State: tidings.StepRunning,
		Draft: !e.Caps().Punctuation, Engine: e.Name(), Model: e.Model()})
	return &keeper{ctx: ctx, rows: t.cfg.Rows, run: run, id: id, caps: e.Caps(), terms: terms, vocabulary: words}, err
}

// add stores one utterance. It is the engine's sink.
func (k *keeper) add(seg tidings.TranscriptSegment) error {
	seg, ok := k.tidy(seg)
	if !ok {
		return nil
	}
	if err := k.rows.AddTranscriptSegments(k.ctx, k.run, k.id, []tidings.TranscriptSegment{seg}); err != nil {
		k.failed = err
		return err
	}
	k.count(seg)
	return nil
}

// count notes that a segment is kept.
func (k *keeper) count(seg tidings.TranscriptSegment) {
	k.next, k.endMS = k.next+1, seg.EndMS
	k.words += len(seg.Words)
}

// detected is told of languages by the engine.
func (k *keeper) detected(language string, words int) {
	if k.votes == nil {
		k.votes = map[string]int{}
	}
	k.votes[language] += words
}

// language is known when something was said: it is that of most words, or the
// only one that the engine understands.
func (k *keeper) language() (most string) {
	if k.next == 0 {
		return ""
	}

	for language, n := range k.votes {
		if n > k.votes[most] || n == k.votes[most] && language < most {
			most = language
		}
	}

	if most == "" && len(k.caps.Languages) == 1 {
		most = k.caps.Languages[0]
	}

	return most
}

// tidy holds an engine to what the rest of the product relies on: segments in
// order, words in order and inside their segment, no empty text.
func (k *keeper) tidy(seg tidings.TranscriptSegment) (tidings.TranscriptSegment, bool) {
	seg.ID, seg.Seq = "", k.next
	seg.Text = strings.Join(strings.Fields(strings.ToValidUTF8(seg.Text, "")), " ")
	if seg.Text == "" {
		return seg, false
	}

	seg.StartMS = max(seg.StartMS, k.endMS)
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
	seg, _ = k.terms.Apply(seg)
	return seg, true
}

// finish ends the transcript.
func (k *keeper) finish() error {
	return k.rows.FinishTranscript(k.ctx, k.run, k.id, k.language())
}
