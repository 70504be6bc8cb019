package api

import (
	"context"
	"io/fs"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/upload"
	"tidings.example/tidings/tidings"
)

// Deps are the other rooms as this one sees them; cmd/tidings fills them in.
type Deps struct {
	Store    Store
	Uploads  upload.Uploads
	Original media.Original
	Objects  media.Objects
	Avatars  media.Avatars
	media.Makers
	Search Searcher
	// SearchElsewhere says that the engine works in another process.
	SearchElsewhere bool

	// Engines are the speech engines of this server, best first.
	Engines func() []tidings.SpeechEngine
	Workers Workers // transcription on other machines; nil = none
	Models  Models  // what engines need; nil = none
	// Moments are the places in each of some documents, which come without their
	// transcripts, that match a query: at most three.
	Moments func(context.Context, []tidings.Document, tidings.Query) ([][]tidings.Moment, error)
	// Reindex fills the search index anew; nil = not in this process.
	Reindex Reindexer

	Web  fs.FS             // the built web app (dist or its parent); nil = none
	OIDC auth.OIDCProvider // the OpenID provider; nil = none

	Metrics Metrics

	Ready map[string]func(ctx context.Context) error // what /readyz asks
	Spare map[string]func(ctx context.Context) error // what it reports too, though the server does without
}

// Store is the rows.
type Store interface {
	People
	Channels
	Invites
	Signing
	Clips
	Talk
	Links
	Inbox
	Events
	Searches
}

// People are accounts, sessions, tokens and workspaces.
type People interface {
	NeedsSetup(ctx context.Context) (bool, error)
	Setup(ctx context.Context, in tidings.Setup) (tidings.User, tidings.Workspace, error) // KindGone once done
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
	UserByEmail(ctx context.Context, email string) (u tidings.User, passwordHash string, err error)
	UpdateUser(ctx context.Context, u tidings.User) (tidings.User, error) // KindStale
	Memberships(ctx context.Context, user tidings.ID) ([]tidings.Membership, error)
	Members(ctx context.Context, ws tidings.ID) ([]tidings.Member, error)
	SetHeat(ctx context.Context, w tidings.Workspace, on bool) (tidings.Workspace, error) // KindStale
	RenameWorkspace(ctx context.Context, w tidings.Workspace) (tidings.Workspace, error)  // KindStale
	CreateWorkspace(ctx context.Context, name string, owner tidings.ID) (tidings.Workspace, error)
	SetRole(ctx context.Context, ws, user, actor tidings.ID, to tidings.Role) error
	RemoveMember(ctx context.Context, ws, user, actor tidings.ID) error
	SetAvatar(ctx context.Context, user tidings.ID, hash string) (tidings.User, error)
	ShareWorkspace(ctx context.Context, a, b tidings.ID) (bool, error)

	CreateToken(ctx context.Context, t tidings.Token) error
	Tokens(ctx context.Context, user tidings.ID) ([]tidings.Token, error)
	DeleteToken(ctx context.Context, user, id tidings.ID) error
	TokenByHash(ctx context.Context, hash []byte) (tidings.Token, error)

	IdempotentResult(ctx context.Context, user tidings.ID, key, requestHash string) (status int, body []byte, found bool, err error)
	SaveIdempotent(ctx context.Context, user tidings.ID, key, requestHash string, status int, body []byte) error
}

// Clips are clips, what was made of them and what is known of them.
type Clips interface {
	CreateClip(ctx context.Context, c tidings.Clip) (tidings.Clip, error)
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	ClipAccess(ctx context.Context, clip, user tidings.ID) (tidings.ClipAccess, error)
	ClipAccesses(ctx context.Context, clips []tidings.ID, user tidings.ID) (map[tidings.ID]tidings.ClipAccess, error) // of those that are there and answer no other
	Clips(ctx context.Context, f tidings.ClipFilter) (items []tidings.Clip, next string, err error)
	UpdateClip(ctx context.Context, id tidings.ID, p tidings.ClipPatch, ifVersion *int64) (tidings.Clip, error)
	TrashClip(ctx context.Context, id tidings.ID) error
	RestoreClip(ctx context.Context, id tidings.ID) error
	RetryStep(ctx context.Context, clip tidings.ID, step tidings.Step) error
	AddView(ctx context.Context, clip tidings.ID, v tidings.View) error
	Audience(ctx context.Context, clip tidings.ID) (tidings.Audience, error)

	Renditions(ctx context.Context, clip tidings.ID) ([]tidings.Rendition, error)
	Segments(ctx context.Context, clip tidings.ID, attempt int64, rendition string) ([]tidings.Segment, error)
	Segment(ctx context.Context, clip tidings.ID, attempt int64, rendition string, seq int64) (tidings.Segment, error)
	Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	Assets(ctx context.Context, clip tidings.ID) ([]tidings.Asset, error)
	PutAsset(ctx context.Context, a tidings.Asset) error
	MediaReport(ctx context.Context, clip tidings.ID) (tidings.Report, []tidings.Track, error)
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)

	DocumentsByID(ctx context.Context, clips []tidings.ID) ([]tidings.Document, error) // in their order, without those that are gone
	ACLOf(ctx context.Context, s tidings.Subject, ws tidings.ID) ([]string, error)
}

