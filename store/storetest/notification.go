package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// write comments in words.
func (w *World) write(clip, parent tidings.ID, by tidings.User, body string) (tidings.Comment, error) {
	w.Clock.Pass(time.Millisecond)
	at := int64(2000)
	c := tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: clip, ParentID: parent, Author: tidings.Author{ID: by.ID}, Body: body, CreatedAt: w.Clock.Now()}
	if parent == "" {
		c.AtMS = &at
	}
	return w.AddComment(w.ctx, c)
}

func mention(u tidings.User) string { return fmt.Sprintf("@[%s](%s)", u.Name, u.ID) }

// told is what somebody has in their inbox, the newest first.
func (w *World) told(u tidings.User, want ...string) []tidings.Notification {
	w.t.Helper()
	list, _, err := w.Notifications(w.ctx, tidings.NotificationFilter{UserID: u.ID, Limit: 100})
	w.ok(err)
	var got []string
	for _, n := range list {
		text := fmt.Sprintf("%s by %s", n.Kind, n.Actor.Name)
		if n.SeenAt != nil {
			text += ", seen"
		}
		got = append(got, text)
	}

	same(w.t, "told to "+u.Name, got, want)
	return list
}

func testNotification(t *testing.T, w *World) {
	ben, cleo, gus := w.Person("ben", tidings.RoleMember), w.Person("cleo", tidings.RoleMember), w.Person("gus", tidings.RoleGuest)
	out := w.Person("out", "")
	c, _ := w.Recorded() // Ana's, in the workspace
	w.told(w.Owner)      // not of her own clip
	w.told(ben, "clip by Ana")
	w.told(gus) // guests do not see it
	first, err := w.write(c.ID, "", ben, "What of "+mention(cleo)+", "+mention(gus)+", "+mention(out)+" and "+mention(ben)+"?")
	w.ok(err)
	w.told(w.Owner, "comment by ben")
	w.told(cleo, "mention by ben", "clip by Ana")
	w.told(gus)
	w.told(out)
	w.told(ben, "clip by Ana")
	_, err = w.write(c.ID, first.ID, w.Owner, "Nothing, "+mention(ben)) // a mention says more than a reply
	w.ok(err)
	w.told(ben, "mention by Ana", "clip by Ana")
	w.told(w.Owner, "comment by ben")
	_, err = w.write(c.ID, first.ID, cleo, "Oh.")
	w.ok(err)
	w.told(ben, "reply by cleo", "mention by Ana", "clip by Ana")
	w.told(w.Owner, "reply by cleo", "comment by ben") // she wrote in the thread

	// Who is named later is told then; who was told is not told again.
	edited, err := w.UpdateComment(w.ctx, first.ID, mention(w.Owner)+" "+mention(cleo), nil)
	w.ok(err)
	w.told(w.Owner, "reply by cleo", "comment by ben")
	w.told(cleo, "mention by ben", "clip by Ana")
	w.ok(w.DeleteComment(w.ctx, edited.ID))
	w.told(cleo, "clip by Ana")
	w.told(w.Owner, "reply by cleo")
}

func testNotificationSettings(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	ben.Prefs.Notify = map[string]string{"clip": "off", "comment": "inbox,mail", "mention": "mail"}
	_, err := w.UpdateUser(w.ctx, ben)
	w.ok(err)
	w.Recorded()
	w.told(ben)
	c := w.NewClip(func(c *tidings.Clip) { c.Author.ID = ben.ID })
	_, err = w.write(c.ID, "", w.Owner, "Good.")
	w.ok(err)
	w.told(ben, "comment by Ana")
	var n int
	w.ok(w.DB().QueryRowContext(w.ctx, "SELECT count(*) FROM deliveries").Scan(&n))
	eq(t, "deliveries by channels that nothing drains", n, 0)
}

