package search

import (
	"container/list"
	"sync"

	"tidings"
)

// Finder finds moments as Moments does, and keeps the transcripts it went
// through as long as they are what they were: who searches as they type, or
// searches among the newest clips, meets the same ones again and again, and
// reading a transcript and telling its words apart is most of an answer. It may
// be used from many goroutines.
type Finder struct {
	most int // bytes

	mu   sync.Mutex
	kept map[tidings.ID]*list.Element // of *heard
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
func NewFinder(most int) *Finder {
	return &Finder{most: most, kept: map[tidings.ID]*list.Element{}, used: list.New()}
}

// Moments are those of the function Moments. The document's Transcript is asked
// of its Spoken only where its version is not known yet.
func (f *Finder) Moments(d tidings.Document, q tidings.Query) []tidings.Moment {
	return moments(d, q, func() *speech {
		if s := f.get(d.ClipID, d.Version); s != nil {
			return s
		}
		s, whole := spoken(d)
		if whole && d.Version > 0 {
			f.put(heard{d.ClipID, d.Version, s})
		}
		return s
	})
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
