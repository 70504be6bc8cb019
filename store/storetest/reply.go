package storetest

import (
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// AddReply is a person's recorded reply to a clip, with its comment.
func (w *World) AddReply(to tidings.ID, by tidings.User, at int64) (tidings.Clip, tidings.Comment) {
	w.t.Helper()
	r := w.NewClip(func(c *tidings.Clip) { c.Author.ID, c.Answers = by.ID, to })
	_, err := w.SealUpload(w.ctx, w.Append(w.NewUpload(r.ID), 1000).ID, false)
	w.noError(err)
	c, err := w.commentWithReply(to, by, at, r.ID)
	w.noError(err)
	return w.mustClip(r.ID), c
}

func (w *World) commentWithReply(to tidings.ID, by tidings.User, at int64, reply tidings.ID) (tidings.Comment, error) {
	w.Clock.Pass(time.Millisecond)
	return w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: to, Author: tidings.Author{ID: by.ID}, AtMS: &at, ReplyClip: reply, CreatedAt: w.Clock.Now()})
}

func testReply(t *testing.T, w *World) {
	mem := w.Person("mem", tidings.RoleMember)
	parent, _ := w.Recorded()
	r, c := w.AddReply(parent.ID, mem, 2000)
	equal(t, "what it answers", r.Answers, parent.ID)
	g, err := w.ClipAccess(w.ctx, r.ID, mem.ID)
	w.noError(err)

	if g.Answers == nil || g.Answers.ClipID != parent.ID || g.ClipID != r.ID {
		t.Fatalf("grant of a reply: %+v", g)
	}

	many, err := w.ClipAccesses(w.ctx, []tidings.ID{r.ID, parent.ID}, mem.ID)
	w.noError(err)
	if _, ok := many[parent.ID]; !ok || len(many) != 1 { // what it answers decides, so it is asked about alone
		t.Fatalf("grants of a reply and its parent: %+v", many)
	}

	list, _, err := w.Clips(w.ctx, tidings.ClipFilter{Subject: w.Sub(w.Owner), WorkspaceID: w.WS.ID})
	w.noError(err)

	if slices.ContainsFunc(list, func(c tidings.Clip) bool { return c.ID == r.ID }) {
		t.Fatal("a reply is listed in the library")
	}

	at, err := w.CommentOfReply(w.ctx, r.ID)
	w.noError(err)
	equal(t, "where it stands", at.ID, c.ID)

	w.Indexed()
	w.addUtterances(w.Take(r.ID, tidings.StepTranscribe), "marigold")
	entries := w.Indexed()
	if !slices.ContainsFunc(entries, func(e tidings.OutboxEntry) bool { return e.ClipID == parent.ID }) {
		t.Fatalf("the index of the clip is not told what a reply says: %v", entries)
	}

	doc, err := w.Document(w.ctx, parent.ID)
	w.noError(err)
	spoken := doc.Comments[len(doc.Comments)-1]
	equal(t, "words of the reply", spoken.Body, "marigold")
	equal(t, "their place", *spoken.AtMS, int64(2000))
	_, err = w.Document(w.ctx, r.ID)
	w.wantKind(err, tidings.KindNotFound)                      // it is not found by itself
	w.NewClip(func(c *tidings.Clip) { c.Answers = parent.ID }) // one that never came to a comment
	doc, err = w.Document(w.ctx, parent.ID)
	w.noError(err)
	versions, err := w.IndexVersions(w.ctx, "", 10)
	w.noError(err)
	equalSlices(t, "documents the index should have", versions, []tidings.OutboxEntry{{ClipID: parent.ID, Version: doc.Version}})
	n, err := w.CountIndexable(w.ctx)
	w.noError(err)
	equal(t, "their number", n, 1)

	w.noError(w.DeleteComment(w.ctx, c.ID))
	if w.mustClip(r.ID).TrashedAt == nil {
		t.Fatal("the reply of a deleted comment is not in the trash")
	}

	doc, err = w.Document(w.ctx, parent.ID)
	w.noError(err)

	for _, c := range doc.Comments {
		equal(t, "words after the comment was deleted", c.Body, "")
	}
}

func testReplyRefused(t *testing.T, w *World) {
	mem := w.Person("mem", tidings.RoleMember)
	parent, other := w.NewClip(), w.NewClip()
	mine := func() tidings.Clip { return w.NewClip(func(c *tidings.Clip) { c.Author.ID = mem.ID }) }
	r, _ := w.AddReply(parent.ID, mem, 0)
	own := mine()
	trashed := mine()
	w.noError(w.TrashClip(w.ctx, trashed.ID))
	answered := mine()
	w.AddReply(answered.ID, w.Owner, 0)
	for what, bad := range map[string]struct{ to, clip tidings.ID }{
		"twice":                   {parent.ID, r.ID},
		"elsewhere":               {other.ID, r.ID},
		"to itself":               {own.ID, own.ID},
		"somebody else's":         {parent.ID, other.ID},
		"from the trash":          {parent.ID, trashed.ID},
		"to a reply":              {r.ID, own.ID},
		"a clip that has replies": {parent.ID, answered.ID},
	} {
		before := w.mustClip(bad.clip)
		_, err := w.commentWithReply(bad.to, mem, 0, bad.clip)
		if tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%s: %v", what, err)
		}
		equal(t, what+": what it answers", w.mustClip(bad.clip).Answers, before.Answers)
	}

	_, err := w.commentWithReply(parent.ID, mem, 0, own.ID) // a clip of one's own becomes a reply
	w.noError(err)
	equal(t, "what it answers", w.mustClip(own.ID).Answers, parent.ID)
}

// testReplyCircle: rows that answer each other in a cycle end in a refusal.
func testReplyCircle(t *testing.T, w *World) {
	a, b := w.NewClip(), w.NewClip()
	_, err := w.DB().ExecContext(w.ctx, "UPDATE clips SET answers = CASE id WHEN $1 THEN $2 ELSE $1 END", string(a.ID), string(b.ID))
	w.noError(err)
	_, err = w.ClipAccess(w.ctx, a.ID, w.Owner.ID)
	w.wantKind(err, tidings.KindNotFound)
	w.noError(w.Reindex(w.ctx, []tidings.ID{a.ID}))
}

func testReplyPurged(t *testing.T, w *World) {
	parent, _ := w.Recorded()
	r, _ := w.AddReply(parent.ID, w.Owner, 0)
	keys, err := w.ClipKeys(w.ctx, r.ID)
	w.noError(err)
	w.noError(w.TrashClip(w.ctx, parent.ID))
	w.noError(w.PurgeClip(w.ctx, parent.ID))
	_, err = w.Clip(w.ctx, r.ID)
	w.wantKind(err, tidings.KindNotFound)
	w.Clock.Pass(time.Second)
	stale, err := w.StaleObjects(w.ctx, w.Clock.Now(), 100)
	w.noError(err)

	for _, key := range keys {
		if !slices.Contains(stale, key) {
			t.Errorf("%s of a purged reply stays for ever", key)
		}
	}
}
