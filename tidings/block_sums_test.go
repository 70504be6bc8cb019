package tidings

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

func randomBlocks(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// TestVerifyBlocks: any range of a whole object is returned as it is; of a
// damaged one nothing from the first wrong block on.
func TestVerifyBlocks(t *testing.T) {
	for _, size := range []int{1, BlockSize - 1, BlockSize, BlockSize + 1, 3*BlockSize + 17} {
		whole := randomBlocks(size)
		sums := SumBlocks(whole)
		if !sums.KnownFor(int64(size)) || sums.KnownFor(int64(size)+BlockSize) || BlockSums("").KnownFor(int64(size)) {
			t.Fatalf("%d bytes: %d bytes of sums", size, len(sums))
		}

		for range 30 {
			from := rand.IntN(size)
			to := from + 1 + rand.IntN(size-from)
			checkRange(t, whole, whole, sums, from, to)
			damaged := bytes.Clone(whole)
			damaged[rand.IntN(size)] ^= 4
			checkRange(t, whole, damaged, sums, from, to)
			checkRange(t, whole, whole[:rand.IntN(size)], sums, from, to)
		}
	}
}

// checkRange reads a range of what is stored of whole.
func checkRange(t *testing.T, whole, stored []byte, sums BlockSums, from, to int) {
	t.Helper()
	size := int64(len(whole))
	start, end := WholeBlocks(int64(from), int64(to), size)
	end = min(end, int64(len(stored)))
	var body io.Reader = bytes.NewReader(nil)
	if start < end {
		body = bytes.NewReader(stored[start:end])
	}
	if rand.IntN(2) == 0 {
		body = iotest.HalfReader(body)
	}

	got, err := io.ReadAll(VerifyBlocks(body, sums, int64(from), int64(to), size))
	if !bytes.HasPrefix(whole[from:to], got) {
		t.Fatalf("%d bytes, [%d, %d): wrong bytes were returned", size, from, to)
	}

	_, wanted := WholeBlocks(int64(from), int64(to), size)
	intact := end == wanted && bytes.Equal(stored[start:end], whole[start:end])
	if intact != (err == nil) || err != nil && KindOf(err) != KindDamaged || intact && len(got) != to-from {
		t.Fatalf("%d bytes, [%d, %d): intact %v, %d bytes, %v", size, from, to, intact, len(got), err)
	}
}
