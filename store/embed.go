package store

import (
	"context"
	"encoding/json"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// EmbedOrigins are the origins whose pages may frame a workspace's embeds; set
// is false where the server's default applies.
func (s WorkspaceRows) EmbedOrigins(ctx context.Context, ws tidings.ID) (origins []string, set bool, err error) {
	text, err := s.queries().EmbedOrigins(ctx, string(ws))
	if err != nil || text == nil {
		return nil, false, notFound(err)
	}
	return origins, true, json.Unmarshal([]byte(*text), &origins)
}

// SetEmbedOrigins stores the list if the workspace's version is still w.Version,
// else KindStale. nil restores the server's default.
func (s WorkspaceRows) SetEmbedOrigins(ctx context.Context, w tidings.Workspace, origins []string) (tidings.Workspace, error) {
	var text *string
	if origins != nil {
		b, err := json.Marshal(origins)
		if err != nil {
			return w, err
		}
		list := string(b)
		text = &list
	}

	err := s.InTx(ctx, func(tx Tx) error {
		n, err := tx.SetEmbedOrigins(ctx, dbq.SetEmbedOriginsParams{ID: string(w.ID), EmbedOrigins: text, Version: w.Version})
		if err := requireChange(n, err, errStale()); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: w.ID, Action: tidings.AuditWorkspaceChanged, TargetID: w.ID,
			Detail: map[string]string{"embed_origins": strings.Join(origins, " ")}})
	})

	w.Version++
	return w, err
}

// FirstWorkspace is the workspace that the server was set up with: its owners
// and admins administer the server.
func (s WorkspaceRows) FirstWorkspace(ctx context.Context) (tidings.ID, error) {
	id, err := s.queries().FirstWorkspace(ctx)
	return tidings.ID(id), notFound(err)
}
