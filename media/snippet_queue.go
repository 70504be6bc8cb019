package media

import (
	"context"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// snippetQueue is the snippets being made. One is made at a time: it may use all
// processors, and recordings in progress have priority.
type snippetQueue struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	slot   chan struct{}
	mu     sync.Mutex
	busy   map[snippetKey]bool
	failed map[snippetKey]snippetFailure
}

// snippetKey is a link and its snippet: a changed snippet is a new cut.
type snippetKey struct {
	link tidings.ID
	part tidings.Span
}

type snippetFailure struct {
	at  time.Time
	err error
}

func newSnippetQueue() *snippetQueue {
	life, end := context.WithCancel(context.Background())
	return &snippetQueue{ctx: life, cancel: end, slot: make(chan struct{}, 1), busy: map[snippetKey]bool{}, failed: map[snippetKey]snippetFailure{}}
}
