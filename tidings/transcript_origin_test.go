package tidings

import (
	"testing"
	"time"
)

// TestOriginsOfEdits: words that a person writes are theirs from then on; what
// changes no word changes no origin.
func TestOriginsOfEdits(t *testing.T) {
	before, now := time.UnixMilli(1000), time.UnixMilli(2000)
	machine := TranscriptSegment{ID: "a", Text: "ask not what", Origin: OriginMachine}
	edited := TranscriptSegment{ID: "b", Text: "your country", Origin: OriginEdited, EditedBy: "ana", EditedAt: &before}
	imported := TranscriptSegment{ID: "c", Text: "can do", Origin: OriginImported}
	unknown := TranscriptSegment{ID: "d", Text: "for you"}
	later := edited
	later.ID, later.EditedBy, later.EditedAt = "e", "cleo", &now

	withText := func(g TranscriptSegment, text string) []TranscriptSegment {
		return []TranscriptSegment{g.WithText(text)}
	}
	speaker := machine
	speaker.Speaker = "Ana"
	for name, c := range map[string]struct {
		kind     EditKind
		from, to []TranscriptSegment
		want     []TranscriptSegment // only their origins count
	}{
		"a machine's words corrected":  {EditText, []TranscriptSegment{machine}, withText(machine, "Ask not what"), []TranscriptSegment{{Origin: OriginEdited, EditedBy: "ben", EditedAt: &now}}},
		"a person's words corrected":   {EditText, []TranscriptSegment{edited}, withText(edited, "our country"), []TranscriptSegment{{Origin: OriginEdited, EditedBy: "ben", EditedAt: &now}}},
		"a caption corrected":          {EditText, []TranscriptSegment{imported}, withText(imported, "can do it"), []TranscriptSegment{{Origin: OriginEdited, EditedBy: "ben", EditedAt: &now}}},
		"only spaces changed":          {EditText, []TranscriptSegment{machine}, withText(machine, "ask  not what "), []TranscriptSegment{machine}},
		"a speaker named":              {EditSpeaker, []TranscriptSegment{machine}, []TranscriptSegment{speaker}, []TranscriptSegment{machine}},
		"replaced by the glossary":     {EditGlossary, []TranscriptSegment{machine, edited}, append(withText(machine, "Ask Knut what"), edited.WithText("Your country")), []TranscriptSegment{machine, edited}},
		"split":                        {EditSplit, []TranscriptSegment{edited}, splitOf(t, edited, 5), []TranscriptSegment{edited, edited}},
		"split, a machine's":           {EditSplit, []TranscriptSegment{machine}, splitOf(t, machine, 4), []TranscriptSegment{machine, machine}},
		"split and corrected":          {EditSplit, []TranscriptSegment{machine}, splitOf(t, machine.WithText("Ask not"), 4), []TranscriptSegment{{Origin: OriginEdited, EditedBy: "ben", EditedAt: &now}, {Origin: OriginEdited, EditedBy: "ben", EditedAt: &now}}},
		"joined":                       {EditJoin, []TranscriptSegment{machine, edited}, []TranscriptSegment{Join(machine, edited)}, []TranscriptSegment{edited}},
		"joined the other way":         {EditJoin, []TranscriptSegment{edited, machine}, []TranscriptSegment{Join(edited, machine)}, []TranscriptSegment{edited}},
		"joined, two a machine wrote":  {EditJoin, []TranscriptSegment{machine, machine}, []TranscriptSegment{Join(machine, machine)}, []TranscriptSegment{machine}},
		"joined, edited by two":        {EditJoin, []TranscriptSegment{edited, later}, []TranscriptSegment{Join(edited, later)}, []TranscriptSegment{later}},
		"joined, the first one's last": {EditJoin, []TranscriptSegment{later, edited}, []TranscriptSegment{Join(later, edited)}, []TranscriptSegment{later}},
		"joined with a caption":        {EditJoin, []TranscriptSegment{machine, imported}, []TranscriptSegment{Join(machine, imported)}, []TranscriptSegment{imported}},
		"joined with what is unknown":  {EditJoin, []TranscriptSegment{machine, unknown}, []TranscriptSegment{Join(machine, unknown)}, []TranscriptSegment{unknown}},
		"joined and corrected":         {EditJoin, []TranscriptSegment{machine, edited}, []TranscriptSegment{Join(machine.WithText("Ask"), edited)}, []TranscriptSegment{{Origin: OriginEdited, EditedBy: "ben", EditedAt: &now}}},
	} {
		e := TranscriptEdit{Kind: c.kind, UserID: "ben", From: c.from, To: c.to}.WithOrigins(now)
		if len(e.To) != len(c.want) {
			t.Fatalf("%s: %d segments", name, len(e.To))
		}
		for i, got := range e.To {
			want := c.want[i]
			if got.Origin != want.Origin || got.EditedBy != want.EditedBy || (got.EditedAt == nil) != (want.EditedAt == nil) || got.EditedAt != nil && !got.EditedAt.Equal(*want.EditedAt) {
				t.Errorf("%s: segment %d is %q by %q at %v, want %q by %q at %v", name, i, got.Origin, got.EditedBy, got.EditedAt, want.Origin, want.EditedBy, want.EditedAt)
			}
		}
	}
}

func splitOf(t *testing.T, g TranscriptSegment, at int) []TranscriptSegment {
	t.Helper()
	a, b, err := g.Split(at)
	if err != nil {
		t.Fatal(err)
	}
	return []TranscriptSegment{a, b}
}
