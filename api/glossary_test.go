package api_test

import (
	"testing"
)

type glossaryJSON struct {
	Entries []struct {
		Term       string
		SoundsLike []string `json:"sounds_like"`
	}
	Version     int64
	Suggestions []struct {
		Heard, Written string
		Times          int
	}
}

func TestGlossaryUpdateAndApply(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
	path := "/api/v1/workspaces/" + string(w.ws) + "/glossary"
	put := func(entries ...map[string]any) map[string]any { return map[string]any{"entries": entries} }
	monday := map[string]any{"term": "MONDAY Inc.", "sounds_like": []string{"monday"}, "note": "the customer"}

	if got := decodeJSON[glossaryJSON](k.get(path).is(200, "")); got.Version != 0 || len(got.Entries) != 0 || len(got.Suggestions) != 0 {
		t.Errorf("%+v", got)
	}

	if got := decodeJSON[glossaryJSON](k.do("PUT", path, put(monday), `If-Match: "0"`).is(200, "")); got.Version != 1 || got.Entries[0].SoundsLike[0] != "monday" {
		t.Errorf("%+v", got)
	}

	k.do("PUT", path, put(monday), `If-Match: "0"`).is(412, "")
	k.do("PUT", path, put(monday, monday)).is(400, "invalid")
	k.do("PUT", path, put(map[string]any{"term": "x"})).is(400, "invalid")
	k.do("PUT", path, put(map[string]any{"term": "x", "sounds_like": []string{}, "colour": "red"})).is(400, "invalid")

	use := func(body map[string]any, want string) {
		t.Helper()
		if got := decodeJSON[transcriptJSON](k.do("POST", k.path+"/glossary", body).is(200, "")).joinTexts(); got != want {
			t.Errorf("%v: %q, want %q", body, got, want)
		}
	}
	use(map[string]any{"action": "apply"}, "So much for MONDAY Inc.")

	if word := k.fetch().Segments[0].Words[3]; word.Replaced == nil || word.Replaced.Span != 2 || word.Replaced.Words[0].Text != "Monday" {
		t.Errorf("%+v", word)
	}

	use(map[string]any{"action": "restore", "term": "Tuesday"}, "So much for MONDAY Inc.")
	use(map[string]any{"action": "restore", "segment_id": string(k.segment.ID), "word": 3}, "So much for Monday")
	k.do("POST", k.path+"/glossary", map[string]any{"action": "restore", "word": 3}).is(400, "invalid")
	k.do("POST", k.path+"/undo", nil).is(200, "")
	k.expectTexts("So much for MONDAY Inc.")
}

// TestRepeatedCorrectionsAreSuggested to the user who made them twice, until
// they are in the glossary or were dismissed.
func TestRepeatedCorrectionsAreSuggested(t *testing.T) {
	w := newTestServer(t)
	path := "/api/v1/workspaces/" + string(w.ws) + "/glossary"

	for range 2 {
		k := newTranscriptClient(w, w.ana)
		k.do("PATCH", k.segmentPath(0, ""), map[string]any{"text": "So much for Mandy"}).is(200, "")
	}

	got := decodeJSON[glossaryJSON](w.ana.get(path).is(200, ""))
	if len(got.Suggestions) != 1 || got.Suggestions[0].Heard != "monday" || got.Suggestions[0].Written != "Mandy" || got.Suggestions[0].Times != 2 {
		t.Fatalf("%+v", got)
	}

	if other := decodeJSON[glossaryJSON](w.addPerson("mem", "member").get(path).is(200, "")); len(other.Suggestions) != 0 {
		t.Errorf("another person sees %+v", other)
	}

	w.ana.do("PUT", path, map[string]any{"entries": []any{map[string]any{"term": "Mandy", "sounds_like": []string{"Monday"}}}}).is(200, "")
	if got := decodeJSON[glossaryJSON](w.ana.get(path).is(200, "")); len(got.Suggestions) != 0 {
		t.Errorf("%+v", got)
	}

	w.ana.do("PUT", path, map[string]any{"entries": []any{}}).is(200, "")
	w.ana.do("POST", path+"/dismiss", map[string]any{"heard": "monday", "written": "Mandy"}).is(204, "")
	if got := decodeJSON[glossaryJSON](w.ana.get(path).is(200, "")); len(got.Suggestions) != 0 {
		t.Errorf("%+v", got)
	}

	w.ana.do("POST", path+"/dismiss", map[string]any{"heard": "monday", "written": "Bandy"}).is(404, "not_found")
}