// testNotificationPrivate: what becomes visible later is told of then, once.
func testNotificationPrivate(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	private, open := tidings.VisibilityPrivate, tidings.VisibilityWorkspace
	c := w.NewClip(func(c *tidings.Clip) { c.Visibility = private })
	set := func(v tidings.Visibility) {
		_, err := w.UpdateClip(w.ctx, c.ID, tidings.ClipPatch{Visibility: &v}, nil)
		w.ok(err)
	}
	set(open)
	w.told(ben) // nothing is recorded yet
	set(private)
	_, err := w.SealUpload(w.ctx, w.Append(w.NewUpload(c.ID), 1000).ID, false)
	w.ok(err)
	w.told(ben)
	_, err = w.write(c.ID, "", w.Owner, mention(ben))
	w.ok(err)
	w.told(ben)

	for range 2 {
		set(open)
		set(private)
	}

	w.told(ben, "clip by Ana")
}

func testNotificationSeen(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	c := w.ready()
	first, err := w.write(c.ID, "", ben, "At two seconds.")
	w.ok(err)
	w.view(c.ID, w.Owner.ID, "s", false, tidings.Span{StartMS: 6000, EndMS: 9000})
	w.told(w.Owner, "comment by ben") // she has not come to it
	w.view(c.ID, w.Owner.ID, "s", false, tidings.Span{StartMS: 0, EndMS: 3000})
	w.told(w.Owner, "comment by ben, seen")
	w.told(ben, "clip by Ana")
	w.view(c.ID, ben.ID, "s", true)
	w.told(ben, "clip by Ana, seen")

	// Playing a reply is seeing the comment it stands in.
	r, _ := w.reply(c.ID, ben, 9000)
	w.told(w.Owner, "comment by ben", "comment by ben, seen")
	w.view(r.ID, w.Owner.ID, "r", false, tidings.Span{StartMS: 0, EndMS: 4000})
	w.told(w.Owner, "comment by ben, seen", "comment by ben, seen")

	_, err = w.write(c.ID, first.ID, ben, "Again.")
	w.ok(err)
	last := w.told(w.Owner, "comment by ben", "comment by ben, seen", "comment by ben, seen")[0]
	w.ok(w.SeeNotifications(w.ctx, ben.ID, []tidings.ID{last.ID})) // not his
	w.told(w.Owner, "comment by ben", "comment by ben, seen", "comment by ben, seen")
	before := w.Clock.Now()
	_, err = w.write(c.ID, first.ID, ben, "And again.")
	w.ok(err)
	w.ok(w.SeeNotificationsUntil(w.ctx, w.Owner.ID, before))
	list := w.told(w.Owner, "comment by ben", "comment by ben, seen", "comment by ben, seen", "comment by ben, seen")
	w.ok(w.SeeNotifications(w.ctx, w.Owner.ID, []tidings.ID{list[0].ID, "none"}))
	unseen, _, err := w.Notifications(w.ctx, tidings.NotificationFilter{UserID: w.Owner.ID, Unseen: true})
	w.ok(err)
	eq(t, "unseen", len(unseen), 0)
}

func testNotificationPages(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	c := w.NewClip()
	for i := range 5 {
		_, err := w.write(c.ID, "", ben, fmt.Sprint(i))
		w.ok(err)
	}

	seen := map[tidings.ID]bool{}
	f := tidings.NotificationFilter{UserID: w.Owner.ID, Limit: 2}
	for pages := 1; ; pages++ {
		list, next, err := w.Notifications(w.ctx, f)
		w.ok(err)

		for _, n := range list {
			seen[n.ID] = true
		}

		if f.Cursor = next; next == "" {
			eq(t, "pages", pages, 3)
			break
		}
	}

	eq(t, "notifications", len(seen), 5)
	_, _, err := w.Notifications(w.ctx, tidings.NotificationFilter{UserID: ben.ID, Cursor: "x"})
	w.kind(err, tidings.KindInvalid)
}

// testNotificationRace: the same act told by many at once is told once, and
// nothing that was answered is lost.
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
		w.ok(err)
	}

	var want []string
	for range 20 {
		want = append(want, "comment by ben")
	}

	w.told(w.Owner, want...)
	w.told(ben, "clip by Ana, seen")
}

