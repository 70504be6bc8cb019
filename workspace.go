package tidings

import "time"

// Workspace is a team's own space: people, channels and clips live in one.
type Workspace struct {
	ID        ID
	Name      string
	CreatedAt time.Time
	Version   int64
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

// Membership is a person's place in a workspace.
type Membership struct {
	Workspace Workspace
	UserID    ID
	Role      Role
}

// Setup is what the first owner gives on the first visit.
type Setup struct {
	WorkspaceName string
	Name          string
	Email         string
	PasswordHash  string // argon2id, PHC string
	TimeZone      string
}

// Member is a person as the others in a workspace see them.
type Member struct {
	ID    ID
	Name  string
	Email string
	Role  Role
}
