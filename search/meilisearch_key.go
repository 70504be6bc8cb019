package search

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/tidings"
)

// ensureKey returns the key of a purpose. It is created if it is missing or has
// other rights than actions and indexes.
func (m *Meilisearch) ensureKey(ctx context.Context, admin meilisearch.ServiceManager, purpose string, actions, indexes []string) (*meilisearch.Key, error) {
	want := &meilisearch.Key{UID: keyUID(m.cfg.Prefix + purpose), Name: "Tidings " + m.cfg.Prefix + purpose, Actions: actions, Indexes: indexes,
		Description: "Made and used by Tidings; made again when it is deleted."}

	var have *meilisearch.Key
	get := func(ctx context.Context) (err error) { have, err = admin.GetKeyWithContext(ctx, want.UID); return err }
	err := m.callRetrying(ctx, get)
	if err == nil && sameList(have.Actions, actions) && sameList(have.Indexes, indexes) {
		return have, nil
	}

	if err == nil {
		err = m.callRetrying(ctx, func(ctx context.Context) error { _, err := admin.DeleteKeyWithContext(ctx, want.UID); return err })
	}

	if err != nil && errorCode(err) != "api_key_not_found" {
		return nil, err
	}

	err = m.callRetrying(ctx, func(ctx context.Context) (err error) { have, err = admin.CreateKeyWithContext(ctx, want); return err })
	if errorCode(err) == "api_key_already_exists" { // another process was faster
		err = m.callRetrying(ctx, get)
	}

	return have, err
}

// adminActions are what the configured key has to be allowed.
var adminActions = []string{"version", "keys.get", "keys.create", "keys.delete", "tasks.get", "indexes.get", "indexes.create", "indexes.delete", "indexes.swap", "settings.get", "settings.update"}

// checkActions refuses a key that lacks a right. The master key has all of them, and
// is not one of the keys.
func (m *Meilisearch) checkActions(ctx context.Context, admin meilisearch.ServiceManager) error {
	var all *meilisearch.KeysResults
	err := m.callRetrying(ctx, func(ctx context.Context) (err error) {
		all, err = admin.GetKeysWithContext(ctx, &meilisearch.KeysQuery{Limit: 1000})
		return err
	})
	if err != nil {
		return err
	}

	i := slices.IndexFunc(all.Results, func(k meilisearch.Key) bool { return k.Key == m.cfg.Key })
	if i < 0 {
		return nil
	}

	lacking := slices.DeleteFunc(slices.Clone(adminActions), func(action string) bool {
		group, _, _ := strings.Cut(action, ".")
		return slices.ContainsFunc(all.Results[i].Actions, func(a string) bool { return a == "*" || a == action || a == group+".*" })
	})
	if len(lacking) > 0 {
		return tidings.Errorf(tidings.KindUnavailable, "The key of Meilisearch lacks the actions %s.", strings.Join(lacking, ", "))
	}
	return nil
}

func sameList(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// keyUID is a version 4 UUID (RFC 9562) that is always the same for a purpose,
// so that several processes share a key.
func keyUID(purpose string) string {
	b := sha256.Sum256([]byte("tidings search key " + purpose))
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
