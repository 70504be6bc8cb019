package tidings

import "context"

// IdempotencyClaim is an Idempotency-Key that the next write transaction takes
// for its change, so that the key is stored if and only if the change is.
type IdempotencyClaim struct {
	UserID      ID     // the user or guest whose key it is; "": of a caller without an account
	Key         string // hash of the key
	RequestHash string // of method, path and body, keyed with the key
	Status      int    // of the stored answer, or 0: it is yet to be built from Body
	Body        []byte // the answer, or what it is built from, encrypted with the key
}

type idempotencyClaimKey struct{}

// WithIdempotencyClaim is ctx for the one store call that makes the change. A
// transaction that finds the key taken fails with KindConflict and changes
// nothing.
func WithIdempotencyClaim(ctx context.Context, c IdempotencyClaim) context.Context {
	return context.WithValue(ctx, idempotencyClaimKey{}, c)
}

// IdempotencyClaimOf is the claim of ctx, if it has one.
func IdempotencyClaimOf(ctx context.Context) (IdempotencyClaim, bool) {
	c, ok := ctx.Value(idempotencyClaimKey{}).(IdempotencyClaim)
	return c, ok
}
