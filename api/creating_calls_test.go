package api_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// creatingCall is a call that takes an Idempotency-Key.
type creatingCall struct {
	operation string // its operationId
	from      *client
	path      string
	body      func(n int) map[string]any // of the n-th request
	table     string                     // where its row goes
}

// key is the header with the key of the n-th request. Callers without an
// account need a long one.
func (c creatingCall) key(n int) string {
	return fmt.Sprintf("Idempotency-Key: %s-request-%06d", c.operation, n)
}

// creatingCalls are the calls that make something, with a clip for those on one;
// setup is tested apart, because a server takes it once.
func creatingCalls(w *testServer) []creatingCall {
	w.Helper()
	ws, clip := "/api/v1/workspaces/"+string(w.ws), "/api/v1/clips/"+string(w.ana.createClip().ID)
	guests := w.ana.createLink(w.ana.createClip().ID, "allow_comments", true)
	invite := w.ana.createInvite("max_uses", 1000)
	none := func(int) map[string]any { return map[string]any{} }
	named := func(n int) map[string]any { return map[string]any{"name": fmt.Sprint("made-", n)} }
	browser := w.signIn("ana@example.org").withHeaders(localhost)
	host := "Host: " + w.server.Listener.Addr().String()
	ana, visitor := w.ana.withHeaders(host), w.anonymousClient().withHeaders(host)

	return []creatingCall{
		{"createClip", ana, "/api/v1/clips", func(n int) map[string]any {
			return map[string]any{"workspace_id": w.ws, "kind": "voice", "title": fmt.Sprint(n)}
		}, "clips"},
		{"createComment", ana, clip + "/comments", func(n int) map[string]any { return map[string]any{"body": fmt.Sprint("Comment ", n)} }, "comments"},
		{"createLink", ana, clip + "/links", none, "links"},
		{"createChannel", ana, ws + "/channels", named, "channels"},
		{"createInvite", ana, ws + "/invites", none, "invites"},
		{"createSavedSearch", ana, ws + "/saved-searches", func(n int) map[string]any { return map[string]any{"query": fmt.Sprint("query ", n)} }, "saved_searches"},
		{"createWorkspace", ana, "/api/v1/workspaces", named, "workspaces"},
		{"createToken", ana, "/api/v1/tokens", func(n int) map[string]any { return map[string]any{"name": fmt.Sprint(n), "scope": "read"} }, "tokens"},
		{"addPasskey", browser, "/api/v1/passkeys", browser.passkeyRequests(), "passkeys"},
		{"acceptInvite", visitor, acceptPath(invite), func(n int) map[string]any {
			return map[string]any{"name": fmt.Sprint("Person ", n), "email": fmt.Sprintf("person-%d@example.org", n), "password": password}
		}, "users"},
		{"becomeGuest", visitor, "/api/v1/links/" + guests.Token + "/guest", named, "guests"},
	}
}

// passkeyRequests makes the n-th request with a new passkey once, so that it can
// be repeated.
func (c *client) passkeyRequests() func(n int) map[string]any {
	var mu sync.Mutex
	made := map[int]map[string]any{}
	return func(n int) map[string]any {
		mu.Lock()
		defer mu.Unlock()
		if made[n] == nil {
			o := decodeJSON[credentialOptions](c.do("POST", "/api/v1/passkeys/options", nil).is(200, ""))
			made[n] = map[string]any{"name": fmt.Sprint("Laptop ", n), "credential": newAuthenticator(c.w).createCredential(o)}
		}
		return made[n]
	}
}

// repeatableCalls are the POST operations without an Idempotency-Key, and why
// they can be repeated.
var repeatableCalls = map[string]string{
	"addChannelMember":     "a person is a member once",
	"addView":              "the ranges of a view session are a union",
	"addWorkSegments":      "segments have their numbers",
	"beginIdentity":        "a ceremony ends by itself",
	"beginPasskey":         "a ceremony ends by itself",
	"beginPasskeySignIn":   "a ceremony ends by itself",
	"claimWork":            "a lease runs out",
	"createResetLink":      "made again, a link replaces the one before; its secret is not stored",
	"createUpload":         "a clip has one upload",
	"dismissCorrection":    "changes a state",
	"failWork":             "changes a state",
	"finishWork":           "changes a state",
	"hideComment":          "changes a state",
	"joinSegment":          "If-Match",
	"passkeySignIn":        "makes a session only",
	"probeUpload":          "keeps nothing",
	"pullModel":            "a model is downloaded once",
	"reactToClip":          "one reaction by person, emoji and moment",
	"reactToComment":       "one reaction by person and emoji",
	"rebuildSearchIndex":   "one rebuild at a time",
	"redoTranscript":       "makes nothing: moves within the history of edits",
	"renewWork":            "changes a state",
	"requestPasswordReset": "at most three mails an hour go to an address",
	"resetPassword":        "a link is used once",
	"resolveThread":        "changes a state",
	"restoreClip":          "changes a state",
	"retryStep":            "changes a state",
	"retryTranscript":      "changes a state",
	"seeNotifications":     "changes a state",
	"signIn":               "makes a session only",
	"splitSegment":         "If-Match",
	"undoTranscript":       "makes nothing: moves within the history of edits",
	"unlockLink":           "changes a state",
	"useGlossary":          "replaces what is there",
}

// TestCreatingCallsTakeKeys: each POST of openapi.yaml is one of creatingCalls,
// and has the header, or says in repeatableCalls why it needs none.
func TestCreatingCallsTakeKeys(t *testing.T) {
	tested := map[string]bool{"setup": true, "continueClip": true} // see TestContinueRepeated
	for _, call := range creatingCalls(newTestServer(t)) {
		tested[call.operation] = true
	}

	known := map[string]bool{}
	for path, item := range openAPISource(t).Paths.Map() {
		for method, op := range item.Operations() {
			known[op.OperationID] = true
			takesKey := op.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key") != nil
			needsNone := method != "POST" || repeatableCalls[op.OperationID] != ""
			if takesKey == needsNone || takesKey != tested[op.OperationID] {
				t.Errorf("%s %s %s: takes a key %t, tested %t, needs none %t", op.OperationID, method, path, takesKey, tested[op.OperationID], needsNone)
			}
		}
	}

	for operation := range repeatableCalls {
		if !known[operation] {
			t.Errorf("there is no %s", operation)
		}
	}
}
