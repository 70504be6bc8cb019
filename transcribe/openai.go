package transcribe

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/tidings"
)

// OpenAIConfig is the configuration of a speech engine that is reached over
// HTTP.
type OpenAIConfig struct {
	// URL is the base of the API, such as https://api.openai.com/v1, or the URL
	// of its transcriptions.
	URL      string
	Key      string // sent as a bearer token, never logged; "" = none
	Model    string // "" = whisper-1
	Detector string // file of the voice activity detector
	// Piece is the longest range of sound sent at once, from 30 s to 10 min; 0 =
	// 30 s, the context of Whisper.
	Piece    time.Duration
	Requests int           // at once for one clip; 0 = 1
	Timeout  time.Duration // of one request; 0 = 5 min
	Pause    time.Duration // before the second try; it doubles with each; 0 = 0.5 s
	MaxWait  time.Duration // total wait between the tries of one transcription; 0 = 2 min
}

// OpenAI is an engine that uses the transcription API of OpenAI
// (https://platform.openai.com/docs/api-reference/audio/createTranscription),
// which Groq, LocalAI, speaches and whisper.cpp's server implement too. Only
// speech leaves this machine, as WAV files of one piece each.
//
// An engine that is down, busy or sends invalid replies is KindUnavailable once
// MaxWait is used up; sound that it refuses is KindUnsupported.
type OpenAI struct {
	cfg     OpenAIConfig
	url     string
	client  *http.Client
	batch   pieceEngine
	details detailMemory
}

// Ready reports whether the detector is installed.
func (o *OpenAI) Ready() error { return o.batch.detector.checkReady() }

// NewOpenAI checks the settings, and loads the detector when it is installed. It
// sends nothing.
func NewOpenAI(c OpenAIConfig) (*OpenAI, error) {
	address, err := endpoint.CompleteURL(c.URL, "/audio/transcriptions", "the speech engine")
	if err != nil {
		return nil, err
	}

	detector, err := newDetector(c.Detector)
	if err != nil {
		return nil, err
	}

	c.Model = cmp.Or(c.Model, "whisper-1")
	c.Timeout, c.Pause, c.MaxWait = cmp.Or(c.Timeout, 5*time.Minute), cmp.Or(c.Pause, 500*time.Millisecond), cmp.Or(c.MaxWait, 2*time.Minute)
	c.Piece, c.Requests = min(cmp.Or(c.Piece, minPiece), maxPiece), max(1, c.Requests)
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: c.Requests, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
	}

	return &OpenAI{cfg: c, url: address, batch: pieceEngine{detector: detector, length: c.Piece, workers: c.Requests},
		// No redirects: sound and key must not go to another address.
		client: &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Name implements Engine.
func (*OpenAI) Name() string { return "openai" }

// Model implements Engine.
func (o *OpenAI) Model() string { return o.cfg.Model }

// Caps implements Engine.
func (o *OpenAI) Caps() Caps {
	return Caps{WordTimes: true, Punctuation: true, Remote: !o.isLocal()}
}

// isLocal reports whether the URL is on this machine.
func (o *OpenAI) isLocal() bool {
	u, err := url.Parse(o.url)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && addr.IsLoopback()
}

// Transcribe implements Engine.
func (o *OpenAI) Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	wait := &waitBudget{left: o.cfg.MaxWait}
	b := o.batch
	b.recognise = func(ctx context.Context, p piece) (engineResult, error) {
		return o.transcribePiece(ctx, p, opt.inLanguageOf(p), wait)
	}
	return b.transcribePieces(ctx, pcm, opt, sink)
}
