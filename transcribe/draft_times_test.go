package transcribe

import (
	"fmt"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestDraftTimes: a refined word has the time of the same word in the draft when
// that is near, and times never go back.
func TestDraftTimes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ refined, draft, want string }{
		"the same words":        {"Hello,:100-400 Ana.:500-900", "hello:150-390 ana:560-880", "[Hello,:150-390 Ana.:560-880]"},
		"another word":          {"Hello:100-400 Anna.:500-900", "hello:150-390 ana:560-880", "[Hello:150-390 Anna.:500-900]"},
		"far away":              {"so:100-200 so:3000-3100", "so:1600-1700", "[so:100-200 so:3000-3100]"},
		"repeated words":        {"no:100-200 no:700-800 | no:1500-1600", "no:140-190 no:730-790 no:1520-1590", "[no:140-190 no:730-790] [no:1520-1590]"},
		"estimated in draft":    {"a:100-200", "a~:150-190", "[a:100-200]"},
		"estimated in refined":  {"a~:100-200", "a:150-190", "[a:150-190]"},
		"into its neighbour":    {"one:100-500 two:500-900 three:900-1300", "two:300-950", "[one:100-300 two:300-900 three:900-1300]"},
		"before its neighbour":  {"one:400-500 two:600-900", "two:300-350", "[one:400-400 two:400-400]"},
		"over the segment":      {"one:100-500 | two:510-900", "one:100-700", "[one:100-510] [two:510-900]"},
		"no draft":              {"one:100-500", "", "[one:100-500]"},
		"a draft without words": {"one:100-500 | two:600-700", "zwei:100-400", "[one:100-500] [two:600-700]"},
	} {
		refined := tidings.Transcript{Segments: timedSegments(t, c.refined)}
		takeDraftTimes(refined, tidings.Transcript{Draft: true, Segments: timedSegments(t, c.draft)})
		if got := formatTimes(refined.Segments); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}

	kept := tidings.Transcript{Segments: timedSegments(t, "one:100-500")}
	takeDraftTimes(kept, tidings.Transcript{Segments: timedSegments(t, "one:150-400")})
	if got := formatTimes(kept.Segments); got != "[one:100-500]" {
		t.Errorf("of a transcript that is no draft: %s", got)
	}
}

// timedSegments reads segments: words are TEXT:START-END, a tilde marks an
// estimated one, and a bar begins the next segment.
func timedSegments(t *testing.T, text string) (out []tidings.TranscriptSegment) {
	t.Helper()
	for part := range strings.SplitSeq(text, " | ") {
		var words []tidings.Word
		for _, f := range strings.Fields(part) {
			name, times, _ := strings.Cut(f, ":")
			w := tidings.Word{Text: strings.TrimSuffix(name, "~"), Estimated: strings.HasSuffix(name, "~")}
			if _, err := fmt.Sscanf(times, "%d-%d", &w.StartMS, &w.EndMS); err != nil {
				t.Fatal(err)
			}
			words = append(words, w)
		}
		if len(words) > 0 {
			out = append(out, withWords(tidings.TranscriptSegment{}, words))
		}
	}
	return out
}

func formatTimes(segs []tidings.TranscriptSegment) string {
	var all []string
	for _, s := range segs {
		var words []string
		for _, w := range s.Words {
			mark := ""
			if w.Estimated {
				mark = "~"
			}
			words = append(words, fmt.Sprintf("%s%s:%d-%d", w.Text, mark, w.StartMS, w.EndMS))
		}
		if s.StartMS != s.Words[0].StartMS || s.EndMS < s.Words[len(s.Words)-1].EndMS {
			words = append(words, fmt.Sprintf("in %d-%d", s.StartMS, s.EndMS))
		}
		all = append(all, "["+strings.Join(words, " ")+"]")
	}
	return strings.Join(all, " ")
}
