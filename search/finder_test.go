package search

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tidings"
)

// unread is the meeting as it comes from the rows, and how often its transcript
// was read.
func unread(id tidings.ID, version int64, text string) (d tidings.Document, times *int) {
	times = new(int)
	d = tidings.Document{ClipID: id, Version: version, Spoken: func() ([]tidings.TranscriptSegment, error) {
		*times++
		return []tidings.TranscriptSegment{{ID: "s", StartMS: 1000, EndMS: 2000, Text: text}}, nil
	}}
	return d, times
}

func TestFinder(t *testing.T) {
	f := NewFinder(1 << 20)
	q := tidings.Query{Text: "tide "}
	d, times := unread("c", 7, "the tide is high")
	for range 3 {
		if got, want := fmt.Sprint(f.Moments(d, q)), fmt.Sprint(Moments(d, q)); got != want || len(f.Moments(d, q)) != 1 {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if *times != 1+3 { // Moments itself reads each time
		t.Errorf("read %d times", *times)
	}
	edited, times := unread("c", 8, "the tied is high")
	if got := f.Moments(edited, tidings.Query{Text: `"tide"`}); len(got) != 0 {
		t.Errorf("%v of what is said no longer", got)
	}
	if got := f.Moments(d, q); len(got) != 1 { // somebody who read the rows before
		t.Errorf("%v of the version before", got)
	}
	if f.Moments(edited, q); *times != 1 {
		t.Errorf("the newest version was not kept: read %d times", *times)
	}
}

// What could not be read is not kept as if nothing had been said.
func TestFinderUnread(t *testing.T) {
	f := NewFinder(1 << 20)
	d, _ := unread("c", 1, "the tide is high")
	broken := d
	broken.Spoken = func() ([]tidings.TranscriptSegment, error) { return nil, errors.New("no rows today") }
	q := tidings.Query{Text: "tide "}
	if got := f.Moments(broken, q); len(got) != 0 {
		t.Errorf("%v of nothing", got)
	}
	if got := f.Moments(d, q); len(got) != 1 {
		t.Errorf("%v afterwards", got)
	}
	f.Moments(tidings.Document{ClipID: "d", Transcript: []tidings.TranscriptSegment{{Text: "tide"}}}, q)
	if len(f.kept) != 1 {
		t.Errorf("%d are kept, of which one has no version", len(f.kept))
	}
}

// What is kept is bounded, and the latest used stays.
func TestFinderBounded(t *testing.T) {
	one, _ := unread("0", 1, "the tide is high")
	said, _ := spoken(one)
	f := NewFinder(10*said.bytes() + 1)
	var wait sync.WaitGroup
	q := tidings.Query{Text: "tide "}
	for i := range 8 {
		wait.Go(func() {
			for k := range 100 {
				d, _ := unread(tidings.ID(fmt.Sprint(i*k)), 1, "the tide is high")
				if got := f.Moments(d, q); len(got) != 1 {
					t.Errorf("%v", got)
				}
			}
		})
	}
	wait.Wait()
	f.Moments(one, q)
	if f.size != 10*said.bytes() || len(f.kept) != 10 || f.used.Len() != 10 || f.get("0", 1) == nil {
		t.Errorf("%d bytes of %d and %d transcripts are kept", f.size, len(f.kept), f.used.Len())
	}
	long, _ := unread("long", 1, strings.Repeat("tide ", 1000))
	if f.Moments(long, q); f.size > f.most || f.get("long", 1) != nil {
		t.Errorf("%d bytes are kept, %d may be", f.size, f.most)
	}
}
