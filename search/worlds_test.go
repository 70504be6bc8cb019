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

// caller is a caller in a random world, with roles and channels.
type caller struct {
	id    tidings.ID
	roles map[tidings.ID]tidings.Role
	in    map[tidings.ID]bool // channels
}

// worldClip is a clip of a random world: its current access facts and its words.
type worldClip struct {
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
	people   []caller
	clips    map[tidings.ID]*worldClip
}

var worldWords = strings.Fields("tide ebb rope sail keel") // too short to be mistyped

// TestRandomWorlds compares the index with an oracle that does not use it, in
// ten thousand random worlds: a search returns exactly the clips that hold the
// word and that tidings.Allowed lets the caller see. Memberships and open
// channels are new in each world, clips in every fortieth, as they are the slow
// part. In the second half of each forty worlds, clips become private or are
// trashed without a change of the index; they are not returned, as every hit is
// read again with the current rights.
func TestRandomWorlds(t *testing.T) {
	t.Parallel()
	holdWorlds(t, openEmbedded(t, t.TempDir()), 10_000, 40)
}

// TestRandomWorldsMeilisearch checks the access filter of Meilisearch against
// the same oracle; each change is a task there, so there are fewer worlds.
func TestRandomWorldsMeilisearch(t *testing.T) {
	t.Parallel()
	holdWorlds(t, openMeilisearch(t, search.MeilisearchConfig{URL: fakemeili.New(t).URL, Key: fakemeili.MasterKey}), 300, 10)
}

// holdWorlds compares what an engine finds in random worlds with the oracle.
// The clips are new in every world whose number is a multiple of fresh.
func holdWorlds(t *testing.T, e search.Engine, worlds, fresh int) {
	seed := rand.Int63()
	w := newRandomWorld(rand.New(rand.NewSource(seed)))
	found := 0
	for n := range worlds {
		if n%fresh == 0 {
			putAll(t, e, w.clipsAnew()...)
		}

		w.peopleAnew()
		if n%fresh > fresh/2 {
			w.revokeAccess()
		}

		who, ws, word := w.people[w.r.Intn(len(w.people))], w.ws[w.r.Intn(2)], worldWords[w.r.Intn(len(worldWords))]
		q := tidings.Query{WorkspaceID: ws, ACL: w.aclOf(who, ws), Text: word + " ", Limit: 100, Newest: w.r.Intn(2) == 0}
		if len(q.ACL) == 0 {
			continue
		}

		hits, _, err := e.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}

		got := []tidings.ID{}
		for _, h := range hits {
			if w.mayFind(who, w.clips[h.ClipID]) { // the second look
				got = append(got, h.ClipID)
			}
		}

		slices.Sort(got)
		want := w.findAllowed(who, ws, word)
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
	w := &randomWorld{r: r, ws: []tidings.ID{"W1", "W2"}, channels: []tidings.ID{"H1", "H2", "H3"}, clips: map[tidings.ID]*worldClip{}}
	for i := range 4 {
		w.people = append(w.people, caller{id: tidings.ID(fmt.Sprint("U", i))})
	}
	for i := range 8 {
		w.clips[tidings.ID(fmt.Sprint("C", i))] = &worldClip{}
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

		docs = append(docs, w.newDocument(id))
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

func (w *randomWorld) newDocument(id tidings.ID) tidings.Document {
	c := w.clips[id]
	return tidings.Document{ClipID: id, Version: c.version, WorkspaceID: c.grant.WorkspaceID, ACL: c.grant.ACL(), AuthorID: c.grant.AuthorID,
		ChannelID: c.grant.ChannelID, Kind: tidings.ClipVoice, Title: strings.Join(c.words, " ")}
}

// revokeAccess makes a clip private or deletes it, without an update of the index.
func (w *randomWorld) revokeAccess() {
	c := w.clips[tidings.ID(fmt.Sprint("C", w.r.Intn(8)))]
	if w.r.Intn(2) == 0 {
		c.grant.Visibility, c.grant.ChannelID = tidings.VisibilityPrivate, ""
	} else {
		c.grant.Trashed = true
	}
}

// aclOf is what store.ACLOf answers: see its own tests.
func (w *randomWorld) aclOf(p caller, ws tidings.ID) []string {
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

func (w *randomWorld) mayFind(p caller, c *worldClip) bool {
	if c == nil {
		return true // a leak: it shows
	}
	g := c.grant
	g.InChannel, g.ChannelOpen = p.in[g.ChannelID], w.open[g.ChannelID]
	return !g.Trashed && tidings.Allowed(tidings.Subject{UserID: p.id, Scope: tidings.ScopeRead, Roles: p.roles}, g, tidings.ActView, day0)
}

// findAllowed looks at every clip.
func (w *randomWorld) findAllowed(p caller, ws tidings.ID, word string) []tidings.ID {
	ids := []tidings.ID{}
	for id, c := range w.clips {
		if c.grant.WorkspaceID == ws && slices.Contains(c.words, word) && w.mayFind(p, c) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// day0 is when everything happens: no link is older.
var day0 = time.Unix(1_760_000_000, 0)
