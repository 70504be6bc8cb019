package transcribe

import (
	"slices"
	"testing"
)

// played is a window that counts.
type played struct {
	start   int64
	samples int
	closed  bool
	cut     bool
}

func (p *played) write(s []int16) error { p.samples += len(s); return nil }
func (p *played) close(cut bool)        { p.closed, p.cut = true, cut }

// judged runs the window logic over probabilities, one a frame.
func judged(t *testing.T, probabilities []float32) []*played {
	t.Helper()
	var all []*played
	v := &vad{open: func(start int64) (window, error) {
		p := &played{start: start}
		all = append(all, p)
		return p, nil
	}}
	for _, p := range probabilities {
		v.pos++
		step := v.goOn
		if v.cur == nil {
			step = v.wait
		}

		if err := step(make([]int16, frame), p); err != nil {
			t.Fatal(err)
		}
	}

	v.end(false)
	return all
}

func frames(n int, p float32) []float32 { return slices.Repeat([]float32{p}, n) }

func TestWindows(t *testing.T) {
	quiet, loud := frames(100, 0.1), frames(100, 0.9)
	click := slices.Concat(frames(40, 0), frames(3, 0.9), frames(60, 0))
	for name, c := range map[string]struct {
		in   []float32
		want []played // start and samples in frames
	}{
		"silence":        {quiet, nil},
		"a click":        {click, nil},
		"between":        {frames(500, 0.45), nil}, // never sure enough to begin
		"speech":         {slices.Concat(quiet, loud, quiet), []played{{start: 95, samples: 5 + 100 + maxSilence, closed: true}}},
		"to the end":     {slices.Concat(quiet, loud), []played{{start: 95, samples: 105, closed: true}}},
		"from the start": {loud, []played{{start: 0, samples: 100, closed: true}}},
		"a short pause":  {slices.Concat(loud, frames(maxSilence-1, 0), loud), []played{{start: 0, samples: 200 + maxSilence - 1, closed: true}}},
		"two":            {slices.Concat(loud, quiet, loud), []played{{start: 0, samples: 100 + maxSilence, closed: true}, {start: 195, samples: 105, closed: true}}},
		"without end": {frames(2*maxWindow, 0.9), []played{{start: 0, samples: maxWindow, closed: true, cut: true},
			{start: maxWindow, samples: maxWindow, closed: true, cut: true}}},
		"long, with a breath": {slices.Concat(frames(wantCut+50, 0.9), frames(cutPause, 0), frames(100, 0.9)),
			[]played{{start: 0, samples: wantCut + 50 + cutPause, closed: true, cut: true}, {start: wantCut + 50 + cutPause, samples: 100, closed: true}}},
	} {
		var got []played
		for _, p := range judged(t, c.in) {
			got = append(got, played{start: p.start / frame, samples: p.samples / frame, closed: p.closed, cut: p.cut})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}
