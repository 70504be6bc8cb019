package transcribe

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Thresholds of the detector, in frames of 32 ms where they are counts.
const (
	speechAt   = 0.5  // probability from which a frame begins speech …
	silenceAt  = 0.35 // … and below which it is silence
	minSpeech  = 8    // a window needs 0.25 s of speech; less is a click
	maxSilence = 28   // 0.9 s of silence end a window
	padding    = 5    // 0.16 s before the first and after the last speech
	wantCut    = 625  // from 20 s on a window ends at a short pause …
	cutPause   = 3    // … of 0.1 s
	maxWindow  = 875  // and at 28 s wherever it is
)

// windowSink receives the samples of one window of speech as they come.
type windowSink interface {
	writeSamples(samples []int16) error
	// closeWindow ends the window; cut says that speech continues in the next, and
	// silence is how many samples at its end have no speech.
	closeWindow(cut bool, silence int64)
}

// vad cuts a stream into windows of speech. openWindow is called with the
// position (in samples) at which a window begins; it may block until a window
// can be processed.
type vad struct {
	net        *silero
	openWindow func(start int64) (windowSink, error)
	onSilence  func(pos int64) error // no window is open at pos (in samples); may be nil

	pos     int64 // frames read
	recent  [][]int16
	current windowSink
	pending [][]int16 // speech too short so far to open a window
	speech  int       // frames of speech in pending
	length  int       // frames in the window
	silence int       // frames of silence at its end
}

// detectSpeech reads pcm to its end.
func (v *vad) detectSpeech(ctx context.Context, pcm io.Reader) error {
	raw := make([]byte, 2*frameSamples)
	for {
		n, err := io.ReadFull(pcm, raw)
		if n > 1 {
			if err := v.judgeFrame(raw[:n]); err != nil {
				return err
			}
		}

		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			v.endWindow(false)
			return nil
		case err != nil:
			return err
		}
	}
}

// judgeFrame evaluates the next samples. The last ones of a stream may be fewer
// than a frame: they are padded with silence for the detector but not for the
// engine.
func (v *vad) judgeFrame(raw []byte) error {
	s := make([]int16, len(raw)/2)
	var f [frameSamples]float32
	for i := range s {
		s[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
		f[i] = float32(s[i]) / 32768
	}

	p := v.net.speechProbability(&f)
	v.pos++
	if v.current == nil {
		return v.awaitSpeech(s, p)
	}

	return v.continueWindow(s, p)
}

// awaitSpeech collects speech until there is enough of it to open a window.
func (v *vad) awaitSpeech(s []int16, p float32) error {
	if p < speechAt && v.speech == 0 {
		if v.recent = append(v.recent, s); len(v.recent) > padding {
			v.recent = v.recent[1:]
		}
		if v.onSilence != nil {
			return v.onSilence(v.pos * frameSamples)
		}
		return nil
	}

	v.pending = append(v.pending, s)
	if p >= silenceAt {
		v.speech++
		v.silence = 0
	} else if v.silence++; v.silence > maxSilence/2 { // it was a click
		keep := v.pending[max(0, len(v.pending)-padding):]
		v.recent, v.pending, v.speech, v.silence = slices.Clone(keep), nil, 0, 0
		return nil
	}

	if v.speech < minSpeech {
		return nil
	}

	start := v.pos - int64(len(v.pending)) - int64(len(v.recent))
	w, err := v.openWindow(start * frameSamples)
	if err != nil {
		return err
	}

	v.current, v.length = w, 0
	for _, samples := range append(v.recent, v.pending...) {
		if err := v.feedWindow(samples); err != nil {
			return err
		}
	}

	v.recent, v.pending, v.speech = nil, nil, 0
	return nil
}

func (v *vad) feedWindow(s []int16) error {
	v.length++
	return v.current.writeSamples(s)
}

// continueWindow feeds the open window and decides whether it ends here.
func (v *vad) continueWindow(s []int16, p float32) error {
	if err := v.feedWindow(s); err != nil {
		return err
	}

	if p < silenceAt {
		v.silence++
	} else {
		v.silence = 0
	}

	switch {
	case v.silence >= maxSilence:
		v.endWindow(false)
	case v.length >= wantCut && v.silence >= cutPause, v.length >= maxWindow:
		v.endWindow(true)
	}

	return nil
}

// endWindow closes the open window, if there is one.
func (v *vad) endWindow(cut bool) {
	if v.current == nil {
		return
	}
	w, silence := v.current, int64(v.silence)*frameSamples
	v.current, v.silence, v.length = nil, 0, 0
	w.closeWindow(cut, silence)
}
