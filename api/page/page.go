// Package page draws the pages: head, first paint and first data, from which the
// web app goes on. It also serves the files of the web app, oEmbed, and what
// other programs show of a page. registry.go is the table of pages.
package page

import (
	"context"
	"html/template"
	"io/fs"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"

	_ "embed"
)

//go:embed page.html
var templateText string

// Rows is the rows that this package reads.
type Rows interface {
	NeedsSetup(ctx context.Context) (bool, error)
	ClipAccess(ctx context.Context, clip, user tidings.ID) (tidings.ClipAccess, error)
	EmbedOrigins(ctx context.Context, ws tidings.ID) (origins []string, set bool, err error)
	InviteByHash(ctx context.Context, hash []byte) (tidings.Invite, error)
	PasswordResetByHash(ctx context.Context, hash []byte) (tidings.PasswordReset, error)
}

// Data is the JSON of the API that pages carry as their first data.
type Data interface {
	// Me is the account of the caller, who is signed in.
	Me(ctx context.Context) (spec.Me, error)
	// Clip is a clip as the caller sees it; KindNotFound when they may not.
	Clip(ctx context.Context, id string) (spec.Clip, error)
	// ReplyPath is the page at which a reply is shown in its thread; "" for a clip
	// that is in no thread.
	ReplyPath(ctx context.Context, clip spec.Clip) (string, error)
	Setup(ctx context.Context) (spec.SetupState, error)
	// EventID is the id of the newest live event.
	EventID() string
	// SignInWays is how one can sign in here. problem is the code that the OpenID
	// provider's callback has put into the URL; "" = none.
	SignInWays(ctx context.Context, problem string) *spec.SignInWays
	// ResetsByMail reports whether a link for a new password can be asked for by
	// mail.
	ResetsByMail() bool
}

// Config of a Handler.
type Config struct {
	Store          Rows
	Data           Data
	Auth           *auth.Authenticator
	InviteLimiter  *auth.Limiter          // unknown invitations, by address
	Web            fs.FS                  // the built web app (dist or its parent); nil = none
	Version        string                 // shown to the page
	MaxUpload      int64                  // bytes
	CheckSpace     func(size int64) error // KindStorageFull while no new recording may begin; nil = one always may
	EmbedAncestors string                 // frame-ancestors (CSP) of embeds in workspaces without a setting
	Clock          tidings.Clock
}

// Handler serves pages.
type Handler struct {
	Config
	pages    map[string]Page // by name
	template *template.Template
	bundle   bundle
	files    map[string]*webFile // by path from the root of the server
}

// New reads the web build. It fails on a build that cannot be read.
func New(c Config) (*Handler, error) {
	h := &Handler{Config: c, pages: map[string]Page{}}
	for _, p := range Pages() {
		h.pages[p.Name] = p
	}

	web, err := distFS(c.Web)
	if err != nil {
		return nil, err
	}
	if h.template, err = template.New("page").Parse(templateText); err != nil {
		return nil, err
	}
	if h.bundle, err = readBundle(web); err != nil {
		return nil, err
	}

	h.files, err = readFiles(web)
	return h, err
}

// distFS is the folder dist, whether web is dist itself or its parent.
func distFS(web fs.FS) (fs.FS, error) {
	if web == nil {
		return nil, nil
	}
	if _, err := fs.Stat(web, "dist"); err == nil {
		return fs.Sub(web, "dist")
	}
	return web, nil
}
