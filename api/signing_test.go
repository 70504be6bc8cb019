package api_test

import (
	"fmt"
	"time"

	"tidings.example/tidings/tidings"
)

// addCredential creates a session, passkey or identity of the user and returns
// its id.
func (w *testServer) addCredential(user tidings.ID, what string) tidings.ID {
	w.Helper()
	now, ctx := w.clock.Now(), w.Context()
	name := string(tidings.NewID(now))
	switch what {
	case "{session}":
		w.ok(w.store.SessionCommit(ctx, name, &tidings.Session{UserID: user, Method: tidings.ByPassword}, nil, now.Add(time.Hour)))
		all, err := w.store.Sessions(ctx, user, name)
		w.ok(err)

		for _, v := range all {
			if v.Current {
				return v.ID
			}
		}
	case "{passkey}":
		w.ok(w.store.AddPasskey(ctx, tidings.Passkey{ID: tidings.ID(name), UserID: user, CredentialID: []byte(name), RPID: "localhost", Name: "Key", Record: []byte("{}")}))
		return tidings.ID(name)
	case "{identity}":
		w.ok(w.store.LinkIdentity(ctx, tidings.Identity{UserID: user, Issuer: "https://id.example", Subject: name}))
		i, err := w.store.IdentityBySubject(ctx, "https://id.example", name)
		w.ok(err)
		return i.ID
	}

	w.ok(fmt.Errorf("no %s was made", what))
	return ""
}
