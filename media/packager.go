package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

// pollInterval is how often a packager checks whether ffmpeg has closed a
// segment: one stat of a small local file per rendition.
const pollInterval = 50 * time.Millisecond

// packager stores the segments of one rendition and makes them visible, in
// order, while ffmpeg writes on. When ffmpeg is run again over the same original
// it continues where it was: the same arguments make the same segments.
type packager struct {
	media          *Media
	run            tidings.StepRun
	rend           tidings.Rendition
	dir            string                  // the rendition's own folder
	nextSeq        int64                   // sequence number of the next segment
	seqThisRun     int64                   // sequence number of the next segment in this run of ffmpeg
	durationUS     int64                   // duration of the stored segments in microseconds
	backlog        atomic.Int64            // segments that ffmpeg has closed and that are not stored yet
	onFirstSegment func(tidings.Rendition) // called once, when the first segment is visible
}

// resetFolder empties the folder for a run of ffmpeg.
func (p *packager) resetFolder() error {
	p.seqThisRun = 0
	return errors.Join(os.RemoveAll(p.dir), os.MkdirAll(p.dir, 0o750))
}

// followPlaylist stores segments as ffmpeg closes them, until ffmpeg has ended
// (ended then yields whether its last segment counts) and all its segments are
// stored, or until ctx ends.
func (p *packager) followPlaylist(ctx context.Context, ended <-chan bool) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()

	var seen time.Time
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case lastCounts := <-ended:
			return p.storeClosed(ctx, lastCounts)
		case <-tick.C:
		}

		info, err := os.Stat(filepath.Join(p.dir, "index.m3u8"))
		if err != nil || info.ModTime().Equal(seen) {
			continue
		}

		seen = info.ModTime()

		if err := p.storeClosed(ctx, false); err != nil {
			return err
		}
	}
}

// storeClosed stores the segments that the playlist lists and that are not
// stored yet. While the playlist has its end but the outcome of ffmpeg is not
// known, the last segment may be truncated and is left for the next call.
func (p *packager) storeClosed(ctx context.Context, lastCounts bool) error {
	text, err := os.ReadFile(filepath.Join(p.dir, "index.m3u8"))
	if errors.Is(err, os.ErrNotExist) { // ffmpeg has not written this rendition
		return nil
	}
	if err != nil {
		return err
	}

	list, ended := parseClosedSegments(text)
	if n := len(list); n > 0 && ended && (!lastCounts || list[n-1].us == 0) {
		list = list[:n-1] // truncated, or empty: a track that was announced and has no packets
	}

	for i, s := range list {
		if s.seq < p.seqThisRun {
			continue
		}

		p.backlog.Store(int64(len(list) - i))
		switch {
		case s.seq > p.nextSeq:
			return fmt.Errorf("%s: segment %d follows %d", p.rend.Name, s.seq, p.nextSeq-1)
		case s.seq == p.nextSeq:
			err = p.storeSegment(ctx, s)
		default: // stored by an earlier run of ffmpeg
			err = os.Remove(filepath.Join(p.dir, s.file))
		}

		if err != nil {
			return err
		}

		p.seqThisRun = s.seq + 1
	}

	p.backlog.Store(0)
	return nil
}

// storeInit stores the initialisation segment and takes the codec from it.
func (p *packager) storeInit(ctx context.Context) error {
	b, err := os.ReadFile(filepath.Join(p.dir, "init.mp4"))
	if err != nil {
		return err
	}
	if err := checkWholeFile(bytes.NewReader(b), int64(len(b)), "moov"); err != nil {
		return err
	}

	p.rend.Codecs = firstTrackCodec(b)
	p.rend.InitKey = assetKey(p.run, p.rend.Name+"-init.mp4")
	if err := p.media.cfg.Blobs.Put(ctx, p.rend.InitKey, bytes.NewReader(b), int64(len(b)), "video/mp4"); err != nil {
		return err
	}
	return p.media.cfg.Rows.SetRendition(ctx, p.run, p.rend)
}

func (p *packager) storeSegment(ctx context.Context, s closedSegment) error {
	if p.nextSeq == 0 {
		if err := p.storeInit(ctx); err != nil {
			return err
		}
	}

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
	if err := checkWholeFile(f, info.Size(), "mdat"); err != nil {
		return err
	}

	g := tidings.Segment{ClipID: p.run.ClipID, Attempt: p.run.Attempt, Rendition: p.rend.Name, Seq: s.seq, DurationUS: s.us,
		Bytes: info.Size(), Key: segmentKey(p.run.ClipID, p.run.Attempt, p.rend.Name, s.seq)}
	if err := p.media.cfg.Blobs.Put(ctx, g.Key, f, g.Bytes, "video/iso.segment"); err != nil {
		return err
	}
	if err := p.raiseBandwidth(ctx, g); err != nil {
		return err
	}
	if err := p.media.cfg.Rows.AddSegment(ctx, p.run, g); err != nil {
		return errors.Join(err, p.media.cfg.Rows.AddStaleObjects(context.WithoutCancel(ctx), []string{g.Key}))
	}

	if p.nextSeq == 0 && p.onFirstSegment != nil {
		p.onFirstSegment(p.rend)
	}

	p.nextSeq++
	p.durationUS += g.DurationUS

	return os.Remove(path) // keeps disk use at the segments being written
}

// raiseBandwidth keeps the rendition's bandwidth at its peak segment bit rate,
// which is what a multivariant playlist declares.
func (p *packager) raiseBandwidth(ctx context.Context, g tidings.Segment) error {
	const tooShort = 500_000 // microseconds: too short to measure a bit rate
	rate := g.Bytes * 8_000_000 / max(1, g.DurationUS)
	if rate <= p.rend.Bandwidth || g.DurationUS < tooShort && p.rend.Bandwidth > 0 {
		return nil
	}
	p.rend.Bandwidth = rate
	return p.media.cfg.Rows.SetRendition(ctx, p.run, p.rend)
}

// objectKeys are the objects of the rendition in the order of a file: the
// initialisation segment and at most atMost segments.
func (p *packager) objectKeys(atMost int64) []string {
	keys := []string{p.rend.InitKey}
	for seq := range min(p.nextSeq, atMost) {
		keys = append(keys, segmentKey(p.run.ClipID, p.run.Attempt, p.rend.Name, seq))
	}
	return keys
}
