package media

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

const (
	maxBacklog    = 24 // segments closed and not stored, above which ffmpeg gets no more input
	progressEvery = 2 * time.Second
)

// transcodeRun is the state of one run of the step transcode: what has been made
// of an original so far.
type transcodeRun struct {
	media      *Media
	lease      tidings.StepRun
	plan       plan
	dir        string
	packagers  []*packager
	waveform   waveform
	stills     stills
	timeline   timeline
	usage      usage
	bytesRead  atomic.Int64   // bytes of the original
	background sync.WaitGroup // the poster, made while ffmpeg runs
}

func (m *Media) newTranscodeRun(run tidings.StepRun, p plan, dir string) *transcodeRun {
	e := &transcodeRun{media: m, lease: run, plan: p, dir: dir}
	for _, r := range p.renditionRows(run) {
		k := &packager{media: m, run: run, rend: r, dir: filepath.Join(dir, r.Name)}
		e.packagers = append(e.packagers, k)
	}
	return e
}

// runFFmpeg runs ffmpeg over the original and stores its segments while it runs.
// last says that there will be no other run, so that the last segment counts
// even when ffmpeg fails.
func (e *transcodeRun) runFFmpeg(ctx context.Context, o original, p plan, last bool) error {
	e.waveform, e.stills, e.timeline = waveform{}, stills{}, timeline{bytesRead: e.bytesRead.Load}
	if err := e.resetProgress(o); err != nil {
		return err
	}

	step := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var packaging sync.WaitGroup
	var ended []chan bool
	for _, k := range e.packagers {
		if err := k.resetFolder(); err != nil {
			return err
		}

		if k.rend.Kind == tidings.RenditionVideo && k.rend.Name == p.rungs[0].name {
			k.onFirstSegment = func(r tidings.Rendition) { e.background.Go(func() { e.makePoster(step, r) }) }
		}

		end := make(chan bool, 1)
		ended = append(ended, end)
		packaging.Go(func() {
			if err := k.followPlaylist(ctx, end); err != nil {
				cancel(err)
			}
		})
	}

	go e.reportProgress(ctx)
	var stdin io.Reader
	if o.reader != nil {
		stdin = &backpressureReader{ctx: ctx, r: o.reader, e: e}
	}

	u, err := e.media.runProcess(ctx, process{program: e.media.ffmpeg, args: p.ffmpegArgs(o), stdin: stdin, dir: e.dir,
		outputs: []func(io.Reader) error{e.waveform.readSamples, e.stills.readMJPEG, e.timeline.readFramecrc}})
	for _, end := range ended {
		end <- err == nil || last
	}

	packaging.Wait()
	e.usage = u

	if cause := context.Cause(ctx); cause != nil {
		return cause
	}

	return err
}

// resetProgress resets the counter of bytes read. An original in a private file
// counts as read completely.
func (e *transcodeRun) resetProgress(o original) error {
	e.bytesRead.Store(0)
	if o.file == "" {
		return nil
	}
	info, err := os.Stat(o.file)
	if err == nil {
		e.bytesRead.Store(info.Size())
	}
	return err
}

// hasSegments reports whether any rendition has a segment to play.
func (e *transcodeRun) hasSegments() bool {
	for _, k := range e.packagers {
		if k.nextSeq > 0 {
			return true
		}
	}
	return false
}

// reportProgress writes the share of the original that has been read, once its
// length is known.
func (e *transcodeRun) reportProgress(ctx context.Context) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()

	for shown := 0.0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}

		u, err := e.media.cfg.Rows.UploadByClip(ctx, e.lease.ClipID)
		if err != nil || u.SealedAt == nil && u.Length == nil {
			continue
		}

		size := u.Offset
		if u.Length != nil {
			size = max(size, *u.Length)
		}

		p := min(0.99, float64(e.bytesRead.Load())/float64(max(1, size)))
		if p-shown < 0.01 {
			continue
		}
		if err := e.media.cfg.Rows.StepProgress(ctx, e.lease, p); err != nil {
			return // the lease is lost; the run itself ends by it too
		}

		shown = p
	}
}

// backpressureReader is the original on its way to ffmpeg. It counts the bytes
// and withholds them while storage is slower than ffmpeg, so that disk use stays
// bounded.
type backpressureReader struct {
	ctx context.Context
	r   io.Reader
	e   *transcodeRun
}

// Read implements io.Reader.
func (g *backpressureReader) Read(p []byte) (int, error) {
	for g.e.isBehind() {
		select {
		case <-g.ctx.Done():
			return 0, g.ctx.Err()
		case <-time.After(pollInterval):
		}
	}
	n, err := g.r.Read(p)
	g.e.bytesRead.Add(int64(n))
	return n, err
}

// isBehind reports whether a rendition has more than maxBacklog segments to
// store.
func (e *transcodeRun) isBehind() bool {
	for _, k := range e.packagers {
		if k.backlog.Load() > maxBacklog {
			return true
		}
	}
	return false
}
