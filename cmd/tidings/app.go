package main

import (
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
	"tidings.example/tidings/models"
	"tidings.example/tidings/notify"
	"tidings.example/tidings/oidc"
	"tidings.example/tidings/search"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// app is the rooms of one process, built by hand in reading order: rows,
// bytes, the growing source, media, speech, search, and the queue that drives
// them. A field is nil when the process has no use for it.
type app struct {
	cfg        config
	log        *slog.Logger
	proxies    []netip.Prefix
	store      *store.Store
	s3         *embedded.Server // nil with an outside S3
	blobs      *blob.Store
	source     *source.Source
	media      *media.Media
	search     search.Engine
	indexer    *search.Indexer
	rebuild    *search.Rebuilder // nil without the role index
	scribe     *transcribe.Transcriber
	engines    []transcribe.ConfiguredEngine
	workers    *transcribe.Remote // nil when no clip goes to workers
	oidc       *oidc.Provider     // nil without one
	puller     *models.Puller
	jobs       *jobs.Jobs
	mail       *notify.Mailer // nil without a mail server
	deliveries *notify.Dispatcher
	deletions  backup.DeletionGate // no objects are deleted during an export
}

// openApp opens every room and starts no work. On failure nothing stays open.
func openApp(ctx context.Context, cfg config, log *slog.Logger) (_ *app, err error) {
	a := &app{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()

	// The embedded storage changes the working directory: absolute paths first.
	if err := a.cfg.absolute(); err != nil {
		return nil, err
	}
	if a.mail, err = cfg.mailer(); err != nil {
		return nil, err
	}
	if a.proxies, err = prefixes(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	if a.oidc, err = cfg.provider(); err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, store.Config{Dir: a.cfg.Data, Log: log}); err != nil {
		return nil, err
	}

	a.openDeliveries()
	if err := a.openBlobs(ctx); err != nil {
		return nil, err
	}

	a.source = source.New(a.store, a.blobs.Plain(), a.store, source.Config{
		MaxBytes: cfg.MaxUpload, Quota: cfg.Quota, Idle: cfg.UploadIdle, SealAfter: cfg.UploadSeal,
		TempDir: a.cfg.Data, Sniff: media.Sniff, TryDelete: a.deletions.TryDelete, Log: log,
	})
	if a.media, err = media.New(media.Config{
		Rows: a.store, Links: a.store, Blobs: a.blobs.Plain(), Source: a.source, FFmpeg: cfg.FFmpeg, FFprobe: cfg.FFprobe,
		Dir: filepath.Join(a.cfg.Data, "tmp"), Log: log,
	}); err != nil {
		return nil, err
	}
	if err := a.openSpeech(); err != nil {
		return nil, err
	}

	a.puller = models.NewPuller(ctx, a.cfg.manager(), transcribe.UsedModels(a.cfg.Settings), log)
	return a, a.openSearch(ctx)
}

// openBlobs connects to the bucket: of the embedded server, or of an outside one.
func (a *app) openBlobs(ctx context.Context) (err error) {
	c := a.cfg.bucket()
	if c.Endpoint == "" {
		if a.s3, err = embedded.Start(ctx, embedded.Config{Dir: filepath.Join(a.cfg.Data, "storage"), Fsync: a.cfg.Fsync, Log: a.log}); err != nil {
			return fmt.Errorf("embedded storage: %w", err)
		}
		c.Endpoint, c.HTTPClient, c.Region, c.PathStyle = a.s3.Endpoint(), a.s3.HTTPClient(), "us-east-1", true
		c.AccessKey, c.SecretKey = a.s3.Credentials.AccessKey, a.s3.Credentials.SecretKey
	}

	if a.blobs, err = blob.New(c); err != nil {
		return err
	}
	if err := a.blobs.EnsureBucket(ctx); err != nil {
		return fmt.Errorf("bucket %s: %w", c.Bucket, err)
	}

	return nil
}

// bucket is the storage room's part of the settings.
func (c *config) bucket() blob.Config {
	return blob.Config{
		Endpoint: c.S3Endpoint, Region: c.S3Region, Bucket: c.S3Bucket,
		AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey, PathStyle: c.S3PathStyle, Checksums: c.S3Checksums,
	}
}

// openSearch opens the engine the settings name. A Meilisearch need not answer
// yet: everything but search goes on without it.
func (a *app) openSearch(ctx context.Context) error {
	if a.cfg.Search == "meilisearch" {
		e, err := search.OpenMeilisearch(a.cfg.meilisearch(a.log))
		if err != nil {
			return err
		}
		a.search = e
	} else {
		e, err := search.OpenEmbedded(ctx, a.cfg.Data, a.log)
		if err != nil {
			return fmt.Errorf("search index: %w", err)
		}
		a.search = e
	}

	a.indexer = &search.Indexer{Rows: a.store, Engine: a.search, Log: a.log}
	return nil
}

// meilisearch is the search room's part of the settings.
func (c *config) meilisearch(log *slog.Logger) search.MeilisearchConfig {
	return search.MeilisearchConfig{URL: c.MeiliURL, Key: c.MeiliKey, Log: log}
}

// work starts the queue with the roles of this process.
func (a *app) work(ctx context.Context) (err error) {
	c := jobs.Config{
		DB: a.store.DB(), Rows: a.store, Steps: map[tidings.Step]jobs.StepFunc{},
		Slots: map[tidings.Step]int{tidings.StepTranscode: a.cfg.TranscodeSlots, tidings.StepTranscribe: a.cfg.Slots()},
		Wake:  a.store.Wake(), Sweeps: a.sweeps(), Log: a.log,
		GiveWay: func(ctx context.Context, clip tidings.ID, step tidings.Step) (bool, error) {
			return a.store.GivesWay(ctx, clip, step, time.Now().Add(-a.cfg.UploadIdle))
		},
	}
	if a.cfg.has("transcode") {
		c.Steps[tidings.StepTranscode] = a.source.ThenCompact(a.media.Transcode)
	}

	if a.cfg.has("transcribe") {
		c.Steps[tidings.StepTranscribe] = a.transcribe
	}

	if a.cfg.has("index") {
		c.Index = a.indexer.Drain
		a.rebuild = search.NewRebuilder(ctx, a.indexer)
		if err := a.rebuild.Resume(ctx); err != nil {
			return err
		}
	}

	if a.jobs, err = jobs.New(c); err != nil {
		return err
	}

	return a.jobs.Start(ctx)
}

// sweeps are the periodic duties. Each may be repeated and killed anywhere.
func (a *app) sweeps() []jobs.Sweep {
	r := &jobs.Retention{
		Rows: a.store, DeleteObjects: a.blobs.Delete,
		CompactOriginal: func(ctx context.Context, clip tidings.ID) error { _, err := a.source.Compact(ctx, clip); return err },
		CancelSteps:     func(ctx context.Context, clip tidings.ID) error { return a.jobs.Cancel(ctx, clip) },
	}
	return []jobs.Sweep{
		{Name: "uploads", Every: 5 * time.Second, Do: a.source.Sweep},
		{Name: "deliveries", Every: 5 * time.Second, Do: a.deliveries.Drain},
		{Name: "stale objects", Every: time.Minute, Do: a.deletions.Sweep(r.DeleteStaleObjects)},
		{Name: "originals", Every: 5 * time.Minute, Do: a.deletions.Sweep(r.CompactOriginals)},
		{Name: "sessions", Every: 10 * time.Minute, Do: a.store.SweepExpired},
		{Name: "trash", Every: time.Hour, Do: r.PurgeTrash},
	}
}

// rest puts running steps back into the queue.
func (a *app) rest() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainSteps)
	defer cancel()
	return a.jobs.Stop(ctx)
}

// close closes what openApp opened, last things first.
func (a *app) close() error {
	var errs []error

	if a.rebuild != nil {
		a.rebuild.Close()
	}

	if a.media != nil {
		errs = append(errs, a.media.Close())
	}

	if a.search != nil {
		errs = append(errs, a.search.Close())
	}

	if a.store != nil {
		errs = append(errs, a.store.Close())
	}

	if a.s3 != nil {
		errs = append(errs, a.s3.Close())
	}

	return errors.Join(errs...)
}

// prefixes reads a comma list of networks or addresses.
func prefixes(list string) ([]netip.Prefix, error) {
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
