package storetest

import (
	"fmt"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// dueResetMails are the mails about accounts that are due.
func (w *World) dueResetMails() (out []tidings.Delivery) {
	w.t.Helper()
	due, err := w.DueDeliveries(w.ctx, tidings.DeliverMail, 50)
	w.noError(err)
	for _, d := range due {
		if d.Account != nil {
			out = append(out, d)
		}
	}
	return out
}

func (w *World) addUserToken(u tidings.User) {
	w.t.Helper()
	w.Clock.Pass(time.Millisecond)
	id := tidings.NewID(w.Clock.Now())
	w.noError(w.CreateToken(w.ctx, tidings.Token{ID: id, UserID: u.ID, Name: "script", Scope: tidings.ScopeRead, Hash: []byte(id), CreatedAt: w.Clock.Now()}))
}

func (w *World) countTokens(u tidings.User) int {
	w.t.Helper()
	all, err := w.Tokens(w.ctx, u.ID)
	w.noError(err)
	return len(all)
}

// testPasswordReset: a link sets the password once, ends sessions, tokens and
// the other links, and is over after its time.
func testPasswordReset(t *testing.T, w *World) {
	bo := w.Person("bo", tidings.RoleMember)
	w.startSession("bo", bo.ID)
	w.startSession("ana", w.Owner.ID)
	w.addUserToken(bo)
	w.addUserToken(w.Owner)

	first, err := w.CreateResetLink(w.ctx, w.WS.ID, bo.ID, w.Owner.ID, []byte("first"), true)
	w.noError(err)
	equal(t, "life", first.ExpiresAt.Sub(w.Clock.Now()), tidings.ResetLinkLife)
	_, err = w.CreateResetLink(w.ctx, w.WS.ID, bo.ID, w.Owner.ID, []byte("second"), false)
	w.noError(err)
	w.wantKind(w.ResetPassword(w.ctx, []byte("first"), "$new", false), tidings.KindGone) // replaced
	replaced, err := w.PasswordResetByHash(w.ctx, []byte("first"))
	w.noError(err)
	equal(t, "replaced", fmt.Sprint(replaced.Used, replaced.Open(w.Clock.Now())), "false false")
	w.wantKind(w.ResetPassword(w.ctx, []byte("none"), "$new", false), tidings.KindNotFound)
	w.Clock.Pass(time.Second)
	w.noError(w.ResetPassword(w.ctx, []byte("second"), "$new", true))
	w.wantKind(w.ResetPassword(w.ctx, []byte("second"), "$newer", true), tidings.KindGone)

	_, hash, err := w.UserByEmail(w.ctx, bo.Email)
	w.noError(err)
	equal(t, "hash", hash, "$new")
	for token, want := range map[string]bool{"bo": false, "ana": true} {
		_, found, err := w.SessionFind(w.ctx, token)
		w.noError(err)
		equal(t, "session "+token, found, want)
	}
	equal(t, "tokens", fmt.Sprint(w.countTokens(bo), w.countTokens(w.Owner)), "0 1")

	var kinds []tidings.AccountMailKind
	for _, d := range w.dueResetMails() {
		kinds = append(kinds, d.Account.Kind)
		w.noError(w.DeliverySent(w.ctx, d))
	}
	equalSlices(t, "mails", kinds, []tidings.AccountMailKind{tidings.MailResetLink, tidings.MailPasswordReset})
	equal(t, "sent once", len(w.dueResetMails()), 0)
	for _, action := range []tidings.AuditAction{tidings.AuditResetLinkCreated, tidings.AuditPasswordReset, tidings.AuditTokenRevoked} {
		items, _, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Action: action, Limit: 9})
		w.noError(err)
		equal(t, string(action), len(items) > 0, true)
	}

	_, err = w.CreateResetLink(w.ctx, w.WS.ID, bo.ID, w.Owner.ID, []byte("late"), false)
	w.noError(err)
	w.Clock.Pass(tidings.ResetLinkLife)
	w.wantKind(w.ResetPassword(w.ctx, []byte("late"), "$late", false), tidings.KindGone)

	// A password that is changed ends links, and tokens only if asked to.
	_, err = w.CreateOperatorResetLink(w.ctx, bo.ID, []byte("last"), false)
	w.noError(err)
	w.addUserToken(bo)
	w.noError(w.ChangePassword(w.ctx, bo.ID, "$new", "$changed", "", false))
	equal(t, "tokens stay", w.countTokens(bo), 1)
	w.wantKind(w.ResetPassword(w.ctx, []byte("last"), "$late", false), tidings.KindGone)
	w.noError(w.ChangePassword(w.ctx, bo.ID, "$changed", "$again", "", true))
	equal(t, "tokens end", w.countTokens(bo), 0)

	w.Clock.Pass(4 * 24 * time.Hour)
	w.noError(w.SweepExpired(w.ctx))
	_, err = w.PasswordResetByHash(w.ctx, []byte("last"))
	w.wantKind(err, tidings.KindNotFound)
}

