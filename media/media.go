// Package media turns an original, while it still grows, into what browsers
// play: HLS (fragmented MP4) with separate audio, a poster, a storyboard, a
// waveform, and MP4 and M4A downloads. One ffmpeg process reads the growing
// source from a pipe and decodes it once for all outputs; H.264 is copied.
//
// Objects made, for attempt N of clip C, all under clips/C/mN/:
// <rendition>-init.mp4, <rendition>-<seq>.m4s, poster.jpg, storyboard.jpg,
// storyboard.vtt, peaks.json, preview.webp, video.mp4, audio.m4a.
//
// ffmpeg reads untrusted bytes only through run.go: the demuxer is forced to the
// container found in the first bytes, decoders and protocols are allow-lists, and
// the process is our own binary as __guard, which applies the sandbox (Landlock,
// limits on memory, CPU, files) before it executes ffmpeg. A process that follows a
// recording takes about 0.1 GB and a tenth of a core when H.264 is copied, and
// 0.5 GB and a core when 1080p is encoded; its disk use stays at a few segments.
package media

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// Rows is what the transcoder needs of the store. Writes of a run that lost
// its lease are KindConflict.
type Rows interface {
	StartMedia(ctx context.Context, run tidings.StepRun, tracks []tidings.Track, rs []tidings.Rendition) error
	SetRendition(ctx context.Context, run tidings.StepRun, r tidings.Rendition) error
	AddSegment(ctx context.Context, run tidings.StepRun, g tidings.Segment) error
	AddAsset(ctx context.Context, run tidings.StepRun, a tidings.Asset) error
	FinishMedia(ctx context.Context, run tidings.StepRun, m tidings.MediaResult) error
	StepProgress(ctx context.Context, run tidings.StepRun, p float64) error
	AddStaleObjects(ctx context.Context, keys []string) error
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
}

// PlaybackRows is what downloads and snippets need of a clip that plays.
type PlaybackRows interface {
	// Renditions are the visible ones of a clip; Segments those of one rendition, in order.
	Renditions(ctx context.Context, clip tidings.ID) ([]tidings.Rendition, error)
	Segments(ctx context.Context, clip tidings.ID, attempt int64, rendition string) ([]tidings.Segment, error)
	Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	PutAsset(ctx context.Context, a tidings.Asset) error
	MediaReport(ctx context.Context, clip tidings.ID) (tidings.Report, []tidings.Track, error)
}

// Blobs stores and reads objects.
type Blobs interface {
	// Put stores size bytes; they are durable when it returns.
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error
	// PutLarge stores a body of unknown size in bounded memory and returns its size.
	PutLarge(ctx context.Context, key string, body io.Reader, contentType string) (int64, error)
	// Open reads a whole object.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
}

// Source is the growing original.
type Source interface {
	// Follow reads from byte 0, waits for bytes that have not arrived yet, and ends at the seal.
	Follow(ctx context.Context, clip tidings.ID) (io.ReadCloser, error)
}

// Config is what New needs.
type Config struct {
	Rows       Rows
	Playback   PlaybackRows
	Links      LinkRows
	Blobs      Blobs
	Source     Source
	FFmpeg     string // program name or path
	FFprobe    string
	Self       string // our own binary, which has the subcommand __guard; "" = the running one
	Dir        string // for temporary files; emptied by New
	Ladder     []int  // heights that are encoded, largest first; nil = Ladder
	ShortSlots int    // processes at once for probes, posters, downloads; 0 = 4
	LongSlots  int    // processes at once that follow recordings; 0 = 64 (the queue's slots bound them first)
	Log        *slog.Logger
}

// Media makes renditions. Its methods may be called from many goroutines.
type Media struct {
	cfg                   Config
	ffmpeg                string // absolute
	ffprobe               string
	shortSlots, longSlots chan struct{} // semaphores: one element for each running process
	stallTimeout          time.Duration
	pendingDownloads      sync.Map // clip/name → chan struct{}, closed when the download is made
	snippets              *snippetQueue
}

// New finds the programs and empties the temporary folder.
func New(cfg Config) (*Media, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}

	if len(cfg.Ladder) == 0 {
		cfg.Ladder = Ladder
	}

	for _, side := range cfg.Ladder {
		if side < 64 || side > 2160 {
			return nil, tidings.Errorf(tidings.KindInvalid, "A height of %d in the ladder: heights are 64 to 2160.", side)
		}
	}

	m := &Media{cfg: cfg, stallTimeout: defaultStallTimeout, snippets: newSnippetQueue(), shortSlots: make(chan struct{}, cmp.Or(cfg.ShortSlots, 4)), longSlots: make(chan struct{}, cmp.Or(cfg.LongSlots, 64))}
	var errs [2]error
	m.ffmpeg, errs[0] = lookPath(cfg.FFmpeg)
	m.ffprobe, errs[1] = lookPath(cfg.FFprobe)
	if m.cfg.Self == "" {
		m.cfg.Self = "/proc/self/exe" // still this version after an upgrade has replaced the file
	}

	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(cfg.Dir); err != nil {
		return nil, err
	}

	return m, os.MkdirAll(cfg.Dir, 0o750)
}

func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", tidings.Wrap(err, tidings.KindUnavailable, "The program %s is not installed; on Debian: apt-get install ffmpeg.", name)
	}
	return filepath.Abs(path)
}

// tempDir makes a private folder for one job and returns the function that
// removes it. The folder around it is made again when it was removed.
func (m *Media) tempDir() (string, func(), error) {
	if err := os.MkdirAll(m.cfg.Dir, 0o750); err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp(m.cfg.Dir, "job-")
	if err != nil {
		return "", nil, err
	}
	return dir, func() {
		if err := os.RemoveAll(dir); err != nil {
			m.cfg.Log.Warn("temporary folder stays", "dir", dir, "error", err)
		}
	}, nil
}

// segmentKey is the object key of a segment.
func segmentKey(clip tidings.ID, attempt int64, rendition string, seq int64) string {
	return fmt.Sprintf("clips/%s/m%d/%s-%05d.m4s", clip, attempt, rendition, seq)
}

// assetKey is the object key of any other object of a run.
func assetKey(run tidings.StepRun, name string) string {
	return fmt.Sprintf("clips/%s/m%d/%s", run.ClipID, run.Attempt, name)
}

// LinkRows is what snippets need of the store.
type LinkRows interface {
	LinkAssets(ctx context.Context, link tidings.ID) ([]tidings.LinkAsset, error)
	// PutLinkAssets makes the files of a link visible in one transaction;
	// KindConflict when the link's snippet has changed meanwhile.
	PutLinkAssets(ctx context.Context, l tidings.Link, assets []tidings.LinkAsset) error
}
