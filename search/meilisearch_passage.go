package search

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/meilisearch/meilisearch-go"
)

// meiliPassage is the vector of a passage as a document of the index "passages",
// with the rights and filters of its clip.
type meiliPassage struct {
	ID          string                 `json:"id"` // clip_sum
	ClipID      string                 `json:"clip_id"`
	Sum         string                 `json:"sum"` // in hexadecimal, as a JSON number has too few digits
	Source      string                 `json:"source"`
	Digest      string                 `json:"digest,omitempty"`   // of the vector
	Vectors     map[string]meiliVector `json:"_vectors,omitempty"` // by embedder; in an update, absent = unchanged
	meiliRights                        // without version, duration and language
}

// meiliVector is a vector as Meilisearch stores it, of one embedding.
type meiliVector struct {
	Embeddings [][]float32 `json:"embeddings"`
	Regenerate bool        `json:"regenerate"`
}

func newMeiliPassage(clip meiliClip, sum, source string) meiliPassage {
	return meiliPassage{ID: clip.ClipID + "_" + sum, ClipID: clip.ClipID, Sum: sum, Source: source, meiliRights: clip.ofPassages()}
}

// ofPassages are the rights as passages have them.
func (r meiliRights) ofPassages() meiliRights {
	r.Version, r.Duration, r.Lang = 0, 0, ""
	return r
}

// filtersLike reports whether filters treat both the same.
func (r meiliRights) filtersLike(other meiliRights) bool {
	return reflect.DeepEqual(r.ofPassages(), other.ofPassages())
}

// passageIndex is the index "passages", which holds the vectors.
type passageIndex struct{ *Meilisearch }

func (m *Meilisearch) passages() passageIndex { return passageIndex{m} }

// passageBatch is the number of passages in one request.
const passageBatch = 500

// fetchPassages reads all passages of clips.
func (m passageIndex) fetchPassages(ctx context.Context, l *meiliLink, clips []string, vectors bool) (out []meiliPassage, err error) {
	q := &meilisearch.DocumentsQuery{Filter: "clip_id IN " + quotedList(clips), Limit: passageBatch, Sort: []string{"id:asc"}, RetrieveVectors: vectors,
		Fields: append([]string{"id", "clip_id", "sum", "source", "digest"}, rightsFields...)}
	for {
		some, err := fetchDocuments[meiliPassage](ctx, m.Meilisearch, l, m.passagesIndex(), q)
		if out = append(out, some...); err != nil || len(some) < passageBatch {
			return out, err
		}
		q.Offset += passageBatch
	}
}

// passageChanges are changes of passages.
type passageChanges struct {
	put  []meiliPassage
	gone []string // ids
}

// comparePassages is what makes the stored passages of a clip into others.
func comparePassages(clip meiliClip, embedder string, old []meiliPassage, all []PassageVector) (c passageChanges) {
	kept := map[string]bool{}
	stored := map[string]meiliPassage{}
	for _, p := range old {
		stored[p.ID] = p
	}

	for _, v := range all {
		p := newMeiliPassage(clip, fmt.Sprintf("%016x", v.Sum), v.Source)
		p.Digest = vectorDigest(v.Vector)
		kept[p.ID] = true
		was := stored[p.ID]
		if was.Digest != p.Digest {
			p.Vectors = map[string]meiliVector{embedder: {Embeddings: [][]float32{v.Vector}}}
		}
		if p.Vectors != nil || !was.filtersLike(p.meiliRights) {
			c.put = append(c.put, p)
		}
	}

	for _, p := range old {
		if !kept[p.ID] {
			c.gone = append(c.gone, p.ID)
		}
	}

	return c
}

