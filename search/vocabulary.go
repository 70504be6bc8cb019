package search

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
)

// deflate packs a part's vocabulary: words sorted, one space between. The
// words of all parts would otherwise be a sixth of the index, and they are
// read only when a part changes.
func deflate(words []string) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, strings.Join(words, " ")); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// inflate unpacks what deflate packed; nothing gives nothing.
func inflate(packed []byte) ([]string, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	r := flate.NewReader(bytes.NewReader(packed))
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(text)), nil
}
