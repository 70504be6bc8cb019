package store_test

import (
	"testing"
	"time"

	"tidings.example/tidings/store/storetest"
)

// BenchmarkAppendPart is one durable part row, flushed.
func BenchmarkAppendPart(b *testing.B) {
	w := storetest.NewWorld(b, storetest.OpenSQLite)
	u := w.NewUpload(w.NewClip().ID)
	for b.Loop() {
		var err error
		if u, err = w.AppendPart(b.Context(), w.Part(u, u.Offset, 8<<20), u.Fence, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWriters is how fast many writers at once make clips, on both databases.
// The PostgreSQL of tests does not flush to the disk.
func BenchmarkWriters(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { storetest.BenchmarkWriters(b, storetest.OpenSQLite) })
	b.Run("PostgreSQL", func(b *testing.B) { storetest.BenchmarkWriters(b, storetest.OpenPostgres) })
}
