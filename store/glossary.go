package store

import (
	"context"
	"encoding/json"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// correctionRetentionMS is how long a correction is remembered.
const correctionRetentionMS = 90 * 24 * 60 * 60 * 1000 // ms

// Glossary is that of a workspace; an empty one of version 0 before it has any.
func (s TranscriptRows) Glossary(ctx context.Context, ws tidings.ID) (tidings.Glossary, error) {
	r, err := s.queries().GlossaryOf(ctx, string(ws))
	if isNotFound(err) {
		return tidings.Glossary{Entries: []tidings.GlossaryEntry{}}, nil
	}
	if err != nil {
		return tidings.Glossary{}, err
	}
	g := tidings.Glossary{Version: r.Version}
	return g, json.Unmarshal([]byte(r.Entries), &g.Entries)
}

// PutGlossary stores a whole glossary when the version is still g.Version,
// else KindStale.
func (s TranscriptRows) PutGlossary(ctx context.Context, ws tidings.ID, g tidings.Glossary) (tidings.Glossary, error) {
	if g.Entries == nil {
		g.Entries = []tidings.GlossaryEntry{}
	}

	text, err := json.Marshal(g.Entries)
	if err != nil {
		return g, err
	}

	err = s.InTx(ctx, func(tx Tx) (err error) {
		var n int64
		if g.Version == 0 {
			n, err = tx.InsertGlossary(ctx, dbq.InsertGlossaryParams{WorkspaceID: string(ws), Entries: dbq.JSON(text), UpdatedMs: s.nowMS()})
		} else {
			n, err = tx.UpdateGlossary(ctx, dbq.UpdateGlossaryParams{WorkspaceID: string(ws), Entries: dbq.JSON(text), UpdatedMs: s.nowMS(), Version: g.Version})
		}

		return requireChange(n, err, errStale())
	})

	g.Version++
	return g, err
}

// Corrections are the phrases that a person has replaced by the same one at
// least twice and has not dismissed. They are private to the person, as the
// clips may be.
func (s TranscriptRows) Corrections(ctx context.Context, ws, user tidings.ID) ([]tidings.Correction, error) {
	rows, err := s.queries().CorrectionsOf(ctx, dbq.CorrectionsOfParams{WorkspaceID: string(ws), UserID: string(user)})
	out := make([]tidings.Correction, len(rows))
	for i, r := range rows {
		out[i] = tidings.Correction{Original: r.Heard, Replacement: r.Written, Times: int(r.Times)}
	}
	return out, err
}

// DismissCorrection marks a correction so that no glossary entry is suggested
// for it. KindNotFound when the person never made it.
func (s TranscriptRows) DismissCorrection(ctx context.Context, ws, user tidings.ID, c tidings.Correction) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.DismissCorrection(ctx, dbq.DismissCorrectionParams{WorkspaceID: string(ws), UserID: string(user), Heard: c.Original, Written: c.Replacement})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}
		return tx.TrimCorrections(ctx, s.nowMS()-correctionRetentionMS)
	})
}
