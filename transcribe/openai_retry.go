package transcribe

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// maxTries is how often one piece is sent.
const maxTries = 5

// requestError is an answer, or the lack of one, that is no transcription.
type requestError struct {
	status     int           // 0 = no answer
	retryable  bool          // another try may help
	retryAfter time.Duration // the server asks for this pause
	err        error
}

func (r *requestError) Error() string {
	if r.status == 0 {
		return r.err.Error()
	}
	return "status " + strconv.Itoa(r.status) + ": " + r.err.Error()
}

func (r *requestError) Unwrap() error { return r.err }

// waitBudget is how long one transcription may still wait between tries.
type waitBudget struct {
	mu   sync.Mutex
	left time.Duration
}

// takeWait takes d from the budget, if that much is left.
func (b *waitBudget) takeWait(d time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d > b.left {
		return false
	}
	b.left -= d
	return true
}

// transcribePiece sends a piece until it is answered or no try is left. A server that
// refuses one of our wishes is asked for less, at once and from then on.
func (e *OpenAI) transcribePiece(ctx context.Context, p piece, opt Options, patience *waitBudget) (engineResult, error) {
	for try, detail := 1, e.detailLevel.Load(); ; {
		h, err := e.sendPiece(ctx, p, opt, replyDetails[detail])
		var r *requestError
		switch {
		case err == nil:
			e.detailLevel.Store(max(detail, e.detailLevel.Load()))
			return h, nil
		case ctx.Err() != nil:
			return h, ctx.Err()
		case !errors.As(err, &r):
			return h, err
		case (r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity) && int(detail)+1 < len(replyDetails):
			detail++
			continue
		case !r.retryable || try == maxTries:
			return h, e.userError(r)
		}

		pause := e.cfg.Pause << (try - 1)
		pause = max(r.retryAfter, pause/2+rand.N(pause/2+1))
		if !patience.takeWait(pause) {
			return h, e.userError(r)
		}

		try++

		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return h, ctx.Err()
		}
	}
}

// userError is what the product is told of a refusal. That the engine is down or
// wrongly set up is no fault of the clip.
func (e *OpenAI) userError(r *requestError) error {
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return tidings.Wrap(r, tidings.KindUnavailable, "The speech engine does not accept this server's key.")
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return tidings.Wrap(r, tidings.KindUnavailable, "There is no speech engine at the address in the settings, or it lacks the model.")
	case http.StatusRequestEntityTooLarge, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType:
		return tidings.Wrap(r, tidings.KindUnsupported, "The speech engine does not take the sound of this clip.")
	}
	return tidings.Wrap(r, tidings.KindUnavailable, "The speech engine does not answer as it should; it is asked again later.")
}

// retryAfter reads the header of this name (RFC 9110, 10.2.3): seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
