package store

import (
	"context"
	"database/sql"
	"errors"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// AvatarKey is the object key of a person's picture.
func AvatarKey(user tidings.ID, hash string) string {
	return "avatars/" + string(user) + "/" + hash + ".jpg"
}

// SetAvatar stores the hash of a person's picture, "" for none. The object of
// the old one is left to the sweep of stale objects.
func (s AccountRows) SetAvatar(ctx context.Context, user tidings.ID, hash string) (tidings.User, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		u, err := tx.UserByID(ctx, string(user))
		if err != nil {
			return notFound(err)
		}
		if u.Avatar == hash {
			return nil
		}

		if u.Avatar != "" {
			if err := putStaleObjects(ctx, tx, []string{AvatarKey(user, u.Avatar)}); err != nil {
				return err
			}
		}

		_, err = tx.SetAvatar(ctx, dbq.SetAvatarParams{ID: string(user), Avatar: hash})
		return err
	})
	if err != nil {
		return tidings.User{}, err
	}
	return s.User(ctx, user)
}

// ShareWorkspace reports whether two people are members of one workspace.
func (s AccountRows) ShareWorkspace(ctx context.Context, a, b tidings.ID) (bool, error) {
	n, err := s.queries().ShareWorkspace(ctx, dbq.ShareWorkspaceParams{UserID: string(a), UserID_2: string(b)})
	return n > 0, err
}

// Avatars pages through the keys of people's pictures by person, for audits.
func (s AccountRows) Avatars(ctx context.Context, after tidings.ID, limit int) (keys []string, last tidings.ID, err error) {
	return pageAvatars(ctx, s.queries(), after, limit)
}

// AvatarKey is the object key of a person's picture, "" without a picture or a
// person.
func (s AccountRows) AvatarKey(ctx context.Context, user tidings.ID) (string, error) {
	return avatarKeyOf(ctx, s.queries(), user)
}

func avatarKeyOf(ctx context.Context, q *dbq.Queries, user tidings.ID) (string, error) {
	u, err := q.UserByID(ctx, string(user))
	if errors.Is(err, sql.ErrNoRows) || err == nil && u.Avatar == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}

	return AvatarKey(user, u.Avatar), nil
}

func pageAvatars(ctx context.Context, q *dbq.Queries, after tidings.ID, limit int) (keys []string, last tidings.ID, err error) {
	rows, err := q.AvatarsAfter(ctx, dbq.AvatarsAfterParams{ID: string(after), Limit: int32(limit)})
	for _, r := range rows {
		last = tidings.ID(r.ID)
		keys = append(keys, AvatarKey(last, r.Avatar))
	}
	return keys, last, err
}
