package search

import (
	"container/list"
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// Transcripts are the rows a Finder reads.
type Transcripts interface {
	// TranscriptTexts is what the shown transcripts of clips say, those of a whole page at
	// once. A clip without a transcript is missing.
	TranscriptTexts(ctx context.Context, clips []tidings.ID) (map[tidings.ID]tidings.TranscriptText, error)
}

// Finder finds moments as Moments does, and keeps the transcripts it went
// through as long as they are what they were: who searches as they type, or
// searches among the newest clips, meets the same ones again and again, and
// reading a transcript and telling its words apart is most of an answer. It may
// be used from many goroutines.
type Finder struct {
	rows Transcripts
	most int // bytes

	mu   sync.Mutex
	kept map[tidings.ID]*list.Element // of heard
	used *list.List                   // the latest used first
	size int                          // bytes of all that is kept
}

// heard is a transcript as it was at a version of its document.
type heard struct {
	clip    tidings.ID
	version int64
	speech  *speech
}

// NewFinder keeps at most so many bytes of transcripts, the latest used.
func NewFinder(rows Transcripts, most int) *Finder {
	return &Finder{rows: rows, most: most, kept: map[tidings.ID]*list.Element{}, used: list.New()}
}

// Moments are those of the function Moments in each of some documents, which
// come without their transcripts: these are read where a version is not known
// yet.
func (f *Finder) Moments(ctx context.Context, docs []tidings.Document, q tidings.Query) ([][]tidings.Moment, error) {
	out := make([][]tidings.Moment, len(docs))
	if want := positive(parseTerms(q.Text)); len(want) > 0 {
		said := make([]*speech, len(docs))
		if looksInto(q.In, "transcript") {
			if err := f.listen(ctx, docs, said); err != nil {
				return nil, err
			}
		}

		for i, d := range docs {
			out[i] = find(d, q.In, want, said[i])
		}
	}

	return out, nil
}

// listen fills said with what is spoken in each of some documents.
func (f *Finder) listen(ctx context.Context, docs []tidings.Document, said []*speech) error {
	var unknown []tidings.ID
	for i, d := range docs {
		if said[i] = f.get(d.ClipID, d.Version); said[i] == nil {
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
		if said[i] == nil {
			said[i] = spoken(rows[d.ClipID])
			if d.Version > 0 {
				f.put(heard{d.ClipID, d.Version, said[i]})
			}
		}
	}

	return nil
}

func (f *Finder) get(clip tidings.ID, version int64) *speech {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.kept[clip]
	if e == nil || e.Value.(heard).version != version {
		return nil
	}
	f.used.MoveToFront(e)
	return e.Value.(heard).speech
}

func (f *Finder) put(h heard) {
	f.mu.Lock()
	defer f.mu.Unlock()

	if e := f.kept[h.clip]; e != nil {
		if e.Value.(heard).version >= h.version {
			return
		}
		f.drop(e)
	}

	f.kept[h.clip] = f.used.PushFront(h)
	for f.size += h.speech.bytes(); f.size > f.most; {
		f.drop(f.used.Back())
	}
}

func (f *Finder) drop(e *list.Element) {
	h := f.used.Remove(e).(heard)
	f.size -= h.speech.bytes()
	delete(f.kept, h.clip)
}
