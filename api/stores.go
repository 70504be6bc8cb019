package api

import (
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/page"
	"tidings.example/tidings/api/upload"
)

// Stores are the rows as the handlers use them: each declares the methods it
// needs beside its code. One store may implement all of them.
type Stores struct {
	Auth              auth.Rows
	Access            auth.AccessStore
	Passwords         auth.PasswordStore
	Resets            auth.ResetStore
	Passkeys          auth.PasskeyStore
	OIDCAccounts      auth.OIDCStore
	Setup             auth.SetupStore
	Uploads           upload.Rows
	Media             media.Rows
	Pages             page.Rows
	Accounts          AccountStore
	Avatars           AvatarStore
	Tokens            TokenStore
	Workspaces        WorkspaceStore
	WorkspaceSettings WorkspaceSettingsStore
	Operators         OperatorStore
	Channels          ChannelStore
	ChannelAccess     ChannelAccessStore
	Invites           InviteStore
	Clips             ClipStore
	ClipViews         ClipViewStore
	Audience          AudienceStore
	Links             LinkStore
	Guests            GuestStore
	Comments          CommentStore
	CommentAccess     CommentAccessStore
	Reactions         ReactionStore
	Segments          SegmentViewStore
	Transcripts       TranscriptStore
	Glossaries        GlossaryStore
	Engines           EngineStore
	Searches          SearchStore
	SavedSearches     SavedSearchStore
	SearchIndex       SearchIndexStore
	Notifications     NotificationStore
	Events            EventStore
	Idempotency       IdempotencyStore
}
