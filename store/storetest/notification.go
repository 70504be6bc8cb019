package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// writeComment adds a text comment.
func (w *World) writeComment(clip, parent tidings.ID, by tidings.User, body string) (tidings.Comment, error) {
	w.Clock.Pass(time.Millisecond)
	at := int64(2000)
	c := tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: clip, ParentID: parent, Author: tidings.Author{ID: by.ID}, Body: body, CreatedAt: w.Clock.Now()}
	if parent == "" {
		c.AtMS = &at
	}
	return w.AddComment(w.ctx, c)
}

func mentionOf(u tidings.User) string { return fmt.Sprintf("@[%s](%s)", u.Name, u.ID) }

// wantNotifications checks the kinds of a person's notifications, newest first.
func (w *World) wantNotifications(u tidings.User, want ...string) []tidings.Notification {
	w.t.Helper()
	list, _, err := w.Notifications(w.ctx, tidings.NotificationFilter{UserID: u.ID, Limit: 100})
	w.noError(err)
	var got []string
	for _, n := range list {
		text := fmt.Sprintf("%s by %s", n.Kind, n.Actor.Name)
		if n.SeenAt != nil {
			text += ", seen"
		}
		got = append(got, text)
	}

	equalSlices(w.t, "told to "+u.Name, got, want)
	return list
}

func testNotification(t *testing.T, w *World) {
	ben, cleo, gus := w.Person("ben", tidings.RoleMember), w.Person("cleo", tidings.RoleMember), w.Person("gus", tidings.RoleGuest)
	out := w.Person("out", "")
	c, _ := w.Recorded()         // Ana's, in the workspace
	w.wantNotifications(w.Owner) // not of her own clip
	w.wantNotifications(ben, "clip by Ana")
	w.wantNotifications(gus) // guests do not see it
	first, err := w.writeComment(c.ID, "", ben, "What of "+mentionOf(cleo)+", "+mentionOf(gus)+", "+mentionOf(out)+" and "+mentionOf(ben)+"?")
	w.noError(err)
	w.wantNotifications(w.Owner, "comment by ben")
	w.wantNotifications(cleo, "mention by ben", "clip by Ana")
	w.wantNotifications(gus)
	w.wantNotifications(out)
	w.wantNotifications(ben, "clip by Ana")
	_, err = w.writeComment(c.ID, first.ID, w.Owner, "Nothing, "+mentionOf(ben)) // a mention says more than a reply
	w.noError(err)
	w.wantNotifications(ben, "mention by Ana", "clip by Ana")
	w.wantNotifications(w.Owner, "comment by ben")
	_, err = w.writeComment(c.ID, first.ID, cleo, "Oh.")
	w.noError(err)
	w.wantNotifications(ben, "reply by cleo", "mention by Ana", "clip by Ana")
	w.wantNotifications(w.Owner, "reply by cleo", "comment by ben") // she wrote in the thread

	// A person who is mentioned later is notified then; no one twice.
	edited, err := w.UpdateComment(w.ctx, first.ID, mentionOf(w.Owner)+" "+mentionOf(cleo), nil)
	w.noError(err)
	w.wantNotifications(w.Owner, "reply by cleo", "comment by ben")
	w.wantNotifications(cleo, "mention by ben", "clip by Ana")
	w.noError(w.DeleteComment(w.ctx, edited.ID))
	w.wantNotifications(cleo, "clip by Ana")
	w.wantNotifications(w.Owner, "reply by cleo")
}

func testNotificationSettings(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	ben.Prefs.Notify = map[string]string{"clip": "off", "comment": "inbox,mail", "mention": "mail"}
	_, err := w.UpdateUser(w.ctx, ben)
	w.noError(err)
	w.Recorded()
	w.wantNotifications(ben)
	c := w.NewClip(func(c *tidings.Clip) { c.Author.ID = ben.ID })
	_, err = w.writeComment(c.ID, "", w.Owner, "Good.")
	w.noError(err)
	w.wantNotifications(ben, "comment by Ana")
	var n int
	w.noError(w.DB().QueryRowContext(w.ctx, "SELECT count(*) FROM deliveries").Scan(&n))
	equal(t, "deliveries by channels that nothing drains", n, 0)
}

// testNotificationPrivate: of a clip that becomes visible later people are
// notified then, once.
func testNotificationPrivate(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	private, open := tidings.VisibilityPrivate, tidings.VisibilityWorkspace
	c := w.NewClip(func(c *tidings.Clip) { c.Visibility = private })
	set := func(v tidings.Visibility) {
		_, err := w.UpdateClip(w.ctx, c.ID, tidings.ClipPatch{Visibility: &v}, nil)
		w.noError(err)
	}
	set(open)
	w.wantNotifications(ben) // nothing is recorded yet
	set(private)
	_, err := w.SealUpload(w.ctx, w.Append(w.NewUpload(c.ID), 1000).ID, false)
	w.noError(err)
	w.wantNotifications(ben)
	_, err = w.writeComment(c.ID, "", w.Owner, mentionOf(ben))
	w.noError(err)
	w.wantNotifications(ben)

	for range 2 {
		set(open)
		set(private)
	}

	w.wantNotifications(ben, "clip by Ana")
}

