// Package transcribe writes down what is said in a clip, while it is said.
//
// The growing original becomes 16 kHz samples (the media room's decoder);
// a voice activity detector cuts windows of speech out of them; only these
// reach an engine, so silence and noise yield no words. The built-in engine,
// Vosk, runs in a child process that is a copy of our own binary: a crash of
// native code is an ordinary error, and its memory returns when it ends.
// Utterances are stored and shown the moment they are final.
package transcribe

import (
	"context"
	"io"

	"tidings.example/tidings/tidings"
)

// Rate is the sample rate of all audio in this package, in Hz. Samples are
// signed 16-bit little-endian, one channel.
const Rate = 16_000

// Caps says what an engine can do, and so what must be done around it.
type Caps struct {
	WordTimes   bool     // gives each word its own times
	Confidence  bool     // gives each word a probability
	Punctuation bool     // writes sentences; otherwise they are a draft
	Languages   []string // BCP 47; empty = any
	Remote      bool     // the audio leaves this machine
}

// Options are wishes for one transcription.
type Options struct {
	Language   string   `json:"language,omitempty"` // BCP 47; "" = the engine decides
	Vocabulary []string `json:"vocabulary,omitempty"`
	// Detected, if not nil, is told in which language so many words were heard.
	// An engine that has only one, or tells none, does not call it.
	OnLanguage func(language string, words int) `json:"-"`
	// By, if not nil, is told who does it by an engine that only passes it on.
	OnDelegate func(tidings.SpeechEngine) `json:"-"`
}

// Engine turns sound into words. It may be used for several clips at once.
type Engine interface {
	// Name and Model are stored with every transcript.
	Name() string
	Model() string
	Caps() Caps
	// Transcribe reads pcm to its end, which may be long in coming, and calls
	// sink for each utterance as it is final, in time order. Times are
	// milliseconds from the start of pcm. It stops within 3 s when ctx ends.
	Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error
}
