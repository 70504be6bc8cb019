package main

import (
	"context"
	"strings"
	"time"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

const avatarPrefix = "avatars/"

// auditAvatars compares people's pictures with their rows. Both come in the
// order of their keys, a page at a time.
func (a *app) auditAvatars(ctx context.Context, r *auditReport) error {
	swept, err := a.sweptKeys(ctx)
	if err != nil {
		return err
	}

	rows := &avatarRows{store: a.store}
	if err := rows.next(ctx); err != nil {
		return err
	}

	err = a.eachObject(ctx, avatarPrefix, func(i blob.Item) error {
		r.Objects++
		if err := a.missingAvatars(ctx, r, rows, i.Key); err != nil {
			return err
		}
		if rows.key == i.Key {
			return rows.next(ctx)
		}
		if swept[i.Key] || time.Since(i.LastModified) <= youngTime {
			return nil
		}

		named, err := a.avatarNamed(ctx, i.Key) // it may have become somebody's meanwhile
		if err == nil && !named {
			r.line(&r.Orphans, "object without a row %s", i.Key)
		}

		return err
	})
	if err != nil {
		return err
	}

	return a.missingAvatars(ctx, r, rows, "")
}

// missingAvatars passes the rows whose key comes before upTo ("" = all): there
// is no object of theirs.
func (a *app) missingAvatars(ctx context.Context, r *auditReport, rows *avatarRows, upTo string) error {
	for rows.key != "" && (upTo == "" || rows.key < upTo) {
		named, err := a.avatarNamed(ctx, rows.key) // the person may have another by now
		if err != nil {
			return err
		}

		if named {
			r.line(&r.Missing, "missing object %s", rows.key)
		}

		if err := rows.next(ctx); err != nil {
			return err
		}
	}
	return nil
}

// avatarNamed reports whether the picture is the one its person has now.
func (a *app) avatarNamed(ctx context.Context, key string) (bool, error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(key, avatarPrefix), "/")
	u, err := a.store.User(ctx, tidings.ID(id))
	if tidings.KindOf(err) == tidings.KindNotFound {
		return false, nil
	}
	return err == nil && u.Avatar != "" && store.AvatarKey(u.ID, u.Avatar) == key, err
}

// avatarRows walks the keys that people's rows name.
type avatarRows struct {
	store *store.Store
	key   string // "" at the end
	page  []string
	last  tidings.ID
	ended bool
}

func (w *avatarRows) next(ctx context.Context) (err error) {
	if len(w.page) == 0 && !w.ended {
		if w.page, w.last, err = w.store.Avatars(ctx, w.last, auditPage); err != nil {
			return err
		}
		w.ended = len(w.page) < auditPage
	}
	if w.key = ""; len(w.page) > 0 {
		w.key, w.page = w.page[0], w.page[1:]
	}
	return nil
}
