package search

import (
	"container/list"
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// Transcripts is the store as a Finder uses it.
type Transcripts interface {
	// TranscriptTexts returns the transcripts of clips; clips without one are
	// missing.
	TranscriptTexts(ctx context.Context, clips []tidings.ID) (map[tidings.ID]tidings.TranscriptText, error)
}

// Finder finds moments, and caches analyzed transcripts by clip and version:
// searching while typing, and searching among the newest clips, needs the same
// ones again and again, and reading and analyzing transcripts takes most of the
// time of an answer. It may be used from many goroutines.
type Finder struct {
	rows     Transcripts
	maxBytes int // bytes

	mu      sync.Mutex
	entries map[tidings.ID]*list.Element // of cachedTranscript
	lru     *list.List                   // most recently used first
	size    int                          // of all entries, in bytes
}

// cachedTranscript is the transcript of a version of a document.
type cachedTranscript struct {
	clip       tidings.ID
	version    int64
	transcript *analyzedTranscript
}

// NewFinder makes a Finder with a cache of at most maxBytes, least recently used
// transcripts evicted first.
func NewFinder(rows Transcripts, maxBytes int) *Finder {
	return &Finder{rows: rows, maxBytes: maxBytes, entries: map[tidings.ID]*list.Element{}, lru: list.New()}
}

// Moments finds at most three moments in each document, best first. The documents
// come without their transcripts, which are read unless they are cached.
func (f *Finder) Moments(ctx context.Context, docs []tidings.Document, q tidings.Query) ([][]tidings.Moment, error) {
	out := make([][]tidings.Moment, len(docs))
	if want := requiredTerms(parseTerms(q.Text)); len(want) > 0 {
		transcripts := make([]*analyzedTranscript, len(docs))
		if searchesField(q.In, "transcript") {
			if err := f.loadTranscripts(ctx, docs, transcripts); err != nil {
				return nil, err
			}
		}

		for i, d := range docs {
			out[i] = findMoments(d, q.In, want, transcripts[i])
		}
	}

	return out, nil
}

// loadTranscripts sets the transcript of each document, cached or read.
func (f *Finder) loadTranscripts(ctx context.Context, docs []tidings.Document, transcripts []*analyzedTranscript) error {
	var unknown []tidings.ID
	for i, d := range docs {
		if transcripts[i] = f.cachedTranscript(d.ClipID, d.Version); transcripts[i] == nil {
			unknown = append(unknown, d.ClipID)
		}
	}

	if len(unknown) == 0 {
		return nil
	}

	rows, err := f.rows.TranscriptTexts(ctx, unknown)
	if err != nil {
		return err
	}

	for i, d := range docs {
		if transcripts[i] == nil {
			transcripts[i] = analyzeTranscript(rows[d.ClipID])
			if d.Version > 0 {
				f.cacheTranscript(cachedTranscript{d.ClipID, d.Version, transcripts[i]})
			}
		}
	}

	return nil
}

func (f *Finder) cachedTranscript(clip tidings.ID, version int64) *analyzedTranscript {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.entries[clip]
	if e == nil || e.Value.(cachedTranscript).version != version {
		return nil
	}
	f.lru.MoveToFront(e)
	return e.Value.(cachedTranscript).transcript
}

func (f *Finder) cacheTranscript(h cachedTranscript) {
	f.mu.Lock()
	defer f.mu.Unlock()

	if e := f.entries[h.clip]; e != nil {
		if e.Value.(cachedTranscript).version >= h.version {
			return
		}
		f.evictTranscript(e)
	}

	f.entries[h.clip] = f.lru.PushFront(h)
	for f.size += h.transcript.memorySize(); f.size > f.maxBytes; {
		f.evictTranscript(f.lru.Back())
	}
}

func (f *Finder) evictTranscript(e *list.Element) {
	h := f.lru.Remove(e).(cachedTranscript)
	f.size -= h.transcript.memorySize()
	delete(f.entries, h.clip)
}