// Talk is what is said in clips and about them.
type Talk interface {
	Transcript(ctx context.Context, clip tidings.ID) (tidings.Transcript, error) // KindNotFound before there is one
	TranscriptSegment(ctx context.Context, id tidings.ID) (seg tidings.TranscriptSegment, clip tidings.ID, err error)
	RetryTranscript(ctx context.Context, r tidings.TranscriptRequest) error                                             // KindConflict when a person has edited it
	EditTranscript(ctx context.Context, clip tidings.ID, e tidings.TranscriptEdit) ([]tidings.TranscriptSegment, error) // KindStale
	UndoTranscript(ctx context.Context, clip, user tidings.ID, again bool) error                                        // KindConflict, KindStale
	ImportTranscript(ctx context.Context, clip tidings.ID, t tidings.Transcript) error
	Glossary(ctx context.Context, ws tidings.ID) (tidings.Glossary, error)
	PutGlossary(ctx context.Context, ws tidings.ID, g tidings.Glossary) (tidings.Glossary, error) // KindStale
	Corrections(ctx context.Context, ws, user tidings.ID) ([]tidings.Correction, error)
	DismissCorrection(ctx context.Context, ws, user tidings.ID, c tidings.Correction) error

	AddComment(ctx context.Context, c tidings.Comment) (tidings.Comment, error)
	Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	// CommentRow and LinkRow are without what others did with it. With
	// KindNotFound they name the clip of another one, which takes as long to ask for.
	CommentRow(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	Comments(ctx context.Context, clip tidings.ID) ([]tidings.Comment, error)
	UpdateComment(ctx context.Context, id tidings.ID, body string, ifVersion *int64) (tidings.Comment, error)
	DeleteComment(ctx context.Context, id tidings.ID) error
	Replies(ctx context.Context, clip tidings.ID) ([]tidings.ID, error)
	CommentOfReply(ctx context.Context, clip tidings.ID) (tidings.Comment, error) // KindNotFound while it stands nowhere
	ResolveThread(ctx context.Context, id, by tidings.ID) (tidings.Comment, error)
	ReopenThread(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	HideComment(ctx context.Context, id, by tidings.ID) (tidings.Comment, error)
	ShowComment(ctx context.Context, id tidings.ID) (tidings.Comment, error)

	AddReaction(ctx context.Context, to tidings.ReactionTarget, emoji string, by tidings.Reactor) error
	RemoveReaction(ctx context.Context, to tidings.ReactionTarget, emoji string, by tidings.Reactor) error
	ClipReactions(ctx context.Context, clip tidings.ID) ([]tidings.Reaction, error)

	CreateGuest(ctx context.Context, g tidings.Guest) error
	RenameGuest(ctx context.Context, id tidings.ID, name string) error
	Guest(ctx context.Context, id tidings.ID) (tidings.Guest, error)
}

// Inbox is what people are told of.
type Inbox interface {
	Notifications(ctx context.Context, f tidings.NotificationFilter) (items []tidings.Notification, next string, err error)
	MarkNotificationsSeen(ctx context.Context, user tidings.ID, which []tidings.ID) error
	MarkNotificationsSeenUntil(ctx context.Context, user tidings.ID, until time.Time) error
}

// Links are share links.
type Links interface {
	CreateLink(ctx context.Context, l tidings.Link) error
	Links(ctx context.Context, clip tidings.ID) ([]tidings.Link, error)
	LinkByHash(ctx context.Context, hash []byte) (tidings.Link, error)
	Link(ctx context.Context, id tidings.ID) (tidings.Link, error)
	LinkRow(ctx context.Context, id tidings.ID) (tidings.Link, error)
	UpdateLink(ctx context.Context, l tidings.Link) error
	RevokeLink(ctx context.Context, id tidings.ID) error
	LinkAssets(ctx context.Context, link tidings.ID) ([]tidings.LinkAsset, error)
	AddLinkVisit(ctx context.Context, link tidings.ID, session string) error
	EmbedOrigins(ctx context.Context, ws tidings.ID) (origins []string, set bool, err error)
	SetEmbedOrigins(ctx context.Context, w tidings.Workspace, origins []string) (tidings.Workspace, error) // KindStale
	FirstWorkspace(ctx context.Context) (tidings.ID, error)
}

// Events is the hub of live events.
type Events interface {
	Subscribe(ctx context.Context, after int64) (events <-chan tidings.Event, resync bool)
	Serial() int64
}

// Searches is what search needs of the rows.
type Searches interface {
	SeenClips(ctx context.Context, ws, user tidings.ID, until time.Time) ([]tidings.ID, error)
	UnansweredClips(ctx context.Context, ws tidings.ID) ([]tidings.ID, error)

	SavedSearches(ctx context.Context, ws, user tidings.ID) ([]tidings.SavedSearch, error)
	AddSavedSearch(ctx context.Context, v tidings.SavedSearch) error // KindConflict when there are too many
	DeleteSavedSearch(ctx context.Context, ws, user, id tidings.ID) error

	IndexBacklog(ctx context.Context, ws tidings.ID) (tidings.IndexBacklog, error)
	IndexBuild(ctx context.Context, engine string) (tidings.IndexBuild, error) // KindNotFound = none
}

// Reindexer fills the search index in the background.
type Reindexer interface {
	Begin() error // KindConflict while it runs
	Running() bool
}

// Searcher finds clips; see search.Engine.
type Searcher interface {
	Search(ctx context.Context, q tidings.Query) (hits []tidings.Hit, more bool, err error)
	Count(ctx context.Context, ws tidings.ID) (int, error)
	Name() string
}
