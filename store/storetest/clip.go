package storetest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testClip(t *testing.T, w *World) {
	c := w.NewClip(func(c *tidings.Clip) {
		c.Title = "Ünïcode 🎬"
		c.Tags = []string{"a<b", "ü"}
		c.Kind = tidings.ClipScreenCamera
	})
	equal(t, "title", c.Title, "Ünïcode 🎬")
	equalSlices(t, "tags", c.Tags, []string{"a<b", "ü"})
	equal(t, "author", c.Author.Name, "Ana")
	equal(t, "state", c.State, tidings.ClipRecording)
	equal(t, "steps", c.Steps, tidings.Steps{Upload: waitingStatus(), Transcode: waitingStatus(), Transcribe: waitingStatus(), Index: waitingStatus()})
	equal(t, "version", c.Version, 1)
	equal(t, "created", c.CreatedAt, w.Clock.Now())
	if c.DurationMS != nil || c.Width != nil || c.RecordedAt != nil || c.TrashedAt != nil {
		t.Fatalf("a new clip knows too much: %+v", c)
	}

	_, err := w.Clip(w.ctx, "01HZZZZZZZZZZZZZZZZZZZZZZZ")
	w.wantKind(err, tidings.KindNotFound)
	_, err = w.ClipAccess(w.ctx, "01HZZZZZZZZZZZZZZZZZZZZZZZ", w.Owner.ID)
	w.wantKind(err, tidings.KindNotFound)
	if c := w.NewClip(); c.Tags == nil {
		t.Fatal("no tags must be an empty list, not null")
	}
}

func waitingStatus() tidings.StepStatus { return tidings.StepStatus{State: tidings.StepWaiting} }

func testClipPatch(t *testing.T, w *World) {
	c := w.NewClip()
	w.Indexed()
	title, tags, private := "Tuesday", []string{"x"}, tidings.VisibilityPrivate
	got, err := w.UpdateClip(w.ctx, c.ID, tidings.ClipPatch{Title: &title, Tags: &tags, Visibility: &private}, &c.Version)
	w.noError(err)
	equal(t, "title", got.Title, title)
	equal(t, "visibility", got.Visibility, private)
	equalSlices(t, "tags", got.Tags, tags)
	equal(t, "description", got.Description, c.Description)
	equal(t, "version", got.Version, c.Version+1)
	equal(t, "outbox entries", len(w.Indexed()), 1)
	_, err = w.UpdateClip(w.ctx, c.ID, tidings.ClipPatch{Title: &title}, &c.Version)
	w.wantKind(err, tidings.KindStale)
	equal(t, "outbox entries of a refused change", len(w.Indexed()), 0)
	_, err = w.UpdateClip(w.ctx, "none", tidings.ClipPatch{Title: &title}, nil)
	w.wantKind(err, tidings.KindNotFound)
	none := []string{}
	got, err = w.UpdateClip(w.ctx, c.ID, tidings.ClipPatch{Tags: &none}, nil)
	w.noError(err)
	equal(t, "tags", len(got.Tags), 0)
}

// testClipAccess holds the list, which filters in SQL, against tidings.Allowed
// for every role, visibility and author, in and out of the trash.
func testClipAccess(t *testing.T, w *World) {
	people := w.everyRole()
	channels := append(w.visibleChannels(people), "")
	var clips []tidings.ID
	for _, author := range people {
		for i, v := range []tidings.Visibility{tidings.VisibilityPrivate, tidings.VisibilityChannel, tidings.VisibilityWorkspace, tidings.VisibilityChannel} {
			for _, trash := range []bool{false, true} {
				c := w.NewClip(func(c *tidings.Clip) {
					c.Author.ID, c.Visibility, c.ChannelID = author.ID, v, channels[i%len(channels)]
				})
				if trash {
					w.noError(w.TrashClip(w.ctx, c.ID))
				}
				clips = append(clips, c.ID)
			}
		}
	}

	for _, p := range people {
		sub := w.Sub(p)
		for _, scope := range []tidings.Scope{"", tidings.ScopeRead, tidings.ScopeAdmin} {
			sub.Scope = scope
			for _, trashed := range []bool{false, true} {
				w.checkList(t, sub, p.Name, trashed, clips)
			}
		}
	}

	w.checkList(t, tidings.Subject{}, "stranger", false, clips)
}

