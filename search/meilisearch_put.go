package search

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/tidings"
)

// Put implements Engine. Chunk 0 of a clip is written last and carries its version:
// a Put that was cut off is therefore repeated.
func (m *Meilisearch) Put(ctx context.Context, docs []tidings.Document) error {
	return m.putIntoIndexes(ctx, m.liveIndexes(), docs)
}

func (m *Meilisearch) putIntoIndexes(ctx context.Context, at meiliIndexes, docs []tidings.Document) error {
	for _, d := range docs {
		if err := checkDocument(d); err != nil {
			return err
		}
	}
	return changeNewest(ctx, m, docs, func(d tidings.Document) tidings.OutboxEntry {
		return tidings.OutboxEntry{ClipID: d.ClipID, Version: d.Version}
	},
		func(l *meiliLink, newest map[tidings.ID]tidings.Document) error {
			return m.putDocuments(ctx, l, at, newest)
		})
}

func (m *Meilisearch) putDocuments(ctx context.Context, l *meiliLink, at meiliIndexes, docs map[tidings.ID]tidings.Document) error {
	old, err := m.storedClips(ctx, l, at, slices.Sorted(maps.Keys(docs)))
	if err != nil {
		return err
	}

	live := old
	if at != m.liveIndexes() {
		if live, err = m.storedClips(ctx, l, m.liveIndexes(), slices.Sorted(maps.Keys(docs))); err != nil {
			return err
		}
	}

	var w changeSet
	for _, id := range slices.Sorted(maps.Keys(docs)) {
		was, there := old[id]
		if there && was.Version >= docs[id].Version {
			continue
		}
		clips, comments := meiliDocuments(docs[id])
		if live[id].Version >= docs[id].Version { // a build: its passages are those of the index in use
			clips[0].Embedded = live[id].Embedded
		}
		w.addClip(id, docs[id].Version, was, clips, comments)
	}

	return m.writeChanges(ctx, l, at, w)
}

// Delete implements Engine.
func (m *Meilisearch) Delete(ctx context.Context, entries []tidings.OutboxEntry) error {
	return m.deleteFrom(ctx, m.liveIndexes(), entries)
}

func (m *Meilisearch) deleteFrom(ctx context.Context, at meiliIndexes, entries []tidings.OutboxEntry) error {
	return changeNewest(ctx, m, entries, func(e tidings.OutboxEntry) tidings.OutboxEntry { return e },
		func(l *meiliLink, newest map[tidings.ID]tidings.OutboxEntry) error {
			return m.deleteClips(ctx, l, at, newest)
		})
}

func (m *Meilisearch) deleteClips(ctx context.Context, l *meiliLink, at meiliIndexes, entries map[tidings.ID]tidings.OutboxEntry) error {
	old, err := m.storedClips(ctx, l, at, slices.Sorted(maps.Keys(entries)))
	if err != nil {
		return err
	}

	var w changeSet
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		was, there := old[id]
		if there && (was.Version > entries[id].Version || was.Deleted && was.Version == entries[id].Version) {
			continue
		}
		w.addClip(id, entries[id].Version, was, []meiliClip{deletedClip(entries[id])}, nil)
	}

	return m.writeChanges(ctx, l, at, w)
}

// changeNewest checks the ids of changes, keeps the newest version of each clip,
// and applies them while it holds writeLock.
func changeNewest[T any](ctx context.Context, m *Meilisearch, all []T, entry func(T) tidings.OutboxEntry, change func(*meiliLink, map[tidings.ID]T) error) error {
	newest := map[tidings.ID]T{}
	for _, one := range all {
		e := entry(one)
		if err := checkClipID(e.ClipID); err != nil {
			return err
		}
		if old, ok := newest[e.ClipID]; !ok || e.Version > entry(old).Version {
			newest[e.ClipID] = one
		}
	}

	if len(newest) == 0 {
		return nil
	}

	l, unlock, err := m.lockWriter(ctx)
	if err != nil {
		return err
	}
	defer unlock()

	return m.classifyError(ctx, l, change(l, newest))
}

// Versions implements Engine.
func (m *Meilisearch) Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error) {
	return m.versionsIn(ctx, m.liveIndexes(), after, limit)
}

func (m *Meilisearch) versionsIn(ctx context.Context, at meiliIndexes, after tidings.ID, limit int) ([]tidings.OutboxEntry, error) {
	l, err := m.connectServer(ctx)
	if err != nil {
		return nil, err
	}

	filter := ""
	if after != "" {
		if err := checkClipID(after); err != nil {
			return nil, err
		}
		filter = fmt.Sprintf(` AND clip_id > "%s"`, after)
	}

	out, err := m.listClips(ctx, l, at, filter, limit, "clip_id:asc")
	return out, m.classifyError(ctx, l, err)
}

// listClips lists stored clips that meet a condition, which begins with AND.
func (m *Meilisearch) listClips(ctx context.Context, l *meiliLink, at meiliIndexes, and string, limit int, sort ...string) ([]tidings.OutboxEntry, error) {
	found, err := m.fetchClips(ctx, l, at, &meilisearch.DocumentsQuery{Filter: "part = 0 AND deleted = false" + and, Limit: int64(limit), Sort: sort})
	out := make([]tidings.OutboxEntry, len(found))
	for i, c := range found {
		out[i] = tidings.OutboxEntry{ClipID: tidings.ID(c.ClipID), Version: c.Version}
	}
	return out, err
}

