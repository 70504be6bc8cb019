package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testComment(t *testing.T, w *World) {
	c, other := w.NewClip(), w.NewClip()
	w.Indexed()
	comment := func(clip, parent tidings.ID, at *int64) (tidings.Comment, error) {
		w.Clock.Pass(time.Millisecond)
		return w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: clip, ParentID: parent, Author: tidings.Author{ID: w.Owner.ID},
			AtMS: at, Body: "<b>'Ünï'</b>", CreatedAt: w.Clock.Now()})
	}

	at := int64(1500)
	first, err := comment(c.ID, "", &at)
	w.noError(err)
	equal(t, "body", first.Body, "<b>'Ünï'</b>")
	equal(t, "author", first.Author.Name, "Ana")
	equal(t, "moment", *first.AtMS, at)
	equal(t, "outbox entries", len(w.Indexed()), 1)
	reply, err := comment(c.ID, first.ID, nil)
	w.noError(err)
	_, err = comment(other.ID, first.ID, nil) // a thread stays in its clip
	w.wantKind(err, tidings.KindInvalid)
	_, err = comment(c.ID, "none", nil)
	w.wantKind(err, tidings.KindInvalid)
	equal(t, "comments counted", w.mustClip(c.ID).Counts.Comments, 2)

	edited, err := w.UpdateComment(w.ctx, first.ID, "new", &first.Version)
	w.noError(err)
	equal(t, "body", edited.Body, "new")
	equal(t, "version", edited.Version, first.Version+1)
	if edited.EditedAt == nil {
		t.Fatal("no time of the edit")
	}

	_, err = w.UpdateComment(w.ctx, first.ID, "newer", &first.Version)
	w.wantKind(err, tidings.KindStale)
	_, err = w.UpdateComment(w.ctx, "none", "x", nil)
	w.wantKind(err, tidings.KindNotFound)

	w.noError(w.DeleteComment(w.ctx, first.ID))
	w.wantKind(w.DeleteComment(w.ctx, first.ID), tidings.KindNotFound)
	w.wantKind(w.DeleteComment(w.ctx, "none"), tidings.KindNotFound)
	_, err = w.UpdateComment(w.ctx, first.ID, "x", nil)
	w.wantKind(err, tidings.KindNotFound)
	_, err = comment(c.ID, first.ID, nil)
	w.wantKind(err, tidings.KindInvalid)
	list, err := w.Comments(w.ctx, c.ID)
	w.noError(err)
	equal(t, "comments, deleted ones included", len(list), 2)
	equal(t, "the thread keeps its shape", list[1].ParentID, first.ID)
	equal(t, "reply", list[1].ID, reply.ID)
	if list[0].Body != "" || list[0].DeletedAt == nil {
		t.Fatalf("a deleted comment still says %q", list[0].Body)
	}

	equal(t, "comments counted", w.mustClip(c.ID).Counts.Comments, 1)
	if _, err := comment("none", "", nil); err == nil {
		t.Fatal("a comment on nothing")
	}
}

