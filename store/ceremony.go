package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// BeginCeremony stores the challenge or state that a browser has to come back
// with.
func (s SignInRows) BeginCeremony(ctx context.Context, secret string, c tidings.Ceremony) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.InsertCeremony(ctx, dbq.InsertCeremonyParams{ID: hashSecret(secret), Kind: string(c.Kind), UserID: string(c.UserID),
			Browser: hex.EncodeToString(c.Browser), Data: base64.StdEncoding.EncodeToString(c.Data), ExpiresMs: tidings.Millis(c.ExpiresAt)})
	})
}

// TakeCeremony deletes and returns the ceremony of a kind that was begun with
// secret in browser. It can be taken once, even when it is refused: one that is
// missing, taken, expired or begun in another browser is KindNotFound.
func (s SignInRows) TakeCeremony(ctx context.Context, kind tidings.CeremonyKind, secret string, browser []byte) (c tidings.Ceremony, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		r, err := tx.TakeCeremony(ctx, dbq.TakeCeremonyParams{ID: hashSecret(secret), Kind: string(kind)})
		if err != nil {
			return notFound(err)
		}

		c = tidings.Ceremony{Kind: kind, UserID: tidings.ID(r.UserID), ExpiresAt: tidings.FromMillis(r.ExpiresMs)}
		if c.Browser, err = hex.DecodeString(r.Browser); err != nil {
			return err
		}

		c.Data, err = base64.StdEncoding.DecodeString(r.Data)
		return err
	})

	// After the commit, so that it is gone also when it is refused.
	if err == nil && (!s.clock().Before(c.ExpiresAt) || len(browser) == 0 || subtle.ConstantTimeCompare(browser, c.Browser) != 1) {
		err = tidings.NotFound()
	}

	return c, err
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
