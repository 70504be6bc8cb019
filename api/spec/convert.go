package spec

import (
	"time"

	"tidings.example/tidings/tidings"
)

// Map applies fn to each item; never nil, so that JSON has [].
func Map[A, B any](items []A, fn func(A) B) []B {
	out := make([]B, len(items))
	for i, item := range items {
		out[i] = fn(item)
	}
	return out
}

// OrNil is nil for the zero value, for fields that are null in JSON.
func OrNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Deref is the value a pointer points to, and the zero value for nil.
func Deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// AuthorOf is the author of a clip, a comment or a notification.
func AuthorOf(a tidings.Author) Author {
	return Author{ID: a.ID, Name: a.Name, AvatarURL: AvatarURL(a.ID, a.Avatar)}
}

// AvatarURL is where a person's picture is; nil without one.
func AvatarURL(user tidings.ID, hash string) *string {
	if hash == "" {
		return nil
	}
	return new("/api/v1/users/" + string(user) + "/avatar/" + hash)
}

// InstantOrNil is a time that may be missing.
func InstantOrNil(t *time.Time) *Time {
	if t == nil {
		return nil
	}
	return new(Instant(*t))
}

// MeOf is the account of a person as they see it themselves.
func MeOf(u tidings.User, memberships []tidings.Membership) Me {
	return Me{
		User:       User{ID: u.ID, Name: u.Name, Email: u.Email, AvatarURL: AvatarURL(u.ID, u.Avatar), CreatedAt: Instant(u.CreatedAt)},
		Workspaces: Map(memberships, WorkspaceOf),
		Preferences: Preferences{TimeZone: u.TimeZone, WorkingHours: hoursOf(u.Prefs.WorkingHours),
			QuietHours: hoursOf(u.Prefs.QuietHours), Notify: notifyOf(u.Prefs.Notify)},
		Version: u.Version,
	}
}

// WorkspaceOf is a workspace as one of its members sees it.
func WorkspaceOf(m tidings.Membership) Workspace {
	return Workspace{ID: m.Workspace.ID, Name: m.Workspace.Name, Role: m.Role, Heat: m.Workspace.Heat, MaskProfanity: m.Workspace.MaskProfanity, CreatedAt: Instant(m.Workspace.CreatedAt), Version: m.Workspace.Version}
}

func hoursOf(h *tidings.Hours) *Hours {
	if h == nil {
		return nil
	}
	return &Hours{From: h.From, To: h.To}
}

func notifyOf(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