// testNotificationReaction: reactions to one thing are one notification, new
// with each that is new, and gone with the last.
func testNotificationReaction(t *testing.T, w *World) {
	ben, cleo := w.Person("ben", tidings.RoleMember), w.Person("cleo", tidings.RoleMember)
	c, _ := w.Recorded()
	to := tidings.Target{ClipID: c.ID}
	react := func(u tidings.User, emoji string) {
		w.Clock.Pass(time.Millisecond)
		w.ok(w.React(w.ctx, to, emoji, tidings.Reactor{UserID: u.ID}))
	}
	react(ben, "👍")
	react(w.Owner, "👍") // her own is no news
	list := w.told(w.Owner, "reaction by ben")
	w.ok(w.SeeNotifications(w.ctx, w.Owner.ID, []tidings.ID{list[0].ID}))
	react(ben, "👍") // a request that is sent again
	w.told(w.Owner, "reaction by ben, seen")
	react(cleo, "🎉")
	w.told(w.Owner, "reaction by cleo")
	guest := tidings.Guest{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Name: "Gus", CreatedAt: w.Clock.Now()}
	w.ok(w.CreateGuest(w.ctx, guest))
	w.ok(w.React(w.ctx, to, "👍", tidings.Reactor{GuestID: guest.ID}))
	w.told(w.Owner, "reaction by Gus")
	for _, by := range []tidings.Reactor{{UserID: ben.ID}, {UserID: w.Owner.ID}, {GuestID: guest.ID}} {
		w.ok(w.Unreact(w.ctx, to, "👍", by))
	}

	eq(t, "what is left", len(w.told(w.Owner, "reaction by Gus")), 1)
	w.ok(w.Unreact(w.ctx, to, "🎉", tidings.Reactor{UserID: cleo.ID}))
	w.told(w.Owner)
}

func testNotificationResolved(t *testing.T, w *World) {
	ben, cleo := w.Person("ben", tidings.RoleMember), w.Person("cleo", tidings.RoleMember)
	c := w.NewClip()
	first, err := w.write(c.ID, "", ben, "Is it settled?")
	w.ok(err)
	_, err = w.write(c.ID, first.ID, cleo, "Nearly.")
	w.ok(err)
	w.Clock.Pass(time.Millisecond)
	for range 2 {
		_, err = w.ResolveThread(w.ctx, first.ID, w.Owner.ID)
		w.ok(err)
	}

	w.told(ben, "resolved by Ana", "reply by cleo")
	w.told(cleo, "resolved by Ana")
	_, err = w.ReopenThread(w.ctx, first.ID)
	w.ok(err)
	w.told(cleo)
	w.Clock.Pass(time.Millisecond)
	_, err = w.ResolveThread(w.ctx, first.ID, cleo.ID)
	w.ok(err)
	w.told(cleo)
	eq(t, "told of it again", len(w.told(ben, "resolved by cleo", "reply by cleo")), 2)
}

// testNotificationGuest: somebody without an account is named by what they
// call themselves.
func testNotificationGuest(t *testing.T, w *World) {
	c := w.NewClip()
	guest := tidings.Guest{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Name: "Gus", CreatedAt: w.Clock.Now()}
	w.ok(w.CreateGuest(w.ctx, guest))
	_, err := w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, GuestID: guest.ID, Body: "Hello", CreatedAt: w.Clock.Now()})
	w.ok(err)
	w.told(w.Owner, "comment by Gus")
	eq(t, "the author of it", w.told(w.Owner, "comment by Gus")[0].Actor.ID, tidings.ID(""))
}

// testDeliveries: a delivery is written with the notification for each channel
// that the person names and that something drains, and once.
func testDeliveries(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleMember)
	ben.Prefs.Notify = map[string]string{"comment": "inbox,mail,push", "reply": "off"}
	_, err := w.UpdateUser(w.ctx, ben)
	w.ok(err)
	w.Deliver(tidings.DeliverMail)
	c := w.NewClip(func(c *tidings.Clip) { c.Author.ID = ben.ID })
	first, err := w.write(c.ID, "", w.Owner, "Good.")
	w.ok(err)
	_, err = w.UpdateComment(w.ctx, first.ID, mention(ben), nil) // told already
	w.ok(err)
	rows, err := w.DB().QueryContext(w.ctx, "SELECT channel FROM deliveries d JOIN notifications n ON n.id = d.notification_id WHERE n.user_id = $1", string(ben.ID))
	w.ok(err)
	defer rows.Close()

	var got []string
	for rows.Next() {
		var channel string
		w.ok(rows.Scan(&channel))
		got = append(got, channel)
	}

	w.ok(rows.Err())
	same(t, "deliveries", got, []string{"mail"})
}
