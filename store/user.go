package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// NeedsSetup reports whether there is no account yet.
func (s AccountRows) NeedsSetup(ctx context.Context) (bool, error) {
	n, err := s.queries().CountUsers(ctx)
	return n == 0, err
}

// Setup creates the first owner and workspace. KindGone when there is an
// account.
func (s AccountRows) Setup(ctx context.Context, in tidings.Setup) (u tidings.User, ws tidings.Workspace, err error) {
	now := s.clock()
	u = tidings.User{ID: tidings.NewID(now), Email: strings.ToLower(in.Email), Name: in.Name, TimeZone: in.TimeZone, CreatedAt: now.UTC(), Version: 1}
	ws = tidings.Workspace{ID: tidings.NewID(now), Name: in.WorkspaceName, CreatedAt: now.UTC(), Version: 1}
	err = s.InTx(ctx, func(tx Tx) error {
		n, err := tx.CountUsers(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return tidings.Errorf(tidings.KindGone, "This server is already set up.")
		}
		if err := tx.InsertUser(ctx, dbq.InsertUserParams{ID: string(u.ID), Email: u.Email, Name: u.Name,
			PasswordHash: in.PasswordHash, TimeZone: u.TimeZone, Prefs: "{}", CreatedMs: tidings.Millis(now)}); err != nil {
			return err
		}
		if err := tx.InsertWorkspace(ctx, dbq.InsertWorkspaceParams{ID: string(ws.ID), Name: ws.Name, CreatedMs: tidings.Millis(now)}); err != nil {
			return err
		}
		return tx.InsertMember(ctx, dbq.InsertMemberParams{WorkspaceID: string(ws.ID), UserID: string(u.ID), Role: string(tidings.RoleOwner), CreatedMs: tidings.Millis(now)})
	})

	return u, ws, err
}

func toUser(r dbq.User) (tidings.User, error) {
	u := tidings.User{ID: tidings.ID(r.ID), Email: r.Email, Name: r.Name, Avatar: r.Avatar, TimeZone: r.TimeZone,
		CreatedAt: tidings.FromMillis(r.CreatedMs), Version: r.Version}
	return u, json.Unmarshal([]byte(r.Prefs), &u.Prefs)
}

// User is the person with the id.
func (s AccountRows) User(ctx context.Context, id tidings.ID) (tidings.User, error) {
	r, err := s.queries().UserByID(ctx, string(id))
	if err != nil {
		return tidings.User{}, notFound(err)
	}
	return toUser(r)
}

// Authors are the people with the ids, by id; those who do not exist are missing.
func (s AccountRows) Authors(ctx context.Context, ids []tidings.ID) (map[tidings.ID]tidings.Author, error) {
	list, err := idsJSON(ids)
	if err != nil {
		return nil, err
	}

	rows, err := s.queries().AuthorsByID(ctx, list)
	out := make(map[tidings.ID]tidings.Author, len(rows))
	for _, r := range rows {
		out[tidings.ID(r.ID)] = tidings.Author{ID: tidings.ID(r.ID), Name: r.Name, Avatar: r.Avatar}
	}

	return out, err
}

// UserByEmail is the person with the address (in any case) and their password hash.
func (s AccountRows) UserByEmail(ctx context.Context, email string) (tidings.User, string, error) {
	r, err := s.queries().UserByEmail(ctx, strings.ToLower(email))
	if err != nil {
		return tidings.User{}, "", notFound(err)
	}
	u, err := toUser(r)
	return u, r.PasswordHash, err
}

// UpdateUser stores name, time zone and preferences of u when its version is
// still u.Version, else KindStale.
func (s AccountRows) UpdateUser(ctx context.Context, u tidings.User) (tidings.User, error) {
	prefs, err := json.Marshal(u.Prefs)
	if err != nil {
		return u, err
	}

	err = s.InTx(ctx, func(tx Tx) error {
		n, err := tx.UpdateUser(ctx, dbq.UpdateUserParams{ID: string(u.ID), Name: u.Name, TimeZone: u.TimeZone, Prefs: dbq.JSON(prefs), Version: u.Version})
		return requireChange(n, err, errStale())
	})

	u.Version++
	return u, err
}

