package search

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

const (
	embeddingBatch = 16 // passages an embedder is given at once
	staleBatch     = 50 // clips looked up at once
	maxEmbedPause  = 10 * time.Minute
)

// VectorFiller keeps the vectors of an index up to date, in the background: the
// indexer and searches never wait for it.
type VectorFiller struct {
	Rows     Rows
	Index    VectorIndex
	Embedder Embedder
	Log      *slog.Logger
	Clock    tidings.Clock

	mu      sync.Mutex // one Fill at a time
	pause   time.Duration
	retryAt time.Time
	failure atomic.Pointer[string]
	vectors atomic.Int64
}

// Fill gives vectors to all clips that lack them. Without a model it does nothing;
// while the embedder fails it is asked again after 10, 20, 40 … seconds, at most
// ten minutes.
func (f *VectorFiller) Fill(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()

	if f.Clock().Before(f.retryAt) {
		return nil
	}

	err := f.fillStale(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil || tidings.KindOf(err) == tidings.KindNotFound:
		f.failure.Store(nil)
		f.pause = 0
		return nil
	}

	reason := tidings.Sentence(err)
	f.failure.Store(&reason)
	f.pause = min(max(2*f.pause, 10*time.Second), maxEmbedPause)
	f.retryAt = f.Clock().Add(f.pause)
	return err
}

// Failure is why clips wait for their vectors, as a sentence; "" = they do not.
func (f *VectorFiller) Failure() string {
	if s := f.failure.Load(); s != nil {
		return *s
	}
	return ""
}

// Vectors is the number of vectors that this process has computed.
func (f *VectorFiller) Vectors() int64 { return f.vectors.Load() }

func (f *VectorFiller) fillStale(ctx context.Context) error {
	_, model, err := f.Embedder.EmbedQuery(ctx, "model") // names the model
	if err != nil {
		return err
	}

	tried := map[tidings.OutboxEntry]bool{}
	for {
		stale, err := f.Index.StaleVectors(ctx, model, staleBatch+len(tried))
		if err != nil {
			return err
		}

		some := false
		for _, clip := range stale {
			if tried[clip] { // it has changed meanwhile, or is about to be deleted
				continue
			}
			tried[clip], some = true, true
			if err := f.fillClip(ctx, clip, model); err != nil {
				return err
			}
		}
		if !some {
			return nil
		}
	}
}

// fillClip computes the vectors of the passages that are new in a clip.
func (f *VectorFiller) fillClip(ctx context.Context, clip tidings.OutboxEntry, model string) error {
	d, err := f.Rows.Document(ctx, clip.ClipID)
	if tidings.KindOf(err) == tidings.KindNotFound { // the indexer deletes it
		return nil
	}
	if err != nil {
		return err
	}

	known, err := f.Index.ClipVectors(ctx, clip.ClipID, model)
	if err != nil {
		return err
	}

	bySum := make(map[uint64]PassageVector, len(known))
	for _, v := range known {
		bySum[v.Sum] = v
	}

	var all []PassageVector
	var missing []passage
	for _, p := range splitPassages(d, joinedTranscript(d.Transcript)) {
		if v, ok := bySum[p.sum]; ok {
			all = append(all, v)
		} else {
			missing = append(missing, p)
		}
	}

	made, err := f.embedPassages(ctx, missing, model)
	if err != nil {
		return err
	}

	return f.Index.PutVectors(ctx, tidings.OutboxEntry{ClipID: clip.ClipID, Version: d.Version}, model, append(all, made...))
}

// errModelChanged ends a Fill whose embedder has begun to use another model.
var errModelChanged = tidings.Errorf(tidings.KindUnavailable, "The embedder has begun to use another model.")

// embedPassages computes vectors, a batch at a time. Passages that are refused are
// left out.
func (f *VectorFiller) embedPassages(ctx context.Context, all []passage, model string) (out []PassageVector, err error) {
	for len(all) > 0 {
		some := all[:min(embeddingBatch, len(all))]
		all = all[len(some):]
		vectors, err := f.embedBatch(ctx, some, model)
		if err != nil {
			return nil, err
		}

		f.vectors.Add(int64(len(vectors)))
		for i, v := range vectors {
			if v != nil {
				out = append(out, PassageVector{Sum: some[i].sum, Source: some[i].source, Vector: v})
			}
		}
	}
	return out, nil
}

// embedBatch returns a vector for each passage. When the embedder refuses several,
// it gets them one by one; nil stands for the ones that it refuses.
func (f *VectorFiller) embedBatch(ctx context.Context, some []passage, model string) ([][]float32, error) {
	texts := make([]string, len(some))
	for i, p := range some {
		texts[i] = p.text
	}

	vectors, now, err := f.Embedder.EmbedPassages(ctx, texts)
	switch {
	case err == nil && now != model:
		return nil, errModelChanged
	case err == nil:
		return vectors, nil
	case tidings.KindOf(err) != tidings.KindUnsupported:
		return nil, err
	case len(some) == 1:
		f.Log.Warn("a passage is not found by its meaning", "error", err)
		return [][]float32{nil}, nil
	}

	vectors = nil
	for i := range some {
		one, err := f.embedBatch(ctx, some[i:i+1], model)
		if err != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		vectors = append(vectors, one...)
	}

	return vectors, nil
}
