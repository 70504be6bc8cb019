package search_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest/fakemeili"
	"tidings.example/tidings/tidings"
)

// somebody is a caller of a random world, as the access check knows them.
type somebody struct {
	id    tidings.ID
	roles map[tidings.ID]tidings.Role
	in    map[tidings.ID]bool // channels
}

// candidate is a random clip: its grant of now, and the words it holds.
type candidate struct {
	grant   tidings.ClipAccess
	version int64
	words   []string
}

// randomWorld is people, clips and channels of two workspaces.
type randomWorld struct {
	r        *rand.Rand
	ws       []tidings.ID
	channels []tidings.ID
	open     map[tidings.ID]bool
	people   []somebody
	clips    map[tidings.ID]*candidate
}

var worldWords = strings.Fields("tide ebb rope sail keel") // too short to be mistyped

// TestRandomWorlds is ten thousand random worlds against an oracle that knows
// nothing of the index: whoever asks finds just what tidings.Allowed lets them
// see of what holds the word. Who is in which workspace and channel, and which
// channels are open, is new in each world. What the clips are is new in every
// fortieth, which is what costs; in the second half of the forty they are made
// private or thrown away without the index hearing of it, and nothing of that
// is shown, since every hit is read again with the rights of now.
func TestRandomWorlds(t *testing.T) {
	t.Parallel()
	holdWorlds(t, open(t, t.TempDir()), 10_000, 40)
}

// TestRandomWorldsMeilisearch holds the rights filter of the other engine
// against the same oracle; each change is a task there, so the worlds are fewer.
func TestRandomWorldsMeilisearch(t *testing.T) {
	t.Parallel()
	holdWorlds(t, meili(t, search.MeilisearchConfig{URL: fakemeili.New(t).URL, Key: fakemeili.MasterKey}), 300, 10)
}

// holdWorlds compares what an engine finds in random worlds with the oracle.
// The clips are new in every world whose number is a multiple of fresh.
func holdWorlds(t *testing.T, e search.Engine, worlds, fresh int) {
	seed := rand.Int63()
	w := newRandomWorld(rand.New(rand.NewSource(seed)))
	found := 0
	for n := range worlds {
		if n%fresh == 0 {
			put(t, e, w.clipsAnew()...)
		}

		w.peopleAnew()
		if n%fresh > fresh/2 {
			w.revoke()
		}

		who, ws, word := w.people[w.r.Intn(len(w.people))], w.ws[w.r.Intn(2)], worldWords[w.r.Intn(len(worldWords))]
		q := tidings.Query{WorkspaceID: ws, ACL: w.acl(who, ws), Text: word + " ", Limit: 100, Newest: w.r.Intn(2) == 0}
		if len(q.ACL) == 0 {
			continue
		}

		hits, _, err := e.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}

		got := []tidings.ID{}
		for _, h := range hits {
			if w.allowed(who, w.clips[h.ClipID]) { // the second look
				got = append(got, h.ClipID)
			}
		}

		slices.Sort(got)
		want := w.oracle(who, ws, word)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d world %d: %q of %+v finds %v, want %v", seed, n, word, who, got, want)
		}
		if n%fresh == 0 && len(hits) != len(got) { // the index knows it all: it alone may leak nothing
			t.Fatalf("seed %d world %d: %q of %+v gets %v of the index, and may see %v", seed, n, word, who, hits, got)
		}

		found += len(got)
	}

	if found < worlds/10 {
		t.Errorf("only %d hits in all worlds: they try nothing", found)
	}
}

func newRandomWorld(r *rand.Rand) *randomWorld {
	w := &randomWorld{r: r, ws: []tidings.ID{"W1", "W2"}, channels: []tidings.ID{"H1", "H2", "H3"}, clips: map[tidings.ID]*candidate{}}
	for i := range 4 {
		w.people = append(w.people, somebody{id: tidings.ID(fmt.Sprint("U", i))})
	}
	for i := range 8 {
		w.clips[tidings.ID(fmt.Sprint("C", i))] = &candidate{}
	}
	return w
}

