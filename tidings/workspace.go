package tidings

import "time"

// Workspace is a team's own space: people, channels and clips live in one.
type Workspace struct {
	ID        ID
	Name      string
	Heat      bool // authors see how many watched each second of a clip
	CreatedAt time.Time
	Version   int64

	MaskProfanity bool // profane words of transcripts are shown masked
}

// WorkspaceCount is a workspace with the number of its members.
type WorkspaceCount struct {
	Workspace
	People int
}

// Role is what a person may do in a workspace.
type Role string

// Roles, from most to least.
const (
	RoleOwner  Role = "owner"
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
	RoleGuest  Role = "guest"
)

// Valid reports whether r is one of the known roles.
func (r Role) Valid() bool { return r.Rank() > 0 }

// Rank orders roles; a higher one may do all that a lower one may.
func (r Role) Rank() int {
	switch r {
	case RoleOwner:
		return 4
	case RoleAdmin:
		return 3
	case RoleMember:
		return 2
	case RoleGuest:
		return 1
	}
	return 0
}

// Manages reports whether the role may manage the people of a workspace.
func (r Role) Manages() bool { return r == RoleOwner || r == RoleAdmin }

// MayGive reports whether a person of role r may change the role is ("" = not a
// member) to the role to. Owners may give any; admins may neither change owners
// nor make them.
func (r Role) MayGive(is, to Role) bool {
	return r == RoleOwner || r == RoleAdmin && is != RoleOwner && to != RoleOwner
}

// Membership is a workspace that a person is in, and their role.
type Membership struct {
	Workspace Workspace
	UserID    ID
	Role      Role
}

// Setup is what the first owner enters on the first visit.
type Setup struct {
	WorkspaceName string
	Name          string
	Email         string
	PasswordHash  string // argon2id, PHC string
	TimeZone      string
}

// Member is a person as the others in a workspace see them.
type Member struct {
	ID       ID
	Name     string
	Email    string
	Avatar   string // hash of the picture; "" = none
	Role     Role
	JoinedAt time.Time
}
