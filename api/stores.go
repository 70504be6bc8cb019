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
	Auth          auth.Store
	Access        auth.AccessStore
	Passwords     auth.PasswordStore
	Passkeys      auth.PasskeyStore
	OIDCAccounts  auth.OIDCStore
	Setup         auth.SetupStore
	Uploads       upload.Store
	Media         media.Store
	Pages         page.Store
	Accounts      accountStore
	Avatars       avatarStore
	Tokens        tokenStore
	Workspaces    workspaceStore
	Operators     operatorCheckStore
	Channels      channelStore
	ChannelAccess channelAccessStore
	Invites       inviteStore
	Clips         clipStore
	ClipViews     clipViewsStore
	Audience      viewStore
	Links         linkStore
	Guests        guestStore
	Comments      commentStore
	CommentAccess commentAccessStore
	Reactions     reactionStore
	Transcripts   transcriptStore
	Glossaries    glossaryStore
	Engines       engineStore
	Searches      searchStore
	SavedSearches savedSearchStore
	SearchIndex   searchIndexStore
	Notifications notificationStore
	Events        eventStore
	Idempotency   idempotencyStore
}
