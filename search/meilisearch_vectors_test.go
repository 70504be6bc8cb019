package search_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest/fakemeili"
	"tidings.example/tidings/tidings"
)

// passageWorld is a fake Meilisearch with clips whose passages get vectors.
type passageWorld struct {
	*search.Meilisearch
	t *testing.T
	s *fakemeili.Server
}

func newPassageWorld(t *testing.T, key string, clips int) *passageWorld {
	s := fakemeili.New(t)
	w := &passageWorld{t: t, s: s}
	if key == "" {
		key = fakemeili.MasterKey
	} else {
		w.callMaster(http.MethodPost, "/keys", map[string]any{"uid": "11111111-1111-4111-8111-111111111111", "indexes": []string{"*"}, "actions": strings.Fields(key)}, &key)
	}

	w.Meilisearch = openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: key})
	for n := range clips {
		putAll(t, w, newDocument(n+1, "kubernetes"))
	}
	return w
}

// callMaster sends a request with the master key, and gives back the key it makes.
func (w *passageWorld) callMaster(method, path string, body any, key *string) {
	w.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.s.URL+path, strings.NewReader(string(text)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+fakemeili.MasterKey)
	req.Header.Set("Content-Type", "application/json")

	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	var made struct{ Key string }
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || res.StatusCode/100 != 2 {
		w.t.Fatalf("%s %s: %s, %v", method, path, res.Status, err)
	}
	if key != nil {
		*key = made.Key
	}
}

// putVectors gives a clip a passage for each checksum, all with the same vector.
func (w *passageWorld) putVectors(n int, model string, dimensions int, sums ...uint64) error {
	var all []search.PassageVector
	for _, sum := range sums {
		all = append(all, search.PassageVector{Sum: sum, Source: "title", Vector: unitVector(dimensions)})
	}
	d := newDocument(n, "")
	return w.PutVectors(w.t.Context(), tidings.OutboxEntry{ClipID: d.ClipID, Version: d.Version}, model, all)
}

func (w *passageWorld) mustPut(n int, model string, dimensions int, sums ...uint64) {
	w.t.Helper()
	if err := w.putVectors(n, model, dimensions, sums...); err != nil {
		w.t.Fatal(err)
	}
}

// unitVector is a vector of unit length.
func unitVector(dimensions int) []float32 {
	v := make([]float32, dimensions)
	v[0] = 1
	return v
}