func (w *World) checkList(t *testing.T, sub tidings.Subject, who string, trashed bool, clips []tidings.ID) {
	t.Helper()
	var want []tidings.ID
	grants, err := w.ClipAccesses(w.ctx, append([]tidings.ID{"none"}, clips...), sub.UserID)
	w.noError(err)
	equal(t, "grants", len(grants), len(clips))
	for _, id := range clips {
		g, err := w.ClipAccess(w.ctx, id, sub.UserID)
		w.noError(err)
		equal(t, "grant among many", fmt.Sprintf("%+v", grants[id]), fmt.Sprintf("%+v", g))
		if g.Trashed == trashed && tidings.Allowed(sub, g, tidings.ActView, w.Clock.Now()) {
			want = append(want, id)
		}
	}

	list, next, err := w.Clips(w.ctx, tidings.ClipFilter{Subject: sub, WorkspaceID: w.WS.ID, Trashed: trashed, Limit: 100})
	w.noError(err)
	equal(t, "cursor after the last page", next, "")
	got := idsOf(list)
	slices.Reverse(got)
	equalSlices(t, fmt.Sprintf("%s (scope %q, trash %v)", who, sub.Scope, trashed), got, want)
}

func idsOf(clips []tidings.Clip) []tidings.ID {
	var ids []tidings.ID
	for _, c := range clips {
		ids = append(ids, c.ID)
	}
	return ids
}

func testClipFilters(t *testing.T, w *World) {
	bo, ch := w.Person("bo", tidings.RoleMember), w.NewChannel("Ops", tidings.ChannelOpen).ID
	a := w.NewClip(func(c *tidings.Clip) { c.Title = "100% Ärger_mit!"; c.Tags = []string{"Release", `q"x`} })
	b := w.NewClip(func(c *tidings.Clip) {
		c.Title = "plain"
		c.Author.ID = bo.ID
		c.Kind = tidings.ClipScreen
		c.ChannelID = ch
	})
	_, err := w.SealUpload(w.ctx, w.NewUpload(b.ID).ID, false) // empty: failed
	w.noError(err)
	for name, c := range map[string]struct {
		f    tidings.ClipFilter
		want []tidings.ID
	}{
		"all, newest first":       {tidings.ClipFilter{}, []tidings.ID{b.ID, a.ID}},
		"author":                  {tidings.ClipFilter{AuthorID: bo.ID}, []tidings.ID{b.ID}},
		"kind":                    {tidings.ClipFilter{Kind: tidings.ClipVoice}, []tidings.ID{a.ID}},
		"state":                   {tidings.ClipFilter{State: tidings.ClipFailed}, []tidings.ID{b.ID}},
		"channel":                 {tidings.ClipFilter{ChannelID: ch}, []tidings.ID{b.ID}},
		"tag":                     {tidings.ClipFilter{Tag: "Release"}, []tidings.ID{a.ID}},
		"tag with quote":          {tidings.ClipFilter{Tag: `q"x`}, []tidings.ID{a.ID}},
		"tag in other spelling":   {tidings.ClipFilter{Tag: "#rélease "}, []tidings.ID{a.ID}},
		"half a tag":              {tidings.ClipFilter{Tag: "Rel"}, nil},
		"title in any case":       {tidings.ClipFilter{TitleHas: "äRGER"}, []tidings.ID{a.ID}},
		"% is a character":        {tidings.ClipFilter{TitleHas: "0%"}, []tidings.ID{a.ID}},
		"% alone":                 {tidings.ClipFilter{TitleHas: "p%n"}, nil},
		"_ is a character":        {tidings.ClipFilter{TitleHas: "r_m"}, []tidings.ID{a.ID}},
		"! is a character":        {tidings.ClipFilter{TitleHas: "mit!"}, []tidings.ID{a.ID}},
		"quotes are characters":   {tidings.ClipFilter{TitleHas: "' OR 1=1 --"}, nil},
		"another workspace":       {tidings.ClipFilter{WorkspaceID: "other"}, nil},
		"all filters at one time": {tidings.ClipFilter{AuthorID: w.Owner.ID, Kind: tidings.ClipVoice, State: tidings.ClipRecording, Tag: "Release", TitleHas: "100%"}, []tidings.ID{a.ID}},
	} {
		c.f.Subject, c.f.Limit = w.Sub(w.Owner), 30
		if c.f.WorkspaceID == "" {
			c.f.WorkspaceID = w.WS.ID
		}
		list, _, err := w.Clips(w.ctx, c.f)
		w.noError(err)
		equalSlices(t, name, idsOf(list), c.want)
	}
}

