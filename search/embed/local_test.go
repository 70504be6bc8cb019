package embed

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
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

// TestLocalReplaced: the file of weights that were replaced is closed as soon as
// nobody computes with them, and that of weights that are gone, too.
func TestLocalReplaced(t *testing.T) {
	dir := t.TempDir()
	l := NewLocal(dir)
	use := func() *loadedModel {
		t.Helper()
		m, err := l.acquireModel()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	expect := func(when string, m *loadedModel, open bool) {
		t.Helper()
		if _, err := m.encoder.file.readFloats(0, 1); open != (err == nil) {
			t.Errorf("%s: %v", when, err)
		}
	}

	writeZeroModel(t, dir)
	old, again := use(), use()
	if old != again {
		t.Error("it is loaded twice")
	}
	l.releaseModel(again)
	writeZeroModel(t, dir)
	current := use()
	expect("replaced while it is used", old, true)
	l.releaseModel(old)
	expect("replaced and used no more", old, false)

	l.releaseModel(current)
	expect("used no more, but current", current, true)
	if err := os.Remove(l.weightsPath()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.acquireModel(); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("no weights: %v", err)
	}
	expect("removed", current, false)
}

// writeZeroModel puts a model whose weights are all 0 in the place of another.
func writeZeroModel(t *testing.T, dir string) {
	t.Helper()
	shapes := map[string][]int{
		"embeddings.word_embeddings.weight": {3, hiddenSize}, "embeddings.position_embeddings.weight": {512, hiddenSize},
		"embeddings.token_type_embeddings.weight": {2, hiddenSize}, "embeddings.LayerNorm.weight": {hiddenSize}, "embeddings.LayerNorm.bias": {hiddenSize},
	}
	for i := range layerCount {
		at := fmt.Sprintf("encoder.layer.%d.", i)
		for _, name := range []string{"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"} {
			shapes[at+name+".weight"], shapes[at+name+".bias"] = []int{hiddenSize, hiddenSize}, []int{hiddenSize}
		}
		shapes[at+"intermediate.dense.weight"], shapes[at+"intermediate.dense.bias"] = []int{innerSize, hiddenSize}, []int{innerSize}
		shapes[at+"output.dense.weight"], shapes[at+"output.dense.bias"] = []int{hiddenSize, innerSize}, []int{hiddenSize}
		for _, name := range []string{"attention.output.LayerNorm", "output.LayerNorm"} {
			shapes[at+name+".weight"], shapes[at+name+".bias"] = []int{hiddenSize}, []int{hiddenSize}
		}
	}

	tensors, most := map[string]tensorInfo{}, int64(0)
	for name, shape := range shapes { // all tensors lie at the same place
		size := int64(4)
		for _, n := range shape {
			size *= int64(n)
		}
		tensors[name], most = tensorInfo{"F32", shape, [2]int64{0, size}}, max(most, size)
	}
	header, err := json.Marshal(tensors)
	if err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(dir, "model.safetensors")
	err = errors.Join(os.WriteFile(filepath.Join(dir, "vocab.txt"), []byte("[UNK]\n[CLS]\n[SEP]\n"), 0o600),
		os.WriteFile(path+".new", append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), 0o600),
		os.Truncate(path+".new", 8+int64(len(header))+most),
		os.Rename(path+".new", path))
	if err != nil {
		t.Fatal(err)
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
