package transcribe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// WorkServer is a server as its workers see it. KindGone = the work is not
// theirs any more; KindUnauthenticated and KindForbidden = the worker may not
// work any more.
type WorkServer interface {
	Claim(ctx context.Context, e tidings.SpeechEngine, wait time.Duration) (w tidings.Work, ok bool, err error)
	Audio(ctx context.Context, id string) (io.ReadCloser, error)
	Segments(ctx context.Context, id string, segs []tidings.TranscriptSegment) error
	Renew(ctx context.Context, id string) error
	Done(ctx context.Context, id string, languages map[string]int) error
	Fail(ctx context.Context, id string, reason string, broken bool) error
}

// Worker transcribes for a server on another machine with a local engine. It may
// be killed at any time: the server gives its work to another.
type Worker struct {
	Server WorkServer
	Engine Engine
	Slots  int // clips at once
	Log    *slog.Logger
}

// Pauses of a worker while its server does not answer, and how long it waits for
// work in one request.
const (
	workPause    = time.Second
	workPauseMax = 30 * time.Second
	workWait     = 20 * time.Second
	workLast     = 5 * time.Second // to give work back before it exits
)

// Run works until ctx ends, which is not an error, or the server refuses the
// worker.
func (w *Worker) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var all sync.WaitGroup
	for range max(1, w.Slots) {
		all.Go(func() {
			if err := w.claimLoop(ctx); err != nil {
				cancel(err)
			}
		})
	}

	all.Wait()

	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}

	return nil
}

// claimLoop claims and transcribes clips, one after the other.
func (w *Worker) claimLoop(ctx context.Context) error {
	caps := w.Engine.Caps()
	me := tidings.SpeechEngine{Name: w.Engine.Name(), Model: w.Engine.Model(), Languages: caps.Languages, Punctuation: caps.Punctuation}
	for pause := workPause; ctx.Err() == nil; {
		job, ok, err := w.Server.Claim(ctx, me, workWait)
		switch kind := tidings.KindOf(err); {
		case ctx.Err() != nil:
			return nil
		case kind == tidings.KindUnauthenticated || kind == tidings.KindForbidden || kind == tidings.KindInvalid:
			return err
		case err != nil:
			w.Log.Warn("the server does not answer", "error", err, "again in", pause)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, workPauseMax)
			continue
		}

		if pause = workPause; ok {
			w.transcribeWork(ctx, job)
		}
	}

	return nil
}

// transcribeWork transcribes one clip.
func (w *Worker) transcribeWork(ctx context.Context, job tidings.Work) {
	start := time.Now()
	w.Log.Info("clip claimed", "work", job.ID)
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var renewing sync.WaitGroup
	renewing.Go(func() { w.renewLease(inner, cancel, job) })
	languages, err := w.streamSegments(inner, job)
	if err == nil {
		err = w.Server.Done(inner, job.ID, languages)
	}

	if cause := context.Cause(inner); cause != nil {
		err = errors.Join(cause, err)
	}

	cancel(nil)
	renewing.Wait()

	if err == nil {
		w.Log.Info("clip transcribed", "work", job.ID, "took", time.Since(start).Round(time.Millisecond))
		return
	}

	w.Log.Warn("clip given back", "work", job.ID, "error", err)
	if tidings.KindOf(err) == tidings.KindGone {
		return
	}

	last, stop := context.WithTimeout(context.WithoutCancel(ctx), workLast)
	defer stop()

	kind := tidings.KindOf(err)
	broken := kind == tidings.KindUnsupported || kind == tidings.KindTooLarge
	if ferr := w.Server.Fail(last, job.ID, captions.Excerpt(err.Error()), broken); ferr != nil {
		w.Log.Warn("the server was not told", "work", job.ID, "error", ferr)
	}
}

// streamSegments transcribes the sound as it arrives and sends each segment at
// once.
func (w *Worker) streamSegments(ctx context.Context, job tidings.Work) (map[string]int, error) {
	sound, err := w.Server.Audio(ctx, job.ID)
	if err != nil {
		return nil, err
	}
	defer sound.Close()

	k := &transcriptWriter{caps: w.Engine.Caps()}
	opt := Options{Language: job.Language, Vocabulary: job.Vocabulary, OnLanguage: k.addLanguageVotes}
	err = w.Engine.Transcribe(ctx, sound, opt, func(seg tidings.TranscriptSegment) error {
		seg, ok := k.normaliseSegment(seg)
		if !ok {
			return nil
		}
		k.countSegment(seg)
		return w.Server.Segments(ctx, job.ID, []tidings.TranscriptSegment{seg})
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Engine.Name(), err)
	}

	if language := k.detectedLanguage(); len(k.languageVotes) == 0 && language != "" {
		k.addLanguageVotes(language, k.words)
	}

	return k.languageVotes, nil
}

// renewLease renews the lease until ctx ends, and cancels the work when it is lost.
func (w *Worker) renewLease(ctx context.Context, cancel context.CancelCauseFunc, job tidings.Work) {
	lease := time.Duration(job.LeaseMS) * time.Millisecond
	tick := time.NewTicker(max(lease/4, 10*time.Millisecond))
	defer tick.Stop()

	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}

		now := time.Now()
		err := w.Server.Renew(ctx, job.ID)
		switch kind := tidings.KindOf(err); {
		case err == nil:
			renewed = now
		case ctx.Err() != nil:
			return
		case kind == tidings.KindGone || kind == tidings.KindUnauthenticated || kind == tidings.KindForbidden || time.Since(renewed) > lease:
			cancel(tidings.Wrap(err, tidings.KindGone, "The work has gone to somebody else."))
			return
		}
	}
}
