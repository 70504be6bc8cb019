package embed_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/search/embed"
	"tidings.example/tidings/tidings"
)

// embeddingsServer answers requests one after the other; the last answer is for
// all others.
type embeddingsServer struct {
	*httptest.Server
	asked  atomic.Int64
	bodies []string
	header http.Header
}

func startEmbeddingsServer(t *testing.T, answers ...http.HandlerFunc) *embeddingsServer {
	s := &embeddingsServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(s.asked.Add(1))
		body, _ := io.ReadAll(r.Body)
		s.bodies, s.header = append(s.bodies, r.URL.Path+" "+string(body)), r.Header
		answers[min(n, len(answers))-1](w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *embeddingsServer) newEndpoint(t *testing.T, change func(*embed.EndpointConfig)) *embed.Endpoint {
	t.Helper()
	c := embed.EndpointConfig{URL: s.URL, Key: "canary", Model: "m", QueryPrefix: "query: ", PassagePrefix: "passage: ", Pause: time.Millisecond}
	if change != nil {
		change(&c)
	}
	e, err := embed.NewEndpoint(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func answerText(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

// answerVectors answers with vectors in the order of their indexes given.
func answerVectors(indexes ...int) http.HandlerFunc {
	type item struct {
		Index     int       `json:"index"`
		Embedding []float64 `json:"embedding"`
	}
	var data []item
	for _, i := range indexes {
		data = append(data, item{i, []float64{float64(3 * (i + 1)), 4}})
	}
	text, _ := json.Marshal(map[string]any{"data": data, "model": "m"})
	return answerText(http.StatusOK, string(text))
}

// TestEndpoint: what is sent, and vectors in the order of the texts, of unit
// length, whatever the order of the answer.
func TestEndpoint(t *testing.T) {
	s := startEmbeddingsServer(t, answerVectors(1, 0))
	e := s.newEndpoint(t, nil)
	vectors, model, err := e.EmbedPassages(t.Context(), []string{"one", "two\xff"})
	if err != nil || len(vectors) != 2 || math.Abs(float64(vectors[0][0])-0.6) > 1e-6 || math.Abs(float64(vectors[0][1])-0.8) > 1e-6 || vectors[1][0] < vectors[1][1] {
		t.Errorf("%v, %v", vectors, err)
	}
	if got := s.bodies[0]; got != `/v1/embeddings {"input":["passage: one","passage: two�"],"model":"m"}` || s.header.Get("Authorization") != "Bearer canary" {
		t.Errorf("sent %s with %q", got, s.header.Get("Authorization"))
	}

	other := startEmbeddingsServer(t, answerVectors(0)).newEndpoint(t, func(c *embed.EndpointConfig) { c.Model = "n" })
	v, otherModel, err := other.EmbedQuery(t.Context(), "what")
	if err != nil || len(v) != 2 || model == otherModel || model == "" {
		t.Errorf("%v of %q (not %q), %v", v, otherModel, model, err)
	}
}

// TestEndpointFaults: an answer is used whole or not at all; what may pass is tried
// again, what a text is refused for is told apart, and the key stays secret.
func TestEndpointFaults(t *testing.T) {
	good := answerVectors(0)
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		kind    tidings.Kind
		asked   int64
	}{
		"busy, then not":        {[]http.HandlerFunc{answerText(429, "slow down"), answerText(500, "oops"), good}, tidings.KindInternal, 3},
		"busy":                  {[]http.HandlerFunc{answerText(429, "slow down")}, tidings.KindUnavailable, 3},
		"failing":               {[]http.HandlerFunc{answerText(503, "canary")}, tidings.KindUnavailable, 3},
		"cut off":               {[]http.HandlerFunc{cutOff, good}, tidings.KindInternal, 2},
		"hung up":               {[]http.HandlerFunc{hangUp}, tidings.KindUnavailable, 3},
		"the key is refused":    {[]http.HandlerFunc{answerText(401, "bad key canary")}, tidings.KindUnavailable, 1},
		"no such model":         {[]http.HandlerFunc{answerText(404, "no model")}, tidings.KindUnavailable, 1},
		"the text is refused":   {[]http.HandlerFunc{answerText(400, "too long")}, tidings.KindUnsupported, 1},
		"a redirect":            {[]http.HandlerFunc{http.RedirectHandler("https://elsewhere.example", http.StatusTemporaryRedirect).ServeHTTP}, tidings.KindUnavailable, 1},
		"no JSON":               {[]http.HandlerFunc{answerText(200, "<html>")}, tidings.KindUnavailable, 3},
		"NaN":                   {[]http.HandlerFunc{answerText(200, `{"data":[{"index":0,"embedding":[NaN,1]}]}`)}, tidings.KindUnavailable, 3},
		"a null":                {[]http.HandlerFunc{answerText(200, `{"data":[{"index":0,"embedding":[null,1]}]}`)}, tidings.KindUnavailable, 3},
		"beyond float32":        {[]http.HandlerFunc{answerText(200, `{"data":[{"index":0,"embedding":[1e300,1]}]}`)}, tidings.KindUnavailable, 3},
		"all zeros":             {[]http.HandlerFunc{answerText(200, `{"data":[{"index":0,"embedding":[0,0]}]}`)}, tidings.KindUnavailable, 3},
		"no vector":             {[]http.HandlerFunc{answerText(200, `{"data":[{"index":0,"embedding":[]}]}`)}, tidings.KindUnavailable, 3},
		"an error as an answer": {[]http.HandlerFunc{answerText(200, `{"error":{"message":"canary"}}`)}, tidings.KindUnavailable, 3},
		"too few":               {[]http.HandlerFunc{answerText(200, `{"data":[]}`)}, tidings.KindUnavailable, 3},
		"too many":              {[]http.HandlerFunc{answerVectors(0, 1)}, tidings.KindUnavailable, 3},
		"another index":         {[]http.HandlerFunc{answerVectors(7)}, tidings.KindUnavailable, 3},
		"no index":              {[]http.HandlerFunc{answerText(200, `{"data":[{"embedding":[1,1]}]}`)}, tidings.KindInternal, 1},
		"huge":                  {[]http.HandlerFunc{answerText(200, `{"data":[{"index":0,"embedding":[`+strings.Repeat("1,", 5000)+`1]}]}`)}, tidings.KindUnavailable, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmbeddingsServer(t, c.answers...)
			e := s.newEndpoint(t, nil)
			vectors, _, err := e.EmbedPassages(t.Context(), []string{"text"})
			if good := c.kind == tidings.KindInternal; good != (err == nil) || good != (len(vectors) == 1) || !good && tidings.KindOf(err) != c.kind {
				t.Errorf("%v, %v", vectors, err)
			}
			if n := s.asked.Load(); n != c.asked {
				t.Errorf("asked %d times, want %d", n, c.asked)
			}
			if strings.Contains(fmt.Sprint(err), "canary") && name != "an error as an answer" {
				t.Errorf("the key is in %v", err)
			}
		})
	}
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "500")
	io.WriteString(w, `{"data":[{"index":0,"embedding":[1,`)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// TestEndpointIndexTwice: a vector is never that of another text.
func TestEndpointIndexTwice(t *testing.T) {
	s := startEmbeddingsServer(t, answerVectors(1, 1))
	if v, _, err := s.newEndpoint(t, nil).EmbedPassages(t.Context(), []string{"a", "b"}); err == nil {
		t.Errorf("%v", v)
	}
}

// TestEndpointOtherDimension: vectors of another length than the first ones are
// refused; a query is asked once.
func TestEndpointOtherDimension(t *testing.T) {
	s := startEmbeddingsServer(t, answerVectors(0), answerText(200, `{"data":[{"index":0,"embedding":[1,2,3]}]}`))
	e := s.newEndpoint(t, nil)
	if _, _, err := e.EmbedQuery(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if v, _, err := e.EmbedQuery(t.Context(), "a"); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(err.Error(), "3 numbers instead of 2") || s.asked.Load() != 2 {
		t.Errorf("%v, %v", v, err)
	}
}

func TestEndpointSettings(t *testing.T) {
	for _, c := range []embed.EndpointConfig{{URL: "host/v1", Model: "m"}, {URL: "https://a:b@host", Model: "m"}, {URL: "https://host?key=1", Model: "m"}, {URL: "https://host"}, {Model: "m"}} {
		if _, err := embed.NewEndpoint(c); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
