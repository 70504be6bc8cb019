package query

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// filterFixture is testdata/filters.json: what the parsers of the server and of
// the web client (web/src/search/filters.test.ts) have to make of queries.
type filterFixture struct {
	Now      time.Time
	People   map[string]tidings.ID
	Channels map[string]tidings.ID
	Filters  []struct {
		Name   string
		Value  ValueKind
		Values []string

		Examples []struct {
			Query string
			Chips []string // of the web client
			Text  string   // without the filters
			Asks  []string // see requested
		}
		Errors []struct{ Query, At, Sentence string }
	}
	Data []struct { // queries without a filter
		Query string
		Text  *string // nil = Query
	}
}

var fixture = func() (f filterFixture) {
	text, err := os.ReadFile("testdata/filters.json")
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		panic(err)
	}
	return f
}()

var now = fixture.Now // a Tuesday

func personNamed(name string) (tidings.ID, bool, error) {
	id, ok := fixture.People[name]
	return id, ok, nil
}

func channelNamed(name string) (tidings.ID, bool, error) {
	id, ok := fixture.Channels[name]
	return id, ok, nil
}

// requested is what a query asks for besides its words, as name=value.
func requested(q tidings.Query) []string {
	out := []string{}
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	only := func(name string, on bool) {
		if on {
			add("only", name)
		}
	}

	add("author", string(q.AuthorID))
	add("channel", string(q.ChannelID))
	only("mine", q.Mine)
	only("unseen", q.Unseen)
	only("unanswered", q.Unanswered)
	only("commented", q.Commented)
	add("kind", string(q.Kind))
	add("tag", q.Tag)
	add("in", strings.Join(q.In, "+"))

	if q.From != nil {
		add("from", q.From.Format(time.RFC3339))
	}
	if q.To != nil {
		add("to", q.To.Format(time.RFC3339))
	}

	return out
}

// TestParseQuery holds the parser to the fixture.
func TestParseQuery(t *testing.T) {
	for _, f := range fixture.Filters {
		for _, e := range f.Examples {
			q, err := parseQuery(tidings.Query{Text: e.Query})
			if got := requested(q); err != nil || q.Text != e.Text || !slices.Equal(got, e.Asks) {
				t.Errorf("%q: %q %v, %v, want %q %v", e.Query, q.Text, got, err, e.Text, e.Asks)
			}
		}
	}

	for _, e := range fixture.Data {
		want := e.Query
		if e.Text != nil {
			want = *e.Text
		}

		q, err := parseQuery(tidings.Query{Text: e.Query})
		if got := requested(q); err != nil || q.Text != want || len(got) > 0 {
			t.Errorf("%q: %q %v, %v, want %q alone", e.Query, q.Text, got, err, want)
		}
	}
}

func TestParseQueryErrors(t *testing.T) {
	for _, f := range fixture.Filters {
		for _, e := range f.Errors {
			_, err := parseQuery(tidings.Query{Text: e.Query})
			if tidings.KindOf(err) != tidings.KindInvalid || tidings.Sentence(err) != e.Sentence {
				t.Errorf("%q: %v, want %s", e.Query, err, e.Sentence)
			}
			if e2, ok := err.(*tidings.Error); !ok || e2.Fields["q"] != e.Sentence {
				t.Errorf("%q: the field q says nothing: %#v", e.Query, err)
			}
			if got := errorPosition(t, e.Query, err); got != e.At {
				t.Errorf("%q: the error points at %q, want %q", e.Query, got, e.At)
			}
		}
	}
}

// TestFilterValues: each fixed value of a filter is accepted, and a filter with
// fixed values accepts no other.
func TestFilterValues(t *testing.T) {
	for _, f := range Filters {
		for _, value := range f.Values {
			if q, err := parseQuery(tidings.Query{Text: f.Name + ":" + value}); err != nil || len(requested(q)) != 1 {
				t.Errorf("%s:%s: %v, %v", f.Name, value, requested(q), err)
			}
		}

		if f.Values == nil {
			continue
		}
		if _, err := parseQuery(tidings.Query{Text: f.Name + ":nonsense"}); err == nil {
			t.Errorf("%s:nonsense is accepted", f.Name)
		}
	}
}

// TestFilterPlaces: a filter of the table is in all the places that
// docs/how-to/add-a-filter.md names, and these have no other.
func TestFilterPlaces(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	client := regexp.MustCompile(`(?m)^  (\w+): \{ value: '(\w+)'`).FindAllStringSubmatch(read("../../web/src/search/filters.ts"), -1)
	if len(fixture.Filters) != len(Filters) || len(client) != len(Filters) {
		t.Fatalf("the server has %d filters, the fixture %d, the web client %d", len(Filters), len(fixture.Filters), len(client))
	}

	user, api, guide := read("../../docs/search.md"), read("../../api/openapi.yaml"), read("../../docs/how-to/add-a-filter.md")
	_, api, _ = strings.Cut(api, "operationId: search\n")
	api, _, _ = strings.Cut(api, "parameters:")

	for i, f := range Filters {
		want := fixture.Filters[i]
		if f.Name != want.Name || f.Value != want.Value || !slices.Equal(f.Values, want.Values) {
			t.Errorf("filter %d is %q, %q, %q here and %q, %q, %q in the fixture", i, f.Name, f.Value, f.Values, want.Name, want.Value, want.Values)
		}
		if len(want.Examples) == 0 || len(want.Errors) == 0 {
			t.Errorf("%s: has no example or no error in the fixture", f.Name)
		}
		if client[i][1] != f.Name || client[i][2] != string(f.Value) {
			t.Errorf("filter %d is %s (%s) here and %s (%s) in the web client", i, f.Name, f.Value, client[i][1], client[i][2])
		}
		if !strings.Contains(user, "| `"+f.Name+":") {
			t.Errorf("%s: is not in the table of docs/search.md", f.Name)
		}
		if !regexp.MustCompile("[ `]" + f.Name + ":").MatchString(api) {
			t.Errorf("%s: is not in the description of /search in api/openapi.yaml", f.Name)
		}
	}

	for _, m := range regexp.MustCompile("`((?:api|docs|search|web)/[\\w/.-]+)`").FindAllStringSubmatch(guide, -1) {
		if _, err := os.Stat("../../" + m[1]); err != nil {
			t.Errorf("docs/how-to/add-a-filter.md: %v", err)
		}
	}
}

// TestAddFilter adds a filter as docs/how-to/add-a-filter.md says: by one entry.
func TestAddFilter(t *testing.T) {
	language := Filter{Name: "lang", Value: TextValue, set: func(s *filterSetter, value string) error {
		if len(value) != 2 {
			return tidings.Invalid("q", "%q is no language.", truncateValue(value))
		}
		s.q.Tag = "language " + value
		return nil
	}}
	p := Parser{filters: append(slices.Clone(Filters), language)}

	q := tidings.Query{Text: "tide lang:de is:mine"}
	err := p.ParseQuery(&q, tidings.NameResolver{})
	if want := []string{"only=mine", "tag=language de"}; err != nil || q.Text != "tide " || !slices.Equal(requested(q), want) {
		t.Errorf("%q %v, %v", q.Text, requested(q), err)
	}

	q = tidings.Query{Text: "tide lang:german"}
	if err := p.ParseQuery(&q, tidings.NameResolver{}); errorPosition(t, q.Text, err) != "lang:german" {
		t.Errorf("%v", err)
	}
}
