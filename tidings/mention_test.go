package tidings_test

import (
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

const ana, bo = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01BX5ZZKBKACTAV9WEVGEMMVRZ"

func TestMentions(t *testing.T) {
	for _, c := range []struct{ what, body, want string }{
		{"none", "hi @ana, see @[you] and a@b.c", ""},
		{"one", "hi @[Ana Lima](" + ana + ")!", "Ana Lima " + ana},
		{"two, one twice", "@[Ana](" + ana + ")@[Bo](" + bo + ") @[Ana](" + ana + ")", "Ana " + ana + ", Bo " + bo + ", Ana " + ana},
		{"of any script", "@[Åse 李 🎙](" + ana + ")", "Åse 李 🎙 " + ana},
		{"one in a broken one", "@[@[Ana](" + ana + ")", "@[Ana " + ana},
		{"code", "`@[Ana](" + ana + ")` but @[Bo](" + bo + ")", "Bo " + bo},
		{"a lone backtick", "` @[Ana](" + ana + ")", "Ana " + ana},
		{"backticks on two lines", "` @[Ana](" + ana + ")\n`", "Ana " + ana},
		{"a name over two lines", "@[A\nna](" + ana + ")", ""},
		{"no name", "@[](" + ana + ")", ""},
		{"lower case", "@[Ana](" + strings.ToLower(ana) + ")", ""},
		{"a number too long", "@[Ana](" + ana + "A)", ""},
		{"no id", "@[Ana](8ZZZZZZZZZZZZZZZZZZZZZZZZZ)", ""},
		{"cut off", "@[Ana](" + ana, ""},
		{"a long name", "@[" + strings.Repeat("x", tidings.MaxMentionName+1) + "](" + ana + ")", ""},
		{"markup", "@[<img src=x>](" + ana + ")", "<img src=x> " + ana},
	} {
		var got []string
		for _, m := range tidings.Mentions(c.body) {
			got = append(got, m.Name+" "+string(m.UserID))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestMentionedNamesEachOnce(t *testing.T) {
	got := tidings.Mentioned("@[Ana](" + ana + ") @[Bo](" + bo + ") @[Ana again](" + ana + ")")
	if !slices.Equal(got, []tidings.ID{ana, bo}) {
		t.Errorf("%v", got)
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("@[Ana](" + ana + ")`@[`](")
	f.Add("@[`](" + ana + ")`")
	f.Fuzz(func(t *testing.T, body string) {
		end := 0
		for _, m := range tidings.Mentions(body) {
			if m.Start < end || m.End > len(body) {
				t.Fatalf("%+v overlaps or is outside of %q", m, body)
			}
			if body[m.Start:m.End] != "@["+m.Name+"]("+string(m.UserID)+")" {
				t.Fatalf("%+v is not %q", m, body[m.Start:m.End])
			}
			if _, ok := tidings.ParseID(string(m.UserID)); !ok {
				t.Fatalf("%q is no id", m.UserID)
			}

			end = m.End
		}
	})
}
