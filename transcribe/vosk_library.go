package transcribe

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"

	"tidings.example/tidings/tidings"
)

// voskLibrary is libvosk, opened at run time: no cgo, and the service runs
// without it.
type voskLibrary struct {
	model    uintptr
	recNew   func(model uintptr, rate float32) uintptr
	recFree  func(rec uintptr)
	setWords func(rec uintptr, on int32)
	accept   func(rec uintptr, data unsafe.Pointer, n int32) int32
	result   func(rec uintptr) string
	final    func(rec uintptr) string
}

// openVosk loads the library and the model (0.3–0.5 s, about 100 MiB).
func openVosk(lib, model string) (v *voskLibrary, err error) {
	h, err := purego.Dlopen(lib, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // purego panics on a missing symbol
			err = fmt.Errorf("libvosk: %v", p)
		}
	}()

	v = &voskLibrary{}
	var modelNew func(path string) uintptr
	var setLog func(level int32)
	for _, s := range []struct {
		name string
		fn   any
	}{
		{"vosk_model_new", &modelNew}, {"vosk_set_log_level", &setLog}, {"vosk_recognizer_new", &v.recNew},
		{"vosk_recognizer_free", &v.recFree}, {"vosk_recognizer_set_words", &v.setWords},
		{"vosk_recognizer_accept_waveform_s", &v.accept}, {"vosk_recognizer_result", &v.result}, {"vosk_recognizer_final_result", &v.final},
	} {
		purego.RegisterLibFunc(s.fn, h, s.name)
	}

	setLog(-1)

	if v.model = modelNew(model); v.model == 0 {
		return nil, fmt.Errorf("libvosk cannot load the model in %s", model)
	}

	return v, nil
}

// recogniser decodes one window of speech after the other. It is used by one
// goroutine at a time, which is locked to its thread.
//
// After a window's final result libvosk starts afresh, without adaptation to the
// voice, so that a window gives the same words with a new recogniser and with a
// used one; the composed part of the search graph is kept, which saves a fifth
// of a window's cost (measured).
type recogniser struct {
	v           *voskLibrary
	handle      uintptr
	rng         *rand.Rand
	buf         []int16
	baseMS      int64 // start of the window in ms
	decoded     int64 // samples of the window decoded so far
	pastSamples int64 // samples of the previous windows
}

// voskChunk is how many samples the recogniser gets at once: 0.25 s.
const voskChunk = Rate / 4

// recogniserLifetime is after how many samples (10 min) a recogniser is
// replaced: libvosk prints times, which continue from window to window, with six
// digits.
const recogniserLifetime = 600 * Rate

func (v *voskLibrary) newRecogniser() (*recogniser, error) {
	r := &recogniser{v: v, handle: v.recNew(v.model, Rate)}
	if r.handle == 0 {
		return nil, errors.New("libvosk has no recogniser to give")
	}
	v.setWords(r.handle, 1)
	return r, nil
}

// beginWindow starts a window at baseMS. The previous one must have been ended.
func (r *recogniser) beginWindow(baseMS int64) {
	r.pastSamples += r.decoded
	r.baseMS, r.decoded, r.rng = baseMS, 0, rand.New(rand.NewPCG(1, 2))
}

// needsReset reports whether another window could exceed recogniserLifetime.
func (r *recogniser) needsReset() bool { return r.pastSamples+r.decoded > recogniserLifetime }

func (r *recogniser) freeRecogniser() { r.v.recFree(r.handle) }

// addSamples decodes samples and returns an utterance when one has ended.
func (r *recogniser) addSamples(samples []int16) ([]tidings.TranscriptSegment, error) {
	r.buf = append(r.buf, samples...)
	if len(r.buf) < voskChunk {
		return nil, nil
	}
	return r.decodeBuffered()
}

func (r *recogniser) decodeBuffered() ([]tidings.TranscriptSegment, error) {
	defer func() { r.buf = r.buf[:0] }()

	r.decoded += int64(len(r.buf))

	// Kaldi's own dither differs from run to run; one with a fixed seed and a single
	// step gives the same words each time.
	for i, s := range r.buf {
		r.buf[i] = int16(max(math.MinInt16, min(math.MaxInt16, math.Round(float64(s)+r.rng.NormFloat64()))))
	}

	switch r.v.accept(r.handle, unsafe.Pointer(&r.buf[0]), int32(len(r.buf))) {
	case 1:
		return r.parseResult(r.v.result(r.handle))
	case -1:
		return nil, errors.New("libvosk could not decode")
	}

	return nil, nil
}

// endWindow returns the remaining utterances of the window.
func (r *recogniser) endWindow() (segs []tidings.TranscriptSegment, err error) {
	if len(r.buf) > 0 {
		if segs, err = r.decodeBuffered(); err != nil {
			return segs, err
		}
	}
	rest, err := r.parseResult(r.v.final(r.handle))
	return append(segs, rest...), err
}

// parseResult parses libvosk's JSON; nil when it contains no word. The decoder
// works in steps of 30 ms: the last word may seem to end after the sound does.
func (r *recogniser) parseResult(text string) ([]tidings.TranscriptSegment, error) {
	var out struct {
		Result []struct {
			Word             string
			Start, End, Conf float64
		}
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("libvosk answered %q: %w", text, err)
	}
	if len(out.Result) == 0 {
		return nil, nil
	}

	var seg tidings.TranscriptSegment
	var words []string
	at := func(seconds float64) int64 {
		in := int64(math.Round(1000 * (seconds - float64(r.pastSamples)/Rate)))
		return r.baseMS + max(0, min(in, r.decoded*1000/Rate))
	}
	for _, w := range out.Result {
		p := math.Round(w.Conf*1000) / 1000
		seg.Words = append(seg.Words, tidings.Word{StartMS: at(w.Start), EndMS: at(w.End), Text: w.Word, P: &p})
		words = append(words, w.Word)
	}

	seg.StartMS, seg.EndMS = seg.Words[0].StartMS, seg.Words[len(seg.Words)-1].EndMS
	seg.Text = strings.Join(words, " ")
	return []tidings.TranscriptSegment{seg}, nil
}
