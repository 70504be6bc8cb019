package tidings

import (
	"strings"
	"testing"
)

func TestCommentValidate(t *testing.T) {
	long := int64(10_000)
	for _, c := range []struct {
		name string
		c    Comment
		bad  string // the field named, "" = fine
	}{
		{"a remark", Comment{Body: "Good."}, ""},
		{"at a moment", Comment{Body: "Here.", AtMS: new(int64(3000))}, ""},
		{"at the very end", Comment{Body: "End.", AtMS: new(long)}, ""},
		{"a range", Comment{Body: "This.", AtMS: new(int64(0)), UntilMS: new(int64(5))}, ""},
		{"10,000 characters", Comment{Body: strings.Repeat("é", MaxComment)}, ""},
		{"a voice reply has no text", Comment{ReplyClip: "c"}, ""},
		{"nothing", Comment{Body: " \n"}, "body"},
		{"10,001 characters", Comment{Body: strings.Repeat("é", MaxComment+1)}, "body"},
		{"NUL", Comment{Body: "a\x00b"}, "body"},
		{"broken UTF-8", Comment{Body: "a\xffb"}, "body"},
		{"before the start", Comment{Body: "x", AtMS: new(int64(-1))}, "at_ms"},
		{"after the end", Comment{Body: "x", AtMS: new(long + 1)}, "at_ms"},
		{"a range without a start", Comment{Body: "x", UntilMS: new(int64(4))}, "until_ms"},
		{"a range that goes back", Comment{Body: "x", AtMS: new(int64(5)), UntilMS: new(int64(4))}, "until_ms"},
		{"a range beyond the end", Comment{Body: "x", AtMS: new(int64(5)), UntilMS: new(long + 1)}, "until_ms"},
	} {
		err := c.c.Validate(&long)
		e, _ := err.(*Error)
		switch {
		case c.bad == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.bad != "" && (e == nil || e.Kind != KindInvalid || e.Fields[c.bad] == ""):
			t.Errorf("%s: got %v, want field %s", c.name, err, c.bad)
		}
	}

	if err := (Comment{Body: "x", AtMS: new(int64(99_999))}).Validate(nil); err != nil {
		t.Errorf("while recording the end is not known: %v", err)
	}
}

func TestClipPatchValidate(t *testing.T) {
	many := make([]string, MaxTags+1)
	for i := range many {
		many[i] = "t"
	}

	for name, c := range map[string]struct {
		p   ClipPatch
		bad string
	}{
		"nothing":       {ClipPatch{}, ""},
		"all right":     {ClipPatch{Title: new("Day 1"), Tags: &[]string{"ops"}, Visibility: new(VisibilityPrivate)}, ""},
		"long title":    {ClipPatch{Title: new(strings.Repeat("a", MaxTitle+1))}, "title"},
		"too many tags": {ClipPatch{Tags: &many}, "tags"},
		"blank tag":     {ClipPatch{Tags: &[]string{" "}}, "tags"},
		"odd word":      {ClipPatch{Visibility: new(Visibility("public"))}, "visibility"},
		"escape":        {ClipPatch{Title: new("a\x1b[31m")}, "title"},
	} {
		err := c.p.Validate()
		if e, _ := err.(*Error); (c.bad == "") != (err == nil) || c.bad != "" && e.Fields[c.bad] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrors(t *testing.T) {
	inner := Errorf(KindNotFound, "There is no %s here.", "clip")
	outer := Wrap(inner, KindUnavailable, "Try again.")
	if KindOf(outer) != KindUnavailable || Sentence(outer) != "Try again." || KindOf(nil) != "" {
		t.Errorf("outer: %s %q", KindOf(outer), Sentence(outer))
	}
	plain := errString("secret path /root")
	if KindOf(plain) != KindInternal || strings.Contains(Sentence(plain), "secret") {
		t.Errorf("a plain error shows %q", Sentence(plain))
	}
}

type errString string

func (e errString) Error() string { return string(e) }
