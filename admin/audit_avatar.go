package admin

import (
	"context"
	"strings"

	"tidings.example/tidings/tidings"
)

const avatarPrefix = "avatars/"

// auditAvatars compares the avatars in the storage with the rows of people. It
// merges both lists, which come in the order of their keys, page by page.
func (a *auditor) auditAvatars(ctx context.Context) (err error) {
	if a.stale, err = a.staleKeys(ctx); err != nil {
		return err
	}

	rows := &avatarRows{rows: a.Rows}
	if err := rows.nextKey(ctx); err != nil {
		return err
	}

	err = a.eachObject(ctx, avatarPrefix, func(o Object) error {
		a.report.Objects++
		if err := a.skipRows(ctx, rows, o.Key); err != nil {
			return err
		}
		if rows.key == o.Key {
			return rows.nextKey(ctx)
		}
		if a.isExpected(o) {
			return nil
		}

		named, err := a.avatarNamed(ctx, o.Key) // a row may have been written since the page was read
		if err == nil && !named {
			a.report.addLine(&a.report.Orphans, "object without a row %s", o.Key)
		}

		return err
	})
	if err != nil {
		return err
	}

	return a.skipRows(ctx, rows, "")
}

// skipRows moves rows up to a key ("" = to the end) and reports those that it
// passes: the storage lacks their objects.
func (a *auditor) skipRows(ctx context.Context, rows *avatarRows, upTo string) error {
	for rows.key != "" && (upTo == "" || rows.key < upTo) {
		named, err := a.avatarNamed(ctx, rows.key) // the row may have changed since the page was read
		if err != nil {
			return err
		}

		if named {
			a.report.addLine(&a.report.Missing, "missing object %s", rows.key)
		}

		if err := rows.nextKey(ctx); err != nil {
			return err
		}
	}
	return nil
}

// avatarNamed reports whether the object is the current avatar of its person.
func (a *auditor) avatarNamed(ctx context.Context, key string) (bool, error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(key, avatarPrefix), "/")
	u, err := a.Rows.User(ctx, tidings.ID(id))
	if tidings.KindOf(err) == tidings.KindNotFound {
		return false, nil
	}
	return err == nil && u.Avatar != "" && a.AvatarKey(u.ID, u.Avatar) == key, err
}

// avatarRows iterates over the avatar keys in the rows of people.
type avatarRows struct {
	rows  AuditRows
	key   string // current; "" at the end
	page  []string
	last  tidings.ID
	ended bool
}

func (w *avatarRows) nextKey(ctx context.Context) (err error) {
	if len(w.page) == 0 && !w.ended {
		if w.page, w.last, err = w.rows.Avatars(ctx, w.last, auditPage); err != nil {
			return err
		}
		w.ended = len(w.page) < auditPage
	}

	if w.key = ""; len(w.page) > 0 {
		w.key, w.page = w.page[0], w.page[1:]
	}

	return nil
}
