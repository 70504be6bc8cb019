package migrations

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/pressly/goose/v3"

	"tidings.example/tidings/tidings"
)

// oldTranscript fills a database from before segments had origins.
type oldTranscript struct {
	t  *testing.T
	db *sql.DB
}

func (o oldTranscript) exec(query string, args ...any) {
	o.t.Helper()
	if _, err := o.db.Exec(query, args...); err != nil {
		o.t.Fatal(err)
	}
}

func (o oldTranscript) addTranscript(id, engine string, editedMS any) {
	o.exec(`INSERT INTO transcripts (id, clip_id, attempt, state, draft, current, language, engine, model, edited_ms, created_ms) VALUES ($1, 'c', 1, 'done', TRUE, FALSE, 'en', $2, '', $3, 1)`, id, engine, editedMS)
}

func (o oldTranscript) addSegment(transcript, id, text string, version int) {
	var n int
	if err := o.db.QueryRow(`SELECT count(*) FROM transcript_segments`).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	o.exec(`INSERT INTO transcript_segments (id, transcript_id, seq, start_ms, end_ms, text, speaker, language, words, version) VALUES ($1, $2, $3, 0, 1, $4, '', '', '[]', $5)`, id, transcript, n, text, version)
}

// addEdit adds an edit; from and to are pairs of id, version, and of from the
// text, as it is when the edit is in effect.
func (o oldTranscript) addEdit(transcript, kind, user string, seq int, undone bool, away []map[string]any, shown ...string) {
	versions := []map[string]any{}
	for _, s := range shown {
		var id string
		var version int
		if _, err := fmt.Sscanf(s, "%s %d", &id, &version); err != nil {
			o.t.Fatal(err)
		}
		versions = append(versions, map[string]any{"id": id, "version": version})
	}

	a, errA := json.Marshal(away)
	s, errS := json.Marshal(versions)
	if errA != nil || errS != nil {
		o.t.Fatal(errA, errS)
	}
	o.exec(`INSERT INTO transcript_edits (id, transcript_id, seq, user_id, kind, undone, away, shown, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		fmt.Sprint(transcript, seq), transcript, seq, user, kind, undone, string(a), string(s), 1000*seq)
}

func oldSegment(id string, version int, text string) map[string]any {
	return map[string]any{"ID": id, "Version": version, "Text": text, "Words": []any{}, "Speaker": ""}
}

// TestBackfillOrigins: the history of edits shows who wrote each segment; what it
// does not show stays unknown; undoing brings origins back.
func TestBackfillOrigins(t *testing.T) {
	db := openDatabase(t)
	p, err := Provider(goose.DialectSQLite3, db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 23); err != nil {
		t.Fatal(err)
	}

	o := oldTranscript{t, db}
	o.addTranscript("fresh", "vosk", nil)
	o.addSegment("fresh", "f1", "as it was", 1)
	o.addTranscript("lost", "vosk", 5) // edited before there was a history
	o.addSegment("lost", "l1", "by whom", 1)
	o.addTranscript("file", "import", 5)
	o.addSegment("file", "i1", "a caption", 1)

	o.addTranscript("edited", "vosk", 5)
	o.addSegment("edited", "a", "Ask not", 3)   // corrected by ana, then by ben
	o.addSegment("edited", "b", "what your", 2) // joined of two
	o.addSegment("edited", "d", "country", 2)   // only its speaker was named
	o.addSegment("edited", "e", "can do", 3)    // corrected, and that undone
	o.addSegment("edited", "g", "for", 2)       // split
	o.addSegment("edited", "h", "you", 1)       // its other half
	o.addSegment("edited", "z", "untouched", 1)
	o.addEdit("edited", "edit", "ana", 1, false, []map[string]any{oldSegment("a", 1, "ask not")}, "a 2")
	o.addEdit("edited", "edit", "ben", 2, false, []map[string]any{oldSegment("a", 2, "Ask  NOT")}, "a 3")
	o.addEdit("edited", "join", "ben", 3, false, []map[string]any{oldSegment("b", 1, "what"), oldSegment("c", 1, "your")}, "b 2")
	o.addEdit("edited", "speaker", "ben", 4, false, []map[string]any{oldSegment("d", 1, "country")}, "d 2")
	o.addEdit("edited", "split", "ben", 5, false, []map[string]any{oldSegment("g", 1, "for you")}, "g 2", "h 1")
	o.addEdit("edited", "edit", "ana", 6, true, []map[string]any{oldSegment("e", 2, "can do it")}, "e 3")

	o.addTranscript("long", "vosk", 5) // more edits than are kept
	o.addSegment("long", "k", "old edit", 4)
	o.addSegment("long", "m", "new edit", 2)
	o.addEdit("long", "edit", "ana", 201, false, []map[string]any{oldSegment("m", 1, "new")}, "m 2")

	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}

	for id, want := range map[string]string{"f1": "machine", "l1": "", "i1": "imported", "a": "edited by ben at 2000", "b": "machine", "d": "machine", "e": "machine",
		"g": "machine", "h": "machine", "z": "machine", "k": "", "m": "edited by ana at 201000"} {
		var origin, by string
		var ms *int64
		if err := db.QueryRow(`SELECT origin, edited_by, edited_ms FROM transcript_segments WHERE id = $1`, id).Scan(&origin, &by, &ms); err != nil {
			t.Fatal(err)
		}
		if got := describeOrigin(origin, by, ms); got != want {
			t.Errorf("segment %s: %q, want %q", id, got, want)
		}
	}

	for id, want := range map[string]string{"edited1": "machine", "edited2": "edited by ana at 1000", "edited3": "machine", "edited6": "edited by ana at 6000"} {
		var text string
		if err := db.QueryRow(`SELECT away FROM transcript_edits WHERE id = $1`, id).Scan(&text); err != nil {
			t.Fatal(err)
		}
		var away []tidings.TranscriptSegment
		if err := json.Unmarshal([]byte(text), &away); err != nil {
			t.Fatal(err)
		}

		var ms *int64
		if away[0].EditedAt != nil {
			ms = new(tidings.Millis(*away[0].EditedAt))
		}
		if got := describeOrigin(string(away[0].Origin), string(away[0].EditedBy), ms); got != want || away[0].Text == "" {
			t.Errorf("edit %s brings back %q, want %q: %s", id, got, want, text)
		}
	}
}

func describeOrigin(origin, by string, ms *int64) string {
	if by == "" && ms == nil {
		return origin
	}
	return fmt.Sprintf("%s by %s at %d", origin, by, *ms)
}
