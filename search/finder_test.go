package search

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

// rows are transcripts of one segment each, and how often one was read.
type rows struct {
	mu    sync.Mutex
	said  map[tidings.ID]tidings.TranscriptText
	read  int
	fails error
}

// transcriptOf is a speech of one segment that begins with "the".
func transcriptOf(text string) tidings.TranscriptText {
	said := joinSegments([]tidings.TranscriptSegment{{ID: "s", StartMS: 1000, EndMS: 2000, Text: text,
		Words: []tidings.Word{{StartMS: 1100, EndMS: 1200, Text: "the"}, {StartMS: 1234, EndMS: 1500, Text: "tide"}}}})
	said.Bytes = len(text)
	return said
}

func (r *rows) TranscriptTexts(_ context.Context, clips []tidings.ID) (map[tidings.ID]tidings.TranscriptText, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[tidings.ID]tidings.TranscriptText{}
	for _, id := range clips {
		if said, ok := r.said[id]; ok {
			out[id] = said
			r.read++
		}
	}
	return out, r.fails
}

// snippetIn are the moments of one document, as text.
func (f *Finder) snippetIn(t *testing.T, d tidings.Document, text string) string {
	t.Helper()
	got, err := f.Moments(t.Context(), []tidings.Document{d}, tidings.Query{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(got[0])
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

const atTide = "[{transcript s 1234  the <mark>tide</mark> is high}]"

func TestFinder(t *testing.T) {
	r := &rows{said: map[tidings.ID]tidings.TranscriptText{"c": transcriptOf("the tide is high")}}
	f := NewFinder(r, 1<<20)
	d := tidings.Document{ClipID: "c", Version: 7}
	for range 3 {
		wantEqual(t, "moments", f.snippetIn(t, d, "tide "), atTide)
	}

	wantEqual(t, "times read", r.read, 1)
	edited := d
	edited.Version = 8
	r.said["c"] = transcriptOf("the tied is high")
	wantEqual(t, "what is said no longer", f.snippetIn(t, edited, `"tide"`), "[]")
	f.snippetIn(t, d, "tide ") // a document that was read earlier
	r.read = 0
	f.snippetIn(t, edited, "tied ")
	wantEqual(t, "times the newest version was read", r.read, 0)
}

// The transcripts of a page are read once, and none if the query does not search them.
func TestFinderPage(t *testing.T) {
	r := &rows{said: map[tidings.ID]tidings.TranscriptText{"a": transcriptOf("the tide is high"), "b": transcriptOf("the moon is full")}}
	f := NewFinder(r, 1<<20)
	docs := []tidings.Document{{ClipID: "b", Version: 1}, {ClipID: "silent", Version: 1, Title: "No tide"}, {ClipID: "a", Version: 1}}
	for _, c := range []struct{ text, want string }{
		{"tide ", "[[] [{title silent 0  No <mark>tide</mark>}] " + atTide + "]"},
		{"the ", "[[{transcript s 1100  <mark>the</mark> moon is full}] [] [{transcript s 1100  <mark>the</mark> tide is high}]]"},
		{"zebra ", "[[] [] []]"},
		{"", "[[] [] []]"},
	} {
		got, err := f.Moments(t.Context(), docs, tidings.Query{Text: c.text})
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}

	wantEqual(t, "times read", r.read, 2)
	r = &rows{fails: errors.New("nobody may ask")}
	if got, err := NewFinder(r, 1).Moments(t.Context(), docs, tidings.Query{Text: "tide ", In: []string{"titles"}}); err != nil || len(got[1]) != 1 {
		t.Errorf("titles alone: %v, %v", got, err)
	}
}

// What could not be read is not kept as if nothing had been said.
func TestFinderUnread(t *testing.T) {
	r := &rows{said: map[tidings.ID]tidings.TranscriptText{"c": transcriptOf("the tide is high")}, fails: errors.New("no rows today")}
	f := NewFinder(r, 1<<20)
	d := tidings.Document{ClipID: "c", Version: 1}
	if got, err := f.Moments(t.Context(), []tidings.Document{d}, tidings.Query{Text: "tide "}); !errors.Is(err, r.fails) {
		t.Errorf("%v, %v of nothing", got, err)
	}

	r.fails = nil
	wantEqual(t, "afterwards", f.snippetIn(t, d, "tide "), atTide)
	d.Version = 0 // of an unknown version
	wantEqual(t, "without a version", f.snippetIn(t, d, "tide "), atTide)
	if f.entries["c"].Value.(cachedTranscript).version != 1 || len(f.entries) != 1 {
		t.Errorf("%d are kept", len(f.entries))
	}
}

// The cache is bounded and evicts the least recently used transcript.
func TestFinderBounded(t *testing.T) {
	r := &rows{said: map[tidings.ID]tidings.TranscriptText{"long": transcriptOf(strings.Repeat("tide ", 1000))}}
	for i := range 8 * 100 {
		r.said[tidings.ID(fmt.Sprint(i))] = transcriptOf("the tide is high")
	}

	one := analyzeTranscript(r.said["0"]).memorySize()
	f := NewFinder(r, 10*one+1)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for k := range 100 {
				got, err := f.Moments(t.Context(), []tidings.Document{{ClipID: tidings.ID(fmt.Sprint(i * k)), Version: 1}}, tidings.Query{Text: "tide "})
				if err != nil || fmt.Sprint(got[0]) != atTide {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}

	wait.Wait()
	f.snippetIn(t, tidings.Document{ClipID: "0", Version: 1}, "tide ")
	if f.size != 10*one || len(f.entries) != 10 || f.lru.Len() != 10 || f.cachedTranscript("0", 1) == nil {
		t.Errorf("%d bytes of %d and %d transcripts are kept", f.size, len(f.entries), f.lru.Len())
	}

	if f.snippetIn(t, tidings.Document{ClipID: "long", Version: 1}, "tide "); f.size > f.maxBytes || f.cachedTranscript("long", 1) != nil {
		t.Errorf("%d bytes are kept, %d may be", f.size, f.maxBytes)
	}
}
