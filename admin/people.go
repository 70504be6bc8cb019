package admin

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// PeopleRequest is what `tidings user` and `tidings workspace` ask for.
type PeopleRequest struct {
	Action    string       `json:"what"` // command and subcommand, such as "user create"
	User      string       `json:"user"` // email address
	Name      string       `json:"name"`
	Workspace string       `json:"workspace"` // id or name; "" = the only one
	Role      tidings.Role `json:"role"`
	Password  string       `json:"password"` // "" = make one
}

// PeopleResponse is lines to print.
type PeopleResponse struct {
	Lines []string `json:"lines"`
}

// PeopleRows is what People needs of the store.
type PeopleRows interface {
	Users(ctx context.Context, after tidings.ID, limit int) ([]tidings.User, error)
	UserByEmail(ctx context.Context, email string) (u tidings.User, passwordHash string, err error)
	CreateUser(ctx context.Context, in tidings.NewAccount, ws tidings.ID, role tidings.Role) (tidings.User, error)
	CreateOperatorResetLink(ctx context.Context, user tidings.ID, hash []byte, mail bool) (tidings.PasswordReset, error)
	ChangePassword(ctx context.Context, user tidings.ID, was, hash, keep string, endTokens bool) error
	Memberships(ctx context.Context, user tidings.ID) ([]tidings.Membership, error)
	SetRole(ctx context.Context, ws, user, actor tidings.ID, to tidings.Role) error
	RemoveMember(ctx context.Context, ws, user, actor tidings.ID) error
	Workspaces(ctx context.Context) ([]tidings.WorkspaceCount, error)
	CreateWorkspace(ctx context.Context, id tidings.ID, name string, owner tidings.ID) (tidings.Workspace, error)
}

// PasswordPolicy is how passwords are checked and hashed.
type PasswordPolicy struct {
	MinLength int // bytes
	Hash      func(password string) string
}

// People manages accounts and workspaces for an operator, who owns the data
// folder and so may do everything.
type People struct {
	Rows      PeopleRows
	Passwords PasswordPolicy
	BaseURL   string // of links: "https://host"
	CanMail   bool   // people are told by mail
}

// Do carries a request out.
func (p *People) Do(ctx context.Context, r PeopleRequest) (PeopleResponse, error) {
	switch r.Action {
	case "user list":
		return p.listUsers(ctx)
	case "workspace list":
		return p.listWorkspaces(ctx)
	case "user create":
		return p.createUser(ctx, r)
	}

	u, hash, err := p.Rows.UserByEmail(ctx, r.User)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return PeopleResponse{}, tidings.Invalid("email", "Nobody has the address %q.", r.User)
	}
	if err != nil {
		return PeopleResponse{}, err
	}

	switch r.Action {
	case "user set-password":
		return p.setPassword(ctx, u, hash, r.Password)
	case "user reset-link":
		return p.createResetLink(ctx, u)
	case "workspace create":
		return p.createWorkspace(ctx, r.Name, u)
	}

	return p.changeMember(ctx, r, u)
}

// changeMember changes a person's role in a workspace, or removes the person.
func (p *People) changeMember(ctx context.Context, r PeopleRequest, u tidings.User) (PeopleResponse, error) {
	ws, err := p.findWorkspace(ctx, r.Workspace)
	if err != nil {
		return PeopleResponse{}, err
	}

	switch {
	case r.Action == "user remove":
		return oneLine("%s is no longer in %s", u.Email, ws.Name), p.Rows.RemoveMember(ctx, ws.ID, u.ID, "")
	case !r.Role.Valid():
		return PeopleResponse{}, tidings.Invalid("role", "The role is one of owner, admin, member, guest.")
	}

	return oneLine("%s is %s of %s", u.Email, r.Role, ws.Name), p.Rows.SetRole(ctx, ws.ID, u.ID, "", r.Role)
}

func oneLine(format string, args ...any) PeopleResponse {
	return PeopleResponse{Lines: []string{fmt.Sprintf(format, args...)}}
}

// userPage is how many accounts are read at once.
const userPage = 500

func (p *People) listUsers(ctx context.Context) (out PeopleResponse, err error) {
	for after := tidings.ID(""); ; {
		users, err := p.Rows.Users(ctx, after, userPage)
		if err != nil || len(users) == 0 {
			return out, err
		}

		for _, u := range users {
			memberships, err := p.Rows.Memberships(ctx, u.ID)
			if err != nil {
				return out, err
			}

			var roles []string
			for _, m := range memberships {
				roles = append(roles, fmt.Sprintf("%s of %s", m.Role, m.Workspace.Name))
			}

			out.Lines = append(out.Lines, fmt.Sprintf("%s  %s  %s  %s", u.ID, u.Email, u.Name, strings.Join(roles, ", ")))
		}

		after = users[len(users)-1].ID
	}
}

