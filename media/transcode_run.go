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
	posterFull error          // a full disk kept the poster from being made; read after background
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
func (t *transcodeRun) runFFmpeg(ctx context.Context, o original, p plan, last bool) error {
	t.waveform, t.stills, t.timeline = waveform{}, stills{}, timeline{bytesRead: t.bytesRead.Load}
	if err := t.resetProgress(o); err != nil {
		return err
	}

	step := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	var packaging, reporting sync.WaitGroup
	defer reporting.Wait()
	defer cancel(nil)

	var ended []chan bool
	for _, k := range t.packagers {
		if err := k.resetFolder(); err != nil {
			return err
		}

		if k.rend.Kind == tidings.RenditionVideo && k.rend.Name == p.rungs[0].name {
			k.onFirstSegment = func(r tidings.Rendition) { t.background.Go(func() { t.makePoster(step, r) }) }
		}

		end := make(chan bool, 1)
		ended = append(ended, end)
		packaging.Go(func() {
			if err := k.followPlaylist(ctx, end); err != nil {
				cancel(err)
			}
		})
	}

	reporting.Go(func() { t.reportProgress(ctx) })
	var stdin io.Reader
	if o.reader != nil {
		stdin = &backpressureReader{ctx: ctx, r: o.reader, run: t}
	}

	u, err := t.media.runProcess(ctx, process{program: t.media.ffmpeg, args: p.ffmpegArgs(o), stdin: stdin, dir: t.dir,
		outputs: []func(io.Reader) error{t.waveform.readSamples, t.stills.readMJPEG, t.timeline.readFramecrc}})
	for _, end := range ended {
		end <- err == nil || last
	}

	packaging.Wait()
	t.usage = u

	if cause := context.Cause(ctx); cause != nil {
		if saysDiskFull(u.Log) { // what it could not write is missing to others
			return tidings.StorageFull(cause)
		}
		return cause
	}

	return err
}

// resetProgress resets the counter of bytes read. An original in a private file
// counts as read completely.
func (t *transcodeRun) resetProgress(o original) error {
	t.bytesRead.Store(0)
	if o.file == "" {
		return nil
	}
	info, err := os.Stat(o.file)
	if err == nil {
		t.bytesRead.Store(info.Size())
	}
	return err
}

// hasSegments reports whether any rendition has a segment to play.
func (t *transcodeRun) hasSegments() bool {
	for _, k := range t.packagers {
		if k.nextSeq > 0 {
			return true
		}
	}
	return false
}

// reportProgress writes the share of the original that has been read, once its
// length is known.
func (t *transcodeRun) reportProgress(ctx context.Context) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()

	for shown := 0.0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}

		u, err := t.media.cfg.Rows.UploadByClip(ctx, t.lease.ClipID)
		if err != nil || u.SealedAt == nil && u.Length == nil {
			continue
		}

		size := u.Offset
		if u.Length != nil {
			size = max(size, *u.Length)
		}

		p := min(0.99, float64(t.bytesRead.Load())/float64(max(1, size)))
		if p-shown < 0.01 {
			continue
		}
		if err := t.media.cfg.Rows.StepProgress(ctx, t.lease, p); err != nil {
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
	run *transcodeRun
}

// Read implements io.Reader.
func (b *backpressureReader) Read(p []byte) (int, error) {
	for b.run.isBehind() {
		select {
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		case <-time.After(pollInterval):
		}
	}
	n, err := b.r.Read(p)
	b.run.bytesRead.Add(int64(n))
	return n, err
}

// isBehind reports whether a rendition has more than maxBacklog segments to
// store.
func (t *transcodeRun) isBehind() bool {
	for _, k := range t.packagers {
		if k.backlog.Load() > maxBacklog {
			return true
		}
	}
	return false
}
