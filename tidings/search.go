package tidings

import (
	"strings"
	"time"
)

// Document is a clip as the search engine indexes it. Engines return the clips
// that match, in order; moments are found in the rows afterwards.
type Document struct {
	ClipID      ID
	Version     int64 // of the outbox; an older one never replaces a newer
	WorkspaceID ID
	ACL         []string // "w:<ws>", "c:<channel>", "u:<user>"
	AuthorID    ID
	ChannelID   ID
	Kind        ClipKind
	Language    string
	Tags        []string
	CreatedAt   time.Time
	DurationMS  int64 // 0 = not known yet
	Title       string
	Description string
	Transcript  []TranscriptSegment
	Comments    []Comment

	// For the list of results; engines ignore them.
	Author Author
	State  ClipState
	Poster bool // there is a still of it
}

// Query is a parsed search.
type Query struct {
	Text        string // words, "phrases", -not; every character is data
	WorkspaceID ID
	ACL         []string // what the caller may find; never empty
	AuthorID    ID
	ChannelID   ID
	Kind        ClipKind
	Tag         string
	From, To    *time.Time
	In          []string // any of "titles", "transcript", "comments"; empty = all
	Commented   bool     // only clips with comments
	Only        *[]ID    // only these clips, as the database found them; nil = all
	Except      []ID     // none of these clips
	Newest      bool     // newest first instead of best first
	Limit       int
	Offset      int

	// Filters about the caller. Engines ignore them: the caller of an engine
	// resolves them to AuthorID, Only and Except first.
	Mine       bool // only clips the caller made
	Unseen     bool // only clips the caller has not watched
	Unanswered bool // only clips with an unanswered thread
}

// SetIs sets the filters of a comma list: mine, unseen, unanswered. Errors name
// the request field.
func (q *Query) SetIs(field, list string) error {
	for _, name := range strings.Split(strings.ToLower(list), ",") {
		switch strings.TrimSpace(name) {
		case "mine":
			q.Mine = true
		case "unseen":
			q.Unseen = true
		case "unanswered":
			q.Unanswered = true
		default:
			return Invalid(field, "There is no filter is:%.40s: mine, unseen and unanswered are.", name)
		}
	}
	return nil
}

// NameResolver resolves the names of people and channels in a query. What the caller
// may not see is not found, which is no error.
type NameResolver struct {
	Person  func(name string) (id ID, found bool, err error)
	Channel func(name string) (id ID, found bool, err error)
}

// Hit is a clip that matches, in the engine's order.
type Hit struct{ ClipID ID }

// QueryVector is what a query means, as a vector of a model.
type QueryVector struct {
	Model   string
	Numbers []float32
}

// SimilarClip is a clip with passages that mean what a query says in other words.
type SimilarClip struct {
	ClipID   ID
	Passages []uint64 // checksums of the passages, nearest first
}

// Moment is a position in a clip that matches the query.
type Moment struct {
	Source  string // "transcript", "comment" or "title"
	ID      ID     // segment, comment or clip
	StartMS int64
	By      string // speaker or author, as far as the document has it; "" = the clip's author
	Snippet string // escaped HTML with <mark> only
}

// OutboxEntry says that a clip must be indexed again (or dropped from the
// index). Newest version wins.
type OutboxEntry struct {
	ClipID  ID
	Version int64
}

// SavedSearch is a search that a person has saved; nobody else sees it.
type SavedSearch struct {
	ID          ID
	WorkspaceID ID
	UserID      ID
	Name        string
	Query       string // as it is written into the search field
	Newest      bool
	CreatedAt   time.Time
}

// Limits on saved searches, in characters, and how many a person keeps in a
// workspace.
const (
	MaxSavedName     = 80
	MaxSavedQuery    = 500
	MaxSavedSearches = 100
)

// Validate checks a saved search before it is stored.
func (s SavedSearch) Validate() error {
	fields := map[string]string{}
	checkText(fields, "name", s.Name, MaxSavedName)
	checkText(fields, "query", s.Query, MaxSavedQuery)
	switch {
	case strings.TrimSpace(s.Query) == "":
		fields["query"] = "There is nothing to look for."
	case strings.TrimSpace(s.Name) == "":
		fields["name"] = "This is needed."
	}

	if len(fields) > 0 {
		return &Error{Kind: KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}

	return nil
}

// IndexFailure is a clip that could not be indexed.
type IndexFailure struct {
	ClipID ID
	Title  string
	Reason string
	Tries  int
	At     time.Time
}

// IndexBacklog is what the index still has to process of a workspace.
type IndexBacklog struct {
	Clips   int        // that should be found
	Pending int        // of them and of deleted ones, wait
	Since   *time.Time // when the oldest change was made that waits; nil = none does
	Failed  []IndexFailure
}

// IndexBuild is the progress of an index that is built beside the one in use. It
// is stored, so that another process can continue it.
type IndexBuild struct {
	Engine    string
	After     ID // filled up to this clip
	Done      int
	Total     int
	StartedAt time.Time
	UpdatedAt time.Time
}