func testLink(t *testing.T, w *World) {
	c := w.NewClip()
	from, soon := int64(5000), w.Clock.Now().Add(time.Hour)
	l := tidings.Link{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Hash: []byte{0, 1, 0xff}, Access: tidings.LinkAnyone, AllowComments: true, StartMS: &from,
		ExpiresAt: &soon, CreatedBy: w.Owner.ID, CreatedAt: w.Clock.Now()}
	w.noError(w.CreateLink(w.ctx, l))
	got, err := w.LinkByHash(w.ctx, l.Hash)
	w.noError(err)
	equal(t, "id", got.ID, l.ID)
	equal(t, "start", *got.StartMS, from)
	equal(t, "expiry", *got.ExpiresAt, soon)
	equal(t, "comments", got.AllowComments, true)
	equal(t, "download", got.AllowDownload, false)
	_, err = w.LinkByHash(w.ctx, []byte{1})
	w.wantKind(err, tidings.KindNotFound)
	got.AllowComments, got.AllowDownload, got.ExpiresAt = false, true, nil
	w.noError(w.UpdateLink(w.ctx, got))
	got, err = w.Link(w.ctx, l.ID)
	w.noError(err)

	if got.AllowComments || !got.AllowDownload || got.ExpiresAt != nil {
		t.Fatalf("changed link: %+v", got)
	}

	list, err := w.Links(w.ctx, c.ID)
	w.noError(err)
	equal(t, "links", len(list), 1)
	w.noError(w.RevokeLink(w.ctx, l.ID))
	w.wantKind(w.RevokeLink(w.ctx, l.ID), tidings.KindNotFound)
	w.wantKind(w.UpdateLink(w.ctx, got), tidings.KindNotFound)
	got, err = w.LinkByHash(w.ctx, l.Hash)
	w.noError(err)
	equal(t, "live", got.Live(w.Clock.Now()), false)
	list, err = w.Links(w.ctx, c.ID)
	w.noError(err)
	equal(t, "links", len(list), 0)
	l.ID = tidings.NewID(w.Clock.Now())
	if err := w.CreateLink(w.ctx, l); err == nil {
		t.Fatal("two links with one token")
	}

	_, err = w.Link(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
}

func testLinkAssets(t *testing.T, w *World) {
	c := w.NewClip()
	from, to := int64(1000), int64(3000)
	l := tidings.Link{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Hash: []byte{1}, Access: tidings.LinkAnyone, StartMS: &from, EndMS: &to, CreatedBy: w.Owner.ID, CreatedAt: w.Clock.Now()}
	w.noError(w.CreateLink(w.ctx, l))
	file := func(key string) []tidings.LinkAsset {
		return []tidings.LinkAsset{{LinkID: l.ID, ClipID: c.ID, Name: "stream.mp4", ContentType: "video/mp4", Bytes: 5, Key: key}}
	}
	w.noError(w.PutLinkAssets(w.ctx, l, file("k1")))
	w.noError(w.PutLinkAssets(w.ctx, l, file("k2"))) // again: the first goes
	got, err := w.LinkAssets(w.ctx, l.ID)
	w.noError(err)

	if len(got) != 1 || got[0] != file("k2")[0] {
		t.Fatalf("%+v", got)
	}

	keys, err := w.ClipKeys(w.ctx, c.ID)
	w.noError(err)
	equal(t, "keys of the clip", fmt.Sprint(keys), "[k2]")

	w.Clock.Pass(time.Minute)
	w.noError(w.AddLinkVisit(w.ctx, l.ID, "s1"))
	w.noError(w.AddLinkVisit(w.ctx, l.ID, "s1"))
	w.noError(w.AddLinkVisit(w.ctx, l.ID, "s2"))
	list, err := w.Links(w.ctx, c.ID)
	w.noError(err)
	if l := list[0]; l.Views != 2 || !l.LastUsedAt.Equal(w.Clock.Now()) || l.Creator != "Ana" {
		t.Fatalf("%+v", l)
	}

	late := l
	end := int64(2000)
	l.EndMS = &end
	w.Clock.Pass(time.Millisecond)
	w.noError(w.UpdateLink(w.ctx, l)) // another part: what was cut goes
	got, err = w.LinkAssets(w.ctx, l.ID)
	w.noError(err)
	equal(t, "files of another part", len(got), 0)
	w.wantKind(w.PutLinkAssets(w.ctx, late, file("k3")), tidings.KindConflict) // it was being cut meanwhile
	w.noError(w.PutLinkAssets(w.ctx, l, file("k4")))
	w.Clock.Pass(time.Millisecond)
	w.noError(w.RevokeLink(w.ctx, l.ID))
	w.wantKind(w.PutLinkAssets(w.ctx, l, file("k5")), tidings.KindConflict)
	w.Clock.Pass(time.Minute)
	stale, err := w.StaleObjects(w.ctx, w.Clock.Now(), 10)
	w.noError(err)
	equal(t, "objects to sweep", fmt.Sprint(stale), "[k1 k2 k4]")
	log, _, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 10})
	w.noError(err)
	var acts []string
	for _, e := range log {
		acts = append(acts, string(e.Action))
	}

	equal(t, "audit, newest first", strings.Join(acts[:3], " "), "link.revoked link.changed link.created")
}