func errStale() error {
	return tidings.Errorf(tidings.KindStale, "Somebody changed this in the meantime. Load it again.")
}

// Memberships are the workspaces a person is in.
func (s AccountRows) Memberships(ctx context.Context, userID tidings.ID) ([]tidings.Membership, error) {
	rows, err := s.queries().MembershipsOfUser(ctx, string(userID))
	out := make([]tidings.Membership, len(rows))
	for i, r := range rows {
		out[i] = tidings.Membership{UserID: userID, Role: tidings.Role(r.Role), Workspace: tidings.Workspace{
			ID: tidings.ID(r.ID), Name: r.Name, Heat: r.HeatSinceMs != nil, MaskProfanity: r.MaskProfanity, CreatedAt: tidings.FromMillis(r.CreatedMs), Version: r.Version}}
	}
	return out, err
}

// CreateToken stores an API token.
func (s AccountRows) CreateToken(ctx context.Context, t tidings.Token) error {
	return s.InTx(ctx, func(tx Tx) error {
		if err := tx.InsertToken(ctx, dbq.InsertTokenParams{ID: string(t.ID), UserID: string(t.UserID), Name: t.Name, Scope: string(t.Scope),
			Hash: hex.EncodeToString(t.Hash), CreatedMs: s.nowMS(), ExpiresMs: optionalMillis(t.ExpiresAt)}); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: t.UserID, Action: tidings.AuditTokenCreated, TargetID: t.ID,
			Detail: map[string]string{"name": t.Name, "scope": string(t.Scope)}})
	})
}

func toToken(r dbq.Token) tidings.Token {
	hash, _ := hex.DecodeString(r.Hash) // we wrote it
	return tidings.Token{ID: tidings.ID(r.ID), UserID: tidings.ID(r.UserID), Name: r.Name, Scope: tidings.Scope(r.Scope), Hash: hash,
		CreatedAt: tidings.FromMillis(r.CreatedMs), LastUsedAt: timeFromMillis(r.LastUsedMs), ExpiresAt: timeFromMillis(r.ExpiresMs)}
}

// Tokens are a person's API tokens, newest first.
func (s AccountRows) Tokens(ctx context.Context, userID tidings.ID) ([]tidings.Token, error) {
	rows, err := s.queries().TokensOfUser(ctx, string(userID))
	out := make([]tidings.Token, len(rows))
	for i, r := range rows {
		out[i] = toToken(r)
	}
	return out, err
}

// DeleteToken revokes a token of the person.
func (s AccountRows) DeleteToken(ctx context.Context, userID, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		names, err := tx.DeleteToken(ctx, dbq.DeleteTokenParams{ID: string(id), UserID: string(userID)})
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return tidings.NotFound()
		}

		tx.publishAccessChanged(userID)
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: userID, Action: tidings.AuditTokenRevoked, TargetID: id, Detail: map[string]string{"name": names[0]}})
	})
}

// TokenByHash finds a live token and stores its use, at most once a minute and
// if that can be written.
func (s AccountRows) TokenByHash(ctx context.Context, hash []byte) (tidings.Token, error) {
	r, err := s.queries().TokenByHash(ctx, hex.EncodeToString(hash))
	if err != nil {
		return tidings.Token{}, notFound(err)
	}

	now := s.nowMS()
	if r.ExpiresMs != nil && *r.ExpiresMs <= now {
		return tidings.Token{}, tidings.NotFound()
	}

	if r.LastUsedMs == nil || now-*r.LastUsedMs > time.Minute.Milliseconds() {
		s.tryWrite(ctx, "the use of a token is not stored", func(tx Tx) error {
			return tx.TouchToken(ctx, dbq.TouchTokenParams{ID: r.ID, LastUsedMs: &now})
		})
	}

	return toToken(r), nil
}

func optionalMillis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	ms := tidings.Millis(*t)
	return &ms
}

func timeFromMillis(ms *int64) *time.Time {
	if ms == nil {
		return nil
	}
	t := tidings.FromMillis(*ms)
	return &t
}
