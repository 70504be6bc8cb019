package tidings_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

func TestThreads(t *testing.T) {
	at := func(ms int64) *int64 { return &ms }
	all := []tidings.Comment{
		{ID: "a", AtMS: at(9000)}, {ID: "b", AtMS: at(100)}, {ID: "c"}, {ID: "d", ParentID: "a", AtMS: at(50)}, {ID: "e", AtMS: at(100)},
		{ID: "f", ParentID: "gone"}, {ID: "g", ParentID: "a"}, {ID: "h", AtMS: at(0)},
	}

	var got []string
	for _, th := range tidings.Threads(all) {
		text := string(th.First.ID)
		for _, r := range th.Replies {
			text += "<" + string(r.ID)
		}
		got = append(got, text)
	}

	if want := "c f h b e a<d<g"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestGuestName(t *testing.T) {
	for given, want := range map[string]string{
		"Mia": "Mia", "  Mia\t\n Müller ": "Mia Müller", "\u202Eaim\u202C": "aim", "M\u200Bi\x00a": "Mia", "李 小龙": "李 小龙",
		"M" + strings.Repeat("\u0301", 50) + "ia": "M\u0301\u0301\u0301ia", "<b>Mia</b>": "<b>Mia</b>", strings.Repeat("x", 60): strings.Repeat("x", 60),
		"\u0301Mia": "Mia",
	} {
		if got, err := tidings.GuestName(given); err != nil || got != want {
			t.Errorf("%+q: %+q %v, want %+q", given, got, err, want)
		}
	}

	for _, bad := range []string{"", " \t\u200B\u00A0", "\u202E", "\u3164", strings.Repeat("x", 61)} {
		if got, err := tidings.GuestName(bad); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%+q is %+q, %v", bad, got, err)
		}
	}
}

// TestNaughtyGuestNames: whatever a visitor calls themselves, what is kept is
// one line that can be seen, stays itself when it is given again, and turns
// nothing beside it around.
func TestNaughtyGuestNames(t *testing.T) {
	var list []string
	text, err := os.ReadFile("../third_party/naughty/blns.json")
	if err == nil {
		err = json.Unmarshal(text, &list)
	}

	if err != nil || len(list) < 500 {
		t.Fatalf("%d strings, %v", len(list), err)
	}

	taken := 0
	for _, given := range list {
		name, err := tidings.GuestName(given)
		if err != nil {
			if tidings.KindOf(err) != tidings.KindInvalid {
				t.Errorf("%+q: %v", given, err)
			}
			continue
		}

		taken++
		again, err := tidings.GuestName(name)
		odd := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
		if err != nil || again != name || strings.ContainsFunc(name, odd) || !utf8.ValidString(name) || utf8.RuneCountInString(name) > 60 {
			t.Errorf("%+q: %+q, again %+q, %v", given, name, again, err)
		}
	}

	if taken < 300 {
		t.Errorf("only %d names are taken", taken)
	}
}
