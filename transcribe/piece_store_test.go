package transcribe

import (
	"context"
	"errors"
	"math"
	"testing"

	"tidings.example/tidings/tidings"
)

// mapStore is a PieceStore in memory.
type mapStore map[string][]byte

func (m mapStore) LoadPiece(_ context.Context, key string) ([]byte, bool) {
	b, ok := m[key]
	return b, ok
}
func (m mapStore) StorePiece(_ context.Context, key string, result []byte) { m[key] = result }

// TestStoredPieces: the same samples, language and vocabulary are recognised
// once; others, and what gave no words, again.
func TestStoredPieces(t *testing.T) {
	store, runs, text := mapStore{}, 0, "a word"
	nan, sure := math.NaN(), 0.9
	result := func() (engineResult, error) {
		runs++
		return engineResult{language: "de", utterances: []utterance{{startMS: 1, endMS: 900, text: text, speaker: "Ana"}},
			words: []tidings.Word{{Text: "a", StartMS: 1, EndMS: 5, P: &nan}, {Text: "word", StartMS: 5, EndMS: 900, P: &sure}}}, nil
	}
	recognise := func(p piece, opt Options) engineResult {
		t.Helper()
		opt.Pieces = store
		r := &pieceRun{opt: opt, pieceEngine: &pieceEngine{recognise: func(context.Context, piece) (engineResult, error) { return result() }}}
		h, err := r.recogniseOnce(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}

	p := piece{pcm: []byte{1, 2, 3, 4}}
	recognise(p, Options{})
	p.start = 100 // where it is in the clip does not matter
	h := recognise(p, Options{})
	if runs != 1 || h.language != "de" || h.utterances[0] != (utterance{startMS: 1, endMS: 900, text: "a word", speaker: "Ana"}) || h.words[0].P != nil || *h.words[1].P != 0.9 || h.words[1].EndMS != 900 {
		t.Errorf("%d runs, %+v", runs, h)
	}

	inGerman := p
	inGerman.language = "de"
	recognise(inGerman, Options{})
	recognise(p, Options{Vocabulary: []string{"Tidings"}})
	recognise(piece{pcm: []byte{1, 2, 3, 5}}, Options{})
	if runs != 4 {
		t.Errorf("%d runs of 4 different pieces", runs)
	}

	text = ""
	silent := piece{pcm: []byte{9, 9}}
	recognise(silent, Options{})
	recognise(silent, Options{})
	if runs != 6 {
		t.Errorf("%d runs: a result without words was kept", runs)
	}

	for key := range store { // as after a change of the format
		store[key] = []byte("{")
	}
	recognise(p, Options{})
	if runs != 7 {
		t.Errorf("%d runs: a result that cannot be read was used", runs)
	}
}

// TestPieceInTurn: a piece waits for its turn, gives it back, and is not
// recognised when there is none.
func TestPieceInTurn(t *testing.T) {
	turns, full := 0, errors.New("no slot")
	r := &pieceRun{pieceEngine: &pieceEngine{recognise: func(context.Context, piece) (engineResult, error) {
		if turns != 1 {
			t.Errorf("recognised in %d turns", turns)
		}
		return engineResult{}, nil
	}}}
	r.opt.AcquirePiece = func(context.Context) (func(), error) {
		turns++
		return func() { turns-- }, nil
	}
	if _, err := r.recogniseOnce(t.Context(), piece{}); err != nil || turns != 0 {
		t.Errorf("%v, %d turns are left", err, turns)
	}

	r.opt.AcquirePiece = func(context.Context) (func(), error) { return nil, full }
	if _, err := r.recogniseOnce(t.Context(), piece{}); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}
