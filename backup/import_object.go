package backup

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/tidings"
)

// copyObjects copies the objects that the storage lacks.
func (m *importer) copyObjects(ctx context.Context) error {
	l, err := openList(m.root, objectListFile)
	if err != nil {
		return err
	}
	defer l.closeListFile()

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

	rows, err := m.readRows(ctx, ownerPrefix(lines[0].Key))
	if err != nil {
		return err
	}

	return runConcurrently(ctx, len(lines), func(ctx context.Context, _, i int) error {
		if size, ok := have[lines[i].Key]; ok && size == lines[i].Bytes {
			m.progress.countFinished(size)
			return nil
		}
		return m.importObject(ctx, lines[i], rows.objectRow(lines[i].Key))
	})
}

// readRows are the rows of the objects with a prefix; none for people.
func (m *importer) readRows(ctx context.Context, prefix string) (objectRows, error) {
	id, ok := strings.CutPrefix(prefix, clipsDir)
	if !ok {
		return nil, nil
	}
	return readObjectRows(ctx, m.rows, tidings.ID(strings.TrimSuffix(id, "/")))
}

// importObject copies one object. One that was damaged before it was exported is
// reported and left out: the others are worth having.
func (m *importer) importObject(ctx context.Context, l objectEntry, row tidings.StoredObject) error {
	damage, err := m.putObject(ctx, l, row)
	m.mu.Lock()
	defer m.mu.Unlock()

	if damage == nil {
		m.report.Copied++
		return err
	}

	if m.report.Damaged++; len(m.report.Lines) < MaxReportLines {
		m.report.Lines = append(m.report.Lines, fmt.Sprintf("damaged object %s of clip %s: %s", l.Key, row.ClipID, tidings.DamageReason(damage)))
	}

	return nil
}

// maxBufferedObject is the size in bytes up to which an object is verified in memory
// before it is stored.
const maxBufferedObject = 8 << 20

// putObject stores one object if its checksum is right. A small object is
// verified before it is sent; the upload of a large one is aborted when the
// checksum turns out wrong at its end. damage says that the export has what was
// written, and that this is not what its row describes; nothing is stored then.
func (m *importer) putObject(ctx context.Context, l objectEntry, row tidings.StoredObject) (damage, err error) {
	f, err := m.root.Open(objectPath(l.Key))
	if err != nil {
		return nil, err
	}
	defer f.Close()

	sum := sha256.New()
	r := &verifyingReader{sum: sum, entry: l, row: row}
	r.r = io.TeeReader(contextio.NewReader(ctx, f), io.MultiWriter(sum, &r.blocks, m.progress))
	if l.Bytes > maxBufferedObject {
		_, err = m.objects.PutLarge(ctx, l.Key, r, l.Type)
		return r.damage, err
	}

	all := make([]byte, 0, l.Bytes+bytes.MinRead)
	b := bytes.NewBuffer(all)
	if _, err := b.ReadFrom(r); err != nil {
		return r.damage, err
	}

	return nil, m.objects.Put(ctx, l.Key, bytes.NewReader(b.Bytes()), l.Bytes, l.Type)
}

// verifyingReader returns a checksum error instead of io.EOF when the bytes
// differ from the entry in size or SHA-256, and damage when they differ from the
// row of the object.
type verifyingReader struct {
	r     io.Reader
	read  int64
	sum   hash.Hash
	entry objectEntry

	row    tidings.StoredObject
	blocks tidings.BlockHash
	damage error
}

func (c *verifyingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read += int64(n)
	if c.read > c.entry.Bytes || errors.Is(err, io.EOF) && (c.read != c.entry.Bytes || hex.EncodeToString(c.sum.Sum(nil)) != c.entry.SHA256) {
		return 0, damagedError(objectPath(c.entry.Key))
	}
	if errors.Is(err, io.EOF) {
		c.damage = c.checkRow()
		return n, cmp.Or(c.damage, err)
	}
	return n, err
}

// checkRow compares what was read with the row of the object.
func (c *verifyingReader) checkRow() error {
	if err := checkSize(c.row, c.read); err != nil {
		return err
	}
	if c.row.Sums.KnownFor(c.read) && c.blocks.Sums() != c.row.Sums {
		return tidings.Damaged(errors.New("its bytes are not those of its checksum"))
	}
	return nil
}
