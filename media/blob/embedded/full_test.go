package embedded_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/blobtest"
	"tidings.example/tidings/tidings"
)

// TestFullDisk: an object that does not fit is refused with an error that says
// so, nothing of it is kept, earlier objects stay complete, and once there is
// free space again writes succeed.
func TestFullDisk(t *testing.T) {
	store := openStore(t, startTestServer(t, blobtest.SmallDisk(t, 40<<20)))
	piece := func(i int) []byte { return bytes.Repeat([]byte{byte(i + 1)}, 3<<20) }
	key := func(i int) string { return fmt.Sprintf("clips/c/parts/%02d", i) }
	full := 0
	for ; ; full++ {
		if full > 20 {
			t.Fatal("a disk of 40 MiB took more than 60")
		}
		if _, err := store.Put(t.Context(), key(full), bytes.NewReader(piece(full)), 3<<20, ""); err != nil {
			refusedAsFull(t, err)
			break
		}
	}

	if full < 5 {
		t.Fatalf("full after %d objects", full)
	}

	_, err := store.PutLarge(t.Context(), "clips/c/source/original", bytes.NewReader(make([]byte, 2*blob.PartSize)), "")
	refusedAsFull(t, err)
	items, err := store.List(t.Context(), "clips/", "", 100)
	if err != nil || len(items) != full {
		t.Fatalf("%d objects were stored, %d are there: %v", full, len(items), err)
	}

	for i := range full {
		o, err := store.Get(t.Context(), key(i), blob.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}

		got, err := io.ReadAll(o.Body)
		o.Body.Close()

		if err != nil || !bytes.Equal(got, piece(i)) {
			t.Fatalf("object %d: %d bytes, %v", i, len(got), err)
		}
	}

	for i := range full {
		if err := store.Delete(t.Context(), key(i)); err != nil {
			t.Fatalf("a full disk cannot be emptied: %v", err)
		}
	}

	if _, err := store.PutLarge(t.Context(), "clips/c/source/original", bytes.NewReader(make([]byte, 12<<20)), ""); err != nil {
		t.Fatalf("there is room again: %v", err)
	}
}

func refusedAsFull(t *testing.T, err error) {
	t.Helper()
	if tidings.KindOf(err) != tidings.KindStorageFull || !strings.HasPrefix(tidings.Sentence(err), "The storage of this server is full.") {
		t.Fatalf("on a full disk: %v", err)
	}
}
