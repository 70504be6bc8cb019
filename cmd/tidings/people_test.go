package main

import (
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// TestPeopleOrders: an operator looks after people without a page.
func TestPeopleOrders(t *testing.T) {
	db, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	if _, _, err := db.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: "ana@example.org", PasswordHash: api.HashPassword("correct horse"), TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		o    peopleOrder
		want string // in the answer, or in the error behind "!"
	}{
		{peopleOrder{What: "user create", User: "bo@example.org", Name: "Bo", Role: "member", Password: "long enough"}, "bo@example.org is member of Ocean"},
		{peopleOrder{What: "user create", User: "Bo@example.org", Name: "Bo", Role: "member"}, "!There is an account"},
		{peopleOrder{What: "user create", User: "nobody", Name: "Bo", Role: "member"}, "!needed"},
		{peopleOrder{What: "user create", User: "cy@example.org", Name: "Cy", Role: "guest", Password: "short"}, "!at least 8"},
		{peopleOrder{What: "user create", User: "cy@example.org", Name: "Cy", Role: "guest"}, "password "},
		{peopleOrder{What: "user set-role", User: "bo@example.org", Role: "king"}, "!one of"},
		{peopleOrder{What: "user set-role", User: "ana@example.org", Role: "member"}, "!needs an owner"},
		{peopleOrder{What: "user set-role", User: "bo@example.org", Role: "owner", Workspace: "ocean"}, "bo@example.org is owner of Ocean"},
		{peopleOrder{What: "user set-role", User: "who@example.org", Role: "owner"}, "!Nobody has the address"},
		{peopleOrder{What: "user remove", User: "cy@example.org"}, "no longer in Ocean"},
		{peopleOrder{What: "user set-password", User: "bo@example.org"}, "password "},
		{peopleOrder{What: "workspace create", User: "bo@example.org", Name: "River"}, "River"},
		{peopleOrder{What: "user remove", User: "bo@example.org"}, "!2 workspaces fit"},
		{peopleOrder{What: "workspace list"}, "River  1 people"},
		{peopleOrder{What: "user list"}, "owner of Ocean, owner of River"},
	} {
		out, err := people(t.Context(), db, c.o)
		got := strings.Join(out.Lines, "\n")

		if fault, bad := strings.CutPrefix(c.want, "!"); bad {
			if err == nil || !strings.Contains(sentence(err), fault) {
				t.Errorf("%+v: %v, want %q", c.o, err, fault)
			}
		} else if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q %v, want %q", c.o, got, err, c.want)
		}
	}
}