// testTagSpellings: two spellings of one tag are one, in a clip and among clips.
func testTagSpellings(t *testing.T, w *World) {
	a := w.NewClip(func(c *tidings.Clip) { c.Tags = []string{"Café", "ops-team", "cafe ", "Ops Team", "C++", "C#"} })
	b := w.NewClip(func(c *tidings.Clip) { c.Tags = []string{"CAFE"} })
	got, err := w.Clip(w.ctx, a.ID)
	w.noError(err)
	equalSlices(t, "tags", got.Tags, []string{"Café", "ops-team", "C++", "C#"})

	got, err = w.UpdateClip(w.ctx, b.ID, tidings.ClipPatch{Tags: &[]string{" Straße", "STRASSE", "CAFE"}}, nil)
	w.noError(err)
	equalSlices(t, "changed tags", got.Tags, []string{"Straße", "CAFE"})

	for tag, want := range map[string][]tidings.ID{
		"cafe": {b.ID, a.ID}, "strasse": {b.ID}, "ops_team": {a.ID}, "c#": {a.ID}, "c": nil, "opsteams": nil,
	} {
		list, _, err := w.Clips(w.ctx, tidings.ClipFilter{Subject: w.Sub(w.Owner), WorkspaceID: w.WS.ID, Tag: tag, Limit: 30})
		w.noError(err)
		equalSlices(t, tag, idsOf(list), want)
	}
}

// testClipPages reads a list whose neighbours share a millisecond while new
// clips are added: every old clip is returned exactly once.
func testClipPages(t *testing.T, w *World) {
	var all []tidings.ID
	for i := range 23 {
		at := w.Clock.Now().Add(time.Duration(i/4) * time.Hour)
		c := w.NewClip(func(c *tidings.Clip) { c.CreatedAt = at.Truncate(time.Hour) })
		all = append(all, c.ID)
	}

	for _, size := range []int{3, 10, 22, 23, 24} {
		var seen []tidings.ID
		f := tidings.ClipFilter{Subject: w.Sub(w.Owner), WorkspaceID: w.WS.ID, Limit: size}
		for {
			page, next, err := w.Clips(w.ctx, f)
			w.noError(err)

			if len(page) > size {
				t.Fatalf("page of %d, limit %d", len(page), size)
			}

			seen = append(seen, idsOf(page)...)
			w.NewClip(func(c *tidings.Clip) { c.CreatedAt = c.CreatedAt.Add(1000 * time.Hour) })

			if f.Cursor = next; next == "" {
				break
			}
		}

		old := slices.DeleteFunc(seen, func(id tidings.ID) bool { return !slices.Contains(all, id) })
		equal(t, fmt.Sprintf("clips seen with pages of %d", size), len(old), len(all))
		for _, id := range all {
			if !slices.Contains(old, id) {
				t.Fatalf("pages of %d miss a clip", size)
			}
		}
	}
}

