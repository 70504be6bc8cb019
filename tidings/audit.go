package tidings

import (
	"context"
	"time"
)

// AuditAction names a security-relevant act in the audit log.
type AuditAction string

// Actions in the audit log. The part before the dot is the noun.
const (
	AuditSignedIn         AuditAction = "session.created"
	AuditSignInFailed     AuditAction = "session.refused"
	AuditSignedOut        AuditAction = "session.ended"   // by its own browser
	AuditSessionRevoked   AuditAction = "session.revoked" // from another browser
	AuditPasswordChanged  AuditAction = "password.changed"
	AuditResetRequested   AuditAction = "password.reset_requested" // a link was mailed to the person
	AuditResetLinkCreated AuditAction = "password.reset_link"      // by somebody else, for the person
	AuditPasswordReset    AuditAction = "password.reset"           // by such a link
	AuditPasskeyAdded     AuditAction = "passkey.added"
	AuditPasskeyRenamed   AuditAction = "passkey.renamed"
	AuditPasskeyRemoved   AuditAction = "passkey.removed"
	AuditPasskeySuspect   AuditAction = "passkey.suspect" // its counter went back: it may have been copied
	AuditIdentityLinked   AuditAction = "identity.linked"
	AuditIdentityUnlinked AuditAction = "identity.unlinked"
	AuditTokenCreated     AuditAction = "token.created"
	AuditTokenRevoked     AuditAction = "token.revoked"
	AuditMemberJoined     AuditAction = "member.joined"
	AuditMemberRole       AuditAction = "member.role_changed"
	AuditMemberRemoved    AuditAction = "member.removed"
	AuditInviteCreated    AuditAction = "invite.created"
	AuditInviteRevoked    AuditAction = "invite.revoked"
	AuditLinkCreated      AuditAction = "link.created"
	AuditLinkChanged      AuditAction = "link.changed"
	AuditLinkRevoked      AuditAction = "link.revoked"
	AuditWorkspaceCreated AuditAction = "workspace.created"
	AuditWorkspaceChanged AuditAction = "workspace.changed"
	AuditChannelCreated   AuditAction = "channel.created"
	AuditChannelChanged   AuditAction = "channel.changed"
	AuditChannelDeleted   AuditAction = "channel.deleted"
)

// AuditEntry is one entry of a workspace's audit log. It never holds secrets.
type AuditEntry struct {
	ID          ID
	WorkspaceID ID // "" when it is written = all workspaces that ActorID is in
	ActorID     ID // the actor; "" when it is written = the actor of the context
	ActorName   string
	Action      AuditAction
	TargetID    ID                // a person, link, invite, …
	Detail      map[string]string // for people to read: a name, a role before and after
	Network     string            // of the request; see Actor
	CreatedAt   time.Time
}

// AuditFilter selects entries of a workspace's log, newest first.
type AuditFilter struct {
	WorkspaceID ID
	ActorID     ID          // "" = anybody's
	Action      AuditAction // "" = any
	Limit       int
	Cursor      string // of the page before, "" = the newest
}

// Actor is who acts, for the audit log: a person, and the network of the request
// as a prefix (/24 of IPv4, /48 of IPv6). The zero Actor is the server itself or
// its command line.
type Actor struct {
	UserID  ID
	Network string
}

type actorKey struct{}

// WithActor is ctx with the actor of what is done with it.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is the actor of ctx.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
