package transcribe

import (
	"slices"
	"testing"
)

// countingWindow is a window that counts.
type countingWindow struct {
	start   int64
	samples int
	closed  bool
	cut     bool
}

func (p *countingWindow) writeSamples(s []int16) error  { p.samples += len(s); return nil }
func (p *countingWindow) closeWindow(cut bool, _ int64) { p.closed, p.cut = true, cut }

// runWindows runs the window logic over probabilities, one per frame.
func runWindows(t *testing.T, probabilities []float32) []*countingWindow {
	t.Helper()
	var all []*countingWindow
	v := &vad{openWindow: func(start int64) (windowSink, error) {
		p := &countingWindow{start: start}
		all = append(all, p)
		return p, nil
	}}
	for _, p := range probabilities {
		v.pos++
		step := v.continueWindow
		if v.current == nil {
			step = v.awaitSpeech
		}

		if err := step(make([]int16, frameSamples), p); err != nil {
			t.Fatal(err)
		}
	}

	v.endWindow(false)
	return all
}

func repeatFrames(n int, p float32) []float32 { return slices.Repeat([]float32{p}, n) }

func TestWindows(t *testing.T) {
	quiet, loud := repeatFrames(100, 0.1), repeatFrames(100, 0.9)
	click := slices.Concat(repeatFrames(40, 0), repeatFrames(3, 0.9), repeatFrames(60, 0))
	for name, c := range map[string]struct {
		in   []float32
		want []countingWindow // start and samples in frames
	}{
		"silence":        {quiet, nil},
		"a click":        {click, nil},
		"between":        {repeatFrames(500, 0.45), nil}, // never sure enough to begin
		"speech":         {slices.Concat(quiet, loud, quiet), []countingWindow{{start: 95, samples: 5 + 100 + maxSilence, closed: true}}},
		"to the end":     {slices.Concat(quiet, loud), []countingWindow{{start: 95, samples: 105, closed: true}}},
		"from the start": {loud, []countingWindow{{start: 0, samples: 100, closed: true}}},
		"a short pause":  {slices.Concat(loud, repeatFrames(maxSilence-1, 0), loud), []countingWindow{{start: 0, samples: 200 + maxSilence - 1, closed: true}}},
		"two":            {slices.Concat(loud, quiet, loud), []countingWindow{{start: 0, samples: 100 + maxSilence, closed: true}, {start: 195, samples: 105, closed: true}}},
		"without end": {repeatFrames(2*maxWindow, 0.9), []countingWindow{{start: 0, samples: maxWindow, closed: true, cut: true},
			{start: maxWindow, samples: maxWindow, closed: true, cut: true}}},
		"long, with a breath": {slices.Concat(repeatFrames(wantCut+50, 0.9), repeatFrames(cutPause, 0), repeatFrames(100, 0.9)),
			[]countingWindow{{start: 0, samples: wantCut + 50 + cutPause, closed: true, cut: true}, {start: wantCut + 50 + cutPause, samples: 100, closed: true}}},
	} {
		var got []countingWindow
		for _, p := range runWindows(t, c.in) {
			got = append(got, countingWindow{start: p.start / frameSamples, samples: p.samples / frameSamples, closed: p.closed, cut: p.cut})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}
