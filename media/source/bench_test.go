package source_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/media/source/sourcetest"
	"tidings.example/tidings/tidings"
)

func benchSource(b *testing.B) (*source.Source, tidings.Upload) {
	rows := &sourcetest.Rows{}
	s := source.New(rowsOf(rows), testBlobs, &rows.Hub, source.Config{MaxBytes: 1 << 50})
	u := tidings.Upload{ID: tidings.NewID(time.Now()), ClipID: tidings.NewID(time.Now()), WorkspaceID: "w"}
	if err := s.Create(b.Context(), u); err != nil {
		b.Fatal(err)
	}
	return s, u
}

// BenchmarkAppend appends 8 MiB to the embedded server without fsync.
func BenchmarkAppend(b *testing.B) {
	s, u := benchSource(b)
	body := pattern(0, tidings.MaxUploadPart)
	b.SetBytes(tidings.MaxUploadPart)
	at := int64(0)
	for b.Loop() {
		var err error
		if at, err = s.Append(b.Context(), u.ID, at, bytes.NewReader(body), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenRange reads 1 MiB out of the middle of a growing original.
func BenchmarkOpenRange(b *testing.B) {
	s, u := benchSource(b)
	if _, err := s.Append(b.Context(), u.ID, 0, bytes.NewReader(pattern(0, 4<<20)), nil); err != nil {
		b.Fatal(err)
	}

	b.SetBytes(1 << 20)
	for b.Loop() {
		r, err := s.Open(b.Context(), u.ClipID, 1<<20, 2<<20)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); err != nil || n != 1<<20 {
			b.Fatal(n, err)
		}

		r.Close()
	}
}
