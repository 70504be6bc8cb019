// Package server builds one process of all packages: it reads the settings, opens
// store, storage, media, speech and search, hands each the others by small
// interfaces, and runs the roles of the process.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/tidings/backup"
	"tidings.example/tidings/jobs"
	"tidings.example/tidings/media"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/embedded"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/metrics"
	"tidings.example/tidings/models"
	"tidings.example/tidings/notify"
	"tidings.example/tidings/oidc"
	"tidings.example/tidings/search"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// App is the parts of one process, in the order in which Open makes them. A field
// is nil when the roles or settings do not need it.
type App struct {
	Config       Config
	log          *slog.Logger
	space        *freeSpace
	proxies      []netip.Prefix
	Store        *store.Store
	s3           *embedded.Server // nil with an outside S3
	Blobs        *blob.Store
	source       *source.Source
	media        *media.Media
	search       search.Engine
	indexer      *search.Indexer
	rebuilder    *search.Rebuilder     // nil without the role index
	similar      *search.SimilarSearch // nil when nothing computes vectors
	filler       *search.VectorFiller  // likewise
	transcriber  *transcribe.Transcriber
	engines      []transcribe.ConfiguredEngine
	workers      *transcribe.Remote // nil when no clip goes to workers
	oidc         *oidc.Provider     // nil without one
	modelPuller  *models.Puller
	jobs         *jobs.Jobs
	mail         *notify.Mailer // nil without a mail server
	deliveries   *notify.Dispatcher
	metrics      *metrics.Metrics
	deletionGate backup.DeletionGate // no objects are deleted during an export
}

// drainSteps bounds how long running steps are waited for at the end.
const drainSteps = 15 * time.Second

