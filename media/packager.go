package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings"
)

// lookEvery is how often a packager looks whether ffmpeg closed a segment. It
// stats one small local file a rendition.
const lookEvery = 60 * time.Millisecond

// packager carries the segments of one rendition from ffmpeg's folder to
// storage and makes them visible, in order, while ffmpeg writes on.
type packager struct {
	media *Media
	run   tidings.StepRun
	rend  tidings.Rendition
	dir   string // the rendition's own folder
	next  int64  // sequence number of the next segment
	total int64  // microseconds so far
	first func() // called once, when the first segment is visible
}

// follow works until ffmpeg is done (ended is closed) and all it wrote has
// been carried, or until ctx ends.
func (p *packager) follow(ctx context.Context, ended <-chan struct{}) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var seen time.Time
	for {
		last := false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			last = true
		case <-tick.C:
		}
		info, err := os.Stat(filepath.Join(p.dir, "index.m3u8"))
		if err == nil && (last || info.ModTime() != seen) {
			seen = info.ModTime()
			if err := p.carry(ctx); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// carry stores what the playlist lists and is not stored yet.
func (p *packager) carry(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(p.dir, "index.m3u8"))
	if err != nil {
		return err
	}
	for _, s := range closedSegments(text) {
		if s.seq < p.next {
			continue
		}
		if s.seq > p.next {
			return fmt.Errorf("%s: segment %d follows %d", p.rend.Name, s.seq, p.next-1)
		}
		if p.next == 0 {
			if err := p.init(ctx); err != nil {
				return err
			}
		}
		if err := p.store(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// init stores the initialisation segment and learns the codec from it.
func (p *packager) init(ctx context.Context) error {
	b, err := os.ReadFile(filepath.Join(p.dir, "init.mp4"))
	if err != nil {
		return err
	}
	p.rend.Codecs = codecs(b)
	p.rend.InitKey = key(p.run, p.rend.Name+"-init.mp4")
	if err := p.media.cfg.Blobs.Put(ctx, p.rend.InitKey, bytes.NewReader(b), int64(len(b)), "video/mp4"); err != nil {
		return err
	}
	return p.media.cfg.Rows.SetRendition(ctx, p.run, p.rend)
}

func (p *packager) store(ctx context.Context, s closedSegment) error {
	path := filepath.Join(p.dir, s.file)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	g := tidings.Segment{ClipID: p.run.ClipID, Attempt: p.run.Attempt, Rendition: p.rend.Name, Seq: s.seq, DurationUS: s.us,
		Bytes: info.Size(), Key: key(p.run, fmt.Sprintf("%s-%05d.m4s", p.rend.Name, s.seq))}
	if err := p.media.cfg.Blobs.Put(ctx, g.Key, f, g.Bytes, "video/iso.segment"); err != nil {
		return err
	}
	if rate := g.Bytes * 8_000_000 / max(1, g.DurationUS); rate > p.rend.Bandwidth && g.DurationUS > 500_000 {
		p.rend.Bandwidth = rate // the playlist promises a peak, so it must be one
		if err := p.media.cfg.Rows.SetRendition(ctx, p.run, p.rend); err != nil {
			return err
		}
	}
	if err := p.media.cfg.Rows.AddSegment(ctx, p.run, g); err != nil {
		return errors.Join(err, p.media.cfg.Rows.AddStale(context.WithoutCancel(ctx), []string{g.Key}))
	}
	if p.next == 0 && p.first != nil {
		p.first()
	}
	p.next++
	p.total += g.DurationUS
	return os.Remove(path) // the disk holds no more than what is being written
}

// closedSegment is a segment that ffmpeg lists in its playlist, so has closed.
type closedSegment struct {
	seq  int64
	us   int64
	file string
}

// closedSegments reads a media playlist of ffmpeg's hls muxer, RFC 8216.
// Anything it does not expect it passes over.
func closedSegments(text []byte) []closedSegment {
	var out []closedSegment
	var us int64 = -1
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if d, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			seconds, err := strconv.ParseFloat(strings.TrimSuffix(strings.SplitN(d, ",", 2)[0], ","), 64)
			if err == nil && seconds >= 0 && seconds < 1e6 {
				us = int64(math.Round(seconds * 1e6))
			}
			continue
		}
		if us < 0 || line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		file := filepath.Base(line)
		seq, err := strconv.ParseInt(strings.TrimSuffix(file, ".m4s"), 10, 64)
		if err == nil && seq >= 0 {
			out = append(out, closedSegment{seq: seq, us: us, file: file})
		}
		us = -1
	}
	return out
}

// packagers runs one packager a rendition until ffmpeg has ended and the last
// segment is stored. The first error cancels the whole encode.
func (m *Media) packagers(ctx context.Context, cancel context.CancelCauseFunc, run tidings.StepRun, rs []tidings.Rendition, dir string,
	ended <-chan struct{}, first func(tidings.Rendition)) (wait func() []*packager, err error) {
	var wg sync.WaitGroup
	list := make([]*packager, len(rs))
	for i, r := range rs {
		p := &packager{media: m, run: run, rend: r, dir: filepath.Join(dir, r.Name)}
		if err := os.MkdirAll(p.dir, 0o750); err != nil {
			return nil, err
		}
		p.first = func() { first(p.rend) }
		list[i] = p
		wg.Go(func() {
			if err := p.follow(ctx, ended); err != nil {
				cancel(err)
			}
		})
	}
	return func() []*packager { wg.Wait(); return list }, nil
}

// concat is the rendition as one MP4 stream: its initialisation segment and
// then every segment, read one at a time.
func concat(ctx context.Context, blobs Blobs, keys []string) io.Reader {
	r, w := io.Pipe()
	go func() {
		for _, k := range keys {
			body, err := blobs.Open(ctx, k)
			if err == nil {
				_, err = io.Copy(w, body)
				err = errors.Join(err, body.Close())
			}
			if err != nil {
				w.CloseWithError(err)
				return
			}
		}
		w.Close()
	}()
	return r
}