func testClipCursors(t *testing.T, w *World) {
	w.NewClip()
	w.NewClip()
	f := tidings.ClipFilter{Subject: w.Sub(w.Owner), WorkspaceID: w.WS.ID, Limit: 1}
	_, good, err := w.Clips(w.ctx, f)
	w.noError(err)
	raw, ok := tidings.DecodeCursor(good)
	equal(t, "a cursor of the codec", ok, true)
	ms, id, _ := strings.Cut(raw, ".")
	enc := base64.RawURLEncoding.EncodeToString
	for _, bad := range []string{"x", "!!", "0", good + "A", good[1:], good + "=", " " + good, enc([]byte("-1." + id)), enc([]byte("+" + raw)), enc([]byte("99999999999999999999." + id)),
		enc([]byte(ms + ".' OR 1=1")), enc([]byte(ms + "." + strings.ToLower(id))), enc([]byte(ms + ".")), enc([]byte(ms)), enc([]byte(" " + raw)),
		enc([]byte(raw + " ")), enc([]byte("0" + raw)), strings.Repeat("A", 1<<20)} {
		f.Cursor = bad
		_, _, err := w.Clips(w.ctx, f)
		if tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("cursor %.60q: %v, want invalid", bad, err)
		}
	}

	for _, key := range []string{"", "0", "-1." + id, "+" + raw, "99999999999999999999." + id, ms + ".' OR 1=1", ms + "." + strings.ToLower(id), ms + ".", ms} {
		f.Cursor = tidings.EncodeCursor(key)
		_, _, err := w.Clips(w.ctx, f)
		w.wantKind(err, tidings.KindInvalid)
	}

	f.Cursor = good
	page, next, err := w.Clips(w.ctx, f)
	w.noError(err)
	equal(t, "last page", len(page), 1)
	equal(t, "cursor after it", next, "")
}

func testTrash(t *testing.T, w *World) {
	c := w.NewClip()
	w.Indexed()
	w.noError(w.TrashClip(w.ctx, c.ID))
	c = w.mustClip(c.ID)
	if c.TrashedAt == nil || !c.TrashedAt.Equal(w.Clock.Now()) {
		t.Fatalf("trashed at %v", c.TrashedAt)
	}

	equal(t, "outbox entries", len(w.Indexed()), 1)
	w.Clock.Pass(time.Hour)
	w.noError(w.TrashClip(w.ctx, c.ID))
	if again := w.mustClip(c.ID); !again.TrashedAt.Equal(*c.TrashedAt) {
		t.Fatal("putting a clip into the trash twice gives it more time")
	}

	g, err := w.ClipAccess(w.ctx, c.ID, w.Owner.ID)
	w.noError(err)
	equal(t, "grant says trashed", g.Trashed, true)
	w.noError(w.RestoreClip(w.ctx, c.ID))
	if w.mustClip(c.ID).TrashedAt != nil {
		t.Fatal("still in the trash")
	}

	w.wantKind(w.TrashClip(w.ctx, "none"), tidings.KindNotFound)
	w.wantKind(w.RestoreClip(w.ctx, "none"), tidings.KindNotFound)
}

