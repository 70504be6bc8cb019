package api_test

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// subjects are the columns of the matrix: a client that is not signed in, the
// owner of another workspace, a guest and a member of this one, the author of
// the clip (a member, by session), visitors with a working and with a revoked
// share link, and the author's API tokens of scope read, write and admin.
var subjects = []string{"stranger", "outsider", "guest", "member", "author", "link", "revoked", "read", "write", "admin"}

// cell is a row of the matrix: the statuses a route returns to the subjects.
type cell struct {
	query  string
	body   any
	header []string
	want   string // statuses in the order of subjects, or one for all
}

const (
	allowViewers        = "404 404 404 200 200 200 404 200 200 200" // access to the clip
	allowAccounts       = "401 200 200 200 200 401 401 200 200 200" // an account
	allowWorkspace      = "401 404 200 200 200 401 401 200 200 200" // members of the workspace
	allowAdminTokens    = "401 200 200 200 200 401 401 403 403 200" // an account; of tokens only scope admin
	allowEditors        = "401 404 404 403 200 401 401 403 200 200" // the author; of tokens scope write or admin
	allowDeleters       = "401 404 404 403 204 401 401 403 204 204"
	allowCommentReaders = "404 404 404 200 200 403 404 200 200 200" // allowViewers, without links that have comments off
	allowCommenters     = "401 404 404 200 200 403 401 403 200 200" // permission to comment
	allowWorkers        = "401 403 403 403 403 401 401 403 403 403" // workers only: see TestWorkerToken
	allowPageVisitors   = "303 200 200 200 200 303 303 200 200 200"
)

// allowOwners: the user who owns the resource; of tokens only scope admin.
const allowOwners = "401 404 404 404 204 401 401 403 403 204"

var tusHeader = []string{"Tus-Resumable: 1.0.0"}

