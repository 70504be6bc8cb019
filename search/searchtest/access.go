package searchtest

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

func testRefused(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("open", "secret", "secret")
	for name, q := range map[string]tidings.Query{
		"no acl":       {Text: "secret", WorkspaceID: acme, Limit: 10},
		"no workspace": {Text: "secret", ACL: []string{"w:" + string(acme)}, Limit: 10},
	} {
		if hits, _, err := w.e.Search(t.Context(), q); err == nil || len(hits) > 0 {
			t.Errorf("%s: %v, %v", name, hits, err)
		}
	}

	d := w.newDocument("naked", "secret")
	d.ACL = nil
	if err := w.e.Put(t.Context(), []tidings.Document{d}); err == nil {
		t.Error("a document without ACL is stored")
	}
}

func testAccess(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for name, acl := range map[string][]string{
		"workspace": {"u:ann", "w:" + string(acme)}, "private": {"u:ann"}, "channel": {"u:ann", "c:eng"},
	} {
		d := w.newDocument(name, "the secret plan", "secret")
		d.ACL = acl
		w.putDocument(name, d)
	}

	d := w.newDocument("tenant", "the secret plan", "secret")
	d.WorkspaceID, d.ACL = other, []string{"u:ann", "w:" + string(other), "w:" + string(acme)}
	w.putDocument("tenant", d)
	for _, c := range []struct {
		name string
		acl  []string
		want []string
	}{
		{"author", []string{"u:ann", "w:" + string(acme)}, []string{"workspace", "private", "channel"}},
		{"member", []string{"u:dan", "w:" + string(acme)}, []string{"workspace"}},
		{"channel member", []string{"u:dan", "w:" + string(acme), "c:eng"}, []string{"workspace", "channel"}},
		{"guest", []string{"u:gil"}, nil},
		{"like a token", []string{"u:an", "u:ann%", "U:ANN", "c:en*", ""}, nil},
	} {
		for _, text := range []string{"secret", `"secret plan"`, "secr", "secrte ", "", "-zebra"} {
			q := newQuery(text)
			q.ACL = c.acl
			t.Run(c.name+" "+text, func(t *testing.T) {
				v := *w
				v.t = t
				v.wantFound(q, c.want...)
			})
		}
	}
}

func testAccessChanges(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("clip", "plan", "secret")
	w.wantFound(newQuery("secret"), "clip")
	d := w.newDocument("clip", "plan", "secret")
	d.ACL = []string{"u:ann"}
	w.putDocument("clip", d)
	w.wantFound(newQuery("secret"))
	w.wantFound(newQuery(""))
	q := newQuery("secret")
	q.ACL = []string{"u:ann"}
	w.wantFound(q, "clip")
}

// testNeverLeaks compares random worlds with what their ACLs allow: whatever
// the text, nobody gets anything else, and a plain word gets just that.
func testNeverLeaks(t *testing.T, s Suite) {
	seed := rand.Int63()
	r := rand.New(rand.NewSource(seed))
	tokens := []string{"w:" + string(acme), "w:" + string(other), "u:1", "u:2", "u:3", "c:1", "c:2", "c:3"}
	pick := func() []string {
		n := 1 + r.Intn(3)
		out := []string{}
		for range n {
			out = append(out, tokens[r.Intn(len(tokens))])
		}
		return out
	}

	w := newWorld(t, s)
	for round := range 20 {
		for i := range 5 { // new clips and new versions of old ones
			d := w.newDocument(fmt.Sprint("clip", r.Intn(60)), "common "+hostileText(r), "common", hostileText(r))
			d.ACL = pick()
			d.WorkspaceID = []tidings.ID{acme, other}[r.Intn(2)]
			d.Comments = []tidings.Comment{{ID: tidings.ID(fmt.Sprint("c", i)), Body: hostileText(r)}}
			w.putDocument(w.names[d.ClipID], d)
		}

		for range 10 {
			q := tidings.Query{WorkspaceID: []tidings.ID{acme, other}[r.Intn(2)], ACL: pick(), Limit: 100, Newest: r.Intn(2) == 0}
			allowed := w.allowedNames(q)
			q.Text = "common"
			w.wantFound(q, allowed...)
			q.Text = hostileText(r)
			for _, name := range w.findNames(q) {
				if !slices.Contains(allowed, name) {
					t.Fatalf("seed %d round %d: %q with %v finds %s with %v", seed, round, q.Text, q.ACL, name, w.docs[name].ACL)
				}
			}
		}
	}
}

// allowedNames is the oracle: what a caller may find at all.
func (w *world) allowedNames(q tidings.Query) (names []string) {
	for name, d := range w.docs {
		if d.WorkspaceID == q.WorkspaceID && slices.ContainsFunc(d.ACL, func(t string) bool { return slices.Contains(q.ACL, t) }) {
			names = append(names, name)
		}
	}
	return names
}

// hostileText is text with a chance to mean something to an engine.
func hostileText(r *rand.Rand) string {
	bits := []string{"common", "commno", "com", " OR ", " AND ", " NOT ", `"`, "*", "(", ")", "-", ":", "{title}", "^", "NEAR/2", "+", "'", "--", "\x00", "\xff", "é", "会", "🎉",
		"acl", "w:" + string(other), " ", " ", "a", "title:", ";", "%", "_", "\\", "u:1", "1=1"}
	var b strings.Builder
	for range 1 + r.Intn(12) {
		b.WriteString(bits[r.Intn(len(bits))])
	}
	return b.String()
}
