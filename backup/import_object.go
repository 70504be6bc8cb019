package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync/atomic"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/tidings"
)

// copyObjects copies the objects that the storage lacks.
func (m *importer) copyObjects(ctx context.Context) error {
	l, err := openList(m.root, objectListFile)
	if err != nil {
		return err
	}
	defer l.close()

	m.progress.beginPhase("copying", m.manifest.Bytes, tidings.UnitBytes)
	var pending []objectEntry // with the same ownerPrefix
	for {
		ok, err := l.nextEntry()
		if err != nil {
			return err
		}

		if len(pending) > 0 && (!ok || len(pending) == importBatchSize || ownerPrefix(pending[0].Key) != ownerPrefix(l.entry.Key)) {
			if err := m.importObjects(ctx, pending); err != nil {
				return err
			}
			pending = pending[:0]
		}

		if !ok {
			return nil
		}

		pending = append(pending, l.entry)
	}
}

// importBatchSize is the number of objects of one owner that are compared with a
// listing of the storage at once.
const importBatchSize = 4096

// importObjects copies objects of one owner unless the storage has them in the
// same size.
func (m *importer) importObjects(ctx context.Context, lines []objectEntry) error {
	have, err := objectSizes(ctx, m.objects, ownerPrefix(lines[0].Key))
	if err != nil {
		return err
	}
	return runConcurrently(ctx, len(lines), func(ctx context.Context, _, i int) error {
		if size, ok := have[lines[i].Key]; ok && size == lines[i].Bytes {
			m.progress.addDone(size)
			return nil
		}
		atomic.AddInt64(&m.copied, 1)
		return m.putObject(ctx, lines[i])
	})
}

// maxBufferedObject is the size in bytes up to which an object is verified in memory
// before it is stored.
const maxBufferedObject = 8 << 20

// putObject stores one object if its checksum is right. A small object is
// verified before it is sent; the upload of a large one is aborted when the
// checksum turns out wrong at its end.
func (m *importer) putObject(ctx context.Context, l objectEntry) error {
	f, err := m.root.Open(objectPath(l.Key))
	if err != nil {
		return err
	}
	defer f.Close()

	sum := sha256.New()
	r := &verifyingReader{r: io.TeeReader(contextio.NewReader(ctx, f), io.MultiWriter(sum, m.progress)), sum: sum, entry: l}
	if l.Bytes > maxBufferedObject {
		_, err = m.objects.PutLarge(ctx, l.Key, r, l.Type)
		return err
	}

	all := make([]byte, 0, l.Bytes+bytes.MinRead)
	b := bytes.NewBuffer(all)
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}

	return m.objects.Put(ctx, l.Key, bytes.NewReader(b.Bytes()), l.Bytes, l.Type)
}

// verifyingReader returns a checksum error instead of io.EOF when the bytes
// differ from the entry in size or SHA-256.
type verifyingReader struct {
	r     io.Reader
	read  int64
	sum   hash.Hash
	entry objectEntry
}

func (c *verifyingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read += int64(n)
	if c.read > c.entry.Bytes || errors.Is(err, io.EOF) && (c.read != c.entry.Bytes || hex.EncodeToString(c.sum.Sum(nil)) != c.entry.SHA256) {
		return 0, damagedError(objectPath(c.entry.Key))
	}
	return n, err
}