// testUnsentClips: a clip whose upload never begins is marked at risk, then goes
// to the trash; one with an upload stays.
func testUnsentClips(t *testing.T, w *World) {
	unsent, sent := w.NewClip(), w.NewClip()
	w.NewUpload(sent.ID)
	sweep := func(passed time.Duration, atRisk, trashed bool) {
		t.Helper()
		w.Clock.Pass(passed)
		w.noError(w.SweepUnsentClips(w.ctx, time.Minute, 24*time.Hour))
		c := w.mustClip(unsent.ID)
		if c.AtRisk != atRisk || (c.TrashedAt != nil) != trashed || c.State != tidings.ClipRecording {
			t.Errorf("after %v more: at risk %v, trashed %v, %s", passed, c.AtRisk, c.TrashedAt, c.State)
		}
	}

	sweep(59*time.Second, false, false)
	sweep(2*time.Second, true, false)
	sweep(23*time.Hour, true, false)
	sweep(time.Hour, true, true)
	if c := w.mustClip(sent.ID); c.AtRisk || c.TrashedAt != nil {
		t.Errorf("the clip with an upload: at risk %v, trashed %v", c.AtRisk, c.TrashedAt)
	}

	begun := w.NewClip() // its upload begins late
	w.Clock.Pass(time.Hour)
	w.noError(w.SweepUnsentClips(w.ctx, time.Minute, 24*time.Hour))
	equal(t, "at risk before its upload", w.mustClip(begun.ID).AtRisk, true)
	w.NewUpload(begun.ID)
	w.Clock.Pass(48 * time.Hour)
	w.noError(w.SweepUnsentClips(w.ctx, time.Minute, 24*time.Hour))
	equal(t, "trashed with an upload", w.mustClip(begun.ID).TrashedAt != nil, false)
}

func testPurge(t *testing.T, w *World) {
	c, _ := w.Recorded()
	other, _ := w.Recorded()
	_, err := w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Author: tidings.Author{ID: w.Owner.ID}, Body: "x", CreatedAt: w.Clock.Now()})
	w.noError(err)
	w.noError(w.PutAsset(w.ctx, tidings.Asset{ClipID: c.ID, Name: "poster.jpg", Key: "clips/" + string(c.ID) + "/m1/poster.jpg"}))
	w.noError(w.TrashClip(w.ctx, c.ID))
	none, err := w.PurgeableClips(w.ctx, w.Clock.Now(), 10)
	w.noError(err)
	equal(t, "purgeable at once", len(none), 0)
	w.Clock.Pass(time.Hour)
	list, err := w.PurgeableClips(w.ctx, w.Clock.Now(), 10)
	w.noError(err)
	equalSlices(t, "purgeable", list, []tidings.ID{c.ID})
	keys, err := w.ClipKeys(w.ctx, c.ID)
	w.noError(err)
	equal(t, "keys", len(keys), 2)

	w.noError(w.PurgeClip(w.ctx, c.ID))
	_, err = w.Clip(w.ctx, c.ID)
	w.wantKind(err, tidings.KindNotFound)
	w.wantKind(w.PurgeClip(w.ctx, c.ID), tidings.KindNotFound)
	for _, table := range []string{"uploads", "parts", "step_runs", "comments", "assets"} {
		var n int
		column := "clip_id"
		w.noError(w.DB().QueryRowContext(w.ctx, "SELECT count(*) FROM "+table+" WHERE "+column+" = $1", string(c.ID)).Scan(&n))
		equal(t, "rows left in "+table, n, 0)
	}

	w.Clock.Pass(time.Second)
	stale, err := w.StaleObjects(w.ctx, w.Clock.Now(), 10)
	w.noError(err)
	slices.Sort(keys)
	slices.Sort(stale)
	equalSlices(t, "objects for the sweeper", stale, keys)
	w.noError(w.DeleteStaleObjects(w.ctx, stale))
	stale, err = w.StaleObjects(w.ctx, w.Clock.Now(), 10)
	w.noError(err)
	equal(t, "objects left for the sweeper", len(stale), 0)
	_, err = w.Document(w.ctx, c.ID)
	w.wantKind(err, tidings.KindNotFound)
	if entries := w.Indexed(); !slices.ContainsFunc(entries, func(e tidings.OutboxEntry) bool { return e.ClipID == c.ID }) {
		t.Fatalf("the index is not told: %v", entries)
	}

	ids, err := w.ClipIDs(w.ctx, "", 10)
	w.noError(err)
	equalSlices(t, "clips left", ids, []tidings.ID{other.ID})
}
