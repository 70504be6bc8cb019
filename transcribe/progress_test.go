package transcribe

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// progressRows are rows that only record progress.
type progressRows struct {
	Rows
	upload   tidings.Upload
	err      error
	reported []float64
}

func (l *progressRows) UploadByClip(context.Context, tidings.ID) (tidings.Upload, error) {
	return l.upload, nil
}

func (l *progressRows) StepProgress(_ context.Context, _ tidings.StepRun, p float64) error {
	l.reported = append(l.reported, p)
	return l.err
}

// TestProgress: the share of the original that was read is reported once its
// length is known, in steps of a hundredth, and never as 1.
func TestProgress(t *testing.T) {
	length, sealed := int64(1000), time.Unix(1, 0)
	lost := errors.New("the lease is lost")
	for name, c := range map[string]struct {
		upload tidings.Upload
		err    error
		read   []int64 // at each tick
		want   []float64
	}{
		"still recorded":     {tidings.Upload{Offset: 600}, nil, []int64{300, 600}, nil},
		"length known":       {tidings.Upload{Offset: 600, Length: &length}, nil, []int64{0, 300, 304, 600}, []float64{0.3, 0.6}},
		"sealed":             {tidings.Upload{Offset: 500, SealedAt: &sealed}, nil, []int64{250}, []float64{0.5}},
		"longer than stated": {tidings.Upload{Offset: 2000, Length: &length}, nil, []int64{1000}, []float64{0.5}},
		"all of it":          {tidings.Upload{Offset: 1000, Length: &length}, nil, []int64{1000, 1000}, []float64{0.99}},
		"overtaken":          {tidings.Upload{Offset: 1000, Length: &length}, lost, []int64{100, 900}, []float64{0.1}},
		"empty":              {tidings.Upload{SealedAt: &sealed}, nil, []int64{0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rows := &progressRows{upload: c.upload, err: c.err}
			tr, m, ticks := New(Config{Rows: rows}), &byteCounter{}, make(chan time.Time)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); tr.writeProgress(ctx, tidings.StepRun{}, m, ticks) }()
			tick := func() {
				select {
				case ticks <- time.Time{}:
				case <-ended:
				}
			}
			for _, n := range c.read {
				m.n.Store(n)
				tick()
				tick() // received only once the previous tick is handled; the progress is unchanged
			}

			cancel()
			<-ended

			if !slices.Equal(rows.reported, c.want) {
				t.Errorf("told %v, want %v", rows.reported, c.want)
			}
		})
	}
}
