package embed

import (
	"bufio"
	"os"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tidings.example/tidings/tidings"
)

// wordPiece splits texts into the pieces of BERT's uncased vocabularies (Schuster
// and Nakajima 2012; Devlin et al. 2018).
type wordPiece struct {
	ids                    map[string]int
	unknown, start, finish int
}

// maxPieceWord is the length in characters beyond which a word is unknown.
const maxPieceWord = 100

// loadWordPiece reads a vocabulary: one piece a line, ids from 0.
func loadWordPiece(path string) (*wordPiece, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()

	w := &wordPiece{ids: map[string]int{}}
	s := bufio.NewScanner(f)
	for s.Scan() {
		w.ids[s.Text()] = len(w.ids)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}

	for name, id := range map[string]*int{"[UNK]": &w.unknown, "[CLS]": &w.start, "[SEP]": &w.finish} {
		n, ok := w.ids[name]
		if !ok {
			return nil, tidings.Errorf(tidings.KindChecksum, "The vocabulary has no piece %s.", name)
		}
		*id = n
	}

	return w, nil
}

// pieceIDs are the ids of the pieces of a text between the two that mark its ends,
// at most limit.
func (w *wordPiece) pieceIDs(text string, limit int) []int {
	ids := []int{w.start}
	for _, word := range splitWords(text) {
		if len(ids) >= limit-1 {
			break
		}
		ids = append(ids, w.wordPieces(word)...)
	}
	return append(ids[:min(len(ids), limit-1)], w.finish)
}

// wordPieces are the longest pieces that a word begins with, one after the other.
func (w *wordPiece) wordPieces(word string) (ids []int) {
	letters := []rune(word)
	if len(letters) > maxPieceWord {
		return []int{w.unknown}
	}

	for from := 0; from < len(letters); {
		id, to, ok := 0, len(letters), false
		for ; to > from; to-- {
			piece := string(letters[from:to])
			if from > 0 {
				piece = "##" + piece
			}
			if id, ok = w.ids[piece]; ok {
				break
			}
		}
		if !ok {
			return []int{w.unknown}
		}
		ids, from = append(ids, id), to
	}

	return ids
}

// splitWords splits a text at spaces and around each sign and CJK character, in
// lower case and without accents.
func splitWords(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case r == 0 || r == unicode.ReplacementChar || unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cc, unicode.Cf):
		case isSign(r) || unicode.Is(unicode.Han, r):
			b.WriteString(" " + string(r) + " ")
		default:
			b.WriteRune(r)
		}
	}
	return strings.Fields(b.String())
}

// isSign reports whether a character is a word of its own: punctuation, and all of
// ASCII that is no letter, digit or space.
func isSign(r rune) bool {
	return r > ' ' && r < unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r) || unicode.IsPunct(r)
}
