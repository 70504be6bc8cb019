package search_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest"
	"tidings.example/tidings/search/searchtest/fakemeili"
	"tidings.example/tidings/tidings"
)

// sought is a query of the relevance set and the moment it is about.
type sought struct {
	class, text string
	clip, line  tidings.ID
}

// loadRelevance reads the set: documents by clip, and the queries.
func loadRelevance(t testing.TB) (docs map[tidings.ID]tidings.Document, queries []sought) {
	t.Helper()
	names, err := filepath.Glob("testdata/relevance/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no texts: %v", err)
	}

	docs = map[tidings.ID]tidings.Document{}
	for _, name := range names {
		title := strings.TrimSuffix(filepath.Base(name), ".txt")
		d := tidings.Document{ClipID: textID(title), Version: 1, WorkspaceID: "ws1", ACL: []string{"w:ws1"}, Title: "Reading", CreatedAt: time.Unix(1_760_000_000, 0)}
		for i, line := range readLines(t, name) {
			seg := searchtest.Say(int64(i)*10_000, line)
			seg.ID = tidings.ID(fmt.Sprint(title, ":", i+1))
			d.Transcript = append(d.Transcript, seg)
		}

		docs[d.ClipID] = d
	}

	for _, line := range readLines(t, "testdata/relevance/queries.tsv")[1:] {
		f := strings.Split(line, "\t")
		title, number, ok := strings.Cut(f[len(f)-1], ":")
		if n, err := strconv.Atoi(number); !ok || len(f) != 3 || err != nil || n < 1 || n > len(docs[textID(title)].Transcript) {
			t.Fatalf("no query: %q", line)
		}
		queries = append(queries, sought{class: f[0], text: f[1], clip: textID(title), line: tidings.ID(f[2])})
	}

	return docs, queries
}

func textID(title string) tidings.ID { return tidings.ID("text" + strings.ReplaceAll(title, "-", "")) }

func readLines(t testing.TB, name string) (lines []string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	s := bufio.NewScanner(f)
	for s.Scan() {
		lines = append(lines, s.Text())
	}

	if err := s.Err(); err != nil {
		t.Fatal(err)
	}

	return lines
}

// quality is how well moments were found: how many first, how many among the
// first three, and the mean reciprocal rank.
type quality struct {
	n           int
	first, top3 float64
	mrr         float64
}

// looksAt is how many clips of an answer a person looks at.
const looksAt = 5

// judgeEngine asks every query and looks for its moment among those that a
// person sees first.
func judgeEngine(t testing.TB, e search.Engine, docs map[tidings.ID]tidings.Document, queries []sought, missed func(sought, string)) map[string]*quality {
	t.Helper()
	out := map[string]*quality{}
	for _, s := range queries {
		q := tidings.Query{Text: s.text, WorkspaceID: "ws1", ACL: []string{"w:ws1"}, Limit: looksAt}
		hits, _, err := e.Search(t.Context(), q)
		if err != nil {
			t.Fatalf("%q: %v", s.text, err)
		}

		var seen []tidings.ID
		for _, h := range hits {
			for _, m := range search.Moments(docs[h.ClipID], q) {
				seen = append(seen, m.ID)
			}
		}

		k := out[s.class]
		if k == nil {
			k = &quality{}
			out[s.class] = k
		}

		k.n++
		switch rank := slices.Index(seen, s.line); {
		case rank == 0:
			k.first++
			fallthrough
		case rank > 0 && rank < 3:
			k.top3++
			fallthrough
		case rank >= 0:
			k.mrr += 1 / float64(rank+1)
		}

		if slices.Index(seen, s.line) != 0 {
			missed(s, fmt.Sprint(seen[:min(3, len(seen))]))
		}
	}

	return out
}

// TestRelevance holds both engines to the shares of moments that have to come
// first: 95 % when words are written right, 85 % with one typo or as a person
// half remembers them.
func TestRelevance(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) search.Engine{
		"embedded": func(t *testing.T) search.Engine { return openEmbedded(t, t.TempDir()) },
		"meilisearch": func(t *testing.T) search.Engine {
			return openMeilisearch(t, search.MeilisearchConfig{URL: fakemeili.New(t).URL, Key: fakemeili.MasterKey})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			docs, queries := loadRelevance(t)
			if len(queries) < 200 {
				t.Fatalf("%d queries", len(queries))
			}

			e := open(t)
			for _, d := range docs {
				putAll(t, e, d)
			}

			var missed []string
			got := judgeEngine(t, e, docs, queries, func(s sought, saw string) {
				missed = append(missed, fmt.Sprintf("%s %q: %s, first are %s", s.class, s.text, s.line, saw))
			})
			for class, k := range got {
				want := 0.95
				if class == "typo" || class == "natural" {
					want = 0.85
				}

				share := k.first / float64(k.n)
				t.Logf("%-8s %3d queries, %.0f %% of moments first", class, k.n, 100*share)
				if share < want {
					t.Errorf("%s: only %.0f %% of moments come first\n%s", class, 100*share, strings.Join(missed, "\n"))
				}
			}
		})
	}
}
