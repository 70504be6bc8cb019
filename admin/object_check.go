package admin

import (
	"context"
	"fmt"
	"io"
	"time"

	"tidings.example/tidings/tidings"
)

// CheckRows is what ObjectCheck needs of the store.
type CheckRows interface {
	RepairRows
	// Objects are the objects that the rows of a clip name.
	Objects(ctx context.Context, clip tidings.ID) ([]tidings.StoredObject, error)
	DamageOfClip(ctx context.Context, clip tidings.ID) ([]tidings.Damage, error)
	ReportDamage(ctx context.Context, d tidings.Damage) error
	ClearDamage(ctx context.Context, key string, clip tidings.ID) error
	SetSums(ctx context.Context, key string, sums tidings.BlockSums) error
}

// ObjectCheck reads objects and compares them with their checksums and sizes. It
// records what is damaged, and has made again what can be.
type ObjectCheck struct {
	Rows CheckRows
	Rate int64 // bytes per second; 0 = no limit
	// Open opens an object, whose reader fails at a wrong checksum.
	Open func(ctx context.Context, key string) (io.ReadCloser, error)
	// Ready reports whether the storage answers.
	Ready func(ctx context.Context) error

	buffer  []byte
	started time.Time
	bytes   int64 // read since started
}

// unknownSize is the size of an object whose row does not have it.
const unknownSize = -1

// readBuffer is how much of an object is read between two pauses, in bytes.
const readBuffer = 256 << 10

// ClipCheck is what the check of a clip found.
type ClipCheck struct {
	Objects int
	Damage  []tidings.Damage // without what is missing: see Missing
	Missing []tidings.Damage
	Repairs []string // one line each, for people
}

// CheckClip reads all objects of a clip. each is called before each one.
func (k *ObjectCheck) CheckClip(ctx context.Context, clip tidings.ID, each func()) (c ClipCheck, err error) {
	objects, err := k.Rows.Objects(ctx, clip)
	if err != nil {
		return c, err
	}

	known, err := k.knownDamage(ctx, clip)
	if err != nil {
		return c, err
	}

	bad := map[string]bool{}
	for _, o := range objects {
		each()
		c.Objects++
		d, err := k.checkObject(ctx, o, func() (bool, error) { return k.isNamed(ctx, o) })
		if err != nil {
			return c, err
		}
		if d == nil {
			err = k.clearDamage(ctx, known, o)
		} else if err = k.Rows.ReportDamage(ctx, *d); err == nil {
			bad[o.Key] = true
			c.addDamage(*d)
		}
		if err != nil {
			return c, err
		}
	}

	c.Repairs, err = Repair(ctx, k.Rows, clip, objects, bad)
	return c, err
}

func (c *ClipCheck) addDamage(d tidings.Damage) {
	if d.Reason == reasonMissing {
		c.Missing = append(c.Missing, d)
	} else {
		c.Damage = append(c.Damage, d)
	}
}

func (k *ObjectCheck) knownDamage(ctx context.Context, clip tidings.ID) (map[string]bool, error) {
	damage, err := k.Rows.DamageOfClip(ctx, clip)
	known := make(map[string]bool, len(damage))
	for _, d := range damage {
		known[d.Key] = true
	}
	return known, err
}

func (k *ObjectCheck) clearDamage(ctx context.Context, known map[string]bool, o tidings.StoredObject) error {
	if !known[o.Key] {
		return nil
	}
	return k.Rows.ClearDamage(ctx, o.Key, o.ClipID)
}

// isNamed reports whether the rows of a clip name an object as before: the clip
// may have changed since they were read.
func (k *ObjectCheck) isNamed(ctx context.Context, o tidings.StoredObject) (bool, error) {
	objects, err := k.Rows.Objects(ctx, o.ClipID)
	for _, now := range objects {
		if now.Key == o.Key {
			return now.Bytes == o.Bytes, err
		}
	}
	return false, err
}

const (
	reasonMissing  = "it is missing"
	reasonChecksum = "its bytes are not those of its checksum"
)

// checkObject reads one object; nil = it is whole, or no row names it any more.
// An error is that of the rows, or of a storage that does not answer at all.
func (k *ObjectCheck) checkObject(ctx context.Context, o tidings.StoredObject, named func() (bool, error)) (*tidings.Damage, error) {
	n, sums, err := k.readObject(ctx, o.Key)
	reason := ""
	switch {
	case tidings.KindOf(err) == tidings.KindNotFound:
		reason = reasonMissing
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		if down := k.Ready(ctx); down != nil {
			return nil, down
		}
		reason = reasonChecksum
	case o.Bytes != unknownSize && n != o.Bytes:
		reason = fmt.Sprintf("%d bytes instead of %d", n, o.Bytes)
	case o.Sums.KnownFor(n) && sums != o.Sums:
		reason = reasonChecksum
	case o.Source == tidings.AssetObject && !o.Sums.KnownFor(n) && n > 0:
		return nil, k.Rows.SetSums(ctx, o.Key, sums) // from before there were any
	}
	if reason == "" {
		return nil, nil
	}

	if current, err := named(); err != nil || !current {
		return nil, err
	}

	return &tidings.Damage{Key: o.Key, ClipID: o.ClipID, Reason: reason}, nil
}

// readObject reads an object to its end at the rate of the settings.
func (k *ObjectCheck) readObject(ctx context.Context, key string) (n int64, sums tidings.BlockSums, err error) {
	body, err := k.Open(ctx, key)
	if err != nil {
		return 0, "", err
	}
	defer body.Close()

	if k.buffer == nil {
		k.buffer, k.started = make([]byte, readBuffer), time.Now()
	}

	var hash tidings.BlockHash
	for {
		m, err := body.Read(k.buffer)
		hash.Write(k.buffer[:m]) // never fails
		n, k.bytes = n+int64(m), k.bytes+int64(m)
		if err == io.EOF {
			return n, hash.Sums(), nil
		}
		if err != nil {
			return n, "", err
		}
		if err := k.waitForRate(ctx); err != nil {
			return n, "", err
		}
	}
}

// BytesRead is how much was read so far.
func (k *ObjectCheck) BytesRead() int64 { return k.bytes }

// waitForRate waits until the bytes read so far are no more than the rate allows.
func (k *ObjectCheck) waitForRate(ctx context.Context) error {
	if k.Rate <= 0 {
		return nil
	}

	early := time.Duration(float64(k.bytes)/float64(k.Rate)*float64(time.Second)) - time.Since(k.started)
	if early <= 0 {
		return nil
	}

	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(early):
		return nil
	}
}