func (w *passageWorld) nearClips(model string, dimensions int, acl string) []tidings.SimilarClip {
	w.t.Helper()
	near, err := w.SearchVectors(w.t.Context(), tidings.Query{WorkspaceID: "ws", ACL: []string{acl}}, model, unitVector(dimensions), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return near
}

// wantVectors checks the clips that are near by a model, and those without its
// vectors.
func (w *passageWorld) wantVectors(model string, dimensions, near, stale int) {
	w.t.Helper()
	left, err := w.StaleVectors(w.t.Context(), model, 10)
	if err != nil {
		w.t.Fatal(err)
	}
	if found := w.nearClips(model, dimensions, "w:ws"); len(found) != near || len(left) != stale {
		w.t.Errorf("near by %s of %d: %v, want %d; without vectors %v, want %d", model, dimensions, found, near, left, stale)
	}
}

// TestMeilisearchModelChange: vectors of another model, or with other dimensions,
// begin anew; those of the old one are not compared with them.
func TestMeilisearchModelChange(t *testing.T) {
	w := newPassageWorld(t, "", 2)
	w.wantVectors("a", 3, 0, 2)
	w.mustPut(1, "a", 3, 1)
	w.mustPut(2, "a", 3, 2)
	w.wantVectors("a", 3, 2, 0)

	w.mustPut(1, "b", 2, 1)
	w.wantVectors("b", 2, 1, 1)
	w.wantVectors("a", 3, 0, 2)
	w.mustPut(2, "b", 2)
	w.wantVectors("b", 2, 1, 0)

	w.mustPut(1, "b", 4, 1)
	w.wantVectors("b", 2, 0, 1)
	w.wantVectors("b", 4, 1, 1)
}

// TestMeilisearchRightsOfPassages: the copy of the rights that passages have opens
// nothing that the clip's document does not open.
func TestMeilisearchRightsOfPassages(t *testing.T) {
	w := newPassageWorld(t, "", 1)
	w.mustPut(1, "a", 3, 1)
	w.s.Corrupt("passages", func(p map[string]any) map[string]any {
		p["acl"] = append(p["acl"].([]any), "stranger")
		return p
	})
	if near := w.nearClips("a", 3, "stranger"); len(near) > 0 {
		t.Errorf("a stranger finds %v", near)
	}
	w.wantVectors("a", 3, 1, 0)
}

// TestMeilisearchPassagesLost: without its index of passages, search by words goes
// on, and all vectors are computed again.
func TestMeilisearchPassagesLost(t *testing.T) {
	w := newPassageWorld(t, "", 2)
	w.mustPut(1, "a", 3, 1)
	w.callMaster(http.MethodDelete, "/indexes/passages", nil, nil)
	w.s.AwaitIdle(t)
	if n := countFound(t, w, "kubernetes"); n != 2 {
		t.Errorf("%d hits by words", n)
	}
	_, err := w.StaleVectors(t.Context(), "a", 10)
	wantUnavailable(t, err, "is made again")
	w.wantVectors("a", 3, 0, 2)
	w.mustPut(1, "a", 3, 1)
	w.wantVectors("a", 3, 1, 1)
}

// TestMeilisearchVectorsCutOff fails a change of vectors at each of its tasks: the
// clip is stale until it was repeated, which leaves nothing over.
func TestMeilisearchVectorsCutOff(t *testing.T) {
	for at := range 3 {
		w := newPassageWorld(t, "", 1)
		w.mustPut(1, "a", 3, 1, 2)
		changed := newDocument(1, "kubernetes")
		changed.Version = 2
		putAll(t, w, changed)
		again := func() error {
			return w.PutVectors(t.Context(), tidings.OutboxEntry{ClipID: changed.ClipID, Version: 2}, "a", []search.PassageVector{{Sum: 3, Source: "title", Vector: unitVector(3)}})
		}

		w.s.FailTasks(append(make([]string, at), "internal")...)
		wantUnavailable(t, again(), "could not index")
		if stale, err := w.StaleVectors(t.Context(), "a", 10); err != nil || len(stale) != 1 {
			t.Errorf("failed at %d: stale are %v, %v", at, stale, err)
		}

		if err := again(); err != nil {
			t.Fatal(err)
		}
		w.wantVectors("a", 3, 1, 0)
		if left := w.s.Documents("passages"); len(left) != 1 {
			t.Errorf("failed at %d: %v are left", at, left)
		}

		if err := w.Delete(t.Context(), []tidings.OutboxEntry{{ClipID: changed.ClipID, Version: 3}}); err != nil || len(w.s.Documents("passages")) != 0 {
			t.Errorf("a deleted clip leaves passages (%v)", err)
		}
	}
}

// TestMeilisearchVectorFaults: while vectors cannot be kept, the filler says why and
// tries again, and a search by words goes on.
func TestMeilisearchVectorFaults(t *testing.T) {
	h, s := newMeiliWorld(t, 0)
	m := newMeaningWorldOf(t, h)
	car := m.newClip("How to mend a vehicle")
	m.mustDrain()
	s.Busy(1000)
	wantUnavailable(t, m.fill.Fill(t.Context()), "busy")
	s.Busy(0)
	if m.fill.Failure() == "" {
		t.Error("nothing is said of the failure")
	}

	h.Clock.Pass(11 * time.Second)
	m.mustFill()
	vector, model, err := m.embedder.EmbedQuery(t.Context(), "repair my automobile")
	if err != nil {
		t.Fatal(err)
	}
	q := tidings.Query{WorkspaceID: h.WS.ID, ACL: m.acl}
	near, err := h.e.(search.VectorIndex).SearchVectors(t.Context(), q, model, vector, 0.5)
	if err != nil || len(near) != 1 || near[0].ClipID != car.ID {
		t.Errorf("near are %v, %v", near, err)
	}

	s.Stall()
	if near, err := m.similar.SimilarClips(t.Context(), q, tidings.QueryVector{Model: model, Numbers: vector}, nil); err != nil || len(near) > 0 {
		t.Errorf("a slow server: %v, %v", near, err)
	}
	s.Go()
	h.wantFound("vehicle", car.ID)

	m.embedder.model = "another"
	before := m.fill.Vectors()
	m.mustFill()
	if m.fill.Vectors() == before {
		t.Error("nothing is computed by the other model")
	}
}

// TestMeilisearchKeyLacksRights: Examine names what the key may not do; what needs
// only other rights goes on.
func TestMeilisearchKeyLacksRights(t *testing.T) {
	actions := "version keys.* tasks.get indexes.* settings.update documents.* search"
	w := newPassageWorld(t, actions, 1)
	_, err := w.Examine(t.Context())
	wantUnavailable(t, err, "lacks the actions settings.get")
	wantUnavailable(t, w.putVectors(1, "a", 3, 1), "accept our key")
	if n := countFound(t, w, "kubernetes"); n != 1 {
		t.Errorf("%d hits by words", n)
	}

	for _, enough := range []string{"", "*", actions + " settings.*"} {
		if _, err := newPassageWorld(t, enough, 0).Examine(t.Context()); err != nil {
			t.Errorf("with %q: %v", enough, err)
		}
	}
}

// TestMeilisearchManyPassages: more passages than one request takes.
func TestMeilisearchManyPassages(t *testing.T) {
	w := newPassageWorld(t, "", 1)
	sums := make([]uint64, 1100)
	for i := range sums {
		sums[i] = ^uint64(i)
	}
	w.mustPut(1, "a", 3, sums...)
	stored, err := w.ClipVectors(t.Context(), newDocument(1, "").ClipID, "a")
	got := make([]uint64, len(stored))
	for i, p := range stored {
		got[i] = p.Sum
	}
	slices.Sort(got)
	slices.Sort(sums)
	if err != nil || !slices.Equal(got, sums) {
		t.Errorf("%d passages of %d are stored, %v", len(stored), len(sums), err)
	}

	w.mustPut(1, "a", 3, sums[:2]...)
	if left := w.s.Documents("passages"); len(left) != 2 {
		t.Errorf("%d passages are left", len(left))
	}
	if near := w.nearClips("a", 3, "w:ws"); len(near) != 1 || fmt.Sprint(near[0].Passages) != fmt.Sprint(sums[:2]) {
		t.Errorf("near are %v", near)
	}
}
