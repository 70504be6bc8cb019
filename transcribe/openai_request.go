package transcribe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.example/tidings/endpoint"
)

// replyDetail is a level of detail that can be requested of a server.
type replyDetail struct {
	format        string
	granularities []string
}

// replyDetails are the replies to request, richest first. Not every server, and
// not every model, supports them all.
var replyDetails = [...]replyDetail{
	{"verbose_json", []string{"word", "segment"}},
	{"verbose_json", nil},
	{"json", nil},
}

// maxReply bounds a reply, in bytes: ten minutes of words are far below a
// megabyte.
const maxReply = 16 << 20

// sendPiece sends a piece once.
func (o *OpenAI) sendPiece(ctx context.Context, p piece, opt Options, want replyDetail) (engineResult, error) {
	ctx, cancel := context.WithTimeout(ctx, o.cfg.Timeout)
	defer cancel()

	form := [][2]string{{"model", o.cfg.Model}, {"response_format", want.format}, {"temperature", "0"}}
	for _, g := range want.granularities {
		form = append(form, [2]string{"timestamp_granularities[]", g})
	}

	if opt.Language != "" {
		code, _, _ := strings.Cut(opt.Language, "-")
		form = append(form, [2]string{"language", code})
	}

	if len(opt.Vocabulary) > 0 {
		form = append(form, [2]string{"prompt", strings.Join(opt.Vocabulary, ", ")})
	}

	r, err := newUploadRequest(ctx, o.url, form, p.pcm)
	if err != nil {
		return engineResult{}, err
	}

	if o.cfg.Key != "" {
		r.Header.Set("Authorization", "Bearer "+o.cfg.Key)
	}

	res, err := o.client.Do(r)
	if err != nil {
		return engineResult{}, &requestError{retryable: true, err: err}
	}
	defer res.Body.Close()

	return o.parseReply(res, p)
}

// newUploadRequest makes a request of form fields and a WAV file. The samples
// are not copied.
func newUploadRequest(ctx context.Context, url string, form [][2]string, pcm []byte) (*http.Request, error) {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	for _, f := range form {
		if err := w.WriteField(f[0], f[1]); err != nil {
			return nil, err
		}
	}

	_, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="audio.wav"`}, "Content-Type": {"audio/wav"},
	})
	if err != nil {
		return nil, err
	}

	start := head.Len()

	if err := w.Close(); err != nil {
		return nil, err
	}

	all := head.Bytes()
	body := func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(all[:start]), wavReader(pcm), bytes.NewReader(all[start:]))), nil
	}
	first, err := body()
	if err != nil {
		return nil, err
	}

	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, first)
	if err != nil {
		return nil, err
	}

	r.GetBody, r.ContentLength = body, int64(len(all)+len(wavHeader(0))+len(pcm))
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Tidings")
	return r, nil
}

// parseReply reads a reply.
func (o *OpenAI) parseReply(res *http.Response, p piece) (engineResult, error) {
	body, err := io.ReadAll(io.LimitReader(res.Body, maxReply+1))
	refuse := func(retryable bool, err error) (engineResult, error) {
		return engineResult{}, &requestError{status: res.StatusCode, retryable: retryable, retryAfter: endpoint.ParseRetryAfter(res.Header, time.Now()), err: err}
	}
	switch s := res.StatusCode; {
	case s >= 500, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s == http.StatusTooEarly:
		return refuse(true, o.serverError(body))
	case s != http.StatusOK:
		return refuse(false, o.serverError(body))
	case err != nil:
		return refuse(true, err)
	case len(body) > maxReply:
		return refuse(false, unreadableAnswerError(fmt.Errorf("the answer is longer than %d bytes", maxReply)))
	}

	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err == nil && kind == "text/html" {
		return refuse(false, unreadableAnswerError(errors.New("the answer is a web page")))
	}

	h, err := parseReplyBody(body, kind, p.lengthMS())
	if err != nil {
		return refuse(false, unreadableAnswerError(fmt.Errorf("%w in %q", err, endpoint.Excerpt(body, o.cfg.Key))))
	}

	return h, nil
}

// parseReplyBody parses JSON; a server that ignores the requested format may
// answer with captions or the bare text, and says so.
func parseReplyBody(body []byte, kind string, lengthMS int64) (engineResult, error) {
	text := cleanJSON(body)
	isText := kind == "text/plain" || kind == "text/vtt" || kind == "application/x-subrip"
	if !isText || bytes.HasPrefix(text, []byte("{")) {
		return parseSpeechJSON(body, lengthMS)
	}
	if h, err := parseOutput(body, lengthMS); err == nil {
		return h, nil
	}
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return engineResult{}, errors.New("the text is not UTF-8")
	}

	h := engineResult{utterances: []utterance{{startMS: unknownTime, endMS: unknownTime, text: string(text)}}}
	h.settleTimes(lengthMS)
	return h, nil
}

// serverError is the server's description of its refusal.
func (o *OpenAI) serverError(body []byte) error {
	return errors.New(endpoint.Excerpt(body, o.cfg.Key))
}
