package api

import (
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
)

// handlers are the handlers of each noun and what they share.
type handlers struct {
	signInMethods  *auth.SignInMethods
	sessions       *auth.SessionHandlers
	resets         *auth.ResetHandlers
	passkeys       *auth.PasskeyHandlers
	oidc           *auth.OIDCHandlers
	setup          *auth.SetupHandlers
	tokens         *tokenHandlers
	accounts       *accountHandlers
	workspaces     *workspaceHandlers
	channelAccess  *channelAccess
	channels       *channelHandlers
	invites        *inviteHandlers
	operators      *operatorCheck
	modelHandlers  *modelHandlers
	savedSearches  *savedSearchHandlers
	searches       *searchHandlers
	searchIndex    *searchIndexHandlers
	work           *workHandlers
	clipViews      *clipViews
	segments       *segmentViews
	commentAccess  *commentAccess
	commentViews   *commentViews
	comments       *commentHandlers
	reactions      *reactionHandlers
	guestHandlers  *guestHandlers
	links          *linkHandlers
	clips          *clipHandlers
	views          *viewHandlers
	transcripts    *transcriptHandlers
	glossaries     *glossaryHandlers
	engineHandlers *engineHandlers
	notifications  *notificationHandlers
	eventStreams   *eventHandlers
	avatars        *avatarHandlers
	uploadProbes   *uploadProbeHandlers
	idempotency    *idempotency
	health         *healthHandlers
	metrics        *metricsHandlers
}

