package tidings

import "time"

// Transcript is what was said in a clip, by one engine and model.
type Transcript struct {
	ID       ID
	ClipID   ID
	Attempt  int64
	State    StepState
	Draft    bool // written by the live engine; a better one may replace it
	Language string
	Engine   string
	Model    string
	EditedAt *time.Time // by a person; never replaced after that
	Segments []TranscriptSegment
}

// TranscriptSegment is one utterance: a stretch of speech between pauses.
type TranscriptSegment struct {
	ID      ID
	Seq     int64 // from 0, in time order
	StartMS int64
	EndMS   int64
	Text    string
	Speaker string // "" = unknown
	Words   []Word
}

// Word is one spoken word with its time. P is the engine's confidence, 0–1,
// nil when it gives none.
type Word struct {
	StartMS int64    `json:"start_ms"`
	EndMS   int64    `json:"end_ms"`
	Text    string   `json:"text"` // as written in the segment, with its punctuation
	P       *float64 `json:"p"`
	// Estimated says that nobody heard the word at this time: the engine gave
	// a time to the whole utterance, and the word has its share of it.
	Estimated bool `json:"estimated,omitempty"`
}
