package tidings

import "time"

// Document is a clip as the search engine knows it. Engines only say which
// clips match and in what order; moments are found in the rows afterwards.
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
	DurationMS  int64
	Title       string
	Description string
	Transcript  []TranscriptSegment
	Comments    []Comment
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
	Newest      bool     // newest first instead of best first
	Limit       int
	Offset      int
}

// Hit is a clip that matches, in the engine's order.
type Hit struct{ ClipID ID }

// Moment is a place in a clip where the query was said or written.
type Moment struct {
	Source  string // "transcript", "comment" or "title"
	ID      ID     // segment, comment or clip
	StartMS int64
	Snippet string // escaped HTML with <mark> only
}

// OutboxEntry says that a clip must be indexed again (or dropped from the
// index). Newest version wins.
type OutboxEntry struct {
	ClipID  ID
	Version int64
}
