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
	maxBacklog    = 24 // segments closed and not stored: then ffmpeg gets no more input
	progressEvery = 2 * time.Second
)

// encode is the work of one step run: what has been made of an original.
type encode struct {
	media     *Media
	lease     tidings.StepRun
	plan      plan
	dir       string
	packagers []*packager
	wave      waveform
	stills    stills
	times     timeline
	usage     usage
	read      atomic.Int64   // bytes of the original
	aside     sync.WaitGroup // the poster
}

func (m *Media) newEncode(run tidings.StepRun, p plan, dir string) *encode {
	e := &encode{media: m, lease: run, plan: p, dir: dir}
	for _, r := range p.renditions(run) {
		k := &packager{media: m, run: run, rend: r, dir: filepath.Join(dir, r.Name)}
		e.packagers = append(e.packagers, k)
	}
	return e
}

// run runs ffmpeg over the original and carries its segments to storage.
// last says that there will be no other run, so that what ffmpeg wrote counts
// whatever it says in the end.
func (e *encode) run(ctx context.Context, o original, p plan, last bool) error {
	e.wave, e.stills, e.times = waveform{}, stills{}, timeline{bytes: e.read.Load}
	if err := e.measure(o); err != nil {
		return err
	}

	step := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var carrying sync.WaitGroup
	var ended []chan bool
	for _, k := range e.packagers {
		if err := k.prepare(); err != nil {
			return err
		}

		if k.rend.Kind == tidings.RenditionVideo && k.rend.Name == p.rungs[0].name {
			k.first = func(r tidings.Rendition) { e.aside.Go(func() { e.poster(step, r) }) }
		}

		end := make(chan bool, 1)
		ended = append(ended, end)
		carrying.Go(func() {
			if err := k.follow(ctx, end); err != nil {
				cancel(err)
			}
		})
	}

	go e.progress(ctx)
	var stdin io.Reader
	if o.reader != nil {
		stdin = &gate{ctx: ctx, r: o.reader, e: e}
	}

	u, err := e.media.run(ctx, process{program: e.media.ffmpeg, args: p.args(o), stdin: stdin, dir: e.dir,
		outputs: []func(io.Reader) error{e.wave.read, e.stills.read, e.times.read}})
	for _, end := range ended {
		end <- err == nil || last
	}

	carrying.Wait()
	e.usage = u

	if cause := context.Cause(ctx); cause != nil {
		return cause
	}

	return err
}

// measure forgets what was read before; a file has been read whole.
func (e *encode) measure(o original) error {
	e.read.Store(0)
	if o.file == "" {
		return nil
	}
	info, err := os.Stat(o.file)
	if err == nil {
		e.read.Store(info.Size())
	}
	return err
}

// playable reports whether a player would find anything.
func (e *encode) playable() bool {
	for _, k := range e.packagers {
		if k.next > 0 {
			return true
		}
	}
	return false
}

// progress tells how far the run is, once the length of the original is known.
func (e *encode) progress(ctx context.Context) {
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

		p := min(0.99, float64(e.read.Load())/float64(max(1, size)))
		if p-shown < 0.01 {
			continue
		}
		if err := e.media.cfg.Rows.StepProgress(ctx, e.lease, p); err != nil {
			return // the lease says the same to the run itself
		}

		shown = p
	}
}

// gate is the original on its way to ffmpeg. It counts the bytes and holds
// them back while storage is slower than ffmpeg: the disk stays bounded.
type gate struct {
	ctx context.Context
	r   io.Reader
	e   *encode
}

// Read implements io.Reader.
func (g *gate) Read(p []byte) (int, error) {
	for g.e.behind() {
		select {
		case <-g.ctx.Done():
			return 0, g.ctx.Err()
		case <-time.After(lookEvery):
		}
	}
	n, err := g.r.Read(p)
	g.e.read.Add(int64(n))
	return n, err
}

func (e *encode) behind() bool {
	for _, k := range e.packagers {
		if k.waiting.Load() > maxBacklog {
			return true
		}
	}
	return false
}