// matrix has a row for each route. {names} are replaced by values of a
// clipFixture.
var matrix = map[string]cell{
	"GET /forgot":                  {want: "200 303 303 303 303 200 200 303 303 303"},
	"GET /reset/:token":            {query: "{reset}", want: "200"},
	"POST /api/v1/password/forgot": {body: map[string]any{"email": "ana@example.org"}, want: "409"}, // no mail: see TestForgotPassword
	"POST /api/v1/password/reset":  {body: map[string]any{"token": "none", "new_password": password}, want: "404"},
	"POST /api/v1/workspaces/:ws/members/:user/password-reset": {want: "401 404 403 403 403 401 401 403 403 403"},

	"GET /api/v1/openapi.json":                             {want: "200"},
	"GET /api/v1/setup":                                    {want: "200"},
	"POST /api/v1/setup":                                   {body: map[string]any{"workspace_name": "W", "name": "N", "email": "n@example.org", "password": password}, want: "410"},
	"POST /api/v1/session":                                 {body: map[string]any{"email": "ana@example.org", "password": password}, want: "200"},
	"DELETE /api/v1/session":                               {want: "204"},
	"GET /api/v1/sessions":                                 {want: allowAdminTokens},
	"DELETE /api/v1/sessions":                              {want: "401 204 204 204 204 401 401 403 403 204"},
	"DELETE /api/v1/sessions/:id":                          {query: "{session}", want: allowOwners},
	"POST /api/v1/session/passkey/options":                 {want: "409"}, // the test server has no host name: see TestPasskey
	"POST /api/v1/session/passkey":                         {body: map[string]any{"credential": map[string]any{}}, want: "409"},
	"GET /api/v1/passkeys":                                 {want: allowAdminTokens},
	"POST /api/v1/passkeys/options":                        {want: "401 403 403 403 409 401 401 403 403 403"}, // only in a browser, not by token
	"POST /api/v1/passkeys":                                {body: map[string]any{"name": "Key", "credential": map[string]any{}}, want: "401 403 403 403 409 401 401 403 403 403"},
	"PATCH /api/v1/passkeys/:id":                           {query: "{passkey}", body: map[string]any{"name": "New"}, want: allowOwners},
	"DELETE /api/v1/passkeys/:id":                          {query: "{passkey}", want: allowOwners},
	"GET /api/v1/identities":                               {want: allowAdminTokens},
	"POST /api/v1/identities":                              {want: "401 403 403 403 404 401 401 403 403 403"}, // no provider: see TestOIDC
	"DELETE /api/v1/identities/:id":                        {query: "{identity}", want: allowOwners},
	"PUT /api/v1/password":                                 {body: map[string]any{"current_password": password, "new_password": password}, want: "401 204 204 204 204 401 401 403 403 204"},
	"GET /api/v1/me":                                       {want: allowAccounts},
	"PATCH /api/v1/me":                                     {body: map[string]any{"name": "New"}, want: "401 200 200 200 200 401 401 403 200 200"},
	"GET /api/v1/tokens":                                   {want: "401 200 200 200 200 401 401 403 403 200"},
	"POST /api/v1/tokens":                                  {body: map[string]any{"name": "t", "scope": "read"}, want: "401 201 201 201 201 401 401 403 403 201"},
	"DELETE /api/v1/tokens/:id":                            {query: "{apiToken}", want: "401 404 404 404 204 401 401 403 403 204"},
	"GET /api/v1/workspaces":                               {want: allowAccounts},
	"GET /api/v1/workspaces/:ws":                           {want: allowWorkspace},
	"PATCH /api/v1/workspaces/:ws":                         {body: map[string]any{"name": "New"}, want: "401 404 403 403 403 401 401 403 403 403"},
	"GET /api/v1/workspaces/:ws/members":                   {want: allowWorkspace},
	"GET /api/v1/workspaces/:ws/audit":                     {want: "401 404 403 403 403 401 401 403 403 403"}, // owners and admins: see TestAuditLog
	"POST /api/v1/workspaces":                              {body: map[string]any{"name": "New"}, want: "401 201 201 201 201 401 401 403 201 201"},
	"PATCH /api/v1/workspaces/:ws/members/:user":           {body: map[string]any{"role": "admin"}, want: "401 404 403 403 403 401 401 403 403 403"},
	"DELETE /api/v1/workspaces/:ws/members/:user":          {want: "401 404 403 403 403 401 401 403 403 403"},
	"GET /api/v1/workspaces/:ws/invites":                   {want: "401 404 403 403 403 401 401 403 403 403"},
	"POST /api/v1/workspaces/:ws/invites":                  {body: map[string]any{}, want: "401 404 403 403 403 401 401 403 403 403"},
	"DELETE /api/v1/workspaces/:ws/invites/:id":            {query: "{invite}", want: "401 404 403 403 403 401 401 403 403 403"},
	"POST /api/v1/invites/:token/accept":                   {query: "{invite}", body: map[string]any{"name": "N", "email": "{unique}@example.org", "password": password}, want: "201 409 409 409 409 201 201 409 409 409"},
	"POST /api/v1/upload-probe":                            {body: "bytes", header: []string{"Content-Type: application/octet-stream"}, want: "401 204 204 204 204 401 401 403 204 204"},
	"PUT /api/v1/me/avatar":                                {body: "no picture", want: "401 415 415 415 415 401 401 403 415 415"},
	"DELETE /api/v1/me/avatar":                             {want: "401 200 200 200 200 401 401 403 200 200"},
	"GET /api/v1/users/:id/avatar/:hash":                   {query: "{picture}", want: allowWorkspace},
	"GET /invite/:token":                                   {query: "{invite}", want: "200"},
	"GET /api/v1/workspaces/:ws/channels":                  {want: allowWorkspace},
	"POST /api/v1/workspaces/:ws/channels":                 {body: map[string]any{"name": "{unique}"}, want: "401 404 403 201 201 401 401 403 201 201"},
	"GET /api/v1/channels/:id":                             {query: "{channel}", want: privateChannelStatuses},
	"PATCH /api/v1/channels/:id":                           {query: "{channel}", body: map[string]any{"topic": "New"}, want: "401 404 404 404 200 401 401 403 200 200"},
	"DELETE /api/v1/channels/:id":                          {query: "{channel}", want: "401 404 404 404 204 401 401 403 204 204"},
	"GET /api/v1/channels/:id/members":                     {query: "{channel}", want: privateChannelStatuses},
	"POST /api/v1/channels/:id/members":                    {query: "{channel}", body: map[string]any{"user": "{owner}"}, want: "401 404 404 404 200 401 401 403 200 200"},
	"PUT /api/v1/channels/:id/members/:user":               {query: "{channel}", want: "401 404 404 404 200 401 401 403 200 200"},
	"DELETE /api/v1/channels/:id/members/:user":            {query: "{channel}", want: "401 404 404 404 204 401 401 403 204 204"},
	"GET /api/v1/clips":                                    {query: "workspace={ws}", want: allowWorkspace},
	"POST /api/v1/clips":                                   {body: map[string]any{"workspace_id": "{ws}", "kind": "voice"}, want: "401 404 403 201 201 401 401 403 201 201"},
	"GET /api/v1/clips/:id":                                {want: allowViewers},
	"PATCH /api/v1/clips/:id":                              {body: map[string]any{"title": "New"}, want: allowEditors},
	"DELETE /api/v1/clips/:id":                             {want: allowDeleters},
	"POST /api/v1/clips/:id/restore":                       {want: allowEditors},
	"POST /api/v1/clips/:id/retry":                         {body: map[string]any{"step": "transcode"}, want: "401 404 404 403 409 401 401 403 409 409"},
	"POST /api/v1/clips/:id/continue":                      {want: "401 404 404 403 201 401 401 403 201 201"}, // only the one who recorded it: see TestContinueRefused
	"DELETE /api/v1/clips/:id/continue":                    {want: allowDeleters},
	"GET /api/v1/clips/:id/health":                         {want: allowViewers},
	"POST /api/v1/clips/:id/views":                         {body: map[string]any{"session": "s", "ranges": [][]int{{0, 1000}}}, want: "404 404 404 204 204 204 404 403 204 204"},
	"GET /api/v1/clips/:id/viewers":                        {want: "401 404 404 403 200 401 401 200 200 200"},
	"GET /api/v1/notifications":                            {want: allowAccounts},
	"POST /api/v1/notifications/seen":                      {body: map[string]any{"ids": []string{}}, want: "401 200 200 200 200 401 401 403 200 200"},
	"GET /api/v1/clips/:id/transcript":                     {want: allowViewers},
	"POST /api/v1/clips/:id/transcript/retry":              {want: allowEditors},
	"PATCH /api/v1/clips/:id/transcript/segments/:segment": {body: map[string]any{"text": "So much"}, want: allowEditors},
	"GET /api/v1/clips/:id/comments":                       {want: allowCommentReaders},
	"POST /api/v1/clips/:id/comments":                      {body: map[string]any{"body": "Yes."}, want: "401 404 404 201 201 403 401 403 201 201"},
	"GET /api/v1/clips/:id/people":                         {want: "401 404 404 200 200 401 401 200 200 200"},
	"GET /api/v1/clips/:id/reactions":                      {want: allowCommentReaders},
	"POST /api/v1/clips/:id/reactions/:emoji":              {want: allowCommenters},
	"DELETE /api/v1/clips/:id/reactions/:emoji":            {want: allowCommenters},
	"PATCH /api/v1/comments/:id":                           {query: "{comment}", body: map[string]any{"body": "Yes."}, want: "401 404 404 403 200 403 401 403 200 200"},
	"DELETE /api/v1/comments/:id":                          {query: "{comment}", want: "401 404 404 403 204 403 401 403 204 204"},
	"POST /api/v1/comments/:id/reactions/:emoji":           {query: "{comment}", want: allowCommenters},
	"DELETE /api/v1/comments/:id/reactions/:emoji":         {query: "{comment}", want: allowCommenters},
	"POST /api/v1/comments/:id/resolve":                    {query: "{comment}", want: "401 404 404 200 200 401 401 403 200 200"},
	"DELETE /api/v1/comments/:id/resolve":                  {query: "{comment}", want: "401 404 404 200 200 401 401 403 200 200"},
	"POST /api/v1/comments/:id/hide":                       {query: "{comment}", want: allowEditors},
	"DELETE /api/v1/comments/:id/hide":                     {query: "{comment}", want: allowEditors},
	"GET /api/v1/clips/:id/links":                          {want: allowEditors},
	"POST /api/v1/clips/:id/links":                         {body: map[string]any{}, want: "401 404 404 403 201 401 401 403 201 201"},
	"PATCH /api/v1/links/:id":                              {query: "{link}", body: map[string]any{"allow_download": true}, want: allowEditors},
	"DELETE /api/v1/links/:id":                             {query: "{link}", want: allowDeleters},
	"POST /api/v1/links/:token/guest":                      {body: map[string]any{"name": "Mia"}, want: "403 403 403 409 409 403 404 409 409 409"},
	"POST /api/v1/links/:token/unlock":                     {query: "{locked}", body: map[string]any{"password": password}, want: "204"},
	"POST /api/v1/work/claim":                              {body: map[string]any{"engine": "e", "model": "m", "languages": []string{}, "punctuation": true}, want: allowWorkers},
	"POST /api/v1/work/:id/renew":                          {want: allowWorkers},
	"POST /api/v1/work/:id/segments":                       {body: map[string]any{"segments": []any{}}, want: allowWorkers},
	"POST /api/v1/work/:id/done":                           {body: map[string]any{"languages": map[string]any{}}, want: allowWorkers},
	"POST /api/v1/work/:id/fail":                           {body: map[string]any{"reason": "r"}, want: allowWorkers},
	"GET /api/v1/work/:id/audio":                           {want: allowWorkers},
	"GET /api/v1/models":                                   {want: "401 403 403 403 403 401 401 403 403 403"}, // owners and admins of the first workspace: see TestModels
	"POST /api/v1/models/:name/pull":                       {want: "401 403 403 403 403 401 401 403 403 403"},
	"DELETE /api/v1/models/:name":                          {want: "401 403 403 403 403 401 401 403 403 403"},
	"GET /api/v1/engines":                                  {want: allowAccounts},
	"GET /api/v1/search":                                   {query: "workspace={ws}&q=x", want: allowWorkspace},
	"GET /api/v1/workspaces/:ws/saved-searches":            {want: allowWorkspace},
	"POST /api/v1/workspaces/:ws/saved-searches":           {body: map[string]any{"query": "tide"}, want: "401 404 201 201 201 401 401 403 201 201"},
	"DELETE /api/v1/workspaces/:ws/saved-searches/:id":     {query: "{saved}", want: "401 404 404 404 204 401 401 403 204 204"},
	"GET /api/v1/workspaces/:ws/search-index":              {want: "401 404 403 403 403 401 401 403 403 403"},
	"POST /api/v1/workspaces/:ws/search-index/rebuild":     {want: "401 404 403 403 403 401 401 403 403 403"},
	"GET /api/v1/events":                                   {query: "clip={clip}", want: allowViewers},
	"OPTIONS /api/v1/uploads":                              {want: "204"},
	"OPTIONS /api/v1/uploads/:id":                          {query: "{upload}", want: "204"},
	"POST /api/v1/uploads":                                 {header: []string{"Upload-Length: 10", "Upload-Metadata: clip_id {empty}"}, want: "401 404 404 404 201 401 401 403 201 201"},
	"GET /api/v1/uploads/:id":                              {query: "{upload}", want: "401 404 404 404 303 401 401 303 303 303"},
	"HEAD /api/v1/uploads/:id":                             {query: "{upload}", want: "401 404 404 404 200 401 401 403 200 200"},
	"PATCH /api/v1/uploads/:id":                            {query: "{upload}", body: "\x1a\x45\xdf\xa3", header: []string{octetStream, "Upload-Offset: 0"}, want: "401 404 404 404 204 401 401 403 204 204"},
	"DELETE /api/v1/uploads/:id":                           {query: "{upload}", want: "401 404 404 404 204 401 401 403 204 204"},
	"GET /api/v1/clips/:id/media/master.m3u8":              {want: allowViewers},
	"GET /api/v1/clips/:id/media/:file":                    {want: allowViewers},
	"GET /api/v1/clips/:id/media/:rendition/:file":         {want: allowViewers},

	"PUT /api/v1/clips/:id/transcript":                          {body: "WEBVTT\n\n00:01.000 --> 00:02.000\nSo much\n", header: []string{"Content-Type: text/vtt"}, want: allowEditors},
	"POST /api/v1/clips/:id/transcript/segments/:segment/split": {body: map[string]any{"at_word": 1}, want: allowEditors},
	"POST /api/v1/clips/:id/transcript/segments/:segment/join":  {want: "401 404 404 403 400 401 401 403 400 400"}, // the only segment
	"POST /api/v1/clips/:id/transcript/undo":                    {want: "401 404 404 403 409 401 401 403 409 409"},
	"POST /api/v1/clips/:id/transcript/redo":                    {want: "401 404 404 403 409 401 401 403 409 409"},
	"PATCH /api/v1/clips/:id/transcript/speakers":               {body: map[string]any{"from": "", "to": "Ana"}, want: allowEditors},
	"POST /api/v1/clips/:id/transcript/glossary":                {body: map[string]any{"action": "restore"}, want: allowEditors},
	"GET /api/v1/workspaces/:ws/glossary":                       {want: "401 404 403 200 200 401 401 200 200 200"},
	"PUT /api/v1/workspaces/:ws/glossary":                       {body: map[string]any{"entries": []any{}}, want: "401 404 403 200 200 401 401 403 200 200"},
	"POST /api/v1/workspaces/:ws/glossary/dismiss":              {body: map[string]any{"heard": "x", "written": "y"}, want: "401 404 403 404 404 401 401 403 404 404"},

	"GET /settings/security":  {want: allowPageVisitors},
	"GET /settings/audit":     {want: allowPageVisitors},
	"GET /settings/people":    {want: allowPageVisitors},
	"GET /settings/workspace": {want: allowPageVisitors},
	"GET /auth/oidc/start":    {want: "303"}, // no provider: back to the login page, see TestOIDC
	"GET /auth/oidc/callback": {want: "303"},

	"GET /":             {want: allowPageVisitors},
	"GET /record":       {want: allowPageVisitors},
	"GET /library":      {want: allowPageVisitors},
	"GET /inbox":        {want: allowPageVisitors},
	"GET /search":       {want: allowPageVisitors},
	"GET /settings":     {want: allowPageVisitors},
	"GET /setup":        {want: "303"},
	"GET /login":        {want: "200 303 303 303 303 200 200 303 303 303"},
	"GET /c/:id":        {want: "303 404 404 200 200 200 303 200 200 200"},
	"GET /s/:token":     {want: "200 200 200 200 200 200 404 200 200 200"},
	"GET /embed/:token": {want: "200 200 200 200 200 200 404 200 200 200"},
	"GET /oembed":       {query: "url={page}", want: "200 200 200 200 200 200 404 200 200 200"},
	"GET /assets/*":     {want: "200"},
	"GET /favicon.svg":  {want: "200"},
	"GET /healthz":      {want: "200"},
	"GET /readyz":       {want: "200"},
	"GET /metrics":      {header: []string{"X-Forwarded-For: 192.0.2.1"}, want: "401 403 403 403 403 401 401 403 403 403"}, // owners and admins of the first workspace
}

