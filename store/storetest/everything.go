package storetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// AddEverything fills the world with a row of every kind that the schema knows:
// clips in each state, replies with and without bytes, guests, snippet links,
// edited and failed transcripts, the trash, people and how they sign in.
func (w *World) AddEverything() {
	w.t.Helper()
	w.addPeople()
	ben := w.Person("ben", tidings.RoleMember)
	closed := w.NewChannel("Closed", tidings.ChannelPrivate, ben)
	w.NewChannel("Open", tidings.ChannelOpen)

	c := w.addFinishedClip()
	w.addThreads(c, ben)
	w.addLinks(c)
	w.addTranscriptKinds()
	w.addClipKinds(closed, ben)
	w.addNotifications(c, ben)
	w.addSignIn(ben)
	w.addDamage(c)
	w.noError(w.PurgeClip(w.ctx, w.addFinishedClip()))
}

// insertRow inserts a row as it is; columns are those of args, in their order.
func (w *World) insertRow(table, columns string, args ...any) {
	w.t.Helper()
	marks := make([]string, len(args))
	for i := range args {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	_, err := w.DB().ExecContext(w.ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, columns, strings.Join(marks, ", ")), args...)
	w.noError(err)
}

// newID is the id of the next row.
func (w *World) newID() string {
	w.Clock.Pass(time.Millisecond)
	return string(tidings.NewID(w.Clock.Now()))
}

// addPeople adds a person of each role, their invitations and tokens.
func (w *World) addPeople() {
	w.t.Helper()
	for _, role := range []tidings.Role{tidings.RoleOwner, tidings.RoleAdmin, tidings.RoleMember, tidings.RoleGuest} {
		u := w.Person("a "+string(role), role)
		invite := w.newID()
		w.insertRow("invites", "id, workspace_id, role, email, channels, max_uses, uses, created_by, created_ms, expires_ms",
			invite, string(w.WS.ID), string(role), "", "[]", 1, 0, string(u.ID), 1, 1<<45)
		w.insertRow("invite_tokens", "hash, invite_id", invite, invite)
		w.insertRow("mails", "id, invite_id, base_url, created_ms, due_ms, tries, failure, sent_ms", w.newID(), invite, "", 1, 1, 1, "", 1)
	}

	for _, origin := range []tidings.ResetOrigin{tidings.ResetByMail, tidings.ResetByManager, tidings.ResetByOperator} {
		reset := w.newID()
		w.insertRow("password_resets", "id, origin, email, user_id, created_by, network, created_ms, expires_ms", reset, string(origin), w.Owner.Email, string(w.Owner.ID), "", "", 1, 1<<45)
		w.insertRow("password_reset_tokens", "hash, reset_id, expires_ms", reset, reset, 1<<45)
		for _, kind := range []tidings.AccountMailKind{tidings.MailReset, tidings.MailResetLink, tidings.MailPasswordReset} {
			w.insertRow("account_mails", "id, kind, reset_id, base_url, created_ms, due_ms, tries, failure, sent_ms", w.newID(), string(kind), reset, "", 1, 1, 1, "", 1)
		}
	}

	for _, scope := range []tidings.Scope{tidings.ScopeRead, tidings.ScopeWrite, tidings.ScopeAdmin, tidings.ScopeWorker} {
		w.noError(w.CreateToken(w.ctx, tidings.Token{ID: tidings.ID(w.newID()), UserID: w.Owner.ID, Name: string(scope), Scope: scope, Hash: []byte(scope), CreatedAt: w.Clock.Now()}))
	}

	_, err := w.SetAvatar(w.ctx, w.Owner.ID, strings.Repeat("1", 64))
	w.noError(err)
}

