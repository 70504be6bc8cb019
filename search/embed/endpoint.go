// Package embed computes vectors of texts: by a model in a folder of this machine,
// or by an endpoint.
package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/search/vector"
	"tidings.example/tidings/tidings"
)

// EndpointConfig is an API for embeddings.
type EndpointConfig struct {
	URL   string // its base, such as https://host/v1, or that of its embeddings
	Key   string // sent as a bearer token, never logged; "" = none
	Model string
	// Prefixes that the model expects before a query and a passage, such as
	// "query: ".
	QueryPrefix, PassagePrefix string
	MinSimilarity              float32
	Timeout                    time.Duration // of one request; 0 = 30 s
	Pause                      time.Duration // before the second try, then twice as long; 0 = 0.5 s
}

// Endpoint computes vectors by the embeddings API of OpenAI
// (https://platform.openai.com/docs/api-reference/embeddings), which Ollama,
// LocalAI, llama.cpp, vLLM and Text Embeddings Inference implement too.
type Endpoint struct {
	cfg       EndpointConfig
	url       string
	client    *http.Client
	dimension atomic.Int64 // of the first answer; 0 = not known yet
}

const (
	maxDimension      = 4096
	maxEndpointAnswer = 32 << 20 // bytes
	endpointTries     = 3
	maxRetryAfter     = 30 * time.Second
)

// NewEndpoint checks the settings. It sends nothing.
func NewEndpoint(c EndpointConfig) (*Endpoint, error) {
	address, err := endpoint.CompleteURL(c.URL, "/embeddings", "embeddings")
	if err != nil {
		return nil, err
	}
	if c.Model == "" {
		return nil, tidings.Errorf(tidings.KindInvalid, "An endpoint for embeddings needs the name of a model.")
	}

	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Pause <= 0 {
		c.Pause = 500 * time.Millisecond
	}

	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	// No redirects: texts and key must not go to another address.
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Endpoint{cfg: c, url: address, client: &http.Client{Transport: transport, Timeout: c.Timeout, CheckRedirect: refuse}}, nil
}

// MinSimilarity implements search.Embedder.
func (e *Endpoint) MinSimilarity() float32 { return e.cfg.MinSimilarity }

// EmbedPassages implements search.Embedder. Transient failures are tried again.
func (e *Endpoint) EmbedPassages(ctx context.Context, texts []string) (vectors [][]float32, model string, err error) {
	pause := e.cfg.Pause
	for try := 1; ; try++ {
		vectors, err = e.requestVectors(ctx, e.cfg.PassagePrefix, texts)
		if err == nil {
			return vectors, e.vectorModel(), nil
		}

		wait, transient := transientPause(err)
		if !transient || try == endpointTries || contextio.Sleep(ctx, max(pause, wait)) != nil {
			return nil, "", endpointError(err)
		}
		pause *= 2
	}
}

// EmbedQuery implements search.Embedder. It tries once, as somebody waits.
func (e *Endpoint) EmbedQuery(ctx context.Context, text string) (vector []float32, model string, err error) {
	vectors, err := e.requestVectors(ctx, e.cfg.QueryPrefix, []string{text})
	if err != nil {
		return nil, "", endpointError(err)
	}
	return vectors[0], e.vectorModel(), nil
}

// vectorModel names what vectors can be compared with.
func (e *Endpoint) vectorModel() string {
	return fmt.Sprintf("endpoint %s %d %q", e.cfg.Model, e.dimension.Load(), e.cfg.PassagePrefix)
}

// requestVectors makes one request.
func (e *Endpoint) requestVectors(ctx context.Context, prefix string, texts []string) ([][]float32, error) {
	input := make([]string, len(texts))
	for i, t := range texts {
		input[i] = prefix + strings.ToValidUTF8(t, "\uFFFD")
	}
	body, err := json.Marshal(map[string]any{"model": e.cfg.Model, "input": input})
	if err != nil {
		return nil, err
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if e.cfg.Key != "" {
		req.Header.Set("Authorization", "Bearer "+e.cfg.Key)
	}

	res, err := e.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()

	answer, err := io.ReadAll(io.LimitReader(res.Body, maxEndpointAnswer+1))
	if res.StatusCode != http.StatusOK {
		return nil, e.newStatusError(res, answer)
	}
	if err != nil {
		return nil, err
	}

	return e.parseAnswer(answer, len(texts))
}

// parseAnswer reads the vectors of an answer, in the order of the texts.
func (e *Endpoint) parseAnswer(answer []byte, n int) ([][]float32, error) {
	var list struct {
		Data []struct {
			Index     *int       `json:"index"`
			Embedding []*float32 `json:"embedding"` // null is no number
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if len(list.Data) != n {
		return nil, fmt.Errorf("%w: %d vectors for %d texts", errUnreadable, len(list.Data), n)
	}

	out := make([][]float32, n)
	for i, item := range list.Data {
		if item.Index != nil {
			i = *item.Index
		}
		if i < 0 || i >= n || out[i] != nil {
			return nil, fmt.Errorf("%w: the index %d", errUnreadable, i)
		}

		v, err := e.checkVector(item.Embedding)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}

	return out, nil
}

// checkVector returns a vector of unit length. All vectors of a process have the
// same dimension.
func (e *Endpoint) checkVector(numbers []*float32) ([]float32, error) {
	if len(numbers) == 0 || len(numbers) > maxDimension {
		return nil, fmt.Errorf("%w: a vector of %d numbers", errUnreadable, len(numbers))
	}

	v := make([]float32, len(numbers))
	for i, x := range numbers {
		if x == nil {
			return nil, fmt.Errorf("%w: a vector with a null", errUnreadable)
		}
		v[i] = *x
	}
	if !vector.Normalise(v) {
		return nil, fmt.Errorf("%w: a vector without direction", errUnreadable)
	}

	e.dimension.CompareAndSwap(0, int64(len(v)))
	if want := e.dimension.Load(); int64(len(v)) != want {
		return nil, fmt.Errorf("%w: a vector of %d numbers instead of %d", errUnreadable, len(v), want)
	}
	return v, nil
}
