package tidings

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// BlockSize is the size in bytes of the blocks of a stored object, each of which
// has a checksum: so a range can be checked before it is sent.
const BlockSize = 256 << 10

// BlockSums are the CRC-32C sums (RFC 3720) of the blocks of an object, four
// bytes each, big-endian. "" = none are known.
type BlockSums string

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// SumBlocks returns the sums of b.
func SumBlocks(b []byte) BlockSums {
	var h BlockHash
	h.Write(b) // never fails
	return h.Sums()
}

// KnownFor reports whether s are the sums of an object of size bytes.
func (s BlockSums) KnownFor(size int64) bool {
	return size > 0 && int64(len(s)) == (size+BlockSize-1)/BlockSize*crc32.Size
}

// matchesBlock reports whether b has the sum of a block.
func (s BlockSums) matchesBlock(block int64, b []byte) bool {
	return binary.BigEndian.Uint32([]byte(s[block*crc32.Size:])) == crc32.Checksum(b, castagnoli)
}

// BlockHash computes the sums of the bytes that are written to it.
type BlockHash struct {
	sums  []byte
	sum   uint32 // of the block that is not full
	block int
}

// Write implements io.Writer and never fails.
func (h *BlockHash) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), BlockSize-h.block)
		h.sum = crc32.Update(h.sum, castagnoli, p[:k])
		p = p[k:]
		if h.block += k; h.block == BlockSize {
			h.sums = binary.BigEndian.AppendUint32(h.sums, h.sum)
			h.sum, h.block = 0, 0
		}
	}

	return n, nil
}

// Sums are those of what was written so far.
func (h *BlockHash) Sums() BlockSums {
	if h.block == 0 {
		return BlockSums(h.sums)
	}
	return BlockSums(binary.BigEndian.AppendUint32(h.sums[:len(h.sums):len(h.sums)], h.sum))
}

// WholeBlocks widens the range [from, to) of an object of size bytes to whole
// blocks.
func WholeBlocks(from, to, size int64) (start, end int64) {
	return from / BlockSize * BlockSize, min((to+BlockSize-1)/BlockSize*BlockSize, size)
}

// blockReader returns only bytes of blocks that match their sums.
type blockReader struct {
	r     io.Reader
	sums  BlockSums
	size  int64 // of the object
	block int64 // the next one
	skip  int64 // bytes of it that were not asked for
	left  int64 // bytes to return

	buffer []byte // holds a block that does not fit into what Read got
	rest   []byte // what is left of it
}

// VerifyBlocks returns the bytes [from, to) of an object of size bytes; r has
// those of WholeBlocks. No byte of a block that is wrong or incomplete is
// returned: Read fails with KindDamaged instead.
func VerifyBlocks(r io.Reader, sums BlockSums, from, to, size int64) io.Reader {
	return &blockReader{r: r, sums: sums, size: size, block: from / BlockSize, skip: from % BlockSize, left: to - from}
}

// Read implements io.Reader.
func (b *blockReader) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}

	if len(b.rest) == 0 {
		n := min(BlockSize, b.size-b.block*BlockSize)
		if b.skip == 0 && int64(len(p)) >= n && b.left >= n {
			k, err := b.readBlock(p[:n])
			b.left -= int64(k)
			return k, err
		}

		if b.buffer == nil {
			b.buffer = make([]byte, BlockSize)
		}
		if _, err := b.readBlock(b.buffer[:n]); err != nil {
			return 0, err
		}

		b.rest, b.skip = b.buffer[b.skip:n], 0
	}

	k := copy(p[:min(int64(len(p)), b.left)], b.rest)
	b.rest, b.left = b.rest[k:], b.left-int64(k)

	return k, nil
}

// readBlock fills block with the next one and checks it.
func (b *blockReader) readBlock(block []byte) (int, error) {
	_, err := io.ReadFull(b.r, block)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return 0, Damaged(fmt.Errorf("it ends within block %d", b.block))
	case err != nil:
		return 0, err
	case !b.sums.matchesBlock(b.block, block):
		return 0, Damaged(fmt.Errorf("block %d has another checksum", b.block))
	}

	b.block++
	return len(block), nil
}
