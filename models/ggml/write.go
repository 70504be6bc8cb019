package ggml

import (
	"context"
	"encoding/binary"
	"io"
	"math"
)

// Types of tensors in the file.
const (
	storedF32 = 0
	storedF16 = 1
	storedQ8  = 8
)

// chunkBytes of the source are converted at once; a multiple of a block.
const chunkBytes = 1 << 18

// storedAs is a tensor's type in a file: matrices alone are quantised.
func (t tensor) storedAs(format Format) int32 {
	switch {
	case t.float:
		return storedF32
	case format == Q8 && len(t.shape) == 2:
		return storedQ8
	}
	return storedF16
}

// writeTensor writes a tensor's head and its values.
func writeTensor(ctx context.Context, w io.Writer, from io.ReaderAt, t tensor, format Format) error {
	kind := t.storedAs(format)
	if kind == storedQ8 && t.shape[1]%blockValues != 0 {
		return notWeights(t.name + " has rows that are no multiple of a block")
	}

	head := []int32{int32(len(t.shape)), int32(len(t.name)), kind}
	for i := len(t.shape) - 1; i >= 0; i-- {
		head = append(head, int32(t.shape[i]))
	}

	if err := binary.Write(w, binary.LittleEndian, head); err != nil {
		return err
	}
	if _, err := io.WriteString(w, t.name); err != nil {
		return err
	}

	return writeValues(ctx, w, io.NewSectionReader(from, t.offset, 2*t.count()), kind)
}

// writeValues converts 16-bit values, chunk by chunk.
func writeValues(ctx context.Context, w io.Writer, from *io.SectionReader, kind int32) error {
	in, out := make([]byte, min(chunkBytes, from.Size())), []byte(nil)
	for left := from.Size(); left > 0; left -= int64(len(in)) {
		if err := ctx.Err(); err != nil {
			return err
		}

		in = in[:min(int64(len(in)), left)]
		if _, err := io.ReadFull(from, in); err != nil {
			return err
		}

		switch kind {
		case storedF32:
			out = appendFloats(out[:0], in)
		case storedQ8:
			out = appendBlocks(out[:0], in)
		default:
			out = in
		}

		if _, err := w.Write(out); err != nil {
			return err
		}
	}

	return nil
}

// appendFloats appends 16-bit values in 32 bits.
func appendFloats(out, in []byte) []byte {
	for ; len(in) >= 2; in = in[2:] {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(halfToFloat(binary.LittleEndian.Uint16(in))))
	}
	return out
}

// blockValues is how many values share a scale.
const blockValues = 32

// appendBlocks appends 16-bit values as blocks of a scale in 16 bits and 32
// values in 8.
func appendBlocks(out, in []byte) []byte {
	var block [blockValues]float32
	for ; len(in) >= 2*blockValues; in = in[2*blockValues:] {
		for i := range block {
			block[i] = halfToFloat(binary.LittleEndian.Uint16(in[2*i:]))
		}
		out = appendBlock(out, block)
	}
	return out
}

// appendBlock quantises one block: the largest magnitude becomes 127, halves are
// rounded away from zero.
func appendBlock(out []byte, values [blockValues]float32) []byte {
	var largest float32
	for _, v := range values {
		largest = max(largest, float32(math.Abs(float64(v))))
	}

	scale, inverse := largest/127, float32(0)
	if scale != 0 {
		inverse = 1 / scale
	}

	out = binary.LittleEndian.AppendUint16(out, floatToHalf(scale))
	for _, v := range values {
		out = append(out, byte(int8(math.Round(float64(v*inverse)))))
	}

	return out
}
