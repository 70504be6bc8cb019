package ggml

import (
	"encoding/binary"
	"io"
)

// magic begins every file: "ggml".
const magic = 0x67676d6c

// headSize is the width of an attention head in all of Whisper's models.
const headSize = 64

// modelHeader are the numbers at the beginning of a file.
type modelHeader struct {
	Magic                                             int32
	Vocabulary                                        int32
	AudioContext, AudioState, AudioHeads, AudioLayers int32
	TextContext, TextState, TextHeads, TextLayers     int32
	Mels, Format                                      int32
	FilterRows, FilterColumns                         int32
}

// describeModel derives the numbers from the shapes of the tensors.
func describeModel(c contents) (h modelHeader, err error) {
	audio, text, words := c["encoder/position_encodings/encodings"].shape, c["decoder/position_encodings/encodings"].shape, c["decoder/embeddings/weight"].shape
	if len(audio) != 2 || len(text) != 2 || len(words) != 2 {
		return h, notWeights("the tables have other shapes")
	}
	return modelHeader{
		Magic: magic, Vocabulary: int32(words[0]),
		AudioContext: int32(audio[0]), AudioState: int32(audio[1]), AudioHeads: int32(audio[1] / headSize), AudioLayers: int32(c.countLayers("encoder")),
		TextContext: int32(text[0]), TextState: int32(text[1]), TextHeads: int32(text[1] / headSize), TextLayers: int32(c.countLayers("decoder")),
		Mels: melBands, FilterRows: melBands, FilterColumns: melBins,
	}, nil
}

// Values of the format's field: of 16 bits, and of 8 bits in the second version
// of quantised files.
const (
	fileF16 = 1
	fileQ8  = 2007
)

// writeHeader writes everything before the tensors.
func writeHeader(w io.Writer, h modelHeader, tokens [][]byte, format Format) error {
	h.Format = fileF16
	if format == Q8 {
		h.Format = fileQ8
	}

	for _, v := range []any{h, melFilters(), int32(len(tokens))} {
		if err := binary.Write(w, binary.LittleEndian, v); err != nil {
			return err
		}
	}

	for _, t := range tokens {
		if err := binary.Write(w, binary.LittleEndian, int32(len(t))); err != nil {
			return err
		}
		if _, err := w.Write(t); err != nil {
			return err
		}
	}

	return nil
}
