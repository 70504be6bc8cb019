package api

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/api/spec"
)

// What a visitor by a link to a snippet sees of a field of the clip.
const (
	shown    = "shown"    // as of the whole clip
	hidden   = "hidden"   // its zero value
	replaced = "replaced" // zero in snippetFields; snippetJSON sets that of the snippet
)

// snippetDecisions says for each field of spec.Clip what visitors by a link to
// a snippet see of it. A new field needs a decision here.
var snippetDecisions = map[string]string{
	"ID": shown, "WorkspaceID": shown, "ChannelID": shown, "Visibility": shown, "Author": shown, "Kind": shown, "Title": shown, "Language": shown,
	"Width": shown, "Height": shown, "CreatedAt": shown, "TrashedAt": shown, "Version": shown, "ShareURL": shown, "ReplyToClipID": shown,
	"Can.Comment": shown, "Can.Download": shown, "Can.Edit": hidden, "Can.Share": hidden, "Can.Delete": hidden,
	"Steps.Upload.State": shown, "Steps.Upload.Failure": shown, "Steps.Upload.Bytes": hidden,
	"Steps.Transcribe": shown, "Steps.Index": shown, "Steps.Transcode": replaced,
	"Description": hidden, "Tags": hidden, "EndedEarly": hidden, "AtRisk": hidden, "Damage": hidden, "RecordedAt": hidden, "UploadURL": hidden, "ReplyToCommentID": hidden,
	"DurationMs": replaced, "Media": replaced, "State": replaced, "Failure": replaced,
	"Counts.Comments": replaced, "Counts.Reactions": hidden, "Counts.Views": hidden,
}

// TestSnippetFieldsAreDecided fails for a field of a clip that has no decision,
// and for a decision that snippetFields does not follow.
func TestSnippetFieldsAreDecided(t *testing.T) {
	undecided := maps.Clone(snippetDecisions)
	var whole spec.Clip
	fillFields(reflect.ValueOf(&whole).Elem())
	view := snippetFields(whole)

	var check func(name string, full, cut reflect.Value)
	check = func(name string, full, cut reflect.Value) {
		decision, decided := snippetDecisions[name]
		delete(undecided, name)
		switch {
		case decision == shown && !reflect.DeepEqual(full.Interface(), cut.Interface()):
			t.Errorf("%s is to be shown, but is %v, not %v", name, cut, full)
		case decided && decision != shown && !isEmptyValue(cut):
			t.Errorf("%s is %s, but snippetFields copies it: %v", name, decision, cut)
		case !decided && full.Kind() == reflect.Struct && hasDecisionBelow(name):
			for i := range full.NumField() {
				check(strings.TrimPrefix(name+"."+full.Type().Field(i).Name, "."), full.Field(i), cut.Field(i))
			}
		case !decided:
			t.Errorf("the field %s of a clip has no decision in snippetDecisions: may visitors by a link to a snippet see it?", name)
		}
	}
	check("", reflect.ValueOf(whole), reflect.ValueOf(view))

	for name := range undecided {
		t.Errorf("snippetDecisions has %q, which is no field of a clip", name)
	}
}

// hasDecisionBelow reports whether fields of the struct have decisions of their own.
func hasDecisionBelow(name string) bool {
	return name == "" || slices.ContainsFunc(slices.Collect(maps.Keys(snippetDecisions)), func(key string) bool { return strings.HasPrefix(key, name+".") })
}

func isEmptyValue(v reflect.Value) bool {
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

// fillFields sets every field to a value that is not zero.
func fillFields(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillFields(v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillFields(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillFields(v.Index(0))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	}
}
