package api

import "tidings/api/spec"

// peopleCalls are the JSON calls about workspaces, channels and who is in them.
func (s *server) peopleCalls(w spec.ServerInterfaceWrapper) []route {
	return []route{
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
