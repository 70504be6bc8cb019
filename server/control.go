package server

import (
	"cmp"
	"context"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// PasswordPolicy is the rule for passwords, which commands share with the API.
var PasswordPolicy = admin.PasswordPolicy{MinLength: auth.MinPassword, Hash: auth.HashPassword}

// People manages accounts for an operator. The links it makes begin with the
// public URL, or else with the address at which the server listens.
func (c *Config) People(rows admin.PeopleRows, address string) *admin.People {
	return &admin.People{Rows: rows, Passwords: PasswordPolicy, BaseURL: cmp.Or(c.PublicURL, address), CanMail: c.SMTPURL != ""}
}

// serveControl answers commands on the control socket until life ends; stop
// cancels those that take long.
func (a *App) serveControl(life, stop context.Context, address string) error {
	s := admin.NewControlServer(stop)
	admin.HandleRPC(s, "/token", func(ctx context.Context, r admin.TokenRequest) (admin.TokenResponse, error) {
		return admin.CreateToken(ctx, a.Store, r, time.Now())
	})

	people := a.Config.People(a.Store, address)
	admin.HandleRPC(s, "/people", people.Do)
	admin.HandleRPC(s, "/audit", func(ctx context.Context, _ struct{}) (admin.AuditReport, error) { return a.Audit(ctx) })
	admin.HandleStream(s, "/audit-bytes", a.AuditBytes)
	admin.HandleStream(s, "/reindex", a.Reindex)
	admin.HandleStream(s, "/export", a.Export)

	return s.Serve(life, a.Config.Data)
}

var phaseNames = map[string]string{search.PhaseFill: "filling", search.PhaseCheck: "comparing", search.PhaseSwap: "changing over"}

// Reindex fills a new search index beside the current one and swaps them.
func (a *App) Reindex(ctx context.Context, _ struct{}, report func(tidings.Progress)) (clips int, err error) {
	return a.indexer.Reindex(ctx, func(p search.Progress) {
		report(tidings.Progress{Phase: phaseNames[p.Phase], Done: int64(p.Done), Total: int64(p.Total), Unit: "clips"})
	})
}
