package transcribe

import (
	"cmp"
	"context"
	"sync/atomic"
)

// The language of a clip is detected once, since a short piece misleads and
// detection costs time: later pieces are read in the language of the one before.
const (
	languageSpeech = 5 * Rate // samples: a shorter piece says nothing about the language of the next one
	doubtfulBelow  = 0.5      // mean probability of words, below which the language is likely to be another one
	maxVainDetects = 3        // of a clip whose words are improbable in its own language too
)

// clipLanguage is what a run knows of its clip's language.
type clipLanguage struct {
	language    string       // BCP 47, of the last piece with enough speech; "" = not detected yet
	vainDetects atomic.Int32 // detections for a doubtful piece that changed nothing
}

// recordLanguage takes over the language of a transcribed piece for the next one.
func (l *clipLanguage) recordLanguage(t *pieceTask) {
	if t.language != "" && len(t.segments) > 0 && int64(len(t.pcm))/2-t.overlap >= languageSpeech {
		l.language = t.language
	}
}

// inLanguageOf is opt for a piece.
func (o Options) inLanguageOf(p piece) Options {
	o.Language = p.language
	return o
}

// recognisePiece transcribes a piece in the clip's language. When the result is
// doubtful the language is detected anew, as people change it in mid-clip.
func (r *pieceRun) recognisePiece(ctx context.Context, p piece) (engineResult, error) {
	h, err := r.recogniseOnce(ctx, p)
	detected := r.opt.Language == "" && p.language != ""
	if err != nil || !detected {
		return h, err
	}

	h.language = cmp.Or(h.language, p.language)
	if !h.isDoubtful(p) || r.vainDetects.Load() >= maxVainDetects {
		return h, nil
	}

	p.language = ""
	again, err := r.recogniseOnce(ctx, p)
	if err != nil {
		return h, err
	}

	if languageCode(again.language) == languageCode(h.language) || again.meanProbability() <= h.meanProbability() {
		r.vainDetects.Add(1)
		return h, nil
	}

	return again, nil
}

// isDoubtful reports whether the result is improbable: few of its words are
// likely, or there are none in much speech.
func (h engineResult) isDoubtful(p piece) bool {
	if !h.hasText() {
		return int64(len(p.pcm))/2 >= languageSpeech
	}
	mean := h.meanProbability()
	return mean > 0 && mean < doubtfulBelow
}

// meanProbability is that of the words; 0 when the engine reports none.
func (h engineResult) meanProbability() float64 {
	sum, n := 0.0, 0
	for _, w := range h.words {
		if w.P != nil {
			sum, n = sum+*w.P, n+1
		}
	}
	return sum / float64(max(1, n))
}