// addSignIn adds what sign-ins leave behind.
func (w *World) addSignIn(u tidings.User) {
	w.t.Helper()
	w.startSession("everything", u.ID)
	w.noError(w.AddPasskey(w.ctx, tidings.Passkey{ID: tidings.ID(w.newID()), UserID: u.ID, CredentialID: []byte{1}, RPID: "x", Record: []byte("{}"), CreatedAt: w.Clock.Now()}))
	w.noError(w.LinkIdentity(w.ctx, tidings.Identity{ID: tidings.ID(w.newID()), UserID: u.ID, Issuer: "i", Subject: "s", CreatedAt: w.Clock.Now()}))
	w.noError(w.BeginCeremony(w.ctx, "secret", tidings.Ceremony{Kind: "passkey", UserID: u.ID, Browser: []byte{1}, Data: []byte("{}"), ExpiresAt: w.Clock.Now().Add(time.Hour)}))
	w.noError(w.SaveIdempotent(w.ctx, u.ID, "key", "hash", 201, []byte("{}")))
	w.noError(w.AddSavedSearch(w.ctx, tidings.SavedSearch{ID: tidings.ID(w.newID()), WorkspaceID: w.WS.ID, UserID: u.ID, Name: "mine", Query: "kubernetes", CreatedAt: w.Clock.Now()}))
	_, err := w.PutGlossary(w.ctx, w.WS.ID, tidings.Glossary{Entries: []tidings.GlossaryEntry{}})
	w.noError(err)
}

// addFinishedClip is a clip with media and a transcript.
func (w *World) addFinishedClip() tidings.ID {
	w.t.Helper()
	c := w.spokenClip("we moved to kubernetes", "and it works")
	run := w.Take(c.ID, tidings.StepTranscode)
	w.noError(w.StartMedia(w.ctx, run, nil, []tidings.Rendition{{Name: "a", Kind: tidings.RenditionAudio}}))
	w.noError(w.SetRendition(w.ctx, run, tidings.Rendition{Name: "a", Kind: tidings.RenditionAudio, Codecs: "opus", InitKey: fmt.Sprintf("clips/%s/m%d/a-init.mp4", c.ID, run.Attempt)}))
	w.addSegments(run, 3)
	w.noError(w.AddAsset(w.ctx, run, tidings.Asset{ClipID: c.ID, Name: "poster.jpg", ContentType: "image/jpeg", Bytes: 40, Key: fmt.Sprintf("clips/%s/m%d/poster.jpg", c.ID, run.Attempt)}))
	w.noError(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 12_000, Quiet: []tidings.Span{}}))
	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	w.noError(w.AddView(w.ctx, c.ID, tidings.View{Viewer: string(w.Owner.ID), Session: "s", Ranges: []tidings.Span{}}))
	return c.ID
}

// addThreads adds replies of all kinds, comments and reactions to a clip.
func (w *World) addThreads(clip tidings.ID, by tidings.User) {
	w.t.Helper()
	reply, comment := w.AddReply(clip, by, 1000)
	run := w.Take(reply.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, "marigold"), "en"))
	w.NewClip(func(c *tidings.Clip) { c.Answers = clip }) // abandoned before its first byte
	empty := w.NewClip(func(c *tidings.Clip) { c.Author.ID, c.Answers = by.ID, clip })
	_, err := w.commentWithReply(clip, by, 3000, empty.ID)
	w.noError(err)
	_, deleted := w.AddReply(clip, by, 2000)
	w.noError(w.DeleteComment(w.ctx, deleted.ID)) // its reply goes to the trash

	guest := tidings.Guest{ID: tidings.ID(w.newID()), ClipID: clip, Name: "Zoe", CreatedAt: w.Clock.Now()}
	w.noError(w.CreateGuest(w.ctx, guest))
	spoken, err := w.AddComment(w.ctx, tidings.Comment{ID: tidings.ID(w.newID()), ClipID: clip, GuestID: guest.ID, Body: "hello from outside", CreatedAt: w.Clock.Now()})
	w.noError(err)
	_, err = w.HideComment(w.ctx, spoken.ID, w.Owner.ID)
	w.noError(err)
	_, err = w.ResolveThread(w.ctx, comment.ID, w.Owner.ID)
	w.noError(err)
	w.noError(w.AddReaction(w.ctx, tidings.ReactionTarget{ClipID: clip}, "👍", tidings.Reactor{UserID: by.ID, Name: by.Name}))
	w.noError(w.AddReaction(w.ctx, tidings.ReactionTarget{ClipID: clip, CommentID: comment.ID}, "🎉", tidings.Reactor{GuestID: guest.ID, Name: "Zoe"}))
}

