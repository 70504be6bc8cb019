package ggml

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"tidings.example/tidings/tidings"
)

// formatVersion is the version of CTranslate2's file format that is read.
const formatVersion = 6

// Limits on what a file may claim.
const (
	maxVariables = 10_000
	maxRank      = 4
	maxDimension = 1 << 24
)

// Types of CTranslate2's variables.
const (
	typeFloat32 = 0
	typeFloat16 = 4
)

// variable is where a variable's values are in the file.
type variable struct {
	shape  []int
	kind   byte
	offset int64
	size   int64 // bytes
}

// count is how many values the variable has.
func (v variable) count() int64 {
	n := int64(1)
	for _, d := range v.shape {
		n *= int64(d)
	}
	return n
}

// contents are the variables of a file by their names.
type contents map[string]variable

// notWeights is the error for a file that is something else.
func notWeights(what string) error {
	return tidings.Errorf(tidings.KindInvalid, "These are not Whisper's weights as CTranslate2 stores them: %s.", what)
}

// contentsReader reads the parts of CTranslate2's file format in order.
type contentsReader struct {
	src    Source
	buf    *bufio.Reader
	offset int64
	err    error
}

// readContents lists the variables of a file; their values are skipped.
func readContents(src Source) (contents, error) {
	r := &contentsReader{src: src}
	r.seekTo(0)

	if v := r.readUint32(); r.err == nil && v != formatVersion {
		return nil, notWeights("another version of the format")
	}

	r.readName() // of the specification
	r.readUint32()
	n := r.readUint32()
	if n > maxVariables {
		return nil, notWeights("too many variables")
	}

	out := contents{}
	for range n {
		name := r.readName()
		v := r.readVariable()
		if r.err != nil {
			break
		}
		out[name] = v
	}

	if errors.Is(r.err, io.EOF) || errors.Is(r.err, io.ErrUnexpectedEOF) {
		return nil, notWeights("the file is too short")
	}

	return out, r.err
}

func (r *contentsReader) seekTo(offset int64) {
	r.offset = offset
	r.buf = bufio.NewReaderSize(io.NewSectionReader(r.src.Weights, offset, max(0, r.src.Size-offset)), 4096)
}

func (r *contentsReader) readBytes(n int) []byte {
	b := make([]byte, n)
	if r.err != nil {
		return b
	}
	_, r.err = io.ReadFull(r.buf, b)
	r.offset += int64(n)
	return b
}

func (r *contentsReader) readByte() byte     { return r.readBytes(1)[0] }
func (r *contentsReader) readUint32() uint32 { return binary.LittleEndian.Uint32(r.readBytes(4)) }

// readName reads a string, which ends with a NUL that its length counts.
func (r *contentsReader) readName() string {
	n := int(binary.LittleEndian.Uint16(r.readBytes(2)))
	if b := r.readBytes(n); n > 0 {
		return string(b[:n-1])
	}
	return ""
}

// readVariable reads a variable's description and skips its values.
func (r *contentsReader) readVariable() (v variable) {
	rank := int(r.readByte())
	if rank > maxRank {
		r.err = errors.Join(r.err, notWeights("too many dimensions"))
		return v
	}

	for range rank {
		d := r.readUint32()
		if d > maxDimension {
			r.err = errors.Join(r.err, notWeights("too many values"))
			return v
		}
		v.shape = append(v.shape, int(d))
	}

	v.kind = r.readByte()
	v.size = int64(r.readUint32())
	v.offset = r.offset
	if end := v.offset + v.size; r.err == nil && end <= r.src.Size {
		r.seekTo(end)
	} else if r.err == nil {
		r.err = io.ErrUnexpectedEOF
	}

	return v
}