// newHandlers makes the handlers of each noun.
func (s *server) newHandlers(deps Deps) {
	s.signInMethods = &auth.SignInMethods{Origin: s.origin, Provider: s.OIDC}
	s.sessions = &auth.SessionHandlers{
		Store: deps.Stores.Passwords, Authenticator: s.auth, Passwords: s.passwords, SignInLimiter: s.signInLimiter,
	}
	s.resets = &auth.ResetHandlers{
		Store: deps.Stores.Resets, Passwords: s.passwords, SignInLimiter: s.signInLimiter, Clock: s.Clock,
		CanMail: s.CanMail, PublicURL: strings.TrimRight(s.PublicURL, "/"),
	}
	s.passkeys = &auth.PasskeyHandlers{
		Store: deps.Stores.Passkeys, Methods: s.signInMethods, Authenticator: s.auth, ChallengeLimiter: s.challengeLimiter,
		Clock: s.Clock,
	}
	s.oidc = &auth.OIDCHandlers{
		Store: deps.Stores.OIDCAccounts, Methods: s.signInMethods, Authenticator: s.auth,
		ChallengeLimiter: s.challengeLimiter, Clock: s.Clock, Provider: s.OIDC, Rules: s.Rules, SignInLimiter: s.signInLimiter,
	}
	s.setup = &auth.SetupHandlers{
		Store: deps.Stores.Setup, Authenticator: s.auth, Passwords: s.passwords, SetupToken: s.SetupToken,
		SignInLimiter: s.signInLimiter,
	}
	s.tokens = &tokenHandlers{store: deps.Stores.Tokens, clock: s.Clock}
	s.accounts = &accountHandlers{store: deps.Stores.Accounts, auth: s.auth}
	s.workspaces = &workspaceHandlers{store: deps.Stores.Workspaces, settings: deps.Stores.WorkspaceSettings, clock: s.Clock, embedAncestors: s.EmbedAncestors, ownersOnly: s.OwnersOnly, canMail: s.CanMail, quota: s.Quota}
	s.channelAccess = &channelAccess{store: deps.Stores.ChannelAccess}
	s.channels = &channelHandlers{store: deps.Stores.Channels, channelAccess: s.channelAccess, clock: s.Clock}
	s.invites = &inviteHandlers{
		store: deps.Stores.Invites, channelAccess: s.channelAccess, auth: s.auth, canMail: s.CanMail, clock: s.Clock,
		passwords: s.passwords, signInLimiter: s.signInLimiter,
	}
	s.operators = &operatorCheck{store: deps.Stores.Operators}
	s.modelHandlers = &modelHandlers{operators: s.operators, models: s.Models}
	s.savedSearches = &savedSearchHandlers{store: deps.Stores.SavedSearches, clock: s.Clock}
	s.searches = &searchHandlers{
		store: deps.Stores.Searches, channelAccess: s.channelAccess, access: s.access, clock: s.Clock,
		moments: s.Moments, search: deps.Search, searchElsewhere: s.SearchElsewhere, slots: s.searchSlots, similar: s.Similar,
	}
	s.searchIndex = &searchIndexHandlers{
		store: deps.Stores.SearchIndex, operators: s.operators, access: s.access, clock: s.Clock,
		readyChecks: s.Ready, reindexer: s.Reindex, search: deps.Search,
	}
	s.work = &workHandlers{auth: s.auth, recheckEvery: s.RecheckEvery, clock: s.Clock, stopped: s.stopped, workers: s.Workers}
	s.clipViews = &clipViews{store: deps.Stores.ClipViews, access: s.access, clock: s.Clock, media: s.media}
	s.commentAccess = &commentAccess{store: deps.Stores.CommentAccess, access: s.access, clock: s.Clock, guestLimiter: s.guestLimiter}
	s.commentViews = &commentViews{clipViews: s.clipViews}
	s.comments = &commentHandlers{
		store: deps.Stores.Comments, commentAccess: s.commentAccess, commentViews: s.commentViews, access: s.access,
		clock: s.Clock,
	}
	s.reactions = &reactionHandlers{
		store: deps.Stores.Reactions, commentAccess: s.commentAccess, commentViews: s.commentViews, access: s.access,
	}
	s.guestHandlers = &guestHandlers{
		store: deps.Stores.Guests, commentAccess: s.commentAccess, access: s.access, auth: s.auth, clock: s.Clock,
	}
	s.links = &linkHandlers{
		store: deps.Stores.Links, access: s.access, auth: s.auth, clock: s.Clock, media: s.media,
		passwords: s.passwords, signInLimiter: s.signInLimiter,
	}
	s.clips = &clipHandlers{
		store: deps.Stores.Clips, uploads: deps.Uploads, clipViews: s.clipViews, commentAccess: s.commentAccess, access: s.access,
		channelAccess: s.channelAccess, checkSpace: deps.CheckSpace, clock: s.Clock,
	}
	s.views = &viewHandlers{store: deps.Stores.Audience, access: s.access, limits: newViewLimits(s.Clock)}
	s.segments = &segmentViews{store: deps.Stores.Segments, clock: s.Clock}
	s.transcripts = &transcriptHandlers{store: deps.Stores.Transcripts, segments: s.segments, access: s.access}
	s.glossaries = &glossaryHandlers{store: deps.Stores.Glossaries, transcripts: s.transcripts, access: s.access}
	s.engineHandlers = &engineHandlers{store: deps.Stores.Engines, clipViews: s.clipViews, access: s.access, engines: s.Engines}
	s.notifications = &notificationHandlers{store: deps.Stores.Notifications, access: s.access}
	s.eventStreams = &eventHandlers{
		store: deps.Stores.Events, clipViews: s.clipViews, segments: s.segments, commentAccess: s.commentAccess,
		commentViews: s.commentViews, access: s.access, auth: s.auth, cache: s.eventCache, clock: s.Clock,
		epoch: s.epoch, heartbeat: s.Heartbeat, recheckEvery: s.RecheckEvery, stopped: s.stopped, streams: s.streams,
	}
	s.avatars = &avatarHandlers{store: deps.Stores.Avatars, auth: s.auth, media: s.media}
	s.uploadProbes = &uploadProbeHandlers{bodies: s.bodies, limits: auth.NewLimiterEvery(probeRefill, probeBurst, s.Clock)}
	s.idempotency = &idempotency{store: deps.Stores.Idempotency, locks: s.idempotencyLocks}
	s.metrics = &metricsHandlers{operators: s.operators, metrics: s.Metrics}
	s.health = &healthHandlers{optional: s.OptionalReady, required: s.Ready}
}

// jsonHandlers implements spec.StrictServerInterface by the handlers of each
// noun.
type jsonHandlers struct {
	*auth.SessionHandlers
	*auth.ResetHandlers
	*auth.PasskeyHandlers
	*auth.OIDCHandlers
	*auth.SetupHandlers
	*tokenHandlers
	*accountHandlers
	*workspaceHandlers
	*channelHandlers
	*inviteHandlers
	*modelHandlers
	*savedSearchHandlers
	*searchHandlers
	*searchIndexHandlers
	*workHandlers
	*commentHandlers
	*reactionHandlers
	*guestHandlers
	*linkHandlers
	*clipHandlers
	*viewHandlers
	*transcriptHandlers
	*glossaryHandlers
	*engineHandlers
	*notificationHandlers
}

func (s *server) jsonHandlers() jsonHandlers {
	return jsonHandlers{
		s.sessions, s.resets, s.passkeys, s.oidc, s.setup, s.tokens,
		s.accounts, s.workspaces, s.channels, s.invites, s.modelHandlers, s.savedSearches, s.searches,
		s.searchIndex, s.work, s.comments, s.reactions, s.guestHandlers,
		s.links, s.clips, s.views, s.transcripts, s.glossaries, s.engineHandlers, s.notifications,
	}
}

var _ spec.StrictServerInterface = jsonHandlers{}