// Open opens all parts and starts no work. On failure nothing stays open.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (_ *App, err error) {
	a := &App{Config: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()

	// The embedded storage changes the working directory: absolute paths first.
	if err := a.Config.ResolvePaths(); err != nil {
		return nil, err
	}
	if a.mail, err = cfg.openMailer(); err != nil {
		return nil, err
	}
	if a.proxies, err = parsePrefixes(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	if a.oidc, err = cfg.oidcProvider(); err != nil {
		return nil, err
	}
	if err := a.openData(ctx); err != nil {
		return nil, err
	}

	a.space = a.Config.freeSpace()
	a.openDeliveries()
	rows := source.Rows{Uploads: a.Store, Silent: a.Store, Continuations: a.Store, Originals: a.Store}
	a.source = source.New(rows, a.Blobs.Plain(), a.Store, source.Config{
		MaxBytes: cfg.MaxUpload, Quota: cfg.Quota, Idle: cfg.UploadIdle, SealAfter: cfg.UploadSeal,
		TempDir: a.Config.Data, Sniff: media.Sniff, SniffContinuation: media.SniffContinuation, CheckSpace: a.space.checkRecording, TryDelete: a.deletionGate.TryDelete, Log: log,
	})
	if a.media, err = media.New(media.Config{
		Rows: a.Store, Playback: a.Store, Links: a.Store, Blobs: a.Blobs.Plain(), Source: a.source, FFmpeg: cfg.FFmpeg, FFprobe: cfg.FFprobe,
		Dir: filepath.Join(a.Config.Data, "tmp"), Log: log,
	}); err != nil {
		return nil, err
	}
	if err := a.openSpeech(); err != nil {
		return nil, err
	}

	a.openMetrics()
	a.modelPuller = models.NewPuller(ctx, a.Config.ModelManager(), append(transcribe.UsedModels(a.Config.Settings), a.Config.usedMeaningModel()...), log)
	return a, a.openSearch(ctx)
}

// openSearch opens the search engine of the settings. Meilisearch may be down: all
// but search works without it.
func (a *App) openSearch(ctx context.Context) error {
	if a.Config.Search == "meilisearch" {
		e, err := search.OpenMeilisearch(a.Config.meilisearchConfig(a.log))
		if err != nil {
			return err
		}
		a.search = e
	} else {
		e, err := search.OpenEmbedded(ctx, a.Config.Data, a.log)
		if err != nil {
			return fmt.Errorf("search index: %w", err)
		}
		a.search = e
	}

	a.indexer = &search.Indexer{Rows: a.Store, Engine: a.search, Log: a.log}
	return a.openSimilar()
}

// meilisearchConfig maps the settings to those of the package search.
func (c *Config) meilisearchConfig(log *slog.Logger) search.MeilisearchConfig {
	return search.MeilisearchConfig{URL: c.MeiliURL, Key: c.MeiliKey, Log: log}
}

// startJobs starts the queue with the roles of this process.
func (a *App) startJobs(ctx context.Context) (err error) {
	c := jobs.Config{
		Rows: a.Store, Steps: map[tidings.Step]jobs.StepFunc{},
		Slots: map[tidings.Step]int{tidings.StepTranscode: a.Config.TranscodeSlots, tidings.StepTranscribe: a.Config.Slots()},
		Wake:  a.Store.Wake(), Sweeps: a.Sweeps(), CheckSpace: a.space.checkStep, Log: a.log,
		ShouldYield: func(ctx context.Context, clip tidings.ID, step tidings.Step) (bool, error) {
			return a.Store.ShouldYield(ctx, clip, step, time.Now().Add(-a.Config.UploadIdle))
		},
	}
	if a.Config.hasRole("transcode") {
		c.Steps[tidings.StepTranscode] = a.countRuns(tidings.StepTranscode, a.Config.TranscodeSlots, a.source.ThenCompact(a.media.Transcode))
	}

	if a.Config.hasRole("transcribe") {
		c.Steps[tidings.StepTranscribe] = a.countRuns(tidings.StepTranscribe, a.Config.Slots(), a.transcribeClip)
	}

	if a.Config.hasRole("index") {
		c.DrainOutbox = a.indexer.Drain
		c.Sweeps = append(c.Sweeps, a.vectorSweeps()...)
		a.rebuilder = search.NewRebuilder(ctx, a.indexer)
		if err := a.rebuilder.Resume(ctx); err != nil {
			return err
		}
	}

	if a.Config.usesPostgres() {
		if c.WorkerID, err = a.Config.nodeID(); err != nil {
			return err
		}
	}

	if a.jobs, err = jobs.New(c); err != nil {
		return err
	}

	return a.jobs.Start(ctx)
}

// Sweeps are the periodic jobs. Each may be repeated and interrupted at any point.
func (a *App) Sweeps() []jobs.Sweep {
	r := &jobs.Retention{
		Rows: a.Store, DeleteObjects: a.Blobs.Delete,
		CompactOriginal: func(ctx context.Context, clip tidings.ID) error { _, err := a.source.Compact(ctx, clip); return err },
		CancelSteps:     func(ctx context.Context, clip tidings.ID) error { return a.jobs.Cancel(ctx, clip) },
	}
	return []jobs.Sweep{
		{Name: "uploads", Every: 5 * time.Second, Do: a.source.Sweep},
		{Name: "deliveries", Every: 5 * time.Second, Do: a.deliveries.Drain},
		{Name: "stale objects", Every: time.Minute, Do: a.deletionGate.Sweep(r.DeleteStaleObjects)},
		{Name: "originals", Every: 5 * time.Minute, Do: a.deletionGate.Sweep(r.CompactOriginals)},
		{Name: "sessions", Every: 10 * time.Minute, Do: a.Store.SweepExpired},
		{Name: "database mark", Every: 10 * time.Second, Do: a.Store.UpdateMark},
		{Name: "repair", Every: time.Minute, Do: a.repairDamage},
		{Name: "scrub", Every: cmp.Or(min(a.Config.ScrubInterval, scrubLookWait), scrubLookWait), Do: a.scrubObjects},
		{Name: "unsent clips", Every: 5 * time.Minute, Do: a.sweepUnsentClips},
		{Name: "trash", Every: time.Hour, Do: r.PurgeTrash},
	}
}

// sweepUnsentClips handles clips whose upload was never started.
func (a *App) sweepUnsentClips(ctx context.Context) error {
	return a.Store.SweepUnsentClips(ctx, a.Config.UploadIdle, a.Config.UploadStart)
}

// stopJobs puts running steps back into the queue.
func (a *App) stopJobs() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainSteps)
	defer cancel()
	return a.jobs.Stop(ctx)
}

// Close closes what Open opened, in reverse order.
func (a *App) Close() error {
	var errs []error

	if a.rebuilder != nil {
		a.rebuilder.Close()
	}

	if a.media != nil {
		errs = append(errs, a.media.Close())
	}

	if a.search != nil {
		errs = append(errs, a.search.Close())
	}

	if a.Store != nil {
		errs = append(errs, a.Store.Close())
	}

	if a.s3 != nil {
		errs = append(errs, a.s3.Close())
	}

	return errors.Join(errs...)
}

// parsePrefixes reads a comma list of networks or addresses.
func parsePrefixes(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range strings.Split(list, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}

		p, err := netip.ParsePrefix(text)
		if at, aerr := netip.ParseAddr(text); err != nil && aerr == nil {
			p, err = at.Prefix(at.BitLen())
		}

		if err != nil {
			return nil, tidings.Errorf(tidings.KindInvalid, "trusted-proxies: %q is not a network such as 10.0.0.0/8.", text)
		}

		out = append(out, p)
	}

	return out, nil
}
