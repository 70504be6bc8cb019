package search

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
)

// vocabularyPacker compresses the vocabularies of one transaction. It keeps its
// compressor: making one takes longer than compressing the words of a clip.
type vocabularyPacker struct{ flate *flate.Writer }

// deflateWords compresses a sorted vocabulary, joined by spaces. Uncompressed, the
// vocabularies of all chunks would be a sixth of the index, and they are read only
// when a chunk changes.
func (p *vocabularyPacker) deflateWords(words []string) ([]byte, error) {
	var b bytes.Buffer
	if p.flate == nil {
		w, err := flate.NewWriter(&b, flate.BestSpeed)
		if err != nil {
			return nil, err
		}
		p.flate = w
	} else {
		p.flate.Reset(&b)
	}

	if _, err := io.WriteString(p.flate, strings.Join(words, " ")); err != nil {
		return nil, err
	}

	err := p.flate.Close()
	return b.Bytes(), err
}

// inflateWords reverses deflateWords; nil gives nil.
func inflateWords(packed []byte) ([]string, error) {
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