// TestMatrix requests every route as every subject. A route without a row
// fails, and so does a row without a route.
func TestMatrix(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Web, d.Models = webFiles(), &fakeModels{} })
	author := w.addPerson("bo", tidings.RoleMember)
	people := map[string]*client{"stranger": w.anonymousClient(), "outsider": w.addPerson("out", ""), "guest": w.addPerson("gus", tidings.RoleGuest),
		"member": w.addPerson("mem", tidings.RoleMember), "link": w.anonymousClient(), "revoked": w.anonymousClient(), "admin": author,
		"read": w.newTokenClient(author.user, tidings.ScopeRead), "write": w.newTokenClient(author.user, tidings.ScopeWrite)}

	user, err := w.store.User(t.Context(), author.user)
	w.ok(err)
	people["author"] = w.signIn(user.Email)
	shared := w.newClipFixture(author, "")
	w.avatar = w.ana.uploadAvatar()
	seen := map[string]bool{}
	requests := 0
	for _, r := range w.routes {
		name := r.Method + " " + r.Path
		row, ok := matrix[name]
		if !ok && r.Method == http.MethodHead {
			row, ok = matrix["GET "+r.Path]
		}

		seen[name] = true
		if !ok {
			t.Errorf("%s has no row in the matrix", name)
			continue
		}

		want := strings.Fields(row.want)
		requests += len(subjects)

		fixture, unchanged := shared, !changesFixture(r)
		for i, who := range subjects {
			if !unchanged {
				fixture, unchanged = w.newClipFixture(author, r.Path), true
			}

			got := w.requestRow(people[who], who, r.Method, r.Path, row, fixture)
			if changesFixture(r) && got < http.StatusBadRequest {
				unchanged = false // what was refused has changed nothing: the next subject meets the same
			}

			if expected := want[min(i, len(want)-1)]; fmt.Sprint(got) != expected {
				t.Errorf("%s as %s: %d, want %s", name, who, got, expected)
			}
		}

		if strings.HasSuffix(name, "/session") || strings.HasSuffix(name, "/sessions") || strings.HasSuffix(name, "/password") { // the request ended its session
			people["author"] = w.signIn(user.Email)
		}
	}

	for name := range matrix {
		if !seen[name] {
			t.Errorf("%s has a row but no route", name)
		}
	}

	writeMatrixSize(t, "routes", fmt.Sprintf("%d routes × %d subjects: %d questions", len(seen), len(subjects), requests))
}

