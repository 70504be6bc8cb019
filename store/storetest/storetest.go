// Package storetest is the conformance suite of the store: every database the
// store runs on passes it.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Open opens an empty database with a clock and closes it when the test ends.
type Open func(t testing.TB, clock tidings.Clock) *store.Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, *World){
		"Everything": testEverything, "Setup": testSetup, "User": testUser, "Token": testToken, "Session": testSession, "Sessions": testSessions, "Password": testPassword, "PasswordReset": testPasswordReset, "ResetRights": testResetRights, "ResetMails": testResetMails, "Audit": testAudit, "Idempotency": testIdempotency, "IdempotencyClaim": testIdempotencyClaim, "Workspace": testWorkspace,
		"Clip": testClip, "ClipPatch": testClipPatch, "ClipAccess": testClipAccess, "ClipFilters": testClipFilters, "TagSpellings": testTagSpellings, "ClipPages": testClipPages,
		"ClipCursors": testClipCursors, "Trash": testTrash, "Purge": testPurge, "UnsentClips": testUnsentClips, "View": testView, "Audience": testAudience, "Heat": testHeat, "MaskProfanity": testMaskProfanity, "ViewLimit": testViewLimit, "LinkVisits": testLinkVisits,
		"Notification": testNotification, "NotificationSettings": testNotificationSettings, "NotificationPrivate": testNotificationPrivate,
		"NotificationSeen": testNotificationSeen, "NotificationPages": testNotificationPages, "NotificationRace": testNotificationRace, "NotificationReaction": testNotificationReaction,
		"NotificationResolved": testNotificationResolved, "NotificationGuest": testNotificationGuest, "Deliveries": testDeliveries, "Load": testLoad,
		"Upload": testUpload, "Append": testAppend, "AppendRace": testAppendRace, "AppendStartsSteps": testAppendStartsSteps, "Length": testLength,
		"Seal": testSeal, "SealEmpty": testSealEmpty, "Abort": testAbort, "Continue": testContinue, "ContinueAtWork": testContinueAtWork, "ContinueInVain": testContinueInVain,
		"CancelContinuation": testCancelContinuation, "ContinueRefused": testContinueRefused, "AbortContinued": testAbortContinued, "Idle": testIdle, "Parts": testParts,
		"Lease": testLease, "LeaseRace": testLeaseRace, "StepEnds": testStepEnds, "StepExtras": testStepExtras, "StepRetry": testStepRetry, "Orphans": testOrphans, "ShouldYield": testShouldYield,
		"Media": testMedia, "MediaFenced": testMediaFenced, "MediaRerun": testMediaRerun, "Asset": testAsset, "Original": testOriginal,
		"Transcript": testTranscript, "TranscriptRerun": testTranscriptRerun, "TranscriptEdited": testTranscriptEdited, "TranscriptFails": testTranscriptFails, "TranscriptUnfinished": testTranscriptUnfinished,
		"TranscriptRefined": testTranscriptRefined, "TranscriptResumed": testTranscriptResumed, "RefinementGivenUp": testRefinementGivenUp, "TranscriptPieces": testTranscriptPieces, "TranscriptTurns": testTranscriptTurns, "TranscriptRequest": testTranscriptRequest,
		"TranscriptUndo": testTranscriptUndo, "TranscriptOrigins": testTranscriptOrigins, "OriginsOfReplacements": testOriginsOfReplacements, "TranscriptImport": testTranscriptImport, "Glossary": testGlossary, "Corrections": testCorrections, "Silences": testSilences,
		"Channel": testChannel, "ChannelMembers": testChannelMembers, "ChannelDeleted": testChannelDeleted,
		"Comment": testComment, "Link": testLink, "Thread": testThread, "Unanswered": testUnanswered, "Guest": testGuest, "Reaction": testReaction, "Together": testTogether, "TogetherIn": testTogetherIn, "LinkAssets": testLinkAssets,
		"Reply": testReply, "ReplyRefused": testReplyRefused, "ReplyCircle": testReplyCircle, "ReplyPurged": testReplyPurged,
		"Outbox": testOutbox, "OutboxWriters": testOutboxWriters, "Document": testDocument, "IndexStep": testIndexStep, "ACL": testACL,
		"Events": testEvents, "EventsResume": testEventsResume, "EventsSlow": testEventsSlow, "EventsOfIndexing": testEventsOfIndexing, "TxTogether": testTxTogether, "Writers": testWriters, "OwnersRace": testOwnersRace,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, NewWorld(t, open))
		})
	}
}

// Clock is a clock that only the test advances.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass advances the clock.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// World is a store with a workspace and its owner in it.
type World struct {
	*store.Store
	Clock *Clock
	Owner tidings.User
	WS    tidings.Workspace
	ctx   context.Context
	t     testing.TB
}

// NewWorld opens a store and sets it up.
func NewWorld(t testing.TB, open Open) *World {
	t.Helper()
	w := &World{Clock: &Clock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}, ctx: t.Context(), t: t}
	w.Store = open(t, w.Clock.Now)
	var err error
	w.Owner, w.WS, err = w.Setup(w.ctx, tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: "Ana@Example.org", PasswordHash: "$argon2id$x", TimeZone: "Europe/Vienna"})
	w.noError(err)
	return w
}

// onPostgres reports whether the world is in PostgreSQL.
func (w *World) onPostgres() bool {
	var version string
	return w.DB().QueryRowContext(w.ctx, `SELECT sqlite_version()`).Scan(&version) != nil
}