// addDamage adds what the checks of stored objects leave behind. (The objects of
// the tests are whole, so a check clears it.)
func (w *World) addDamage(clip tidings.ID) {
	w.t.Helper()
	poster, err := w.Asset(w.ctx, clip, "poster.jpg")
	w.noError(err)
	w.noError(w.ReportDamage(w.ctx, tidings.Damage{Key: poster.Key, ClipID: clip, Reason: "it is missing"}))
	w.noError(w.SetRepaired(w.ctx, poster.Key))
	w.noError(w.PutScrub(w.ctx, tidings.Scrub{After: clip, Objects: 3, Bytes: 100, StartedAt: w.Clock.Now()}))
}

// addLinks adds a link of each access to a clip, one to a snippet of it.
func (w *World) addLinks(clip tidings.ID) {
	w.t.Helper()
	start, end := int64(1000), int64(3000)
	for i, access := range []tidings.LinkAccess{tidings.LinkAnyone, tidings.LinkPassword, tidings.LinkWorkspace} {
		l := tidings.Link{ID: tidings.ID(w.newID()), ClipID: clip, Hash: []byte{byte(i)}, Access: access, StartMS: &start, EndMS: &end, CreatedBy: w.Owner.ID, CreatedAt: w.Clock.Now()}
		w.noError(w.CreateLink(w.ctx, l))
		w.noError(w.AddLinkVisit(w.ctx, l.ID, "s"))
		w.noError(w.PutLinkAssets(w.ctx, l, []tidings.LinkAsset{{LinkID: l.ID, ClipID: clip, Name: "stream.mp4", ContentType: "video/mp4", Bytes: 50,
			Key: fmt.Sprintf("clips/%s/l%s/stream.mp4", clip, l.ID)}}))
	}
}

// addTranscriptKinds adds clips whose transcripts are edited in each way, failed,
// requested again, skipped and being written.
func (w *World) addTranscriptKinds() {
	w.t.Helper()
	edited := w.spokenClip("helo", "world")
	for _, kind := range []tidings.EditKind{tidings.EditText, tidings.EditSplit, tidings.EditJoin, tidings.EditSpeaker, tidings.EditGlossary} {
		tr, err := w.Transcript(w.ctx, edited.ID)
		w.noError(err)
		_, err = w.EditTranscript(w.ctx, edited.ID, tidings.TranscriptEdit{Kind: kind, UserID: w.Owner.ID, From: tr.Segments[:1],
			To: []tidings.TranscriptSegment{tr.Segments[0].WithText("hello " + string(kind))}, Corrections: []tidings.Correction{{Original: "helo", Replacement: "hello"}}})
		w.noError(err)
	}

	for _, end := range []tidings.StepState{tidings.StepFailed, tidings.StepSkipped, tidings.StepRunning} {
		c, _ := w.Recorded()
		run := w.Take(c.ID, tidings.StepTranscribe)
		w.addUtterances(run, "half of it")
		w.noError(w.PutTranscriptPiece(w.ctx, c.ID, "a piece", []byte("{}")))
		if end != tidings.StepRunning {
			w.noError(w.FinishStep(w.ctx, run, end, "The engine gave up."))
		}
		if end == tidings.StepFailed {
			w.noError(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID}))
			w.addUtterances(w.Take(c.ID, tidings.StepTranscribe), "") // begun again, and not as far yet
		}
	}
}

// addClipKinds adds a clip of each kind and visibility, a failed one, one that is
// in the trash, and an upload that was aborted.
func (w *World) addClipKinds(ch tidings.Channel, by tidings.User) {
	w.t.Helper()
	kinds := []tidings.ClipKind{tidings.ClipScreen, tidings.ClipCamera, tidings.ClipScreenCamera, tidings.ClipVoice, tidings.ClipFile}
	visibilities := []tidings.Visibility{tidings.VisibilityPrivate, tidings.VisibilityChannel, tidings.VisibilityWorkspace}
	for i, kind := range kinds {
		c := w.NewClip(func(c *tidings.Clip) {
			c.Kind, c.Visibility, c.Author.ID = kind, visibilities[i%len(visibilities)], by.ID
			if c.Visibility == tidings.VisibilityChannel {
				c.ChannelID = ch.ID
			}
		})
		w.Append(w.NewUpload(c.ID), 500)
	}

	failed, _ := w.Recorded()
	w.noError(w.FinishStep(w.ctx, w.Take(failed.ID, tidings.StepTranscode), tidings.StepFailed, "This is no video."))
	w.noError(w.TrashClip(w.ctx, w.addFinishedClip()))
	w.noError(w.AbortUpload(w.ctx, w.Append(w.NewUpload(w.NewClip().ID), 500).ID))
}

