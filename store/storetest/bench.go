package storetest

import (
	"sync/atomic"
	"testing"
)

// BenchmarkWriters is how fast many writers make clips of their own, each with a
// part, a comment and a view: five transactions.
func BenchmarkWriters(b *testing.B, open Open) {
	w := NewWorld(b, open)
	var failed atomic.Value
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := w.writeClip(); err != nil {
				failed.Store(err)
			}
		}
	})
	if err, ok := failed.Load().(error); ok {
		b.Fatal(err)
	}
}