// changesFixture reports whether a route changes what it names in its path.
func changesFixture(r *echo.Route) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return strings.Contains(r.Path, ":id") || strings.Contains(r.Path, ":token") || strings.HasPrefix(r.Path, uploadsPath)
}

// requestRow fills in the placeholders of a row, sends the request and returns
// the status, without waiting for streams to end.
func (w *testServer) requestRow(c *client, who, method, path string, row cell, th clipFixture) int {
	w.Helper()
	link := th.link
	if who == "revoked" {
		link = th.revoked
	}

	fill := strings.NewReplacer("{ws}", string(w.ws), "{clip}", string(th.clip), "{empty}", encodeBase64(string(th.emptyClip)), "{page}", url.QueryEscape(link.URL),
		"{unique}", string(tidings.NewID(w.clock.Now())), "{owner}", string(w.ana.user))

	id := string(th.clip)
	query := row.query
	switch query {
	case "{apiToken}":
		id, query = string(w.newTokenClient(th.author, tidings.ScopeRead).tokenID), ""
	case "{saved}":
		saved := tidings.SavedSearch{ID: tidings.NewID(w.clock.Now()), WorkspaceID: w.ws, UserID: th.author, Name: "tide", Query: "tide", CreatedAt: w.clock.Now()}
		w.ok(w.store.AddSavedSearch(w.Context(), saved))
		id, query = string(saved.ID), ""
	case "{session}", "{passkey}", "{identity}":
		id, query = string(w.addCredential(th.author, query)), ""
	case "{invite}":
		i := w.ana.createInvite()
		id, link.Token, query = string(i.ID), i.Token, ""
	case "{reset}":
		token := rand.Text()
		_, err := w.store.CreateOperatorResetLink(w.Context(), th.author, auth.HashSecret(token), false)
		w.ok(err)
		link.Token, query = token, ""
	case "{picture}":
		id, query = string(w.ana.user), ""
	case "{channel}":
		id, query = string(th.channel), ""
	case "{comment}":
		id, query = string(th.comment), ""
	case "{link}":
		id, query = string(th.link.ID), ""
	case "{upload}":
		id, query = th.upload, ""
	case "{locked}":
		link, query = th.locked, ""
	}

	path = strings.NewReplacer(":id", id, ":ws", string(w.ws), ":user", string(w.ana.user), ":hash", cmp.Or(w.avatar, "none"), ":segment", string(th.segment), ":token", link.Token, ":emoji", "%F0%9F%91%8D", "media/:file", "media/poster.jpg",
		":rendition/:file", "v360/0.m4s", "/*", "/main-a1.js").Replace(path)
	path += "?" + fill.Replace(query)
	if who == "link" || who == "revoked" {
		path += "&share=" + link.Token
	}

	var header []string
	for _, line := range row.header {
		header = append(header, fill.Replace(line))
	}

	if strings.HasPrefix(path, uploadsPath) {
		header = append(header, tusHeader...)
	}

	return c.requestStatus(method, path, fillBody(row.body, fill), header...)
}

func fillBody(body any, fill *strings.Replacer) any {
	fields, ok := body.(map[string]any)
	if !ok {
		return body
	}

	out := map[string]any{}
	for name, value := range fields {
		if s, ok := value.(string); ok {
			value = fill.Replace(s)
		}
		out[name] = value
	}

	return out
}
