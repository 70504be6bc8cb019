package admin

import (
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// TestPeopleOrders: an operator looks after people without a page.
func TestPeopleOrders(t *testing.T) {
	db := storetest.OpenAny(t, time.Now)
	if _, _, err := db.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: "ana@example.org", PasswordHash: auth.HashPassword("correct horse"), TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}

	people := &People{Rows: db, Passwords: PasswordPolicy{MinLength: auth.MinPassword, Hash: auth.HashPassword}, BaseURL: "https://tidings.example/"}
	for _, c := range []struct {
		o    PeopleRequest
		want string // in the answer, or in the error behind "!"
	}{
		{PeopleRequest{Action: "user create", User: "bo@example.org", Name: "Bo", Role: "member", Password: "long enough"}, "bo@example.org is member of Ocean"},
		{PeopleRequest{Action: "user create", User: "Bo@example.org", Name: "Bo", Role: "member"}, "!There is an account"},
		{PeopleRequest{Action: "user create", User: "nobody", Name: "Bo", Role: "member"}, "!needed"},
		{PeopleRequest{Action: "user create", User: "cy@example.org", Name: "Cy", Role: "guest", Password: "short"}, "!at least 8"},
		{PeopleRequest{Action: "user create", User: "cy@example.org", Name: "Cy", Role: "guest"}, "password "},
		{PeopleRequest{Action: "user set-role", User: "bo@example.org", Role: "king"}, "!one of"},
		{PeopleRequest{Action: "user set-role", User: "ana@example.org", Role: "member"}, "!needs an owner"},
		{PeopleRequest{Action: "user set-role", User: "bo@example.org", Role: "owner", Workspace: "ocean"}, "bo@example.org is owner of Ocean"},
		{PeopleRequest{Action: "user set-role", User: "who@example.org", Role: "owner"}, "!Nobody has the address"},
		{PeopleRequest{Action: "user remove", User: "cy@example.org"}, "no longer in Ocean"},
		{PeopleRequest{Action: "user set-password", User: "bo@example.org"}, "password "},
		{PeopleRequest{Action: "user set-password", User: "bo@example.org"}, "API tokens are revoked"},
		{PeopleRequest{Action: "user reset-link", User: "bo@example.org"}, "https://tidings.example/reset/"},
		{PeopleRequest{Action: "user reset-link", User: "bo@example.org"}, "lets bo@example.org set a new password once, until "},
		{PeopleRequest{Action: "user reset-link", User: "who@example.org"}, "!Nobody has the address"},
		{PeopleRequest{Action: "workspace create", User: "bo@example.org", Name: "River"}, "River"},
		{PeopleRequest{Action: "user remove", User: "bo@example.org"}, "!2 workspaces fit"},
		{PeopleRequest{Action: "workspace list"}, "River  1 people"},
		{PeopleRequest{Action: "user list"}, "owner of Ocean, owner of River"},
	} {
		out, err := people.Do(t.Context(), c.o)
		got := strings.Join(out.Lines, "\n")

		if fault, bad := strings.CutPrefix(c.want, "!"); bad {
			if err == nil || !strings.Contains(DescribeError(err), fault) {
				t.Errorf("%+v: %v, want %q", c.o, err, fault)
			}
		} else if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q %v, want %q", c.o, got, err, c.want)
		}
	}
}
