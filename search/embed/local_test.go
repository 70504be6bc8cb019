package embed

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/search/vector"
	"tidings.example/tidings/tidings"
)

// TestWordPiece: the pieces of BERT's own examples.
func TestWordPiece(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vocab.txt")
	pieces := strings.Fields("[PAD] [UNK] [CLS] [SEP] un ##aff ##able cafe , 会 議 c + ! long")
	if err := os.WriteFile(path, []byte(strings.Join(pieces, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := loadWordPiece(path)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"UNaffable":                "un ##aff ##able",
		"Café, unaffableness":      "cafe , [UNK]",
		"会議\u200b c++!":            "会 議 c + + !",
		strings.Repeat("un", 60):   "[UNK]",
		"\x00\xff un\taff":         "un [UNK]",
		"":                         "",
		strings.Repeat("long ", 9): "long long long long long long long long",
	} {
		var got []string
		for _, id := range w.pieceIDs(text, 10) {
			got = append(got, pieces[id])
		}
		if all := strings.Fields("[CLS] " + want + " [SEP]"); !slices.Equal(got, all) {
			t.Errorf("%q: %q, want %q", text, got, all)
		}
	}

	if err := os.WriteFile(path, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadWordPiece(path); tidings.KindOf(err) != tidings.KindChecksum {
		t.Errorf("without [CLS]: %v", err)
	}
}

// TestLocalWithoutModel: a folder without the model, and with broken weights.
func TestLocalWithoutModel(t *testing.T) {
	dir := t.TempDir()
	l := NewLocal(filepath.Join(dir, "none"))
	if _, _, err := l.EmbedQuery(t.Context(), "a"); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("no folder: %v", err)
	}

	l = NewLocal(dir)
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("vocab.txt", []byte("[UNK]\n[CLS]\n[SEP]\n"))
	header := []byte(`{"embeddings.word_embeddings.weight":{"dtype":"F32","shape":[3,384],"data_offsets":[0,4608]}}`)
	for name, weights := range map[string][]byte{
		"empty":    nil,
		"huge":     {0, 0, 0, 0, 0, 0, 0, 1},
		"no JSON":  append(binary.LittleEndian.AppendUint64(nil, 2), "??"...),
		"cut off":  append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...),
		"no layer": append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), make([]byte, 4608)...),
	} {
		write("model.safetensors", weights)
		if _, _, err := l.EmbedQuery(t.Context(), "a"); tidings.KindOf(err) != tidings.KindUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLocal compares the real model with the reference implementation: similarities
// of its model card, to the fourth digit.
func TestLocal(t *testing.T) {
	dir := os.Getenv("TIDINGS_TEST_MEANING_MODEL")
	l := NewLocal(dir)
	if _, _, err := l.EmbedQuery(t.Context(), "a"); err != nil {
		t.Skipf("no model of search by meaning in TIDINGS_TEST_MEANING_MODEL (make weights): %v", err)
	}
	all, model, err := l.EmbedPassages(t.Context(), referenceTexts)
	if err != nil || model != localModel {
		t.Fatal(model, err)
	}
	for i := range referenceTexts {
		for k := range i {
			if got, want := vector.Dot(all[i], all[k]), referenceSimilarities[i][k]; got-want > 2e-4 || want-got > 2e-4 {
				t.Errorf("%q and %q: %.5f, want %.5f", referenceTexts[i], referenceTexts[k], got, want)
			}
		}
	}

	long, _, err := l.EmbedQuery(t.Context(), strings.Repeat("a very long text ", 500))
	if err != nil || len(long) != hiddenSize {
		t.Errorf("a long text: %v", err)
	}
}
