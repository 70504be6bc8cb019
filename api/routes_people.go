package api

import "tidings.example/tidings/api/spec"

// peopleCalls are the JSON calls about workspaces, channels and who is in them.
func (s *server) peopleCalls(w spec.ServerInterfaceWrapper) []route {
	return []route{
		{"POST", "/workspaces", writer, w.CreateWorkspace},
		{"PATCH", "/workspaces/:ws/members/:user", admin, w.UpdateMember},
		{"DELETE", "/workspaces/:ws/members/:user", admin, w.RemoveMember},
		{"GET", "/workspaces/:ws/invites", admin, w.ListInvites},
		{"POST", "/workspaces/:ws/invites", admin, w.CreateInvite},
		{"DELETE", "/workspaces/:ws/invites/:id", admin, w.RevokeInvite},
		{"POST", "/invites/:token/accept", visitor, w.AcceptInvite},
		{"GET", "/workspaces/:ws/channels", reader, w.ListChannels},
		{"POST", "/workspaces/:ws/channels", writer, w.CreateChannel},
		{"GET", "/channels/:id", reader, w.GetChannel},
		{"PATCH", "/channels/:id", writer, w.UpdateChannel},
		{"DELETE", "/channels/:id", writer, w.DeleteChannel},
		{"GET", "/channels/:id/members", reader, w.ListChannelMembers},
		{"POST", "/channels/:id/members", writer, w.AddChannelMember},
		{"PUT", "/channels/:id/members/:user", writer, w.PutChannelMember},
		{"DELETE", "/channels/:id/members/:user", writer, w.RemoveChannelMember},
	}
}
