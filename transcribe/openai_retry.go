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

// maxUnreadable is how many answers for one piece may be unreadable.
const maxUnreadable = 3

// requestError is a request without a transcription as its reply.
type requestError struct {
	status     int           // 0 = no reply
	retryable  bool          // a retry may succeed
	retryAfter time.Duration // pause requested by the server
	err        error
}

func (r *requestError) Error() string {
	if r.status == 0 {
		return r.err.Error()
	}
	return "status " + strconv.Itoa(r.status) + ": " + r.err.Error()
}

func (r *requestError) Unwrap() error { return r.err }

// refusesDetail reports whether the server may take the piece when less is
// requested.
func (r *requestError) refusesDetail() bool {
	return r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity
}

// waitBudget is how long one transcription may still wait between tries.
type waitBudget struct {
	mu   sync.Mutex
	left time.Duration
}

// takeFromBudget takes d from the budget; false when less is left.
func (b *waitBudget) takeFromBudget(d time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d > b.left {
		return false
	}
	b.left -= d
	return true
}

// transcribePiece sends a piece until it is transcribed or no try is left. When
// the server refuses the level of detail, the next lower one is requested at
// once and from then on. When its answer cannot be read, less is requested too;
// after maxUnreadable such answers the text of one has to do.
func (o *OpenAI) transcribePiece(ctx context.Context, p piece, opt Options, wait *waitBudget) (engineResult, error) {
	var textOnly *engineResult // of an answer whose segments cannot be read
	refused := false
	for try, bad, detail := 1, 0, o.details.firstLevel(); ; {
		h, err := o.sendPiece(ctx, p, opt, replyDetails[detail])
		var r *requestError
		switch {
		case err == nil && !h.partial:
			o.details.noteReadable(detail, refused)
			return h, nil
		case ctx.Err() != nil:
			return h, ctx.Err()
		case err == nil && textOnly == nil:
			textOnly = &h
		case err != nil && !errors.As(err, &r):
			return h, err
		}

		if err == nil || IsUnreadable(err) {
			o.details.noteUnreadable(detail)
			bad++
			switch isLast := detail+1 == len(replyDetails); {
			case textOnly != nil && (isLast || bad == maxUnreadable):
				return *textOnly, nil
			case bad == maxUnreadable:
				return h, err
			case !isLast:
				detail++
				continue
			}
		} else if r.refusesDetail() && detail+1 < len(replyDetails) {
			detail, refused = detail+1, true
			continue
		} else if !r.retryable || try == maxTries {
			return h, o.userError(r)
		}

		if err := o.pauseBetweenTries(ctx, try, r, wait); err != nil {
			return h, err
		}
		try++
	}
}

// pauseBetweenTries waits before the next try, longer with each. It returns the
// error of the last one when the transcription has waited long enough.
func (o *OpenAI) pauseBetweenTries(ctx context.Context, try int, r *requestError, wait *waitBudget) error {
	pause := o.cfg.Pause << (try - 1)
	pause = max(r.retryAfter, pause/2+rand.N(pause/2+1))
	if !wait.takeFromBudget(pause) {
		return o.userError(r)
	}

	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// userError converts a requestError for users and the queue. An engine that is
// down or wrongly configured is not a fault of the clip.
func (o *OpenAI) userError(r *requestError) error {
	if IsUnreadable(r) {
		return r
	}

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
