package search

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/tidings"
)

var _ VectorIndex = (*Meilisearch)(nil)

// StaleVectors implements VectorIndex.
func (m *Meilisearch) StaleVectors(ctx context.Context, model string, limit int) ([]tidings.OutboxEntry, error) {
	l, err := m.connectServer(ctx)
	if err != nil {
		return nil, err
	}

	mark, err := m.passages().vectorMark(ctx, l, model)
	if err != nil {
		return nil, m.classifyError(ctx, l, err)
	}

	// != finds nothing while no document has the attribute yet, NOT = finds all.
	out, err := m.listClips(ctx, l, m.liveIndexes(), ` AND NOT embedded = "`+mark+`"`, limit, "created_at:desc", "clip_id:desc")
	return out, m.classifyError(ctx, l, err)
}

// ClipVectors implements VectorIndex.
func (m *Meilisearch) ClipVectors(ctx context.Context, clip tidings.ID, model string) (out []PassageVector, err error) {
	if err := checkClipID(clip); err != nil {
		return nil, err
	}
	l, err := m.connectServer(ctx)
	if err != nil {
		return nil, err
	}

	stored, err := m.passages().fetchPassages(ctx, l, []string{string(clip)}, true)
	for _, p := range stored {
		for embedder, v := range p.Vectors {
			if strings.HasPrefix(embedder, embedderPrefix(model)) && len(v.Embeddings) == 1 {
				out = append(out, PassageVector{p.checksum(), p.Source, v.Embeddings[0]})
			}
		}
	}

	return out, m.classifyError(ctx, l, err)
}

// PutVectors implements VectorIndex. The clip's document is marked last: what was
// cut off is repeated.
func (m *Meilisearch) PutVectors(ctx context.Context, clip tidings.OutboxEntry, model string, all []PassageVector) error {
	return changeNewest(ctx, m, []tidings.OutboxEntry{clip}, func(e tidings.OutboxEntry) tidings.OutboxEntry { return e },
		func(l *meiliLink, _ map[tidings.ID]tidings.OutboxEntry) error {
			return m.passages().replaceVectors(ctx, l, clip, model, all)
		})
}

func (m passageIndex) replaceVectors(ctx context.Context, l *meiliLink, clip tidings.OutboxEntry, model string, all []PassageVector) error {
	known, err := m.storedClips(ctx, l, m.liveIndexes(), []tidings.ID{clip.ClipID})
	doc := known[clip.ClipID]
	if err != nil || doc.ClipID == "" || doc.Deleted {
		return err
	}

	embedder, err := m.ensureEmbedder(ctx, l, model, all)
	if err != nil {
		return err
	}

	old, err := m.fetchPassages(ctx, l, []string{doc.ClipID}, false)
	if err != nil {
		return err
	}
	if err := m.writePassages(ctx, l, comparePassages(doc, embedder, old, all)); err != nil || clip.Version < doc.Version {
		return err
	}

	mark, err := m.vectorMark(ctx, l, model)
	if err != nil {
		return err
	}
	return m.changeDocuments(ctx, l, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return l.writer.Index(m.clipsIndex()).UpdateDocumentsWithContext(ctx, []map[string]string{{"id": partID(clip.ClipID, 0), "embedded": mark}}, nil)
	})
}

// SearchVectors implements VectorIndex. Passages carry a copy of the rights and
// filters of their clips, so that the nearest are found among those the caller may
// find; the documents of the clips then confirm them.
func (m *Meilisearch) SearchVectors(ctx context.Context, q tidings.Query, model string, v []float32, least float32) ([]tidings.SimilarClip, error) {
	if err := checkQuery(q); err != nil {
		return nil, err
	}

	best := nearestPassages{least: least}
	err := m.runSearch(ctx, q, func(s *meiliSearch) error { return s.findPassages(&best, model, v) })
	return best.groupByClip(), err
}

func (s *meiliSearch) findPassages(best *nearestPassages, model string, v []float32) error {
	r := s.newRequest(s.passagesIndex(), "", 1)
	r.AttributesToRetrieve = []string{"clip_id", "sum"}
	r.Vector, r.Hybrid = v, &meilisearch.SearchRequestHybrid{Embedder: embedderName(model, len(v)), SemanticRatio: 1}
	r.Filter = s.passageFilters()

	hits, err := s.multiSearch([]*meilisearch.SearchRequest{r}, meilisearch.MultiSearchFederation{Limit: similarPassages})
	if errorCode(err) == "invalid_search_embedder" { // no passage has a vector of this model
		return nil
	}
	if err != nil || len(hits) == 0 {
		return err
	}

	var clips []tidings.ID
	for _, h := range hits {
		clips = append(clips, h.ClipID)
	}
	s.q.Only, s.q.Offset, s.q.Limit = &clips, 0, similarPassages
	confirmed, err := s.findTerms(nil, []string{""})
	for _, h := range hits {
		if slices.Contains(confirmed, h.ClipID) { // the score is (1 + cosine) / 2
			best.addPassage(nearPassage{h.ClipID, meiliPassage{Sum: h.Sum}.checksum(), float32(2*h.Federation.Score - 1)})
		}
	}

	return err
}

func (s *meiliSearch) passageFilters() []string {
	f := s.filterExpressions()
	if s.q.Commented {
		f = append(f, "commented = true")
	}
	if len(s.q.In) > 0 {
		sources := slices.DeleteFunc(slices.Clone(passageSources), func(source string) bool { return !searchesField(s.q.In, sourceFields[source]) })
		f = append(f, "source IN "+quotedList(sources))
	}
	return f
}

// checksum is that of the passage; 0 when it cannot be read.
func (p meiliPassage) checksum() uint64 {
	sum, _ := strconv.ParseUint(p.Sum, 16, 64)
	return sum
}
