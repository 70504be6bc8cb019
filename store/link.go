package store

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func toLink(r dbq.Link) tidings.Link {
	hash, _ := hex.DecodeString(r.Hash) // we wrote it
	return tidings.Link{ID: tidings.ID(r.ID), ClipID: tidings.ID(r.ClipID), Hash: hash, Access: tidings.LinkAccess(r.Access), PasswordHash: r.PasswordHash,
		AllowComments: r.AllowComments, AllowDownload: r.AllowDownload, StartMS: r.StartMs, EndMS: r.EndMs, ExpiresAt: timeFromMillis(r.ExpiresMs),
		RevokedAt: timeFromMillis(r.RevokedMs), CreatedBy: tidings.ID(r.CreatedBy), CreatedAt: tidings.FromMillis(r.CreatedMs)}
}

// CreateLink stores a share link.
func (s LinkRows) CreateLink(ctx context.Context, l tidings.Link) error {
	return s.InTx(ctx, func(tx Tx) error {
		if err := tx.InsertLink(ctx, dbq.InsertLinkParams{ID: string(l.ID), ClipID: string(l.ClipID), Hash: hex.EncodeToString(l.Hash), Access: string(l.Access),
			PasswordHash: l.PasswordHash, AllowComments: l.AllowComments, AllowDownload: l.AllowDownload, StartMs: l.StartMS, EndMs: l.EndMS,
			ExpiresMs: optionalMillis(l.ExpiresAt), CreatedBy: string(l.CreatedBy), CreatedMs: tidings.Millis(l.CreatedAt)}); err != nil {
			return err
		}
		return auditLink(ctx, tx, tidings.AuditLinkCreated, l)
	})
}

// Links are the links of a clip that are not revoked, with their use.
func (s LinkRows) Links(ctx context.Context, clip tidings.ID) ([]tidings.Link, error) {
	rows, err := s.queries().LinksOfClip(ctx, string(clip))
	if err != nil {
		return nil, err
	}
	out := make([]tidings.Link, len(rows))
	for i, r := range rows {
		out[i] = toLink(r)
	}
	return out, s.addUse(ctx, clip, out)
}

// LinkByHash finds a link by the SHA-256 of its token, revoked ones included.
func (s LinkRows) LinkByHash(ctx context.Context, hash []byte) (tidings.Link, error) {
	r, err := s.queries().LinkByHash(ctx, hex.EncodeToString(hash))
	return toLink(r), notFound(err)
}

// LinkRow is the link with the id, without its use. With KindNotFound it returns
// the clip of another link, for the reason given at CommentRow.
func (s LinkRows) LinkRow(ctx context.Context, id tidings.ID) (tidings.Link, error) {
	r, err := s.queries().LinkOrAnother(ctx, string(id))
	if err != nil {
		return tidings.Link{}, notFound(err)
	}
	if r.ID != string(id) {
		return tidings.Link{ClipID: tidings.ID(r.ClipID)}, tidings.NotFound()
	}
	return toLink(r), nil
}

// Link is the link with the id, with its use.
func (s LinkRows) Link(ctx context.Context, id tidings.ID) (tidings.Link, error) {
	r, err := s.queries().LinkByID(ctx, string(id))
	if err != nil {
		return tidings.Link{}, notFound(err)
	}
	one := []tidings.Link{toLink(r)}
	err = s.addUse(ctx, one[0].ClipID, one)
	return one[0], err
}

// addUse adds to links of a clip who created them and how often they were used.
func (s *database) addUse(ctx context.Context, clip tidings.ID, links []tidings.Link) error {
	people, err := s.queries().LinkCreatorsOfClip(ctx, string(clip))
	if err != nil {
		return err
	}

	used, err := s.queries().LinkVisitsOfClip(ctx, string(clip))
	for i := range links {
		l := &links[i]
		for _, p := range people {
			if p.ID == string(l.CreatedBy) {
				l.Creator = p.Name
			}
		}

		for _, u := range used {
			if u.LinkID == string(l.ID) {
				l.Views, l.LastUsedAt = int(u.Views), timeFromMillis(&u.LastMs)
			}
		}
	}

	return err
}

