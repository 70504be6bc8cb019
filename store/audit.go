package store

import (
	"context"
	"encoding/json"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Audit writes e to the audit log in this transaction, so that the act and its
// entry commit together. Actor and network are those of the context
// (tidings.WithActor) unless e names them. An entry without a workspace is about
// an account: it is written to the log of each workspace the account is in, or
// to the server's own log (workspace "") when there is none.
func (t Tx) Audit(ctx context.Context, e tidings.AuditEntry) error {
	by := tidings.ActorOf(ctx)
	if e.ActorID == "" {
		e.ActorID = by.UserID
	}

	if e.Network == "" {
		e.Network = by.Network
	}

	if e.Detail == nil {
		e.Detail = map[string]string{}
	}

	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}

	logs, err := t.auditLogs(ctx, e)
	if err != nil {
		return err
	}

	for _, ws := range logs {
		if err := t.InsertAudit(ctx, dbq.InsertAuditParams{ID: string(tidings.NewID(t.now)), WorkspaceID: ws, ActorID: string(e.ActorID), Action: string(e.Action),
			Target: string(e.TargetID), Detail: dbq.JSON(detail), Network: e.Network, CreatedMs: tidings.Millis(t.now)}); err != nil {
			return err
		}
	}

	return nil
}

// auditLogs returns the workspaces whose log e belongs to. An entry without an
// actor (a password that was guessed) belongs to its target.
func (t Tx) auditLogs(ctx context.Context, e tidings.AuditEntry) ([]string, error) {
	if e.WorkspaceID != "" {
		return []string{string(e.WorkspaceID)}, nil
	}

	person := e.ActorID
	if person == "" {
		person = e.TargetID
	}

	rows, err := t.MembershipsOfUser(ctx, string(person))
	if len(rows) == 0 {
		return []string{""}, err
	}

	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}

	return out, err
}

// Audit writes an entry in a transaction of its own.
func (s WorkspaceRows) Audit(ctx context.Context, e tidings.AuditEntry) error {
	return s.InTx(ctx, func(tx Tx) error { return tx.Audit(ctx, e) })
}

// maxID sorts behind every ULID.
const maxID = "8"

// AuditLog is a page of a workspace's log, newest first, and the cursor of the
// next one.
func (s WorkspaceRows) AuditLog(ctx context.Context, f tidings.AuditFilter) (items []tidings.AuditEntry, next string, err error) {
	before := maxID
	if f.Cursor != "" {
		id, ok := tidings.ParseID(f.Cursor)
		if !ok {
			return nil, "", tidings.Invalid("cursor", "This cursor is not one of ours.")
		}
		before = string(id)
	}

	rows, err := s.queries().AuditPage(ctx, dbq.AuditPageParams{WorkspaceID: string(f.WorkspaceID), Before: before, ActorID: string(f.ActorID), Action: string(f.Action), MaxRows: int32(f.Limit) + 1})
	if err != nil {
		return nil, "", err
	}

	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = rows[f.Limit-1].ID
	}

	items = make([]tidings.AuditEntry, len(rows))
	for i, r := range rows {
		items[i] = tidings.AuditEntry{ID: tidings.ID(r.ID), WorkspaceID: tidings.ID(r.WorkspaceID), ActorID: tidings.ID(r.ActorID), ActorName: r.ActorName,
			Action: tidings.AuditAction(r.Action), TargetID: tidings.ID(r.Target), Network: r.Network, CreatedAt: tidings.FromMillis(r.CreatedMs)}
		if err := json.Unmarshal([]byte(r.Detail), &items[i].Detail); err != nil {
			return nil, "", err
		}
	}

	return items, next, nil
}

// auditRetention is how long entries of the audit log are kept.
const auditRetention = 2 * 365 * 24 * time.Hour
