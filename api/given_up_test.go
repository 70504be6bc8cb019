package api_test

import (
	"net/http"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestRetryRefinement: the API says why a draft was not refined; a request to try
// again can be repeated, also without a key, and a step that has not failed is
// refused.
func TestRetryRefinement(t *testing.T) {
	const why = "The speech engine gives answers that cannot be read."
	w := newTestServer(t)
	clip := w.ana.recordClip(10).ID
	run := w.acquireStep(clip, tidings.StepTranscribe)
	id, err := w.store.StartTranscript(t.Context(), run, tidings.Transcript{ClipID: clip, Engine: "test", Draft: true})
	w.ok(err)
	w.ok(w.store.FinishTranscript(t.Context(), run, id, "en"))
	if err := w.store.FinishStep(t.Context(), run, tidings.StepFailed, why); tidings.KindOf(err) != tidings.KindConflict {
		t.Fatal(err)
	}

	type clipSteps struct {
		Steps map[string]struct {
			State   string
			Failure *string
		}
	}
	path := "/api/v1/clips/" + string(clip)
	if st := decodeJSON[clipSteps](w.ana.do("GET", path, nil).is(http.StatusOK, "")).Steps["transcribe"]; st.State != "done" || st.Failure == nil || *st.Failure != why {
		t.Errorf("%+v", st)
	}

	for range 2 {
		st := decodeJSON[clipSteps](w.ana.do("POST", path+"/retry", map[string]any{"step": "transcribe"}).is(http.StatusOK, "")).Steps["transcribe"]
		if st.State != "waiting" || st.Failure != nil {
			t.Errorf("%+v", st)
		}
	}

	again := w.acquireStep(clip, tidings.StepTranscribe)
	w.ana.do("POST", path+"/retry", map[string]any{"step": "transcribe"}).is(http.StatusOK, "") // it runs
	if _, err := w.store.ResumeTranscript(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	w.ok(w.store.FinishStep(t.Context(), again, tidings.StepDone, ""))
	w.ana.do("POST", path+"/retry", map[string]any{"step": "transcribe"}).is(http.StatusConflict, "conflict")
}