// testResetRights: who may take over an account may make a link, nobody else;
// also when the link is used.
func testResetRights(t *testing.T, w *World) {
	people := map[tidings.Role]tidings.User{}
	for _, role := range []tidings.Role{tidings.RoleOwner, tidings.RoleAdmin, tidings.RoleMember, tidings.RoleGuest} {
		people[role] = w.Person(string(role), role)
	}

	other := w.Person("other", tidings.RoleAdmin)
	may := map[tidings.Role][]tidings.Role{
		tidings.RoleOwner: {tidings.RoleAdmin, tidings.RoleMember, tidings.RoleGuest},
		tidings.RoleAdmin: {tidings.RoleMember, tidings.RoleGuest},
	}

	n := 0
	for by, actor := range people {
		for is, user := range people {
			want := tidings.KindForbidden
			for _, role := range may[by] {
				if role == is {
					want = ""
				}
			}

			n++
			_, err := w.CreateResetLink(w.ctx, w.WS.ID, user.ID, actor.ID, fmt.Append(nil, n), false)
			equal(t, fmt.Sprintf("%s resets %s", by, is), tidings.KindOf(err), want)
		}
	}

	_, err := w.CreateResetLink(w.ctx, w.WS.ID, w.Owner.ID, people[tidings.RoleOwner].ID, []byte("owner"), false)
	w.noError(err)
	_, err = w.CreateResetLink(w.ctx, w.WS.ID, other.ID, people[tidings.RoleAdmin].ID, []byte("x"), false)
	w.wantKind(err, tidings.KindForbidden)
	_, err = w.CreateResetLink(w.ctx, w.WS.ID, w.Person("out", "").ID, w.Owner.ID, []byte("x"), false)
	w.wantKind(err, tidings.KindNotFound)

	// Whoever also belongs elsewhere cannot be taken over from here, not even by a
	// link that was made before.
	member := people[tidings.RoleMember]
	_, err = w.CreateResetLink(w.ctx, w.WS.ID, member.ID, w.Owner.ID, []byte("before"), false)
	w.noError(err)
	_, err = w.CreateWorkspace(w.ctx, tidings.NewID(w.Clock.Now()), "Elsewhere", member.ID)
	w.noError(err)
	w.wantKind(w.ResetPassword(w.ctx, []byte("before"), "$taken", false), tidings.KindGone)
	_, err = w.CreateResetLink(w.ctx, w.WS.ID, member.ID, w.Owner.ID, []byte("after"), false)
	w.wantKind(err, tidings.KindForbidden)
	_, err = w.CreateOperatorResetLink(w.ctx, member.ID, []byte("operator"), false)
	w.noError(err)

	// Nor by a link of somebody who has lost the right.
	guest := people[tidings.RoleGuest]
	_, err = w.CreateResetLink(w.ctx, w.WS.ID, guest.ID, other.ID, []byte("admin"), false)
	w.noError(err)
	w.noError(w.SetRole(w.ctx, w.WS.ID, other.ID, "", tidings.RoleMember))
	w.wantKind(w.ResetPassword(w.ctx, []byte("admin"), "$taken", false), tidings.KindGone)
}

// testResetMails: a request is a row for every address; a mail is due for those
// that have an account, at most three an hour, once.
func testResetMails(t *testing.T, w *World) {
	bo := w.Person("bo", tidings.RoleMember)
	ask := func(email string) { w.t.Helper(); w.noError(w.RequestPasswordReset(w.ctx, email, "https://t.example")) }
	ask("nobody@example.org")
	equal(t, "to nobody", len(w.dueResetMails()), 0)
	for range 5 {
		ask("BO@example.org")
	}

	due := w.dueResetMails()
	equal(t, "mails", len(due), tidings.MaxResetMails)
	d := due[0]
	equal(t, "mail", fmt.Sprintf("%s %s %v %s", d.Account.Kind, d.Account.Email, d.Account.HasPassword, d.BaseURL), "reset bo@example.org true https://t.example")
	w.noError(w.AddResetToken(w.ctx, d.Account.ResetID, []byte("lost"))) // a try that failed
	w.noError(w.DeliveryFailed(w.ctx, d, "greylisted", new(w.Clock.Now().Add(time.Minute))))
	equal(t, "later", len(w.dueResetMails()), tidings.MaxResetMails-1)
	trouble, err := w.MailTrouble(w.ctx)
	w.noError(err)
	equal(t, "trouble", trouble, "greylisted")

	w.Clock.Pass(time.Minute)
	w.noError(w.AddResetToken(w.ctx, d.Account.ResetID, []byte("sent")))
	w.noError(w.DeliverySent(w.ctx, d))
	items, _, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Action: tidings.AuditResetRequested, Limit: 9})
	w.noError(err)
	equal(t, "one entry for one request", len(items) == 1 && items[0].TargetID == bo.ID, true)

	r, err := w.PasswordResetByHash(w.ctx, []byte("sent"))
	w.noError(err)
	equal(t, "open for an hour", r.ExpiresAt.Sub(w.Clock.Now()), tidings.ResetMailLife)
	w.noError(w.ResetPassword(w.ctx, []byte("sent"), "$new", false))
	w.wantKind(w.ResetPassword(w.ctx, []byte("lost"), "$new", false), tidings.KindGone)
	equal(t, "the others are not sent", len(w.dueResetMails()), 0)

	w.Clock.Pass(tidings.ResetMailPeriod)
	ask(bo.Email)
	equal(t, "an hour later", len(w.dueResetMails()), 1)
	w.Clock.Pass(tidings.ResetMailTrying)
	equal(t, "given up", len(w.dueResetMails()), 0)

	w.noError(w.ChangePassword(w.ctx, bo.ID, "$new", "", "", false)) // as if bo had joined by a provider
	ask(bo.Email)
	equal(t, "without a password", w.dueResetMails()[0].Account.HasPassword, false)
}
