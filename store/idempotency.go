package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// idempotencyRetention is how long a repeated request gets the first answer again.
const idempotencyRetention = 24 * time.Hour

// IdempotentResult is the stored answer to an earlier request with the key;
// status 0: the change was made, and body is what its answer is built from. The
// same key with another request is KindKeyReused.
func (s WorkspaceRows) IdempotentResult(ctx context.Context, userID tidings.ID, key, requestHash string) (status int, body []byte, found bool, err error) {
	r, err := s.queries().IdempotencyByKey(ctx, dbq.IdempotencyByKeyParams{UserID: string(userID), IdemKey: key, CreatedMs: s.nowMS() - idempotencyRetention.Milliseconds()})
	switch {
	case isNotFound(err):
		return 0, nil, false, nil
	case err != nil:
		return 0, nil, false, err
	case r.RequestHash != requestHash:
		return 0, nil, false, tidings.Errorf(tidings.KindKeyReused, "This Idempotency-Key was used for another request.")
	}
	return int(r.Status), []byte(r.Body), true, nil
}

// SaveIdempotent keeps an answer for a day.
func (s WorkspaceRows) SaveIdempotent(ctx context.Context, userID tidings.ID, key, requestHash string, status int, body []byte) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.PutIdempotency(ctx, dbq.PutIdempotencyParams{UserID: string(userID), IdemKey: key, RequestHash: requestHash,
			Status: int64(status), Body: string(body), CreatedMs: s.nowMS()})
	})
}

// claimIdempotencyKey stores the Idempotency-Key of ctx, if it has one, with the
// change of the transaction. KindConflict when a request with the key has made
// its change already.
func (t Tx) claimIdempotencyKey(ctx context.Context) error {
	c, ok := tidings.IdempotencyClaimOf(ctx)
	if !ok {
		return nil
	}

	n, err := t.ClaimIdempotency(ctx, dbq.ClaimIdempotencyParams{UserID: string(c.UserID), IdemKey: c.Key, RequestHash: c.RequestHash,
		Status: int64(c.Status), Body: string(c.Body), CreatedMs: t.nowMS(), ExpiredMs: t.nowMS() - idempotencyRetention.Milliseconds()})
	return requireChange(n, err, tidings.Wrap(tidings.ErrKeyClaimed, tidings.KindConflict, "A request with this Idempotency-Key is being worked on. Repeat it."))
}
