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
)

// copyObjects copies what the storage does not have yet.
func (m *importer) copyObjects(ctx context.Context) error {
	l, err := openList(m.root, ObjectListFile)
	if err != nil {
		return err
	}
	defer l.close()

	m.count.beginPhase("copying", m.info.Bytes, unitBytes)
	var some []ObjectEntry // of one folder
	for {
		ok, err := l.next()
		if err != nil {
			return err
		}

		if len(some) > 0 && (!ok || len(some) == importBatch || folderOf(some[0].Key) != folderOf(l.line.Key)) {
			if err := m.batch(ctx, some); err != nil {
				return err
			}
			some = some[:0]
		}

		if !ok {
			return nil
		}

		some = append(some, l.line)
	}
}

// importBatch is how many objects of a clip are copied between two looks at
// what the storage has of it.
const importBatch = 4096

func (m *importer) batch(ctx context.Context, lines []ObjectEntry) error {
	have, err := objectSizes(ctx, m.objects, folderOf(lines[0].Key))
	if err != nil {
		return err
	}
	return hands(ctx, len(lines), func(ctx context.Context, _, i int) error {
		if size, ok := have[lines[i].Key]; ok && size == lines[i].Bytes {
			m.count.add(size)
			return nil
		}
		atomic.AddInt64(&m.copied, 1)
		return m.put(ctx, lines[i])
	})
}

// smallObject is the size in bytes up to which an object is verified in memory
// before it is stored.
const smallObject = 8 << 20

// put stores one object if it is what was exported. A small one is looked at
// before it is sent; a large one is taken back when its sum is wrong.
func (m *importer) put(ctx context.Context, l ObjectEntry) error {
	f, err := m.root.Open(ObjectPath(l.Key))
	if err != nil {
		return err
	}
	defer f.Close()

	sum := sha256.New()
	r := &checkedReader{r: io.TeeReader(untilEnd{ctx, f}, io.MultiWriter(sum, m.count)), sum: sum, line: l}
	if l.Bytes > smallObject {
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

// checkedReader ends with an error instead of io.EOF when what it read is not
// what the export says, so that nobody takes it for whole.
type checkedReader struct {
	r    io.Reader
	n    int64
	sum  hash.Hash
	line ObjectEntry
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.n > c.line.Bytes || errors.Is(err, io.EOF) && (c.n != c.line.Bytes || hex.EncodeToString(c.sum.Sum(nil)) != c.line.SHA256) {
		return 0, damaged(ObjectPath(c.line.Key))
	}
	return n, err
}
