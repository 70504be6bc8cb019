package search

import (
	"encoding/hex"
	"fmt"
	"strings"

	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/tidings"
)

// meiliClip is a chunk of a clip as a document of the index "clips". Its texts
// are analyzed by this package, like those of the embedded engine: folded words
// and characters separated by spaces. Punctuation therefore puts no gap into
// phrases, scripts without spaces are searched by character without the server's
// dictionaries, and what matches is what Finder finds.
//
// Chunk 0 stands for the clip: it carries the version and is written last. That
// of a deleted clip has only its version, and no access token.
type meiliClip struct {
	ID          string `json:"id"` // clip_part
	ClipID      string `json:"clip_id"`
	Part        int    `json:"part"`
	Parts       int    `json:"parts"`
	Written     int    `json:"written"` // comments in the other index
	Deleted     bool   `json:"deleted"`
	Format      int    `json:"format"`   // meiliFormat when it was written
	Embedded    string `json:"embedded"` // vectorMark of the vectors that its passages have; of chunk 0
	Title       string `json:"title"`
	Description string `json:"description"`
	Text        string `json:"text"`
	Comments    string `json:"comments"` // so that the words of a query may match across transcript and comments
	meiliRights        // of the clip
}

// meiliFormat is raised whenever the analyzer or the documents change: clips of
// another format are indexed again.
const meiliFormat = 3

// meiliText is an indexed text as Meilisearch gets it: a full stop makes a gap in
// positions that phrases do not cross.
func meiliText(text string) string { return strings.ReplaceAll(text, " "+textEnd, ".") }

// meiliComment is a comment as a document of the index "comments", where
// proximity is that within the comment. It carries the rights, filters and date
// of its clip.
type meiliComment struct {
	ID     string `json:"id"` // clip-comment
	ClipID string `json:"clip_id"`
	Body   string `json:"body"`
	meiliRights
}

// meiliRights is the attributes that filters use, the same in all indexes.
// Every value went through safeValue.
type meiliRights struct {
	WS        string   `json:"ws"`
	ACL       []string `json:"acl"`
	AuthorID  string   `json:"author_id"`
	ChannelID string   `json:"channel_id"`
	Kind      string   `json:"kind"`
	Tags      []string `json:"tags"`
	Lang      string   `json:"lang"`
	CreatedAt int64    `json:"created_at"` // Unix milliseconds
	Duration  float64  `json:"duration_s"`
	Version   int64    `json:"version"`
	Commented bool     `json:"commented"` // has a comment that is not deleted
}

func meiliRightsOf(d tidings.Document) meiliRights {
	tags := make([]string, len(d.Tags))
	for i, t := range d.Tags {
		tags[i] = fold.Tag(t)
	}
	return meiliRights{
		WS: safeValue(string(d.WorkspaceID)), ACL: safeValues(d.ACL), AuthorID: safeValue(string(d.AuthorID)), ChannelID: safeValue(string(d.ChannelID)),
		Kind: safeValue(string(d.Kind)), Tags: safeValues(tags), Lang: safeValue(d.Language),
		CreatedAt: tidings.Millis(d.CreatedAt), Duration: float64(d.DurationMS) / 1000, Version: d.Version, Commented: hasComments(d),
	}
}

// meiliDocuments are the documents of a clip in the two indexes.
func meiliDocuments(d tidings.Document) (clips []meiliClip, comments []meiliComment) {
	rights := meiliRightsOf(d)
	for _, c := range d.Comments {
		body := meiliText(indexedText(c.Body, analyzeText(c.Body)))
		if c.DeletedAt == nil && body != "" {
			comments = append(comments, meiliComment{ID: string(d.ClipID) + "-" + safeID(string(c.ID)), ClipID: string(d.ClipID), Body: body, meiliRights: rights})
		}
	}

	all := splitChunks(d)
	for n, p := range all {
		texts, _ := p.analyzedFields()
		clips = append(clips, meiliClip{
			ID: partID(d.ClipID, n), ClipID: string(d.ClipID), Part: n, Parts: len(all), Written: len(comments),
			Title: meiliText(texts[0]), Description: meiliText(texts[1]), Text: meiliText(texts[2]), Comments: meiliText(texts[3]),
			Format: meiliFormat, meiliRights: rights,
		})
	}

	return clips, comments
}

// deletedClip is the document that keeps the version of a deleted clip.
func deletedClip(e tidings.OutboxEntry) meiliClip {
	return meiliClip{ID: partID(e.ClipID, 0), ClipID: string(e.ClipID), Parts: 1, Deleted: true,
		meiliRights: meiliRights{ACL: []string{}, Tags: []string{}, Version: e.Version}}
}

func partID(clip tidings.ID, n int) string { return fmt.Sprintf("%s_%d", clip, n) }

// isPlain reports whether a filter value needs no encoding. Meilisearch compares
// filter values without case and accents, and its filter language cannot express
// every string. Ids, access tokens and lower-case words are plain; everything
// else is encoded in hexadecimal after a character that no plain value has.
func isPlain(v string) bool {
	id := v
	if len(v) == 28 && v[0] >= 'a' && v[0] <= 'z' && v[1] == ':' {
		id = v[2:]
	}
	if _, ok := tidings.ParseID(id); ok {
		return true
	}
	return v != "" && len(v) <= 25 && strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// safeValue encodes a value for a filter or a filterable attribute.
func safeValue(v string) string {
	if v == "" || isPlain(v) {
		return v
	}
	return "~" + hex.EncodeToString([]byte(v))
}

func safeValues(all []string) []string {
	out := make([]string, 0, len(all))
	for _, v := range all {
		if v != "" {
			out = append(out, safeValue(v))
		}
	}
	return out
}

// safeID encodes a part of a document id: letters, digits, - and _ only.
func safeID(v string) string { return strings.ReplaceAll(safeValue(v), "~", "-") }

// quotedList is a list of values in the filter language.
func quotedList(values []string) string {
	return `["` + strings.Join(values, `", "`) + `"]`
}

func clipIDs(ids []tidings.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// checkClipID refuses ids that cannot be part of a document id or a filter.
// Generated ids are never refused.
func checkClipID(id tidings.ID) error {
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return fmt.Errorf("search: clip id %q has a character that is no letter or digit", id)
		}
	}
	if id == "" || len(id) > 64 {
		return fmt.Errorf("search: clip id %.80q has not 1 to 64 characters", id)
	}
	return nil
}