func testNotificationSeen(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	c := w.readyClip()
	first, err := w.writeComment(c.ID, "", ben, "At two seconds.")
	w.noError(err)
	w.addView(c.ID, w.Owner.ID, "s", false, tidings.Span{StartMS: 6000, EndMS: 9000})
	w.wantNotifications(w.Owner, "comment by ben") // she has not watched so far
	w.addView(c.ID, w.Owner.ID, "s", false, tidings.Span{StartMS: 0, EndMS: 3000})
	w.wantNotifications(w.Owner, "comment by ben, seen")
	w.wantNotifications(ben, "clip by Ana")
	w.addView(c.ID, ben.ID, "s", true)
	w.wantNotifications(ben, "clip by Ana, seen")

	// Playing a reply marks its comment as seen.
	r, _ := w.AddReply(c.ID, ben, 9000)
	w.wantNotifications(w.Owner, "comment by ben", "comment by ben, seen")
	w.addView(r.ID, w.Owner.ID, "r", false, tidings.Span{StartMS: 0, EndMS: 4000})
	w.wantNotifications(w.Owner, "comment by ben, seen", "comment by ben, seen")

	_, err = w.writeComment(c.ID, first.ID, ben, "Again.")
	w.noError(err)
	last := w.wantNotifications(w.Owner, "comment by ben", "comment by ben, seen", "comment by ben, seen")[0]
	w.noError(w.MarkNotificationsSeen(w.ctx, ben.ID, []tidings.ID{last.ID})) // not his
	w.wantNotifications(w.Owner, "comment by ben", "comment by ben, seen", "comment by ben, seen")
	before := w.Clock.Now()
	_, err = w.writeComment(c.ID, first.ID, ben, "And again.")
	w.noError(err)
	w.noError(w.MarkNotificationsSeenUntil(w.ctx, w.Owner.ID, before))
	list := w.wantNotifications(w.Owner, "comment by ben", "comment by ben, seen", "comment by ben, seen", "comment by ben, seen")
	w.noError(w.MarkNotificationsSeen(w.ctx, w.Owner.ID, []tidings.ID{list[0].ID, "none"}))
	unseen, _, err := w.Notifications(w.ctx, tidings.NotificationFilter{UserID: w.Owner.ID, Unseen: true})
	w.noError(err)
	equal(t, "unseen", len(unseen), 0)
}

func testNotificationPages(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	c := w.NewClip()
	for i := range 5 {
		_, err := w.writeComment(c.ID, "", ben, fmt.Sprint(i))
		w.noError(err)
	}

	seen := map[tidings.ID]bool{}
	f := tidings.NotificationFilter{UserID: w.Owner.ID, Limit: 2}
	for pages := 1; ; pages++ {
		list, next, err := w.Notifications(w.ctx, f)
		w.noError(err)

		for _, n := range list {
			seen[n.ID] = true
		}

		if f.Cursor = next; next == "" {
			equal(t, "pages", pages, 3)
			break
		}
	}

	equal(t, "notifications", len(seen), 5)
	_, _, err := w.Notifications(w.ctx, tidings.NotificationFilter{UserID: ben.ID, Cursor: "x"})
	w.wantKind(err, tidings.KindInvalid)
}

// testNotificationRace: an act that many requests report at once makes one
// notification, and nothing that was answered is lost.
func testNotificationRace(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	c, _ := w.Recorded()
	now := w.Clock.Now()
	var wg sync.WaitGroup
	errs := make(chan error, 60)
	for i := range 20 {
		id := tidings.NewID(now.Add(time.Duration(i) * time.Millisecond))
		wg.Go(func() {
			_, err := w.AddComment(w.ctx, tidings.Comment{ID: id, ClipID: c.ID, Author: tidings.Author{ID: ben.ID}, Body: "x", CreatedAt: now})
			errs <- err
		})
		wg.Go(func() {
			title := fmt.Sprint(i)
			_, err := w.UpdateClip(w.ctx, c.ID, tidings.ClipPatch{Title: &title}, nil)
			errs <- err
		})
		wg.Go(func() {
			errs <- w.AddView(w.ctx, c.ID, tidings.View{Viewer: string(ben.ID), Session: "s", Read: true})
		})
	}

	wg.Wait()
	close(errs)
	for err := range errs {
		w.noError(err)
	}

	var want []string
	for range 20 {
		want = append(want, "comment by ben")
	}

	w.wantNotifications(w.Owner, want...)
	w.wantNotifications(ben, "clip by Ana, seen")
}

