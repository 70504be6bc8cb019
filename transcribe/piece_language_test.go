package transcribe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// spokenPiece is a piece and what an engine makes of it.
type spokenPiece struct {
	seconds    int64
	language   string  // that is spoken
	p          float64 // of a word in that language; in another one it is a third of it
	unreported bool    // the engine does not say in which language it has read
}

// transcribeSpoken runs a pieceEngine on pieces, and returns the languages asked
// for, those of the segments, and the words by language.
func transcribeSpoken(t *testing.T, opt Options, all []spokenPiece) (asked []string, heard string, votes map[string]int) {
	t.Helper()
	votes = map[string]int{}
	opt.OnLanguage = func(language string, words int) { votes[language] += words }
	var languages []string
	r := &pieceRun{opt: opt, out: orderedSink{sink: func(s tidings.TranscriptSegment) error {
		languages = append(languages, s.Language)
		return nil
	}}}
	r.pieceEngine = &pieceEngine{workers: 1, recognise: func(_ context.Context, p piece) (engineResult, error) {
		at := p.start / (100 * Rate)
		asked = append(asked, fmt.Sprintf("%d:%s", at, p.language))
		return all[at].recogniseIn(p.language), nil
	}}

	pieces := make(chan piece)
	go func() {
		defer close(pieces)

		for i, s := range all {
			pieces <- piece{start: int64(i) * 100 * Rate, pcm: make([]byte, 2*s.seconds*Rate)}
		}
	}()

	if err := r.runPieces(t.Context(), pieces); err != nil {
		t.Fatal(err)
	}

	return asked, strings.Join(languages, " "), votes
}

// recogniseIn is what an engine hears when it is asked for a language; "" = it
// detects that.
func (s spokenPiece) recogniseIn(language string) engineResult {
	probability, reported := s.p, s.language
	if language != "" && language != s.language {
		probability, reported = s.p/3, language
	}
	if s.unreported {
		reported = ""
	}
	if s.language == "" {
		return engineResult{language: cmp.Or(language, "en")}
	}

	h := engineResult{language: reported, utterances: []utterance{{startMS: 0, endMS: 900, text: "a b c"}}}
	for i, text := range []string{"a", "b", "c"} {
		h.words = append(h.words, tidings.Word{Text: text, StartMS: int64(i) * 300, EndMS: int64(i)*300 + 200, P: &probability})
	}
	return h
}

// TestLanguageOnce: the language is detected on the first piece with enough
// speech, and anew only where the result is doubtful.
func TestLanguageOnce(t *testing.T) {
	german, french := spokenPiece{seconds: 20, language: "de", p: 0.9}, spokenPiece{seconds: 20, language: "fr", p: 0.9}
	mumbled := spokenPiece{seconds: 20, language: "de", p: 0.3}
	for name, c := range map[string]struct {
		opt   Options
		in    []spokenPiece
		asked string
		heard string
	}{
		"once":            {in: []spokenPiece{german, german, german}, asked: "0: 1:de 2:de", heard: "de de de"},
		"a short one":     {in: []spokenPiece{{seconds: 3, language: "nl", p: 0.9}, german, german}, asked: "0: 1: 2:de", heard: "nl de de"},
		"no speech":       {in: []spokenPiece{{seconds: 20}, german, german}, asked: "0: 1: 2:de", heard: "de de"},
		"another one":     {in: []spokenPiece{german, french, french, german}, asked: "0: 1:de 1: 2:fr 3:fr 3:", heard: "de fr fr de"},
		"chosen":          {opt: Options{Language: "it"}, in: []spokenPiece{german, french}, asked: "0:it 1:it", heard: "it it"},
		"hard to hear":    {in: []spokenPiece{mumbled, mumbled, mumbled, mumbled, mumbled, mumbled}, asked: "0: 1:de 1: 2:de 2: 3:de 3: 4:de 5:de", heard: "de de de de de de"},
		"no word is said": {in: []spokenPiece{german, {seconds: 3}, {seconds: 20}, german}, asked: "0: 1:de 2:de 2: 3:de", heard: "de de"},
	} {
		asked, heard, _ := transcribeSpoken(t, c.opt, c.in)
		if strings.Join(asked, " ") != c.asked || heard != c.heard {
			t.Errorf("%s: asked for %q, heard %q", name, asked, heard)
		}
	}
}

// TestLanguageOfMostWords: each segment has its own language, and the clip that
// of most words, also where the engine does not report what it was asked for.
func TestLanguageOfMostWords(t *testing.T) {
	german, french := spokenPiece{seconds: 20, language: "de", p: 0.9}, spokenPiece{seconds: 20, language: "fr", p: 0.9}
	silent := german
	silent.unreported = true
	_, heard, votes := transcribeSpoken(t, Options{}, []spokenPiece{german, silent, french})
	if heard != "de de fr" || votes["de"] != 6 || votes["fr"] != 3 {
		t.Errorf("%s, %v", heard, votes)
	}

	asked, heard, votes := transcribeSpoken(t, Options{}, []spokenPiece{silent, silent})
	if !slices.Equal(asked, []string{"0:", "1:"}) || strings.TrimSpace(heard) != "" || len(votes) != 0 {
		t.Errorf("an engine without languages: %q, %q, %v", asked, heard, votes)
	}
}