func (p *People) listWorkspaces(ctx context.Context) (out PeopleResponse, err error) {
	all, err := p.Rows.Workspaces(ctx)
	for _, ws := range all {
		out.Lines = append(out.Lines, fmt.Sprintf("%s  %s  %d people", ws.ID, ws.Name, ws.People))
	}
	return out, err
}

func (p *People) createWorkspace(ctx context.Context, name string, owner tidings.User) (PeopleResponse, error) {
	if name = strings.TrimSpace(name); name == "" {
		return PeopleResponse{}, tidings.Invalid("name", "--name is needed.")
	}
	ws, err := p.Rows.CreateWorkspace(ctx, tidings.NewID(time.Now()), name, owner.ID)
	return oneLine("%s %s", ws.ID, ws.Name), err
}

// findWorkspace returns the workspace with an id or a name, or with name "" the
// only one.
func (p *People) findWorkspace(ctx context.Context, name string) (tidings.Workspace, error) {
	all, err := p.Rows.Workspaces(ctx)
	if err != nil {
		return tidings.Workspace{}, err
	}

	var found []tidings.Workspace
	for _, ws := range all {
		if name == "" || string(ws.ID) == name || strings.EqualFold(ws.Name, name) {
			found = append(found, ws.Workspace)
		}
	}

	if len(found) == 1 {
		return found[0], nil
	}

	return tidings.Workspace{}, tidings.Invalid("workspace", "%d workspaces fit; name one by --workspace ID.", len(found))
}

// choosePassword returns the given password, or makes one and a line that
// prints it.
func (p *People) choosePassword(given string) (password, line string, err error) {
	if given == "" {
		given = rand.Text()
		line = "password " + given
	}
	if len(given) < p.Passwords.MinLength {
		return "", "", tidings.Errorf(tidings.KindInvalid, "A password needs at least %d characters.", p.Passwords.MinLength)
	}
	return given, line, nil
}

func (p *People) createUser(ctx context.Context, r PeopleRequest) (out PeopleResponse, err error) {
	if !tidings.ValidEmail(r.User) || strings.TrimSpace(r.Name) == "" || !r.Role.Valid() {
		return out, tidings.Errorf(tidings.KindInvalid, "--email, --name and a role are needed.")
	}

	ws, err := p.findWorkspace(ctx, r.Workspace)
	if err != nil {
		return out, err
	}

	password, line, err := p.choosePassword(r.Password)
	if err != nil {
		return out, err
	}

	account := tidings.NewAccount{Name: strings.TrimSpace(r.Name), Email: r.User, PasswordHash: p.Passwords.Hash(password), TimeZone: "UTC"}
	u, err := p.Rows.CreateUser(ctx, account, ws.ID, r.Role)
	if err != nil {
		return out, err
	}

	out = oneLine("%s is %s of %s", u.Email, r.Role, ws.Name)
	if line != "" {
		out.Lines = append(out.Lines, line)
	}

	return out, nil
}

// createResetLink makes a link by which the person sets a new password.
func (p *People) createResetLink(ctx context.Context, u tidings.User) (PeopleResponse, error) {
	var b [16]byte
	rand.Read(b[:])
	token := base64.RawURLEncoding.EncodeToString(b[:])
	made, err := p.Rows.CreateOperatorResetLink(ctx, u.ID, tidings.HashSecret(token), p.CanMail)
	if err != nil {
		return PeopleResponse{}, err
	}

	return PeopleResponse{Lines: []string{
		fmt.Sprintf("%s/reset/%s", strings.TrimRight(p.BaseURL, "/"), token),
		fmt.Sprintf("lets %s set a new password once, until %s", u.Email, made.ExpiresAt.UTC().Format("2006-01-02 15:04 UTC")),
	}}, nil
}

// setPassword also ends all sessions and API tokens of the person.
func (p *People) setPassword(ctx context.Context, u tidings.User, oldHash, given string) (out PeopleResponse, err error) {
	password, line, err := p.choosePassword(given)
	if err != nil {
		return out, err
	}
	if err := p.Rows.ChangePassword(ctx, u.ID, oldHash, p.Passwords.Hash(password), "", true); err != nil {
		return out, err
	}

	out = oneLine("%s has a new password and is signed out everywhere; their API tokens are revoked", u.Email)
	if line != "" {
		out.Lines = append(out.Lines, line)
	}

	return out, nil
}
