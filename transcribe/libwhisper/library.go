// Package libwhisper calls the library of whisper.cpp
// (https://github.com/ggml-org/whisper.cpp, MIT), opened at run time: no cgo, and
// the service runs without it. A fault in native code ends the process, so only a
// child process uses it.
package libwhisper

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Rate is the sample rate of sound, in Hz.
const Rate = 16_000

// MaxSamples is the longest sound for one call: the model's window, 30 s.
const MaxSamples = 30 * Rate

// minSamples is what shorter sound is extended to by silence: the alignment of
// tokens ends the process when there is nearly none.
const minSamples = Rate

// Library is an opened libwhisper.
type Library struct {
	version        func() string
	contextDefault func() *contextParams
	fullDefault    func(strategy int32) *fullParams
	free           func(ctx uintptr)
	segments       func(ctx uintptr) int32
	tokens         func(ctx uintptr, segment int32) int32
	languageOf     func(ctx uintptr) int32
	languageName   func(id int32) string
	endOfText      func(ctx uintptr) int32
	tokenText      func(ctx uintptr, token int32) string
	multilingual   func(ctx uintptr) int32

	initFromFile, full, tokenData uintptr
}

// Open opens the library. A version that was not tested is an error, and so is a
// platform other than linux-amd64.
func Open(path string) (l *Library, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return nil, fmt.Errorf("libwhisper is used on linux-amd64 only")
	}

	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // purego panics on a missing symbol
			l, err = nil, fmt.Errorf("libwhisper: %v", p)
		}
	}()

	l = &Library{}
	purego.RegisterLibFunc(&l.version, handle, "whisper_version")
	if err := checkVersion(l.version()); err != nil {
		return nil, err
	}

	if err := l.registerFunctions(handle); err != nil {
		return nil, err
	}

	return l, checkLayout(*l.contextDefault(), *l.fullDefault(0))
}

func (l *Library) registerFunctions(handle uintptr) (err error) {
	for _, s := range []struct {
		name string
		fn   any
	}{
		{"whisper_context_default_params_by_ref", &l.contextDefault}, {"whisper_full_default_params_by_ref", &l.fullDefault}, {"whisper_free", &l.free},
		{"whisper_full_n_segments", &l.segments}, {"whisper_full_n_tokens", &l.tokens},
		{"whisper_full_lang_id", &l.languageOf}, {"whisper_lang_str", &l.languageName}, {"whisper_token_eot", &l.endOfText},
		{"whisper_token_to_str", &l.tokenText}, {"whisper_is_multilingual", &l.multilingual},
	} {
		purego.RegisterLibFunc(s.fn, handle, s.name)
	}

	for name, at := range map[string]*uintptr{"whisper_init_from_file_with_params": &l.initFromFile, "whisper_full": &l.full, "whisper_full_get_token_data": &l.tokenData} {
		if *at, err = purego.Dlsym(handle, name); err != nil {
			return err
		}
	}

	return nil
}

// Model is a loaded model. It is used by one goroutine at a time.
type Model struct {
	lib    *Library
	handle uintptr
}

// Load loads a model (0.1 to 1 s).
func (l *Library) Load(path string) (*Model, error) {
	heads, err := alignmentHeadsOf(path)
	if err != nil {
		return nil, err
	}

	p := *l.contextDefault()
	p.useGPU, p.flashAttention = false, false // with flash attention there are no times of tokens
	p.tokenTimesByDTW, p.alignmentHeads, p.topLayers = true, heads.preset, heads.topLayers

	name := cString(path)
	handle := callWithStruct(l.initFromFile, asBytes(&p), uintptr(unsafe.Pointer(&name[0])))
	runtime.KeepAlive(name)
	if handle == 0 {
		return nil, fmt.Errorf("libwhisper cannot load %s", path)
	}

	return &Model{lib: l, handle: handle}, nil
}

// Free frees the model's memory.
func (m *Model) Free() { m.lib.free(m.handle) }

// Request is sound, and how to transcribe it.
type Request struct {
	Samples  []float32 // at most MaxSamples, from -1 to 1
	Language string    // its code, such as de; "" = detect it, which takes as long as half a transcription
	Prompt   string    // text that could precede it, such as names
	Threads  int
}

// Result is what was said. Times are ms from the beginning of the sound.
type Result struct {
	Language string  `json:"language"`
	Tokens   []Token `json:"tokens"`
}

// Token is a part of a word. Its bytes may be a part of a character.
type Token struct {
	Text  []byte  `json:"text"`
	P     float32 `json:"p"`
	EndMS int64   `json:"end_ms"` // when the next token begins, by alignment with the sound; -1 = unknown
}

// Transcribe transcribes sound, without regard to earlier sound.
func (m *Model) Transcribe(r Request) (Result, error) {
	if len(r.Samples) > MaxSamples {
		return Result{}, fmt.Errorf("%d samples are more than %d", len(r.Samples), MaxSamples)
	}

	samples := make([]float32, max(minSamples, len(r.Samples)))
	copy(samples, r.Samples)

	p, language, prompt := *m.lib.fullDefault(0), cString(r.Language), cString(r.Prompt)
	p.threads, p.noContext, p.noTimestamps, p.singleSegment, p.suppressNonSpeech = int32(max(1, r.Threads)), true, true, true, true
	p.printProgress, p.printTimestamps = false, false

	// Implausible text is sought again, twice, by one decoder. The probability that
	// nobody speaks is not used: this version takes it from another call's memory.
	p.temperatureStep, p.greedyBestOf, p.noSpeechThreshold = 0.4, 1, 2
	p.language, p.initialPrompt = uintptr(unsafe.Pointer(&language[0])), uintptr(unsafe.Pointer(&prompt[0]))
	if m.lib.multilingual(m.handle) == 0 {
		english := cString("en")
		p.language = uintptr(unsafe.Pointer(&english[0]))
		defer runtime.KeepAlive(english)
	}

	status := callWithStruct(m.lib.full, asBytes(&p), m.handle, uintptr(unsafe.Pointer(&samples[0])), uintptr(len(samples)))
	runtime.KeepAlive(samples)
	runtime.KeepAlive(language)
	runtime.KeepAlive(prompt)
	if int32(status) != 0 {
		return Result{}, fmt.Errorf("libwhisper cannot transcribe: error %d", int32(status))
	}

	return m.readResult(), nil
}

func (m *Model) readResult() Result {
	out := Result{Language: m.lib.languageName(m.lib.languageOf(m.handle))}
	endOfText := m.lib.endOfText(m.handle)
	for i := range m.lib.segments(m.handle) {
		for j := range m.lib.tokens(m.handle, i) {
			var t tokenData // returned in memory, whose address is the first argument
			purego.SyscallN(m.lib.tokenData, uintptr(unsafe.Pointer(&t)), m.handle, uintptr(i), uintptr(j))
			if t.id >= endOfText { // not text
				continue
			}

			token := Token{Text: []byte(m.lib.tokenText(m.handle, t.id)), P: t.p, EndMS: -1}
			if t.endByDTW >= 0 {
				token.EndMS = t.endByDTW * 10
			}
			out.Tokens = append(out.Tokens, token)
		}
	}

	return out
}

// cString is text as C has it; the address of its first byte is passed on.
func cString(s string) []byte { return append([]byte(s), 0) }
