package backup

import (
	"path/filepath"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestImportKeepsOrigins: who wrote each line of a transcript moves with it, and
// so does what undoing brings back.
func TestImportKeepsOrigins(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	in, owner, clip := newInstallation(t, 1)
	captions := tidings.Transcript{Engine: "import", Segments: []tidings.TranscriptSegment{{EndMS: 900, Text: "hello"}, {StartMS: 900, EndMS: 1200, Text: "there"}}}
	if err := in.rows.ImportTranscript(t.Context(), clip, captions); err != nil {
		t.Fatal(err)
	}

	segs := in.segments(clip)
	edit := tidings.TranscriptEdit{Kind: tidings.EditText, UserID: owner, From: segs[1:], To: []tidings.TranscriptSegment{segs[1].WithText("There!")}}
	if _, err := in.rows.EditTranscript(t.Context(), clip, edit); err != nil {
		t.Fatal(err)
	}

	want := in.segments(clip)
	in.export(dir, nil)
	objects := newMemoryObjects()
	if _, err := importFrom(t, dir, to, objects); err != nil {
		t.Fatal(err)
	}

	moved := openInstallation(t, to, objects)
	for i, got := range moved.segments(clip) {
		if got.Origin != want[i].Origin || got.EditedBy != want[i].EditedBy || (got.EditedAt == nil) != (want[i].EditedAt == nil) || got.EditedAt != nil && !got.EditedAt.Equal(*want[i].EditedAt) {
			t.Errorf("%+v, want %+v", got, want[i])
		}
	}
	if want[0].Origin != tidings.OriginImported || want[1].EditedBy != owner {
		t.Errorf("%+v", want)
	}

	if err := moved.rows.UndoTranscript(t.Context(), clip, owner, false); err != nil {
		t.Fatal(err)
	}
	if got := moved.segments(clip)[1]; got.Origin != tidings.OriginImported || got.EditedBy != "" || got.EditedAt != nil {
		t.Errorf("undone: %+v", got)
	}
}

// segments are those of the clip's transcript.
func (in *installation) segments(clip tidings.ID) []tidings.TranscriptSegment {
	in.t.Helper()
	tr, err := in.rows.Transcript(in.t.Context(), clip)
	if err != nil {
		in.t.Fatal(err)
	}
	return tr.Segments
}

// TestImportKeepsMask: a workspace that masks profane words still does elsewhere,
// and the words themselves are exported as they are stored.
func TestImportKeepsMask(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	in, owner, clip := newInstallation(t, 1)
	captions := tidings.Transcript{Engine: "import", Segments: []tidings.TranscriptSegment{{EndMS: 900, Text: "oh shit"}}}
	if err := in.rows.ImportTranscript(t.Context(), clip, captions); err != nil {
		t.Fatal(err)
	}

	all, err := in.rows.Memberships(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.rows.SetMaskProfanity(t.Context(), all[0].Workspace, true); err != nil {
		t.Fatal(err)
	}

	in.export(dir, nil)
	objects := newMemoryObjects()
	if _, err := importFrom(t, dir, to, objects); err != nil {
		t.Fatal(err)
	}

	moved := openInstallation(t, to, objects)
	g, err := moved.rows.ClipAccess(t.Context(), clip, owner)
	if err != nil || !g.MaskProfanity {
		t.Errorf("%+v, %v", g, err)
	}
	if got := moved.segments(clip)[0].Text; got != "oh shit" {
		t.Errorf("stored: %q", got)
	}
}