// knownBatch is the number of clips in one request.
const knownBatch = 500

// storedClips returns chunk 0 of those clips that are stored.
func (m *Meilisearch) storedClips(ctx context.Context, l *meiliLink, at meiliIndexes, ids []tidings.ID) (map[tidings.ID]meiliClip, error) {
	out := map[tidings.ID]meiliClip{}
	for some := range slices.Chunk(ids, knownBatch) {
		filter := "part = 0 AND clip_id IN " + quotedList(clipIDs(some))
		found, err := m.fetchClips(ctx, l, at, &meilisearch.DocumentsQuery{Filter: filter, Limit: int64(len(some))})
		if err != nil {
			return nil, err
		}

		for _, c := range found {
			out[tidings.ID(c.ClipID)] = c
		}
	}

	return out, nil
}

// rightsFields are the fields of meiliRights that can change what a search finds.
var rightsFields = []string{"ws", "acl", "author_id", "channel_id", "kind", "tags", "created_at", "commented"}

// fetchClips reads documents of clips without their texts.
func (m *Meilisearch) fetchClips(ctx context.Context, l *meiliLink, at meiliIndexes, q *meilisearch.DocumentsQuery) ([]meiliClip, error) {
	q.Fields = append([]string{"clip_id", "parts", "written", "version", "deleted", "format", "embedded"}, rightsFields...)
	out, err := fetchDocuments[meiliClip](ctx, m, l, at.clips, q)
	for i := range out {
		if out[i].Format != meiliFormat && !out[i].Deleted {
			out[i].Version = 0 // older than any: it is indexed again
		}
	}
	return out, err
}

// fetchDocuments reads documents of an index.
func fetchDocuments[T any](ctx context.Context, m *Meilisearch, l *meiliLink, index string, q *meilisearch.DocumentsQuery) ([]T, error) {
	var res meilisearch.DocumentsResult
	err := m.callRetrying(ctx, func(ctx context.Context) error {
		res = meilisearch.DocumentsResult{}
		return l.writer.Index(index).GetDocumentsWithContext(ctx, q, &res)
	})
	if err != nil {
		return nil, err
	}

	out := make([]T, len(res.Results))
	for i, hit := range res.Results {
		if err := hit.DecodeInto(&out[i]); err != nil {
			return nil, tidings.Wrap(err, tidings.KindUnavailable, "The search server's answer cannot be read.")
		}
	}

	return out, nil
}

// changeSet is a set of changes to documents.
type changeSet struct {
	clips         []meiliClip
	comments      []meiliComment
	staleParts    []string    // filters for chunks a clip no longer has
	staleComments []string    // filters for deleted comments
	moved         []meiliClip // chunk 0 of clips whose rights or filters have changed
	last          tidings.OutboxEntry
}

// addClip replaces the stored documents of a clip.
func (w *changeSet) addClip(id tidings.ID, version int64, was meiliClip, clips []meiliClip, comments []meiliComment) {
	w.clips, w.comments = append(w.clips, clips...), append(w.comments, comments...)
	if was.Parts > len(clips) {
		w.staleParts = append(w.staleParts, fmt.Sprintf(`(clip_id = "%s" AND part >= %d)`, id, len(clips)))
	}
	if was.Written > 0 {
		w.staleComments = append(w.staleComments, fmt.Sprintf(`(clip_id = "%s" AND version < %d)`, id, version))
	}
	if was.ClipID != "" && !was.meiliRights.filtersLike(clips[0].meiliRights) {
		w.moved = append(w.moved, clips[0])
	}
	w.last = tidings.OutboxEntry{ClipID: id, Version: version}
}

// writeChanges applies the changes in order: stale documents are deleted before
// the version is written.
func (m *Meilisearch) writeChanges(ctx context.Context, l *meiliLink, at meiliIndexes, w changeSet) error {
	if len(w.clips) == 0 {
		return nil
	}

	if at == m.liveIndexes() {
		if err := m.passages().movePassages(ctx, l, w.moved); err != nil {
			return err
		}
	}

	clips, comments, key := l.writer.Index(at.clips), l.writer.Index(at.comments), "id"
	options := &meilisearch.DocumentOptions{PrimaryKey: &key}
	var steps []func(context.Context) (*meilisearch.TaskInfo, error)
	step := func(needed bool, send func(context.Context) (*meilisearch.TaskInfo, error)) {
		if needed {
			steps = append(steps, send)
		}
	}
	step(len(w.comments) > 0, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return comments.AddDocumentsWithContext(ctx, w.comments, options)
	})
	step(len(w.staleComments) > 0, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return comments.DeleteDocumentsByFilterWithContext(ctx, strings.Join(w.staleComments, " OR "), nil)
	})
	step(len(w.staleParts) > 0, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return clips.DeleteDocumentsByFilterWithContext(ctx, strings.Join(w.staleParts, " OR "), nil)
	})
	step(true, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return clips.AddDocumentsWithContext(ctx, w.clips, options)
	})
	for _, send := range steps {
		if err := m.changeDocuments(ctx, l, send); err != nil {
			return err
		}
	}

	if at == m.liveIndexes() {
		m.lastWrite.Store(&w.last)
	}

	return nil
}