// movePassages gives the passages of clips the rights and filters that the clips
// get, before the clips get them. Those of deleted clips are deleted.
func (m passageIndex) movePassages(ctx context.Context, l *meiliLink, clips []meiliClip) error {
	if len(clips) == 0 {
		return nil
	}

	byID, ids := map[string]meiliClip{}, []string{}
	for _, c := range clips {
		byID[c.ClipID], ids = c, append(ids, c.ClipID)
	}

	stored, err := m.fetchPassages(ctx, l, ids, false)
	if err != nil {
		return err
	}

	var c passageChanges
	for _, p := range stored {
		if clip := byID[p.ClipID]; clip.Deleted {
			c.gone = append(c.gone, p.ID)
		} else {
			c.put = append(c.put, newMeiliPassage(clip, p.Sum, p.Source))
		}
	}

	return m.writePassages(ctx, l, c)
}

func (m passageIndex) writePassages(ctx context.Context, l *meiliLink, c passageChanges) error {
	index := l.writer.Index(m.passagesIndex())
	for some := range slices.Chunk(c.put, passageBatch) {
		if err := m.changeDocuments(ctx, l, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			return index.UpdateDocumentsWithContext(ctx, some, nil)
		}); err != nil {
			return err
		}
	}

	for some := range slices.Chunk(c.gone, passageBatch) {
		if err := m.changeDocuments(ctx, l, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			return index.DeleteDocumentsByFilterWithContext(ctx, "id IN "+quotedList(some), nil)
		}); err != nil {
			return err
		}
	}

	return nil
}

// vectorDigest tells whether a vector is the one that is stored.
func vectorDigest(v []float32) string {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return shortHash(string(b))
}

// embedderPrefix begins the names of a model's embedders, which end with the
// number of dimensions: another number is another embedder.
func embedderPrefix(model string) string { return "m" + shortHash(model) + "_" }

func embedderName(model string, dimensions int) string {
	return fmt.Sprint(embedderPrefix(model), dimensions)
}

func shortHash(text string) string { return fmt.Sprintf("%.8x", sha256.Sum256([]byte(text))) }

// ensureEmbedder makes the index of passages one for vectors of a model. When it
// holds those of another, it is made anew: vectors of several models cannot be
// compared. Without a vector nothing is known of its dimensions, and nothing done.
func (m passageIndex) ensureEmbedder(ctx context.Context, l *meiliLink, model string, all []PassageVector) (name string, err error) {
	if len(all) == 0 {
		return "", nil
	}

	dimensions := len(all[len(all)-1].Vector) // the newest
	name = embedderName(model, dimensions)
	index := l.admin.Index(m.passagesIndex())
	var known map[string]meilisearch.Embedder
	err = m.callRetrying(ctx, func(ctx context.Context) (err error) { known, err = index.GetEmbeddersWithContext(ctx); return err })
	if _, ok := known[name]; ok || err != nil {
		return name, err
	}

	if len(known) > 0 {
		if err := m.renewPassages(ctx, l.admin); err != nil {
			m.link.CompareAndSwap(l, nil) // the next connection makes the index whole
			return "", err
		}
	}
	return name, m.changeIndex(ctx, l.admin, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return index.UpdateEmbeddersWithContext(ctx, map[string]meilisearch.Embedder{name: {Source: meilisearch.UserProvidedEmbedderSource, Dimensions: dimensions}})
	})
}

// renewPassages empties the index of passages.
func (m passageIndex) renewPassages(ctx context.Context, admin meilisearch.ServiceManager) error {
	if err := m.dropIndex(ctx, admin, m.passagesIndex()); err != nil {
		return err
	}
	_, err := m.prepareIndex(ctx, admin, m.passagesIndex(), contentPassages)
	return err
}

// vectorMark is what the document of a clip carries while its passages have
// vectors of a model. It is another one for each index of passages, so that all
// clips are stale when that was made anew.
func (m passageIndex) vectorMark(ctx context.Context, l *meiliLink, model string) (string, error) {
	var index *meilisearch.IndexResult
	err := m.callRetrying(ctx, func(ctx context.Context) (err error) {
		index, err = l.admin.GetIndexWithContext(ctx, m.passagesIndex())
		return err
	})
	if err != nil {
		return "", err
	}
	return shortHash(model + index.CreatedAt.UTC().Format(time.RFC3339Nano)), nil
}
