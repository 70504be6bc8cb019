package search

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
)

// packer deflates the vocabularies of one transaction: making a compressor
// takes longer than what it does to a clip's words, so there is only one.
type packer struct{ flate *flate.Writer }

// deflate packs a part's vocabulary: words sorted, one space between. The
// words of all parts would otherwise be a sixth of the index, and they are
// read only when a part changes.
func (p *packer) deflate(words []string) ([]byte, error) {
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