// clipsAnew gives every clip other words, another owner and other rights.
func (w *randomWorld) clipsAnew() (docs []tidings.Document) {
	kinds := []tidings.Visibility{tidings.VisibilityPrivate, tidings.VisibilityChannel, tidings.VisibilityWorkspace}
	for id, c := range w.clips {
		c.version++
		c.words = nil
		for range 1 + w.r.Intn(3) {
			c.words = append(c.words, worldWords[w.r.Intn(len(worldWords))])
		}

		c.grant = tidings.ClipAccess{ClipID: id, AuthorID: w.people[w.r.Intn(len(w.people))].id, Visibility: kinds[w.r.Intn(3)], WorkspaceID: w.ws[w.r.Intn(2)]}
		if c.grant.Visibility == tidings.VisibilityChannel { // channels belong to the first workspace
			c.grant.WorkspaceID, c.grant.ChannelID = w.ws[0], w.channels[w.r.Intn(3)]
		}

		docs = append(docs, w.document(id))
	}

	return docs
}

// peopleAnew puts everybody into other workspaces, roles and channels.
func (w *randomWorld) peopleAnew() {
	roles := []tidings.Role{tidings.RoleOwner, tidings.RoleAdmin, tidings.RoleMember, tidings.RoleGuest}
	w.open = map[tidings.ID]bool{}
	for _, ch := range w.channels {
		w.open[ch] = w.r.Intn(2) == 0
	}

	for i := range w.people {
		p := &w.people[i]
		p.roles, p.in = map[tidings.ID]tidings.Role{}, map[tidings.ID]bool{}
		for _, ws := range w.ws {
			if w.r.Intn(3) > 0 {
				p.roles[ws] = roles[w.r.Intn(4)]
			}
		}

		for _, ch := range w.channels {
			p.in[ch] = p.roles[w.ws[0]] != "" && w.r.Intn(2) == 0
		}
	}
}

func (w *randomWorld) document(id tidings.ID) tidings.Document {
	c := w.clips[id]
	return tidings.Document{ClipID: id, Version: c.version, WorkspaceID: c.grant.WorkspaceID, ACL: c.grant.ACL(), AuthorID: c.grant.AuthorID,
		ChannelID: c.grant.ChannelID, Kind: tidings.ClipVoice, Title: strings.Join(c.words, " ")}
}

// revoke makes a clip private or throws it away; the index does not hear of it.
func (w *randomWorld) revoke() {
	c := w.clips[tidings.ID(fmt.Sprint("C", w.r.Intn(8)))]
	if w.r.Intn(2) == 0 {
		c.grant.Visibility, c.grant.ChannelID = tidings.VisibilityPrivate, ""
	} else {
		c.grant.Trashed = true
	}
}

// acl is what store.ACLOf answers: see its own tests.
func (w *randomWorld) acl(p somebody, ws tidings.ID) []string {
	role := p.roles[ws]
	if role == "" {
		return nil
	}

	acl := []string{"u:" + string(p.id)}
	if role != tidings.RoleGuest {
		acl = append(acl, "w:"+string(ws))
	}

	for _, ch := range w.channels {
		if ws == w.ws[0] && (p.in[ch] || w.open[ch] && role != tidings.RoleGuest) {
			acl = append(acl, "c:"+string(ch))
		}
	}

	return acl
}

func (w *randomWorld) allowed(p somebody, c *candidate) bool {
	if c == nil {
		return true // a leak: it shows
	}
	g := c.grant
	g.InChannel, g.ChannelOpen = p.in[g.ChannelID], w.open[g.ChannelID]
	return !g.Trashed && tidings.Allowed(tidings.Subject{UserID: p.id, Scope: tidings.ScopeRead, Roles: p.roles}, g, tidings.ActView, day0)
}

// oracle looks at every clip.
func (w *randomWorld) oracle(p somebody, ws tidings.ID, word string) []tidings.ID {
	ids := []tidings.ID{}
	for id, c := range w.clips {
		if c.grant.WorkspaceID == ws && slices.Contains(c.words, word) && w.allowed(p, c) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// day0 is when everything happens: no link is older.
var day0 = time.Unix(1_760_000_000, 0)
