package store_test

import (
	"fmt"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// TestOlderTranscriptsArePacked: migration 19 packs the finished transcripts of
// an older data folder.
func TestOlderTranscriptsArePacked(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	w := storetest.NewWorld(t, func(t testing.TB, clock tidings.Clock) *store.Store {
		s, err := store.Open(ctx, store.Config{Dir: dir, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})

	var clips []tidings.ID
	for i := range 250 {
		c := w.NewClip()
		text := fmt.Sprint("clip ", i)
		err := w.ImportTranscript(ctx, c.ID, tidings.Transcript{Language: "en", Segments: []tidings.TranscriptSegment{
			{StartMS: 1000, EndMS: 2000, Text: text, Words: []tidings.Word{{StartMS: 1000, EndMS: 1400, Text: "clip"}, {StartMS: 1500, EndMS: 2000, Text: fmt.Sprint(i)}}}}})
		if err != nil {
			t.Fatal(err)
		}

		clips = append(clips, c.ID)
	}

	storetest.MigrateDown(t, w.DB(), 17)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	var kept int
	if err := s.DB().QueryRowContext(ctx, "SELECT count(*) FROM transcript_speech").Scan(&kept); err != nil || kept != len(clips) {
		t.Fatalf("%d of %d are kept, %v", kept, len(clips), err)
	}

	all, err := s.TranscriptTexts(ctx, clips)
	if err != nil {
		t.Fatal(err)
	}

	for i, id := range clips {
		said := all[id]
		if words := said.Words(0); said.Text != fmt.Sprint("clip ", i) || len(words) != 2 || words[1].StartMS != 1500 {
			t.Errorf("%s: %q, %v", id, said.Text, words)
		}
	}
}
