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
	Engine   string // "import" = from a captions file
	Model    string
	EditedAt *time.Time // by a person; never replaced after that
	Segments []TranscriptSegment
	Silences []Span // where nobody speaks and nothing is heard: see Silences
	Fillers  []Span // where somebody says "um": see Fillers
}

// TranscriptSegment is one utterance: a stretch of speech between pauses.
type TranscriptSegment struct {
	ID       ID
	Seq      int64 // from 0, in time order
	StartMS  int64
	EndMS    int64
	Text     string
	Speaker  string // "" = unknown
	Language string // BCP 47; "" = the transcript's
	Words    []Word
	Version  int64 // counts the changes, from 1
}

// TranscriptText is what a shown transcript says, as a search reads it.
type TranscriptText struct {
	Text     string              // of all segments, a space between two
	Segments []TranscriptSegment // in order, without their words
	Words    func(i int) []Word  // when the words of a segment were said; nothing else of them
	Bytes    int                 // about what it takes in memory
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
	// Heard is what the engine wrote where the glossary put this word and the
	// Span-1 after it; nil for all others.
	Replaced *ReplacedWords `json:"heard,omitempty"`
}

// ReplacedWords is what stood in a transcript before the glossary changed it.
type ReplacedWords struct {
	Words []Word `json:"words"`
	Span  int    `json:"span"` // words that stand there now, from 1
}

// EditKind says what a person did to a transcript.
type EditKind string

// The kinds of edits.
const (
	EditText     EditKind = "edit"
	EditSplit    EditKind = "split"
	EditJoin     EditKind = "join"
	EditSpeaker  EditKind = "speaker"
	EditGlossary EditKind = "glossary"
)

// TranscriptEdit replaces segments of a shown transcript by others. Each of
// From must still have the version it has here. To holds either the same
// segments, changed, or others in the place of From, which then follow each
// other; those without an ID are new.
type TranscriptEdit struct {
	Kind        EditKind
	UserID      ID
	From, To    []TranscriptSegment
	Corrections []Correction
}

// Correction is a phrase that a person replaced by another one.
type Correction struct {
	Original    string // in lower case
	Replacement string
	Times       int
}
