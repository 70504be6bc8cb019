package transcribe_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

// apiServer is the published transcription API, implemented strictly: it refuses
// requests that the real one would not understand. Its words come from a
// fakeRecogniser.
type apiServer struct {
	*httptest.Server
	ear    fakeRecogniser
	key    string
	refuse map[string]bool // formats, and "granularities", that it does not support
	words  bool            // replies with words when they are requested
	// before, if not nil, may answer request n (from 0) in place of the server.
	before func(w http.ResponseWriter, r *http.Request, n int) bool

	mu           sync.Mutex
	calls        int
	forms        []map[string][]string // of all requests, in order
	sampleCounts []int                 // samples of each file
	wordCounts   map[string]int        // how often each word was recognised
}

func newAPIServer(t testing.TB, e fakeRecogniser) *apiServer {
	t.Helper()
	s := &apiServer{ear: e, key: "sk-canary", refuse: map[string]bool{}, words: true, wordCounts: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// requestCount is the number of requests so far.
func (s *apiServer) requestCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ServeHTTP implements http.Handler.
func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := s.calls
	s.calls++
	s.mu.Unlock()
	if s.before != nil && s.before(w, r, n) {
		return
	}

	status, answer := s.buildReply(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (s *apiServer) buildReply(r *http.Request) (int, any) {
	bad := func(status int, format string, args ...any) (int, any) {
		return status, map[string]any{"error": map[string]any{"message": fmt.Sprintf(format, args...), "type": "invalid_request_error"}}
	}
	switch {
	case r.URL.Path != "/v1/audio/transcriptions":
		return bad(http.StatusNotFound, "no %s", r.URL.Path)
	case r.Method != http.MethodPost:
		return bad(http.StatusMethodNotAllowed, "%s", r.Method)
	case s.key != "" && r.Header.Get("Authorization") != "Bearer "+s.key:
		return bad(http.StatusUnauthorized, "Incorrect API key provided: %s", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}

	if r.ContentLength <= 0 || r.ContentLength > 25<<20 {
		return bad(http.StatusRequestEntityTooLarge, "%d bytes", r.ContentLength)
	}

	form, pcm, err := readForm(r)
	if err != nil {
		return bad(http.StatusBadRequest, "%v", err)
	}

	s.mu.Lock()
	s.forms, s.sampleCounts = append(s.forms, form), append(s.sampleCounts, len(pcm)/2)
	s.mu.Unlock()
	format, wishes := form["response_format"][0], form["timestamp_granularities[]"]
	switch {
	case !slices.Equal(form["model"], []string{"whisper-1"}):
		return bad(http.StatusNotFound, "The model %q does not exist", form["model"])
	case s.refuse[format] || len(wishes) > 0 && (s.refuse["granularities"] || format != "verbose_json"):
		return bad(http.StatusBadRequest, "unsupported value")
	}

	return http.StatusOK, s.replyBody(format, wishes, pcm)
}

// replyBody is the body of a successful reply.
func (s *apiServer) replyBody(format string, wishes []string, pcm []byte) any {
	words := s.ear.recognise(pcm)
	var text []string
	list := []map[string]any{}
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, w := range words {
		s.wordCounts[w.Text]++
		text = append(text, w.Text)
		list = append(list, map[string]any{"word": strings.Trim(w.Text, ".,"), "start": float64(w.StartMS) / 1000, "end": float64(w.EndMS) / 1000})
	}

	out := map[string]any{"text": strings.Join(text, " ")}
	if format == "json" {
		return out
	}

	out["task"], out["language"], out["duration"] = "transcribe", "english", float64(len(pcm))/2/16000
	out["segments"] = segmentsOf(words)
	if s.words && slices.Contains(wishes, "word") {
		out["words"] = list
	}

	return out
}

// segmentsOf are utterances of at most eight words.
func segmentsOf(words []tidings.Word) []map[string]any {
	out := []map[string]any{}
	for part := range slices.Chunk(words, 8) {
		var text []string
		for _, w := range part {
			text = append(text, w.Text)
		}
		out = append(out, map[string]any{"id": len(out), "start": float64(part[0].StartMS) / 1000, "end": float64(part[len(part)-1].EndMS) / 1000,
			"text": " " + strings.Join(text, " "), "avg_logprob": -0.2, "no_speech_prob": 0.01})
	}
	return out
}

// readForm reads a request to its end.
func readForm(r *http.Request) (form map[string][]string, pcm []byte, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, err
	}

	form = map[string][]string{}
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, nil, err
		}

		if p.FormName() == "file" {
			if p.FileName() == "" {
				return nil, nil, fmt.Errorf("the file has no name")
			}
			pcm, err = readWAV(p)
		} else {
			var b []byte
			b, err = io.ReadAll(p)
			form[p.FormName()] = append(form[p.FormName()], string(b))
		}

		if err != nil {
			return nil, nil, err
		}
	}

	for name := range form {
		if !slices.Contains([]string{"model", "response_format", "temperature", "language", "prompt", "timestamp_granularities[]"}, name) {
			return nil, nil, fmt.Errorf("Unrecognized request argument: %s", name)
		}
	}

	if pcm == nil || len(form["model"]) != 1 || len(form["response_format"]) != 1 {
		return nil, nil, fmt.Errorf("file, model and response_format are needed")
	}

	return form, pcm, nil
}
