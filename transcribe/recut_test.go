package transcribe_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// spokenSegments are segments divided by "|". Words take 300 ms with 50 between;
// "~500" is a pause of so many ms more, and "@Ana" begins a turn of hers.
func spokenSegments(text string) (out []tidings.TranscriptSegment) {
	at, speaker := int64(0), ""
	for _, part := range strings.Split(text, "|") {
		var words []tidings.Word
		for _, f := range strings.Fields(part) {
			switch n, err := strconv.ParseInt(strings.TrimPrefix(f, "~"), 10, 64); {
			case f[0] == '~' && err == nil:
				at += n
			case f[0] == '@':
				speaker = f[1:]
			default:
				words = append(words, tidings.Word{StartMS: at, EndMS: at + 300, Text: f})
				at += 350
			}
		}

		texts := make([]string, len(words))
		for i, w := range words {
			texts[i] = w.Text
		}
		out = append(out, tidings.TranscriptSegment{StartMS: words[0].StartMS, EndMS: words[len(words)-1].EndMS, Speaker: speaker, Text: strings.Join(texts, " "), Words: words})
	}
	return out
}

func rowTexts(segs []tidings.TranscriptSegment) string {
	var out []string
	for _, s := range segs {
		out = append(out, s.Text)
	}
	return strings.Join(out, " | ")
}

// TestRows: rows end where sentences do.
func TestRows(t *testing.T) {
	for _, c := range []struct{ name, language, heard, want string }{
		{"joined", "en", "We went to the | house. | Then we left.", "We went to the house. | Then we left."},
		{"in three parts", "en", "We went | to the | house. Then we left.", "We went to the house. Then we left."},
		{"right", "en", "Yes. | We did. | That is all.", "Yes. | We did. | That is all."},
		{"a pause", "en", "We went to ~1000 | the house. | Then we left.", "We went to | the house. | Then we left."},
		{"another speaker", "en", "@Ana We went to | @Bo the house. | Then we left.", "We went to | the house. | Then we left."},
		{"no punctuation", "", "we went to | the house | then we left", "we went to | the house | then we left"},
		{"a title", "en", "We met Mr. | Smith there. | Yes.", "We met Mr. Smith there. | Yes."},
		{"an ordinal", "de", "Es war am 3. | Tag. | Ja.", "Es war am 3. Tag. | Ja."},
		{"the end is missing", "en", "That is it. | And then we", "That is it. | And then we"},
		{"no spaces", "ja", "今日は | 天気が | いいです。", "今日は | 天気が | いいです。"},
		{"Arabic", "ar", "هل انتهينا | من العمل؟ | نعم.", "هل انتهينا من العمل؟ | نعم."},
		{"several sentences", "en", "We went over the list of all that was left to do in the house. Then we all sat down for a while and had some tea. Nobody knew what to say of it at all. | So we left.",
			"We went over the list of all that was left to do in the house. Then we all sat down for a while and had some tea. | Nobody knew what to say of it at all. | So we left."},
	} {
		segs := spokenSegments(c.heard)
		if got := rowTexts(transcribe.RecutSegments(segs, c.language)); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestRowsKeepSegments: what is right, or has no words, stays as the engine wrote
// it.
func TestRowsKeepSegments(t *testing.T) {
	segs := spokenSegments("We went there. | Then we | came back.")
	segs[0].EndMS += 20 // a silence after the words
	segs[1].Text = "Then we've"
	segs = append(segs, tidings.TranscriptSegment{StartMS: 9_000, EndMS: 9_500, Text: "No words"})
	if got := transcribe.RecutSegments(segs, "en"); !reflect.DeepEqual(got, segs) {
		t.Errorf("%+v", got)
	}
}

// TestLongRows: a sentence without an end is divided at clauses, into rows that
// are not too long.
func TestLongRows(t *testing.T) {
	text := strings.Repeat("and we had a look at the | list of Mr. Smith again, ", 30)
	rows := transcribe.RecutSegments(spokenSegments(text+"which was it."), "en")
	for i, r := range rows {
		if r.EndMS-r.StartMS > 20_000 || utf8.RuneCountInString(r.Text) > 280 {
			t.Errorf("row %d has %d ms, %d characters", i, r.EndMS-r.StartMS, utf8.RuneCountInString(r.Text))
		}
		if !strings.HasSuffix(r.Text, ",") && i < len(rows)-1 {
			t.Errorf("row %d ends in the middle of a clause: %q", i, r.Text)
		}
	}
}

// TestRowsLoseNothing: rows have all words in order, with their times, their
// probability and what the glossary replaced.
func TestRowsLoseNothing(t *testing.T) {
	parts := []string{"We", "went", "to", "Mr.", "Smith,", "and", "home.", "Why?", "|", "|", "~1200", "~400", "@Ana", "@", "的。", "3.", "...", "long" + strings.Repeat("g", 60)}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		text := "So"
		for range 1 + r.IntN(120) {
			p := parts[r.IntN(len(parts))]
			if p == "|" {
				p = "| So"
			}
			text += " " + p
		}

		segs := spokenSegments(text)
		for i, s := range segs {
			for j := range s.Words {
				p := float64(j) / 200
				s.Words[j].P, s.Words[j].Replaced = &p, &tidings.ReplacedWords{Words: []tidings.Word{{Text: fmt.Sprint(i, j)}}, Span: 1}
			}
		}

		rows := transcribe.RecutSegments(segs, "en")
		if got, want := allWords(rows), allWords(segs); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %+v\nin place of\n%+v", text, got, want)
		}
		for i, row := range rows {
			if i > 0 && row.StartMS < rows[i-1].EndMS || row.StartMS != row.Words[0].StartMS || row.EndMS != row.Words[len(row.Words)-1].EndMS || rowTexts([]tidings.TranscriptSegment{row}) == "" {
				t.Fatalf("%q: row %d is %+v", text, i, row)
			}
		}
		if again := transcribe.RecutSegments(rows, "en"); !reflect.DeepEqual(allWords(again), allWords(segs)) {
			t.Fatalf("%q, once more: %+v", text, again)
		}
	}
}

func allWords(segs []tidings.TranscriptSegment) (out []tidings.Word) {
	for _, s := range segs {
		out = append(out, s.Words...)
	}
	return out
}

// TestRefinedRows: a refined transcript has whole sentences, and a glossary term
// that the engine cut in two is found; a draft has the engine's segments.
func TestRefinedRows(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(3*time.Second)))
	draft := &draftEngine{&betterEngine{Scripted: enginetest.Scripted{Segments: spokenSegments("it was | about it.")}}}
	fine := &betterEngine{Scripted: enginetest.Scripted{Segments: spokenSegments("It is about Tie | Dings. | That is all.")}}
	step := transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, PCM: w.media.PCM, Engine: draft, Others: []transcribe.Engine{fine}, Routes: []transcribe.Route{{Engines: []string{"better"}}},
		Glossary: func(context.Context, tidings.ID) (tidings.Glossary, error) {
			return tidings.Glossary{Entries: []tidings.GlossaryEntry{{Term: "Tidings", SoundsLike: []string{"tie dings"}}}}, nil
		}})
	fine.during = func(context.Context) error {
		if got, _ := w.currentTranscript(); rowTexts(got.Segments) != "it was | about it." {
			t.Errorf("the draft is %+v", got.Segments)
		}
		return nil
	}

	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	got, _ := w.currentTranscript()
	if rowTexts(got.Segments) != "It is about Tidings. | That is all." || got.Segments[0].Words[3].Replaced == nil {
		t.Errorf("%+v", got.Segments)
	}
}
