package api

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// workHandlers serves transcription on other machines.
type workHandlers struct {
	auth         *auth.Authenticator
	recheckEvery time.Duration
	clock        tidings.Clock
	stopped      <-chan struct{}
	workers      Workers
}

// Workers is transcription on other machines; see transcribe.Remote. The name
// is that of the token: only the worker that claimed work may report on it.
type Workers interface {
	Claim(ctx context.Context, holder string, e tidings.SpeechEngine, wait time.Duration) (w tidings.Work, ok bool)
	Audio(ctx context.Context, holder, id string, out io.Writer) error
	Segments(ctx context.Context, holder, id string, segs []tidings.TranscriptSegment) error
	Renew(holder, id string) error
	Done(holder, id string, languages map[string]int) error
	Fail(holder, id string, broken bool) error
}

// workerName is the hash of the request's token.
func workerName(ctx context.Context) string {
	return hex.EncodeToString(request.FromContext(ctx).Credentials.TokenHash)
}

// workerPool is Workers, or KindUnavailable when this server has none.
func (h *workHandlers) workerPool() (Workers, error) {
	if h.workers == nil {
		return nil, tidings.Errorf(tidings.KindUnavailable, "This process gives no work away.")
	}
	return h.workers, nil
}

// ClaimWork is POST /work/claim.
func (h *workHandlers) ClaimWork(ctx context.Context, r spec.ClaimWorkRequestObject) (spec.ClaimWorkResponseObject, error) {
	all, err := h.workerPool()
	if err != nil {
		return nil, err
	}

	in := r.Body
	e := tidings.SpeechEngine{Name: in.Engine, Model: in.Model, Languages: in.Languages, Punctuation: in.Punctuation}
	claiming, stop := h.watchWorker(ctx)
	defer stop()

	w, ok := all.Claim(claiming, workerName(ctx), e, time.Duration(spec.Deref(in.WaitS))*time.Second)
	who, err := h.auth.ReloadSubject(ctx) // claiming may have waited long
	if err == nil {
		err = auth.CheckLevel(auth.Worker, who)
	}

	if err != nil && ok {
		err = errors.Join(err, all.Fail(workerName(ctx), w.ID, false))
	}

	if err != nil || !ok {
		return spec.ClaimWork204Response{}, err
	}

	words := w.Vocabulary
	if words == nil {
		words = []string{}
	}

	return spec.ClaimWork200JSONResponse{ID: w.ID, Language: spec.OrNil(w.Language), Vocabulary: words, LeaseMs: w.LeaseMS}, nil
}

// RenewWork is POST /work/{id}/renew.
func (h *workHandlers) RenewWork(ctx context.Context, r spec.RenewWorkRequestObject) (spec.RenewWorkResponseObject, error) {
	all, err := h.workerPool()
	if err == nil {
		err = all.Renew(workerName(ctx), r.ID)
	}
	return spec.RenewWork204Response{}, err
}

// AddWorkSegments is POST /work/{id}/segments.
func (h *workHandlers) AddWorkSegments(ctx context.Context, r spec.AddWorkSegmentsRequestObject) (spec.AddWorkSegmentsResponseObject, error) {
	all, err := h.workerPool()
	if err == nil {
		err = all.Segments(ctx, workerName(ctx), r.ID, spec.Map(r.Body.Segments, workSegment))
	}
	return spec.AddWorkSegments204Response{}, err
}

func workSegment(in spec.WorkSegment) tidings.TranscriptSegment {
	out := tidings.TranscriptSegment{StartMS: in.StartMs, EndMS: in.EndMs, Text: in.Text, Speaker: spec.Deref(in.Speaker)}
	for _, w := range in.Words {
		out.Words = append(out.Words, tidings.Word{StartMS: w.StartMs, EndMS: w.EndMs, Text: w.Text, P: w.P, Estimated: spec.Deref(w.Estimated)})
	}
	return out
}

// FinishWork is POST /work/{id}/done.
func (h *workHandlers) FinishWork(ctx context.Context, r spec.FinishWorkRequestObject) (spec.FinishWorkResponseObject, error) {
	all, err := h.workerPool()
	if err == nil {
		err = all.Done(workerName(ctx), r.ID, r.Body.Languages)
	}
	return spec.FinishWork204Response{}, err
}

// FailWork is POST /work/{id}/fail.
func (h *workHandlers) FailWork(ctx context.Context, r spec.FailWorkRequestObject) (spec.FailWorkResponseObject, error) {
	all, err := h.workerPool()
	if err == nil {
		request.FromContext(ctx).Log.Warn("a worker gives a clip back", "reason", r.Body.Reason, "broken", spec.Deref(r.Body.Broken))
		err = all.Fail(workerName(ctx), r.ID, spec.Deref(r.Body.Broken))
	}
	return spec.FailWork204Response{}, err
}

// workAudio is GET /work/{id}/audio: mono samples of 16 bits at 16 kHz,
// little-endian. The answer of a clip that is being recorded lasts as long as
// the recording.
func (h *workHandlers) workAudio(c echo.Context) error {
	all, err := h.workerPool()
	if err != nil {
		return err
	}

	ctx, stop := h.watchWorker(c.Request().Context())
	defer stop()

	out := &soundWriter{w: c.Response(), rc: http.NewResponseController(c.Response())}
	c.Response().Header().Set("Content-Type", "application/octet-stream")
	c.Response().Header().Set("Cache-Control", "no-store")
	if err := all.Audio(ctx, workerName(ctx), c.Param("id"), out); err != nil {
		if c.Response().Committed {
			panic(http.ErrAbortHandler) // or the worker would take this for the end
		}
		return err
	}

	return nil
}

// watchWorker returns a context that ends when the token of a long request
// becomes invalid or the server stops. stop waits until nothing uses the context
// of the request any more.
func (h *workHandlers) watchWorker(ctx context.Context) (watched context.Context, stop func()) {
	watched, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		defer cancel()
		h.awaitInvalidWorker(watched)
	})

	return watched, func() { cancel(); watch.Wait() }
}

// awaitInvalidWorker returns when the token of a request is invalid, the server
// stops or ctx ends.
func (h *workHandlers) awaitInvalidWorker(ctx context.Context) {
	tick := time.NewTicker(h.recheckEvery)
	defer tick.Stop()

	confirmed := auth.NewConfirmation(h.clock)
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.stopped:
			return
		case <-tick.C:
			who, err := h.auth.ReloadSubject(ctx)
			if err == nil {
				err = auth.CheckLevel(auth.Worker, who)
			}
			if confirmed.Judge(err) != nil {
				return
			}
		}
	}
}

// soundWriter flushes each piece of sound.
type soundWriter struct {
	w  io.Writer
	rc *http.ResponseController
}

// Write implements io.Writer. It has no deadline: a slow engine reads slowly as
// long as it renews its lease.
func (o *soundWriter) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err == nil {
		err = o.rc.Flush()
	}
	return n, err
}
