// Package ggml writes OpenAI's Whisper weights in whisper.cpp's file format.
//
// It reads them as CTranslate2 stores them in 16 bits, and reproduces the files
// of whisper.cpp's publisher byte for byte. Tensors are streamed from the source
// in their new order, so that memory does not grow with the model.
package ggml

import (
	"bufio"
	"context"
	"io"
	"strings"

	"tidings.example/tidings/tidings"
)

// Format is how weights are stored.
type Format int

// Formats: 16 bits a weight, or 8 with one 16-bit scale for 32 weights.
const (
	F16 Format = iota
	Q8
)

// Source is a model as CTranslate2 stores it.
type Source struct {
	Weights    io.ReaderAt // model.bin
	Size       int64       // bytes of Weights
	Vocabulary string      // vocabulary.txt: a token a line
}

// Convert writes the model to w. KindInvalid when the source is not a Whisper
// model in 16 bits.
func Convert(ctx context.Context, w io.Writer, src Source, format Format) error {
	c, err := readContents(src)
	if err != nil {
		return err
	}

	tensors, err := listTensors(c)
	if err != nil {
		return err
	}

	tokens, err := parseVocabulary(src.Vocabulary)
	if err != nil {
		return err
	}

	h, err := describeModel(c)
	if err != nil {
		return err
	}

	out := bufio.NewWriterSize(w, chunkBytes)
	if err := writeHeader(out, h, tokens, format); err != nil {
		return err
	}

	for _, t := range tensors {
		if err := writeTensor(ctx, out, src.Weights, t, format); err != nil {
			return err
		}
	}

	return out.Flush()
}

// baseTokens is how many tokens whisper.cpp's files list; it makes up the names
// of the others (languages, times, tasks).
const baseTokens = 50_257

// parseVocabulary returns the bytes of each token.
func parseVocabulary(text string) ([][]byte, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < baseTokens {
		return nil, tidings.Errorf(tidings.KindInvalid, "The vocabulary has %d tokens, not %d.", len(lines), baseTokens)
	}

	table := byteTable()
	tokens := make([][]byte, baseTokens)
	for i := range tokens {
		tokens[i] = decodeToken(table, lines[i])
	}

	return tokens, nil
}

// byteTable is GPT-2's table of bytes by character: printable bytes of Latin-1
// stand for themselves, the others for the characters from U+0100 on.
func byteTable() map[rune]byte {
	table := make(map[rune]byte, 256)
	next := rune(256)
	for b := range 256 {
		if b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE {
			table[rune(b)] = byte(b)
			continue
		}
		table[next] = byte(b)
		next++
	}
	return table
}

// decodeToken returns a token's bytes; a token with a character outside of the
// table is plain text.
func decodeToken(table map[rune]byte, token string) []byte {
	out := make([]byte, 0, len(token))
	for _, r := range token {
		b, ok := table[r]
		if !ok {
			return []byte(token)
		}
		out = append(out, b)
	}
	return out
}