// testNotificationReaction: reactions to one target are one notification, which
// each new one renews and which the last one takes along.
func testNotificationReaction(t *testing.T, w *World) {
	ben, cleo := w.Person("ben", tidings.RoleMember), w.Person("cleo", tidings.RoleMember)
	c, _ := w.Recorded()
	to := tidings.ReactionTarget{ClipID: c.ID}
	react := func(u tidings.User, emoji string) {
		w.Clock.Pass(time.Millisecond)
		w.noError(w.AddReaction(w.ctx, to, emoji, tidings.Reactor{UserID: u.ID}))
	}
	react(ben, "👍")
	react(w.Owner, "👍") // her own is no news
	list := w.wantNotifications(w.Owner, "reaction by ben")
	w.noError(w.MarkNotificationsSeen(w.ctx, w.Owner.ID, []tidings.ID{list[0].ID}))
	react(ben, "👍") // a request that is sent again
	w.wantNotifications(w.Owner, "reaction by ben, seen")
	react(cleo, "🎉")
	w.wantNotifications(w.Owner, "reaction by cleo")
	guest := tidings.Guest{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Name: "Gus", CreatedAt: w.Clock.Now()}
	w.noError(w.CreateGuest(w.ctx, guest))
	w.noError(w.AddReaction(w.ctx, to, "👍", tidings.Reactor{GuestID: guest.ID}))
	w.wantNotifications(w.Owner, "reaction by Gus")
	for _, by := range []tidings.Reactor{{UserID: ben.ID}, {UserID: w.Owner.ID}, {GuestID: guest.ID}} {
		w.noError(w.RemoveReaction(w.ctx, to, "👍", by))
	}

	equal(t, "what is left", len(w.wantNotifications(w.Owner, "reaction by Gus")), 1)
	w.noError(w.RemoveReaction(w.ctx, to, "🎉", tidings.Reactor{UserID: cleo.ID}))
	w.wantNotifications(w.Owner)
}

func testNotificationResolved(t *testing.T, w *World) {
	ben, cleo := w.Person("ben", tidings.RoleMember), w.Person("cleo", tidings.RoleMember)
	c := w.NewClip()
	first, err := w.writeComment(c.ID, "", ben, "Is it settled?")
	w.noError(err)
	_, err = w.writeComment(c.ID, first.ID, cleo, "Nearly.")
	w.noError(err)
	w.Clock.Pass(time.Millisecond)
	for range 2 {
		_, err = w.ResolveThread(w.ctx, first.ID, w.Owner.ID)
		w.noError(err)
	}

	w.wantNotifications(ben, "resolved by Ana", "reply by cleo")
	w.wantNotifications(cleo, "resolved by Ana")
	_, err = w.ReopenThread(w.ctx, first.ID)
	w.noError(err)
	w.wantNotifications(cleo)
	w.Clock.Pass(time.Millisecond)
	_, err = w.ResolveThread(w.ctx, first.ID, cleo.ID)
	w.noError(err)
	w.wantNotifications(cleo)
	equal(t, "told of it again", len(w.wantNotifications(ben, "resolved by cleo", "reply by cleo")), 2)
}

// testNotificationGuest: a guest appears by the name they gave.
func testNotificationGuest(t *testing.T, w *World) {
	c := w.NewClip()
	guest := tidings.Guest{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Name: "Gus", CreatedAt: w.Clock.Now()}
	w.noError(w.CreateGuest(w.ctx, guest))
	_, err := w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, GuestID: guest.ID, Body: "Hello", CreatedAt: w.Clock.Now()})
	w.noError(err)
	w.wantNotifications(w.Owner, "comment by Gus")
	equal(t, "the author of it", w.wantNotifications(w.Owner, "comment by Gus")[0].Actor.ID, tidings.ID(""))
}

// testDeliveries: a delivery is stored with the notification, once, for each
// channel that the person names and that is drained.
func testDeliveries(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	ben.Prefs.Notify = map[string]string{"comment": "inbox,mail,push", "reply": "off"}
	_, err := w.UpdateUser(w.ctx, ben)
	w.noError(err)
	w.SetDeliveryChannels(tidings.DeliverMail)
	c := w.NewClip(func(c *tidings.Clip) { c.Author.ID = ben.ID })
	first, err := w.writeComment(c.ID, "", w.Owner, "Good.")
	w.noError(err)
	_, err = w.UpdateComment(w.ctx, first.ID, mentionOf(ben), nil) // notified already
	w.noError(err)
	rows, err := w.DB().QueryContext(w.ctx, "SELECT channel FROM deliveries d JOIN notifications n ON n.id = d.notification_id WHERE n.user_id = $1", string(ben.ID))
	w.noError(err)
	defer rows.Close()

	var got []string
	for rows.Next() {
		var channel string
		w.noError(rows.Scan(&channel))
		got = append(got, channel)
	}

	w.noError(rows.Err())
	equalSlices(t, "deliveries", got, []string{"mail"})
}
