package query

import "strings"

// maxBytes is how much of a query is read.
const maxBytes = 4096

// Piece is the part of a query between two spaces, or between quotes: a word, a
// "phrase" or a filter.
type Piece struct {
	Not    bool   // a minus precedes it
	Text   string // without minus and quotes
	Raw    string // as written
	Start  int    // byte offset in the text
	Quoted bool
	Open   bool // nothing follows, not even a space or a closing quote
}

// SplitTerms returns the parts of a piece that are searched as terms of their own.
func (p Piece) SplitTerms() []string {
	if p.Quoted {
		return []string{p.Text}
	}
	var out []string
	start := 0
	for i, r := range p.Text {
		if !strings.ContainsRune(`,;()[]{}<>|!?"*`, r) || r == ',' && isThousandsComma(p.Text, i) {
			continue
		}
		if start < i {
			out = append(out, p.Text[start:i])
		}
		start = i + 1
	}

	if start < len(p.Text) {
		out = append(out, p.Text[start:])
	}

	return out
}

// isThousandsComma reports whether the comma at a byte separates thousands, as in
// 1,500: a digit precedes it, and exactly three follow.
func isThousandsComma(text string, at int) bool {
	isDigit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	return isDigit(at-1) && isDigit(at+1) && isDigit(at+2) && isDigit(at+3) && !isDigit(at+4)
}

// SplitPieces splits a query at spaces and quotes. A quote that is never closed
// ends with the text; one right behind a colon belongs to the word before it, as
// in from:"Ana Maria".
func SplitPieces(text string) []Piece {
	text = normalizeQuotes(text)
	var out []Piece
	total := len(text)
	for text != "" {
		text = strings.TrimLeft(text, Whitespace)
		if text == "" {
			break
		}

		var p Piece
		start := total - len(text)
		if p, text = cutPiece(text); p.Text != "" {
			p.Start = start
			out = append(out, p)
		}
	}

	return out
}

// Whitespace separates the pieces of a query.
const Whitespace = " \t\r\n\v\f\u0085\u00a0\u2028\u2029\u3000"

// cutPiece cuts the first piece off a text that begins with none of Whitespace.
func cutPiece(text string) (Piece, string) {
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

// normalizeQuotes bounds the text to maxBytes and replaces typographic quotes by
// plain ones.
func normalizeQuotes(text string) string {
	if len(text) > maxBytes {
		text = text[:maxBytes]
	}
	return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`).Replace(strings.ToValidUTF8(text, ""))
}