func (w *World) noError(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *World) wantKind(err error, want tidings.Kind) {
	w.t.Helper()
	if got := tidings.KindOf(err); got != want {
		w.t.Fatalf("error of kind %q (%v), want %q", got, err, want)
	}
}

// Person adds a person to the workspace; with role "" they are no member.
func (w *World) Person(name string, role tidings.Role) tidings.User {
	w.t.Helper()
	id := tidings.NewID(w.Clock.Now())
	w.noError(w.InTx(w.ctx, func(tx store.Tx) error {
		if err := tx.InsertUser(w.ctx, dbq.InsertUserParams{ID: string(id), Email: name + "@example.org", Name: name, PasswordHash: "x", TimeZone: "UTC", Prefs: "{}"}); err != nil || role == "" {
			return err
		}
		return tx.InsertMember(w.ctx, dbq.InsertMemberParams{WorkspaceID: string(w.WS.ID), UserID: string(id), Role: string(role)})
	}))
	u, err := w.User(w.ctx, id)
	w.noError(err)

	return u
}

// Sub is the subject of a signed-in person.
func (w *World) Sub(u tidings.User) tidings.Subject {
	w.t.Helper()
	ms, err := w.Memberships(w.ctx, u.ID)
	w.noError(err)
	s := tidings.Subject{UserID: u.ID, Scope: tidings.ScopeAdmin, Roles: map[tidings.ID]tidings.Role{}}
	for _, m := range ms {
		s.Roles[m.Workspace.ID] = m.Role
	}
	return s
}

// NewClip makes a clip of the owner a millisecond after the last one.
func (w *World) NewClip(change ...func(*tidings.Clip)) tidings.Clip {
	w.t.Helper()
	w.Clock.Pass(time.Millisecond)
	now := w.Clock.Now()
	c := tidings.Clip{ID: tidings.NewID(now), WorkspaceID: w.WS.ID, Author: tidings.Author{ID: w.Owner.ID}, Kind: tidings.ClipVoice,
		Title: "Monday", Visibility: tidings.VisibilityWorkspace, CreatedAt: now}
	for _, f := range change {
		f(&c)
	}

	c, err := w.CreateClip(w.ctx, c)
	w.noError(err)

	return c
}

// NewUpload starts the original of a clip.
func (w *World) NewUpload(clip tidings.ID) tidings.Upload {
	w.t.Helper()
	id := tidings.NewID(w.Clock.Now())
	w.noError(w.CreateUpload(w.ctx, tidings.Upload{ID: id, ClipID: clip, WorkspaceID: w.WS.ID, UserID: w.Owner.ID, Filename: "a.webm", Filetype: "video/webm",
		Metadata:  "clip_id YQ==, relativePath",
		ExpiresAt: w.Clock.Now().Add(24 * time.Hour)}))
	u, err := w.Upload(w.ctx, id)
	w.noError(err)
	return u
}

// Part is the part of u at an offset.
func (w *World) Part(u tidings.Upload, offset, size int64) tidings.UploadPart {
	return tidings.UploadPart{UploadID: u.ID, ClipID: u.ClipID, Offset: offset, Size: size, Key: fmt.Sprintf("clips/%s/parts/%020d-%08x", u.ClipID, offset, size)}
}

// Append appends n bytes at the upload's offset.
func (w *World) Append(u tidings.Upload, n int64) tidings.Upload {
	w.t.Helper()
	u, err := w.AppendPart(w.ctx, w.Part(u, u.Offset, n), u.Fence, w.Clock.Now().Add(time.Hour))
	w.noError(err)
	return u
}

// Recorded is a clip whose original has one part and is sealed.
func (w *World) Recorded() (tidings.Clip, tidings.Upload) {
	w.t.Helper()
	c := w.NewClip()
	u, err := w.SealUpload(w.ctx, w.Append(w.NewUpload(c.ID), 1000).ID, false)
	w.noError(err)
	return w.mustClip(c.ID), u
}

func (w *World) mustClip(id tidings.ID) tidings.Clip {
	w.t.Helper()
	c, err := w.Clip(w.ctx, id)
	w.noError(err)
	return c
}

// Take takes the lease on a step.
func (w *World) Take(clip tidings.ID, step tidings.Step) tidings.StepRun {
	w.t.Helper()
	run, err := w.AcquireStep(w.ctx, clip, step, "w1", tidings.LeaseTTL)
	w.noError(err)
	return run
}

// Jobs are the unfinished step jobs of a clip in the queue, sorted.
func (w *World) Jobs(clip tidings.ID) []string {
	w.t.Helper()
	rows, err := w.DB().QueryContext(w.ctx, `SELECT queue FROM river_job WHERE kind = 'step' AND state <> 'completed' AND args ->> 'clip_id' = $1`, string(clip))
	w.noError(err)
	defer rows.Close()

	var out []string
	for rows.Next() {
		var q string
		w.noError(rows.Scan(&q))
		out = append(out, q)
	}

	w.noError(rows.Err())
	slices.Sort(out)
	return out
}

// Indexed drains the outbox as an indexer would and returns what it held.
func (w *World) Indexed() []tidings.OutboxEntry {
	w.t.Helper()
	entries, err := w.Outbox(w.ctx, 1000)
	w.noError(err)
	w.noError(w.OutboxDone(w.ctx, entries))
	return entries
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func equalSlices[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}
