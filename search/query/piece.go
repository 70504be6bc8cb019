package query

import "strings"

// maxBytes is how much of a query is read.
const maxBytes = 4096

// Piece is a stretch of a query between spaces: a word, a "phrase", a filter.
type Piece struct {
	Not    bool   // a minus stood before it
	Text   string // without minus and quotes
	Raw    string // as written
	At     int    // where it begins in the text, in bytes
	Quoted bool
	Open   bool // nothing follows, not even a space or a closing quote
}

// Chunks are the parts of a piece that are looked for on their own.
func (p Piece) Chunks() []string {
	if p.Quoted {
		return []string{p.Text}
	}
	return strings.FieldsFunc(p.Text, func(r rune) bool { return strings.ContainsRune(`,;()[]{}<>|!?"*`, r) })
}

// Pieces cuts a query up. A quote that is never closed ends with the text; a
// quote right behind a colon belongs to the word before it: from:"Ana Maria".
func Pieces(text string) []Piece {
	text = plainQuotes(text)
	var out []Piece
	whole := len(text)
	for text != "" {
		text = strings.TrimLeft(text, Whitespace)
		if text == "" {
			break
		}

		var p Piece
		at := whole - len(text)
		if p, text = nextPiece(text); p.Text != "" {
			p.At = at
			out = append(out, p)
		}
	}

	return out
}

// Whitespace separates the pieces of a query.
const Whitespace = " \t\r\n\v\f\u0085\u00a0\u2028\u2029\u3000"

func nextPiece(text string) (Piece, string) {
	p := Piece{}
	rest := text
	if len(rest) > 1 && rest[0] == '-' && !strings.ContainsRune(Whitespace, rune(rest[1])) {
		p.Not, rest = true, rest[1:]
	}

	if rest[0] == '"' {
		p.Quoted = true
		var closed bool
		p.Text, rest, closed = strings.Cut(rest[1:], `"`)
		p.Open = !closed
		p.Raw = text[:len(text)-len(rest)]
		return p, rest
	}

	end := strings.IndexAny(rest, Whitespace)
	if quote := strings.Index(rest, `:"`); quote >= 0 && (end < 0 || quote < end) {
		end = -1
		if n := strings.IndexByte(rest[quote+2:], '"'); n >= 0 {
			end = quote + 2 + n + 1
		}
	}

	if end < 0 {
		end, p.Open = len(rest), true
	}

	p.Text, rest = rest[:end], rest[end:]
	p.Raw = text[:len(text)-len(rest)]
	return p, rest
}

// plainQuotes bounds the text and takes the quotes of phones and of other
// languages for plain ones.
func plainQuotes(text string) string {
	if len(text) > maxBytes {
		text = text[:maxBytes]
	}
	return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`).Replace(strings.ToValidUTF8(text, ""))
}
