// Package logtail keeps the end of what a child process writes to its log.
package logtail

import "sync"

// Buffer keeps the last Max bytes written to it.
type Buffer struct {
	Max int

	mu   sync.Mutex
	kept []byte
}

// Write implements io.Writer and never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.kept = append(b.kept, p[max(0, len(p)-b.Max):]...)
	if n := len(b.kept) - b.Max; n > 0 {
		b.kept = append(b.kept[:0], b.kept[n:]...)
	}
	return len(p), nil
}

// String is the kept bytes.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.kept)
}