// UpdateLink stores the fields of a link that can be changed: access, password,
// switches, snippet and expiry. Files cut for another snippet are dropped, and
// open streams of the link check their access again.
func (s LinkRows) UpdateLink(ctx context.Context, l tidings.Link) error {
	return s.InTx(ctx, func(tx Tx) error {
		old, err := tx.LinkByID(ctx, string(l.ID))
		if err != nil {
			return notFound(err)
		}

		n, err := tx.UpdateLink(ctx, dbq.UpdateLinkParams{ID: string(l.ID), Access: string(l.Access), PasswordHash: l.PasswordHash,
			AllowComments: l.AllowComments, AllowDownload: l.AllowDownload, StartMs: l.StartMS, EndMs: l.EndMS, ExpiresMs: optionalMillis(l.ExpiresAt)})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}

		if before, after := toLink(old).Snippet(), l.Snippet(); before != nil && (after == nil || *before != *after) {
			if err := dropLinkAssets(ctx, tx, l.ID); err != nil {
				return err
			}
		}

		return afterLinkChange(ctx, tx, tidings.AuditLinkChanged, l)
	})
}

// RevokeLink ends a link; its next request is refused.
func (s LinkRows) RevokeLink(ctx context.Context, id tidings.ID) error {
	now := s.nowMS()
	return s.InTx(ctx, func(tx Tx) error {
		old, err := tx.LinkByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}

		n, err := tx.RevokeLink(ctx, dbq.RevokeLinkParams{ID: string(id), RevokedMs: &now})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}
		if err := dropLinkAssets(ctx, tx, id); err != nil {
			return err
		}
		return afterLinkChange(ctx, tx, tidings.AuditLinkRevoked, toLink(old))
	})
}

// afterLinkChange makes the open streams of a link check their access again, and
// audits the change.
func afterLinkChange(ctx context.Context, tx Tx, act tidings.AuditAction, l tidings.Link) error {
	tx.Publish(tidings.Event{Type: tidings.EventAccessChanged, ClipID: l.ClipID})
	return auditLink(ctx, tx, act, l)
}

// auditLink writes a change of a link to the audit log of its clip's workspace.
func auditLink(ctx context.Context, tx Tx, act tidings.AuditAction, l tidings.Link) error {
	g, err := tx.ClipAccessByID(ctx, string(l.ClipID))
	if err != nil {
		return notFound(err)
	}

	detail := map[string]string{"clip": string(l.ClipID), "access": string(l.Access)}
	if l.ExpiresAt != nil {
		detail["expires_at"] = l.ExpiresAt.UTC().Format(time.RFC3339)
	}

	if l.EndMS != nil {
		detail["part"] = "yes"
	}

	return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: tidings.ID(g.WorkspaceID), Action: act, TargetID: l.ID, Detail: detail})
}

// maxLinkVisits is how many view sessions are kept of a link, the newest ones.
// They are what a link's views are counted by.
const maxLinkVisits = 50_000

// sweepLinkVisits deletes the view sessions of links that are revoked, and
// those of other links beyond the newest.
func sweepLinkVisits(ctx context.Context, tx Tx, most int64) error {
	if err := tx.DeleteVisitsOfRevokedLinks(ctx); err != nil {
		return err
	}

	links, err := tx.LinksWithManyVisits(ctx, most)
	for _, id := range links {
		err = errors.Join(err, tx.DeleteOldLinkVisits(ctx, dbq.DeleteOldLinkVisitsParams{LinkID: id, Most: int32(most)}))
	}

	return err
}

// AddLinkVisit counts a view session of a link's visitor, each session once.
func (s LinkRows) AddLinkVisit(ctx context.Context, link tidings.ID, session string) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.PutLinkVisit(ctx, dbq.PutLinkVisitParams{LinkID: string(link), Session: session, SeenMs: s.nowMS()})
	})
}
