package request

import (
	"context"
	"encoding/json"
	"net/http"

	"tidings.example/tidings/tidings"
)

// Idempotent is a request with an Idempotency-Key.
type Idempotent struct {
	Claim tidings.IdempotencyClaim
	Seal  func(plain []byte) ([]byte, error) // encrypts what is stored with the key
	Made  *Creation                          // what an earlier request with the key has made

	// SetsCookie says that the answer signs its client in: it is not stored, but
	// made again with a new cookie for each repeated request.
	SetsCookie bool
}

// Creation is what a request has made: what its answer is built from.
type Creation struct {
	ID     tidings.ID `json:"id"`
	Secret string     `json:"secret,omitempty"` // only its hash is in its row
	Number int64      `json:"number,omitempty"` // of a continuation
}

type idempotentKey struct{}

// WithIdempotent is ctx for the handler of a request with an Idempotency-Key.
func WithIdempotent(ctx context.Context, r *Idempotent) context.Context {
	return context.WithValue(ctx, idempotentKey{}, r)
}

func idempotentOf(ctx context.Context) *Idempotent {
	r, _ := ctx.Value(idempotentKey{}).(*Idempotent)
	return r
}

// RepeatedCreation is what an earlier request with the same key has made, if its
// answer was not stored: the handler makes nothing, and answers for that.
func RepeatedCreation(ctx context.Context) (made Creation, repeated bool) {
	if r := idempotentOf(ctx); r != nil && r.Made != nil {
		return *r.Made, true
	}
	return Creation{}, false
}

// ClaimForCreation is ctx for the store call that makes the row: the request's
// key is stored with it, and a repeated request finds it by RepeatedCreation.
func ClaimForCreation(ctx context.Context, made Creation) (context.Context, error) {
	return claimKey(ctx, 0, made)
}

// ClaimForCookie is ClaimForCreation for a request whose answer sets the session
// cookie.
func ClaimForCookie(ctx context.Context, made Creation) (context.Context, error) {
	if r := idempotentOf(ctx); r != nil {
		r.SetsCookie = true
	}
	return claimKey(ctx, 0, made)
}

// ClaimForAnswer is ctx for the store call that makes the change: the request's
// key is stored with it, and with the answer that is known beforehand.
func ClaimForAnswer(ctx context.Context, answer any) (context.Context, error) {
	return claimKey(ctx, http.StatusCreated, answer)
}

func claimKey(ctx context.Context, status int, content any) (context.Context, error) {
	r := idempotentOf(ctx)
	if r == nil {
		return ctx, nil
	}

	plain, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}

	claim := r.Claim
	claim.Status = status
	claim.Body, err = r.Seal(plain)
	return tidings.WithIdempotencyClaim(ctx, claim), err
}
