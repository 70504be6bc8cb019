package source_test

import (
	"context"
	"testing"
	"time"

	"tidings.example/tidings/media/source/sourcetest"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// openStore opens a real database with one clip, whose upload it describes.
func openStore(ctx context.Context, cfg store.Config) (*store.Store, tidings.Upload, error) {
	s, err := store.Open(ctx, cfg)
	if err != nil {
		return nil, tidings.Upload{}, err
	}

	user, ws, err := s.Setup(ctx, tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.com", PasswordHash: "x", TimeZone: "UTC"})
	if err != nil {
		return nil, tidings.Upload{}, err
	}

	now := time.Now()
	clip := tidings.Clip{ID: tidings.NewID(now), WorkspaceID: ws.ID, Author: tidings.Author{ID: user.ID}, Kind: tidings.ClipScreen, Visibility: tidings.VisibilityPrivate, CreatedAt: now}
	if _, err := s.CreateClip(ctx, clip); err != nil {
		return nil, tidings.Upload{}, err
	}

	u := tidings.Upload{ID: tidings.NewID(now), ClipID: clip.ID, WorkspaceID: ws.ID, UserID: user.ID, IdleSince: now, ExpiresAt: now.Add(time.Hour), CreatedAt: now}
	return s, u, nil
}

// TestRealStore runs the suite of sourcetest on the real database.
func TestRealStore(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) (sourcetest.Database, tidings.Upload) {
		s, u, err := openStore(t.Context(), storetest.Config(t, t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}

		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})

		return s, u
	})
}
