package tidings

import "time"

// Transcript is the text of a clip's speech, by one engine and model.
type Transcript struct {
	ID       ID
	ClipID   ID
	Attempt  int64
	State    StepState
	Draft    bool // written by the live engine; a better one may replace it
	Language string
	Engine   string // "import" = from a captions file
	Model    string
	// Refinement says when the draft of a recording is refined; "" = afterwards,
	// or not at all, as for a file.
	Refinement Refinement
	EditedAt   *time.Time // by a person; never replaced after that
	Segments   []TranscriptSegment
	Silences   []Span // see the function Silences
	Fillers    []Span // see the function Fillers
}

// Refinement is when the draft of a recording is refined.
type Refinement string

// The times of a refinement. The server begins with the first, and resorts to
// the second when it is too slow or too busy.
const (
	RefinedMeanwhile  Refinement = "meanwhile"
	RefinedAfterwards Refinement = "afterwards"
)

// TranscriptSegment is one utterance: speech between two pauses.
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
	Origin   SegmentOrigin
	EditedBy ID         // who wrote its words; "" unless Origin is OriginEdited
	EditedAt *time.Time // when they were written
}

// TranscriptText is the text of a shown transcript in the form that search
// reads.
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
	// Estimated says that the time was not measured: the engine gave a time to
	// the whole utterance, of which the word has its share.
	Estimated bool `json:"estimated,omitempty"`
	// Replaced is what the engine wrote where the glossary put this word and the
	// Span-1 after it; nil for all others.
	Replaced *ReplacedWords `json:"heard,omitempty"`
}

// ReplacedWords is what the engine wrote where the glossary put another term.
type ReplacedWords struct {
	Words []Word `json:"words"`
	Span  int    `json:"span"` // how many words replaced them, from 1
}

// EditKind is the kind of an edit of a transcript.
type EditKind string

// The kinds of edits.
const (
	EditText     EditKind = "edit"
	EditSplit    EditKind = "split"
	EditJoin     EditKind = "join"
	EditSpeaker  EditKind = "speaker"
	EditGlossary EditKind = "glossary"
)

// TranscriptEdit replaces segments of a shown transcript by others. Each of From
// must still have its version. To holds either the same segments, changed, or
// consecutive others in the place of From; those without an ID are new.
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

// FailedTranscript is a transcription that was given up: the clip has no
// transcript, or only a draft.
type FailedTranscript struct {
	ClipID ID
	Reason string // a sentence for people
}
