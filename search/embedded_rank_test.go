package search_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// TestCommonWords: words of more chunks than are ranked are listed by tiers (title,
// description, frequent, anywhere), each newest first, and pages neither overlap nor
// leave anything out.
func TestCommonWords(t *testing.T) {
	t.Parallel()
	e := openEmbedded(t, t.TempDir())
	const n = 1700
	docs := make([]tidings.Document, n)
	for i := range docs {
		docs[i] = newDocument(i+1, "Watch")
		docs[i].CreatedAt = time.Unix(1_760_000_000+int64(i)*60, 0)
		docs[i].Transcript = []tidings.TranscriptSegment{{Text: "the tide is rising here"}}
	}

	docs[3].Title, docs[4].Description = "Tide and rope", "About the tide"
	docs[5].Transcript[0].Text = strings.Repeat("tide and rope, ", 9)
	docs[6].Title = "The tide again"
	docs[7].Comments = []tidings.Comment{{ID: "k", Body: "what of that rope"}}
	putAll(t, e, docs...)
	id := func(i int) tidings.ID { return docs[i].ClipID }
	want := []tidings.ID{id(6), id(3), id(4), id(5)}
	for i := n - 1; i >= 0; i-- {
		if !slices.Contains(want, id(i)) {
			want = append(want, id(i))
		}
	}

	var got []tidings.ID
	for len(got) < 1000 {
		page := findIDs(t, e, tidings.Query{Text: "tide ", Limit: 70, Offset: len(got)})
		got = append(got, page...)
		if len(page) < 70 {
			t.Fatalf("a page of %d", len(page))
		}
	}

	if !slices.Equal(got, want[:len(got)]) {
		t.Errorf("listed are %v…", got[:8])
	}

	for _, c := range []struct {
		q    tidings.Query
		want []tidings.ID
	}{
		{tidings.Query{Text: "tide ", Newest: true, Limit: 2}, []tidings.ID{id(n - 1), id(n - 2)}},
		{tidings.Query{Text: "tide ", In: []string{"titles"}}, []tidings.ID{id(6), id(3), id(4)}},
		{tidings.Query{Text: "tide ", In: []string{"transcript"}, Limit: 2}, []tidings.ID{id(5), id(n - 1)}},
		{tidings.Query{Text: "ti", Limit: 3}, []tidings.ID{id(6), id(3), id(4)}},
		{tidings.Query{Text: `"the tide" `, Limit: 3}, []tidings.ID{id(6), id(4), id(n - 1)}},
		{tidings.Query{Text: "tide rope "}, []tidings.ID{id(3), id(5), id(7)}}, // one word is rare, the other is not
		{tidings.Query{Text: "tide -rising "}, []tidings.ID{id(5)}},
	} {
		c.q.Limit = max(c.q.Limit, 3)
		if got := findIDs(t, e, c.q); !slices.Equal(got[:min(len(got), len(c.want))], c.want) {
			t.Errorf("%q in %v: %v, want %v", c.q.Text, c.q.In, got, c.want)
		}
	}
}

// TestWorkspacesApart: words of one workspace are not those of another, though
// they stand in one index.
func TestWorkspacesApart(t *testing.T) {
	t.Parallel()
	e := openEmbedded(t, t.TempDir())
	mine, other := newDocument(1, "Tide tables"), newDocument(2, "Tide tables")
	other.WorkspaceID, other.ACL = "other", []string{"w:other", "w:ws"}
	putAll(t, e, mine, other)
	if got := findIDs(t, e, tidings.Query{Text: "tide"}); !slices.Equal(got, []tidings.ID{mine.ClipID}) {
		t.Errorf("found are %v", got)
	}

	mine.WorkspaceID, mine.ACL, mine.Version = "other", []string{"w:other"}, 7 // it moves
	putAll(t, e, mine)
	if got := findIDs(t, e, tidings.Query{Text: "tide"}); len(got) != 0 {
		t.Errorf("found are %v", got)
	}

	if got := findIDs(t, e, tidings.Query{Text: "tabels", WorkspaceID: "other", ACL: []string{"w:other"}}); len(got) != 2 {
		t.Errorf("found there are %v", got)
	}

	if got := findIDs(t, e, tidings.Query{Text: "tide -tables", WorkspaceID: "nowhere", ACL: []string{"w:other"}}); len(got) != 0 {
		t.Errorf("found nowhere are %v", got)
	}
}

// findIDs are the clips of a page.
func findIDs(t *testing.T, e search.Engine, q tidings.Query) (ids []tidings.ID) {
	t.Helper()

	if q.WorkspaceID == "" {
		q.WorkspaceID, q.ACL = "ws", []string{"w:ws"}
	}

	hits, _, err := e.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}

	for _, h := range hits {
		ids = append(ids, h.ClipID)
	}

	return ids
}
