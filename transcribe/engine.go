// Package transcribe transcribes clips while they are recorded.
//
// Package media decodes the growing original to 16 kHz samples; a voice activity
// detector cuts windows of speech out of them; only these reach an engine, so
// silence and noise yield no words. The built-in engine, Vosk, runs in a child
// process that is a copy of our own binary: a crash of native code is an
// ordinary error, and its memory is returned when it ends. Utterances are stored
// and published the moment they are final.
//
// Engines are registered in registry.go.
package transcribe

import (
	"context"
	"io"

	"tidings.example/tidings/tidings"
)

// Rate is the sample rate of all audio in this package, in Hz. Samples are
// signed 16-bit little-endian, one channel.
const Rate = 16_000

// Caps are the capabilities of an engine.
type Caps struct {
	WordTimes   bool     // gives each word its own times
	Confidence  bool     // gives each word a probability
	Punctuation bool     // writes sentences; otherwise its transcripts are drafts
	Languages   []string // BCP 47; empty = any
	Remote      bool     // the audio leaves this machine
}

// Options are the options of one transcription.
type Options struct {
	Language   string   `json:"language,omitempty"` // BCP 47; "" = the engine decides
	Vocabulary []string `json:"vocabulary,omitempty"`
	// Live says that readers wait for the words: an engine that collects speech
	// does not wait for more of it during a pause.
	Live bool `json:"-"`
	// Pieces, if not nil, keeps what an engine that works in pieces has finished.
	Pieces PieceStore `json:"-"`
	// AcquirePiece, if not nil, is called by an engine that works in pieces before
	// each one that it has not finished; it may block, and its error ends the
	// transcription.
	AcquirePiece func(ctx context.Context) (release func(), err error) `json:"-"`
	// OnLanguage, if not nil, is called with a detected language and the number
	// of words in it. An engine with one language, or without detection, does
	// not call it.
	OnLanguage func(language string, words int) `json:"-"`
	// OnDelegate, if not nil, is called by an engine that delegates the work,
	// with the engine that does it.
	OnDelegate func(tidings.SpeechEngine) `json:"-"`
}

// Engine transcribes speech. It may be used for several clips at once.
// enginetest.Run checks the contract.
type Engine interface {
	// Name and Model are stored with every transcript.
	Name() string
	Model() string
	Caps() Caps
	// Transcribe reads pcm to its end, which may come hours later, and calls sink
	// for each utterance as soon as it is final, in time order. Times are
	// milliseconds from the start of pcm. It stops within 3 s when ctx ends.
	Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error
}