// addNotifications adds a notification of each kind, with a delivery by each
// channel.
func (w *World) addNotifications(clip tidings.ID, to tidings.User) {
	w.t.Helper()
	for _, kind := range []string{"mention", "reply", "comment", "reaction", "clip", "resolved"} {
		id := w.newID()
		w.insertRow("notifications", "id, user_id, workspace_id, clip_id, comment_id, kind, thing, actor_id, actor_name, created_ms",
			id, string(to.ID), string(w.WS.ID), string(clip), "", kind, id, string(w.Owner.ID), "", 1)
		for _, channel := range []string{"mail", "push", "chat"} {
			w.insertRow("deliveries", "notification_id, channel, due_ms, tries, failure, done_ms", id, channel, 1, 1, "", 1)
		}
	}
}

// StoredObjects are the objects that rows of clips name, with their bytes.
func (w *World) StoredObjects() map[string]int64 {
	w.t.Helper()
	rows, err := w.DB().QueryContext(w.ctx, `SELECT key, bytes FROM segments UNION ALL SELECT key, bytes FROM assets UNION ALL SELECT key, bytes FROM link_assets
		UNION ALL SELECT key, size FROM parts UNION ALL SELECT init_key, 100 FROM renditions WHERE init_key <> ''`)
	w.noError(err)
	defer rows.Close()

	out := map[string]int64{}
	for rows.Next() {
		var key string
		var n int64
		w.noError(rows.Scan(&key, &n))
		out[key] = n
	}

	w.noError(rows.Err())
	return out
}

// rowsNotInEverything are the tables of which AddEverything makes no row, and why.
var rowsNotInEverything = map[string]string{
	"index_builds":     "a row is there only while an index is filled",
	"goose_db_version": "the numbers of migrations", "sqlite_sequence": "SQLite's own",
}

// testEverything fails for a table, or a value that a CHECK allows, without a row:
// whatever is new in the schema has to come into the world on which the commands
// of operators are tested.
func testEverything(t *testing.T, w *World) {
	w.AddEverything()
	schema := `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'river_%'`
	if w.onPostgres() { // which rewrites what a CHECK says: SQLite's run compares it
		schema = `SELECT table_name, '' FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE 'river_%'`
	}

	rows, err := w.DB().QueryContext(w.ctx, schema)
	w.noError(err)
	defer rows.Close()

	tables := map[string]string{}
	for rows.Next() {
		var name, sql string
		w.noError(rows.Scan(&name, &sql))
		tables[name] = sql
	}

	w.noError(rows.Err())
	for table, sql := range tables {
		if rowsNotInEverything[table] == "" && w.countRows(table, "1 = 1") == 0 {
			t.Errorf("the world with everything has no row of %s", table)
		}

		for _, check := range checkedColumn.FindAllStringSubmatch(sql, -1) {
			for _, value := range strings.Split(check[2], ",") {
				if w.countRows(table, check[1]+" = "+value) == 0 {
					t.Errorf("the world with everything has no row of %s with %s = %s", table, check[1], value)
				}
			}
		}
	}

	if len(tables) < 30 || !w.onPostgres() && !slices.ContainsFunc(checkedColumn.FindAllStringSubmatch(tables["clips"], -1), func(m []string) bool { return m[1] == "state" }) {
		t.Errorf("the schema was not read: %v", tables)
	}
}

var checkedColumn = regexp.MustCompile(`CHECK \((\w+) IN \(([^)]*)\)\)`)

func (w *World) countRows(table, where string) (n int) {
	w.t.Helper()
	w.noError(w.DB().QueryRowContext(w.ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", table, where)).Scan(&n))
	return n
}
