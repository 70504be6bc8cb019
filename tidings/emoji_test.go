package tidings_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

func TestParseEmoji(t *testing.T) {
	for given, want := range map[string]string{
		"👍": "👍", "👍🏽": "👍🏽", "❤": "❤\uFE0F", "❤\uFE0F": "❤\uFE0F", "👍\uFE0F": "👍", "🎉": "🎉", "☝🏿": "☝🏿",
		"👩‍👩‍👧‍👦": "👩‍👩‍👧‍👦", "🧑🏻‍❤️‍💋‍🧑🏼": "🧑🏻‍❤️‍💋‍🧑🏼", "🧑🏻‍❤‍💋‍🧑🏼": "🧑🏻‍❤️‍💋‍🧑🏼", "🏃‍♀️": "🏃‍♀️", "🏃‍♀": "🏃‍♀️",
		"👁️‍🗨️": "👁️‍🗨️", "🇦🇹": "🇦🇹", "🏴󠁧󠁢󠁳󠁣󠁴󠁿": "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏳️‍🌈": "🏳️‍🌈", "🏴‍☠️": "🏴‍☠️", "🏴": "🏴",
		"1️⃣": "1️⃣", "#⃣": "#️⃣", "©": "©️", "🫠": "🫠",
		"☝🏾\uFE0F": "☝🏾", "👍🏽\uFE0F": "👍🏽", "🏃🏽\uFE0F\u200D♀\uFE0F": "🏃🏽\u200D♀\uFE0F",
	} {
		got, err := tidings.ParseEmoji(given)
		if err != nil || got != want {
			t.Errorf("%q (%+q): %q %v, want %q", given, given, got, err, want)
		}
		if again, err := tidings.ParseEmoji(got); err != nil || again != got {
			t.Errorf("%q again: %q %v", got, again, err)
		}
	}

	for _, bad := range []string{
		"", "a", "ok", "1", "#", "👍👍", "👍 ", " 👍", "👍a", "a👍", "🇦", "🇦🇹🇩🇪", "🇦🇹🇩", "\uFE0F", "\u200D", "👍\u200D", "\u200D👍", "👍\u200D\u200D👍",
		"❤\uFE0E", "👍🏽🏽", "🏻🏼", "🏻", "🏿\uFE0F", "👍\u200D🏻", "☝🏾\uFE0F\uFE0F", "12️⃣", "1️", "🏴󠁧󠁢󠁳󠁣󠁴", "👍\U000E007F", "<b>", "👍\x00", "\xff", "é", "李", "…", ":+1:",
		"👍" + strings.Repeat("\u0301", 3), strings.Repeat("👍", 2500), strings.Repeat("👩\u200D", 40) + "👩", "👩‍👩‍👩‍👩‍👩‍👩‍👩",
	} {
		if got, err := tidings.ParseEmoji(bad); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%+q is %q, %v", bad, got, err)
		}
	}
}

func FuzzParseEmoji(f *testing.F) {
	f.Add("👩‍👩‍👧‍👦")
	f.Add("❤")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := tidings.ParseEmoji(text)
		if err != nil {
			return
		}
		if again, err := tidings.ParseEmoji(got); err != nil || again != got {
			t.Fatalf("%q → %q → %q %v", text, got, again, err)
		}
		if strings.ContainsAny(got, "<>&\"'/%") || utf8.RuneCountInString(got) > 20 {
			t.Fatalf("%q", got)
		}
	})
}
