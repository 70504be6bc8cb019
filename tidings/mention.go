package tidings

import "strings"

// Mention is one "@[name](user id)" in a comment.
type Mention struct {
	UserID ID
	Name   string // as it was written; the person may have another name now
	Start  int    // byte offset of the "@"
	End    int    // byte offset behind the ")"
}

// MaxMentionName is the longest name inside a mention, in bytes.
const MaxMentionName = 400

// Mentions are the mentions in a comment's text, in order. Text between
// backticks is code and has none. Whether the person exists and may see the clip
// is for the caller to check.
func Mentions(body string) []Mention {
	var out []Mention
	for i := 0; i < len(body); {
		switch body[i] {
		case '`':
			i = codeSpanEnd(body, i)
		case '@':
			m, ok := mentionAt(body, i)
			if !ok {
				i++
				continue
			}
			out = append(out, m)
			i = m.End
		default:
			i++
		}
	}

	return out
}

// codeSpanEnd is the offset behind the code that begins at i, or i+1 when there
// is none.
func codeSpanEnd(body string, i int) int {
	n := strings.IndexAny(body[i+1:], "`\n")
	if n <= 0 || body[i+1+n] != '`' {
		return i + 1
	}
	return i + 1 + n + 1
}

func mentionAt(body string, i int) (Mention, bool) {
	rest, ok := strings.CutPrefix(body[i:], "@[")
	if !ok {
		return Mention{}, false
	}

	n := strings.IndexAny(rest[:min(len(rest), MaxMentionName+1)], "]\n")
	if n <= 0 || rest[n] != ']' {
		return Mention{}, false
	}

	name, rest := rest[:n], rest[n+1:]
	const idLen = 26
	if len(rest) < idLen+2 || rest[0] != '(' || rest[idLen+1] != ')' {
		return Mention{}, false
	}

	id, ok := ParseID(rest[1 : idLen+1])
	return Mention{UserID: id, Name: name, Start: i, End: i + len("@[") + n + len("](") + idLen + len(")")}, ok
}

// Mentioned are the ids of the people a text mentions, without duplicates.
func Mentioned(body string) []ID {
	var out []ID
	seen := map[ID]bool{}
	for _, m := range Mentions(body) {
		if !seen[m.UserID] {
			seen[m.UserID] = true
			out = append(out, m.UserID)
		}
	}
	return out
}
