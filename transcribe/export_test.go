package transcribe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"tidings.example/tidings/tidings"
)

// Bare is the cost of the library alone: one recogniser, on one thread, is fed a
// quarter of a second of samples at a time. It returns the CPU time of that
// thread, without loading, and the number of words.
func Bare(f VoskFiles, pcm []byte) (cpu time.Duration, words int, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	v, err := openVosk(f.Library, f.Model)
	if err != nil {
		return 0, 0, err
	}

	r, err := v.newRecogniser()
	if err != nil {
		return 0, 0, err
	}
	defer r.freeRecogniser()

	start := threadTime()
	chunk := make([]int16, voskChunk)
	for len(pcm) > 1 {
		n := min(len(chunk), len(pcm)/2)
		for i := range n {
			chunk[i] = int16(binary.LittleEndian.Uint16(pcm[2*i:]))
		}

		pcm = pcm[2*n:]

		if v.accept(r.handle, unsafe.Pointer(&chunk[0]), int32(n)) == 1 {
			segs, err := r.parseResult(v.result(r.handle))
			if err != nil {
				return 0, 0, err
			}
			for _, s := range segs {
				words += len(s.Words)
			}
		}
	}

	segs, err := r.parseResult(v.final(r.handle))
	for _, s := range segs {
		words += len(s.Words)
	}

	return threadTime() - start, words, err
}

// Windows is the output of one recogniser for the same window n times, with
// starts that are step ms apart.
func Windows(f VoskFiles, pcm []byte, n int, step int64) (out [][]tidings.TranscriptSegment, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	v, err := openVosk(f.Library, f.Model)
	if err != nil {
		return nil, err
	}

	samples := make([]int16, len(pcm)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(pcm[2*i:]))
	}

	idle := &idleRecognisers{engine: v}
	defer idle.releaseAll()

	for i := range n {
		rec, err := idle.takeIdleRecogniser(int64(i) * step)
		if err != nil {
			return nil, err
		}

		win := &speechWindow{out: make(chan draftUtterance, maxSegments), ctx: context.Background()}
		err = errors.Join(win.decodeSamples(rec, samples, true), win.decodeSamples(rec, nil, false))
		idle.putIdleRecogniser(rec, err == nil)
		close(win.out)
		var segs []tidings.TranscriptSegment
		for u := range win.out {
			segs = append(segs, u.TranscriptSegment)
		}

		if out = append(out, segs); err != nil {
			return nil, err
		}
	}

	if len(idle.idle) != 1 {
		return nil, fmt.Errorf("%d recognisers for one window at a time", len(idle.idle))
	}

	return out, nil
}

// threadTime is the CPU time of this thread (RUSAGE_THREAD of getrusage(2)).
func threadTime() time.Duration {
	const thread = 1
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// EndProcess ends the child of the engine, if there is one.
func (w *Whisper) EndProcess() { w.process.endIdleChild() }

// ProcessID is the library's process, while nothing is transcribed; 0 = none.
func (w *Whisper) ProcessID() int {
	w.process.turn <- struct{}{}
	defer func() { <-w.process.turn }()
	if w.process.child == nil {
		return 0
	}
	return w.process.child.cmd.Process.Pid
}

// RecutSegments is recutSegments.
var RecutSegments = recutSegments

// windowEngine is an engine of packed pieces whose recogniser is a function.
type windowEngine struct {
	name      string
	pieces    pieceEngine
	recognise func(pcm []byte) ([]tidings.Word, error)
}

// NewWindowEngine is an engine that gets packed pieces, one at a time.
func NewWindowEngine(t testing.TB, name, detector string, recognise func(pcm []byte) ([]tidings.Word, error)) Engine {
	t.Helper()
	d, err := newDetector(detector)
	if err != nil {
		t.Fatal(err)
	}
	return &windowEngine{name, pieceEngine{detector: d, length: minPiece, workers: 1, packed: true}, recognise}
}

func (e *windowEngine) Name() string       { return e.name }
func (*windowEngine) Model() string        { return "windows/1" }
func (*windowEngine) Caps() Caps           { return Caps{WordTimes: true, Punctuation: true} }
func (*windowEngine) WorksInWindows() bool { return true }
func (e *windowEngine) Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	pieces := e.pieces
	pieces.recognise = func(_ context.Context, p piece) (engineResult, error) {
		words, err := e.recognise(p.pcm)
		if err != nil || len(words) == 0 {
			return engineResult{}, err
		}

		text := make([]string, len(words))
		for i, w := range words {
			text[i] = w.Text
		}
		all := utterance{startMS: words[0].StartMS, endMS: words[len(words)-1].EndMS, text: strings.Join(text, " ")}
		return engineResult{utterances: []utterance{all}, words: words}, nil
	}

	return pieces.transcribePieces(ctx, pcm, opt, sink)
}

// DivideTurns is divideTurns.
var DivideTurns = divideTurns
