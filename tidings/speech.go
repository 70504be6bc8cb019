package tidings

import "time"

// SpeechEngine describes an engine for people to choose.
type SpeechEngine struct {
	Name        string
	Model       string
	Languages   []string // BCP 47; empty = any
	Live        bool     // writes while one speaks, as a draft
	Punctuation bool
	WordTimes   bool
	Remote      bool   // the sound leaves this machine
	Missing     string // a sentence: why it cannot be used now; "" = it can
}

// TranscriptRequest is a person's request to transcribe a clip again. It is open
// until the new transcript has replaced the old one.
type TranscriptRequest struct {
	ClipID   ID
	Engine   string // "" = as for a new clip
	Language string // BCP 47; "" = as for a new clip
	// ReplaceEdits allows that what people wrote until CreatedAt is replaced.
	ReplaceEdits bool
	CreatedAt    time.Time
}
