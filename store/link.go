package store

import (
	"context"
	"encoding/hex"

	"tidings"
	"tidings/store/dbq"
)

func toLink(r dbq.Link) tidings.Link {
	hash, _ := hex.DecodeString(r.Hash) // we wrote it
	return tidings.Link{ID: tidings.ID(r.ID), ClipID: tidings.ID(r.ClipID), Hash: hash, Access: tidings.LinkAccess(r.Access), PasswordHash: r.PasswordHash,
		AllowComments: r.AllowComments, AllowDownload: r.AllowDownload, StartMS: r.StartMs, EndMS: r.EndMs, ExpiresAt: timeOf(r.ExpiresMs),
		RevokedAt: timeOf(r.RevokedMs), CreatedBy: tidings.ID(r.CreatedBy), CreatedAt: tidings.FromMillis(r.CreatedMs)}
}

// CreateLink stores a share link.
func (s *Store) CreateLink(ctx context.Context, l tidings.Link) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.InsertLink(ctx, dbq.InsertLinkParams{ID: string(l.ID), ClipID: string(l.ClipID), Hash: hex.EncodeToString(l.Hash), Access: string(l.Access),
			PasswordHash: l.PasswordHash, AllowComments: l.AllowComments, AllowDownload: l.AllowDownload, StartMs: l.StartMS, EndMs: l.EndMS,
			ExpiresMs: millisOf(l.ExpiresAt), CreatedBy: string(l.CreatedBy), CreatedMs: tidings.Millis(l.CreatedAt)})
	})
}

// Links are the links of a clip that are not revoked.
func (s *Store) Links(ctx context.Context, clip tidings.ID) ([]tidings.Link, error) {
	rows, err := s.read().LinksOfClip(ctx, string(clip))
	out := make([]tidings.Link, len(rows))
	for i, r := range rows {
		out[i] = toLink(r)
	}
	return out, err
}

// LinkByHash finds a link by the SHA-256 of its token, revoked ones included.
func (s *Store) LinkByHash(ctx context.Context, hash []byte) (tidings.Link, error) {
	r, err := s.read().LinkByHash(ctx, hex.EncodeToString(hash))
	return toLink(r), notFound(err)
}

// Link is the link with the id.
func (s *Store) Link(ctx context.Context, id tidings.ID) (tidings.Link, error) {
	r, err := s.read().LinkByID(ctx, string(id))
	return toLink(r), notFound(err)
}

// UpdateLink stores the switches and the expiry of l.
func (s *Store) UpdateLink(ctx context.Context, l tidings.Link) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.UpdateLink(ctx, dbq.UpdateLinkParams{ID: string(l.ID), AllowComments: l.AllowComments, AllowDownload: l.AllowDownload, ExpiresMs: millisOf(l.ExpiresAt)})
		if err == nil && n == 0 {
			return tidings.NotFound()
		}
		return err
	})
}

// RevokeLink closes a link; its next byte is refused.
func (s *Store) RevokeLink(ctx context.Context, id tidings.ID) error {
	now := s.now()
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.RevokeLink(ctx, dbq.RevokeLinkParams{ID: string(id), RevokedMs: &now})
		if err == nil && n == 0 {
			return tidings.NotFound()
		}
		return err
	})
}
