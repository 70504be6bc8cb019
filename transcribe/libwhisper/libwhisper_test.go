package libwhisper

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestVersion: another version, or one whose structs are elsewhere, is refused.
func TestVersion(t *testing.T) {
	t.Parallel()
	for version, ok := range map[string]bool{"1.8.5": true, "1.8.6": false, "1.8": false, "": false} {
		if err := checkVersion(version); (err == nil) != ok {
			t.Errorf("%q: %v", version, err)
		}
	}

	c := contextParams{useGPU: true, flashAttention: true, topLayers: -1, memory: 128 << 20}
	p := fullParams{threads: 4, maxTextContext: 16384, noContext: true, printProgress: true, printTimestamps: true, tokenThreshold: 0.01, tokenSumThreshold: 0.01,
		language: 1, suppressBlank: true, maxInitialTime: 1, lengthPenalty: -1, temperatureStep: 0.2, entropyThreshold: 2.4, logProbThreshold: -1,
		noSpeechThreshold: 0.6, greedyBestOf: 5, beamSize: -1, beamPatience: -1, grammarPenalty: 100}
	if err := checkLayout(c, p); err != nil {
		t.Errorf("the defaults: %v", err)
	}

	// Four bytes more before the third field move all others.
	moved := p
	b := asBytes(&moved)
	copy(b[12:], bytes.Clone(b[8:len(b)-4]))
	if checkLayout(c, moved) == nil {
		t.Error("moved fields are accepted")
	}

	c.memory = 0
	if checkLayout(c, p) == nil {
		t.Error("another context is accepted")
	}
}

// TestProcessor: what a library was built for is compared with the processor.
func TestProcessor(t *testing.T) {
	t.Parallel()
	const old = "processor : 0\nflags\t\t: fpu sse2 pni ssse3 sse4_1 avx\nbugs :\n"
	for name, c := range map[string]struct {
		built []string
		info  string
		ok    bool
	}{
		"the same":     {[]string{"avx", "sse3", "ssse3"}, old, true},
		"newer":        {[]string{"avx", "avx2", "fma"}, old, false},
		"no list":      {[]string{"avx2"}, "processor : 0\nFeatures : fp asimd\n", true},
		"part of name": {[]string{"avx"}, "processor : 0\nflags : avx2\n", false},
	} {
		err := compareProcessor(c.built, c.info)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrProcessor) {
			t.Errorf("%s: %v", name, err)
		}
	}

	for _, c := range []struct {
		code []byte
		want bool
	}{
		{[]byte{0xb8, 1, 0, 0, 0, 0xc3}, true},
		{[]byte{0xf3, 0x0f, 0x1e, 0xfa, 0xb8, 1, 0, 0, 0, 0xc3}, true},
		{[]byte{0x31, 0xc0, 0xc3}, false},
		{[]byte{0xb8, 0, 0, 0, 0, 0xc3}, false},
		{nil, false},
	} {
		if got := returnsOne(c.code); got != c.want {
			t.Errorf("% x: %v", c.code, got)
		}
	}
}

// TestPrebuilt: the library that can be downloaded is for one platform, and for
// processors that have all it was built for.
func TestPrebuilt(t *testing.T) {
	t.Parallel()
	const haswell = "flags\t\t: fpu pni ssse3 avx avx2 bmi2 f16c fma\n"
	for name, c := range map[string]struct {
		platform, info string
		ok             bool
	}{
		"as built":         {"linux-amd64", "processor : 0\n" + haswell, true},
		"without AVX2":     {"linux-amd64", "processor : 0\nflags : fpu pni ssse3 avx f16c\n", false},
		"without anything": {"linux-amd64", "processor : 0\nflags : fpu\n", false},
		"ARM":              {"linux-arm64", "processor : 0\nFeatures : fp asimd asimddp\n", false},
		"a Mac":            {"darwin-arm64", "", false},
		"Windows":          {"windows-amd64", "processor : 0\n" + haswell, false},
	} {
		if err := CheckPrebuilt(c.platform, c.info); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrProcessor) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBuiltFor reads the extensions of a library, and a folder without one.
func TestBuiltFor(t *testing.T) {
	t.Parallel()
	if names, err := builtFor(t.TempDir()); err != nil || names != nil {
		t.Errorf("an empty folder: %v, %v", names, err)
	}

	bad := filepath.Join(t.TempDir(), "libggml-cpu.so")
	if err := os.WriteFile(bad, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := builtFor(filepath.Dir(bad)); err == nil {
		t.Error("a file that is no library is accepted")
	}

	library := os.Getenv("TIDINGS_TEST_WHISPER_LIBRARY")
	if library == "" {
		library = filepath.Join("..", "..", "bin", "models", "whisper", "libwhisper.so")
	}
	if _, err := os.Stat(library); err != nil {
		t.Skipf("no library to read: %v", err)
	}
	if names, err := builtFor(filepath.Dir(library)); err != nil || !slices.Equal(names, prebuilt["linux-amd64"]) {
		t.Errorf("%v, %v", names, err)
	}
}

// TestAlignmentHeads: the preset follows from the sizes in a model's file.
func TestAlignmentHeads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ audio, text, vocabulary, preset, top int32 }{
		"tiny": {4, 4, 51865, 4, -1}, "tiny.en": {4, 4, 51864, 3, -1}, "base": {6, 6, 51865, 6, -1}, "base.en": {6, 6, 51864, 5, -1},
		"small": {12, 12, 51865, 8, -1}, "medium.en": {24, 24, 51864, 9, -1}, "large-v2": {32, 32, 51865, 12, -1}, "large-v3": {32, 32, 51866, 13, -1},
		"large-v3-turbo": {32, 4, 51866, 14, -1}, "distil-small.en": {12, 4, 51864, 1, 2}, "one layer": {12, 1, 51864, 1, 1},
	} {
		if got := headsBySize(c.audio, c.text, c.vocabulary); got != (alignmentHeads{c.preset, c.top}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestModelFile: a file that is no model is refused before the library reads it.
func TestModelFile(t *testing.T) {
	t.Parallel()
	header := func(magic, textLayers int32) []byte {
		h := make([]int32, 12)
		h[0], h[1], h[5], h[9] = magic, 51865, 6, textLayers
		b, err := binary.Append(nil, binary.LittleEndian, h)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		content []byte
		ok      bool
	}{
		"a model": {header(ggmlMagic, 6), true}, "empty": {nil, false}, "short": {header(ggmlMagic, 6)[:40], false}, "another format": {header(1, 6), false},
		"no layers": {header(ggmlMagic, 0), false},
	} {
		path := filepath.Join(t.TempDir(), "model")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := alignmentHeadsOf(path); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
