package api

import (
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
)

// peopleRoutes are the JSON calls of workspaces, channels and their members.
func (s *server) peopleRoutes(w spec.ServerInterfaceWrapper) []route {
	return []route{
		{"POST", "/workspaces", auth.Writer, w.CreateWorkspace},
		{"PATCH", "/workspaces/:ws/members/:user", auth.Admin, w.UpdateMember},
		{"DELETE", "/workspaces/:ws/members/:user", auth.Admin, w.RemoveMember},
		{"POST", "/workspaces/:ws/members/:user/password-reset", auth.Admin, w.CreateResetLink},
		{"GET", "/workspaces/:ws/invites", auth.Admin, w.ListInvites},
		{"POST", "/workspaces/:ws/invites", auth.Admin, w.CreateInvite},
		{"DELETE", "/workspaces/:ws/invites/:id", auth.Admin, w.RevokeInvite},
		{"POST", "/invites/:token/accept", auth.Visitor, w.AcceptInvite},
		{"GET", "/workspaces/:ws/channels", auth.Reader, w.ListChannels},
		{"POST", "/workspaces/:ws/channels", auth.Writer, w.CreateChannel},
		{"GET", "/channels/:id", auth.Reader, w.GetChannel},
		{"PATCH", "/channels/:id", auth.Writer, w.UpdateChannel},
		{"DELETE", "/channels/:id", auth.Writer, w.DeleteChannel},
		{"GET", "/channels/:id/members", auth.Reader, w.ListChannelMembers},
		{"POST", "/channels/:id/members", auth.Writer, w.AddChannelMember},
		{"PUT", "/channels/:id/members/:user", auth.Writer, w.PutChannelMember},
		{"DELETE", "/channels/:id/members/:user", auth.Writer, w.RemoveChannelMember},
	}
}
