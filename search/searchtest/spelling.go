package searchtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wordCases is a file of search/testdata/cases about words: texts by name, and
// which of them each query finds. A name followed by " first" has to come first;
// others may follow it.
type wordCases struct {
	Docs    map[string]string
	Queries []struct {
		Q     string
		Right []string
	}
}

// testSpellings runs the files of search/testdata/cases about words, and those of
// the folder search in the one that TIDINGS_TEST_CASES names.
func testSpellings(t *testing.T, s Suite) {
	dirs := []string{filepath.Join("testdata", "cases")}
	if more := os.Getenv("TIDINGS_TEST_CASES"); more != "" {
		dirs = append(dirs, filepath.Join(more, "search"))
	}

	ran := 0
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no cases in %s: %v", dir, err)
		}

		for _, file := range files {
			var cases wordCases
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if json.Unmarshal(text, &cases) != nil || len(cases.Docs) == 0 {
				continue // names or dates
			}
			ran++
			t.Run(filepath.Base(file), func(t *testing.T) { runWordCases(t, s, cases) })
		}
	}
	if ran < 2 { // so many are in the repository
		t.Errorf("%d files of cases about words", ran)
	}
}

// undone are queries whose right value no engine has, see docs/search.md.
var undone = []string{"versicherung"}

func runWordCases(t *testing.T, s Suite, cases wordCases) {
	w := newWorld(t, s)
	for name, text := range cases.Docs {
		w.putClip(name, "", text)
	}

	for _, c := range cases.Queries {
		if slices.Contains(undone, c.Q) {
			continue
		}

		got, want, open := w.findNames(newQuery(c.Q)), []string{}, s.Differences != nil
		for _, name := range c.Right {
			name, first := strings.CutSuffix(name, " first")
			want, open = append(want, name), open || first
		}

		begin := slices.Sorted(slices.Values(got[:min(len(got), len(want))]))
		slices.Sort(want)
		if !slices.Equal(begin, want) || !open && len(got) > len(want) {
			t.Errorf("search %q = %v, want %v", c.Q, got, want)
		}
	}
}
