package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"sync"
)

// writeFile writes and flushes a new file.
func writeFile(root *os.Root, name string, r io.Reader) (n int64, err error) {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	if n, err = io.Copy(f, r); err == nil {
		err = f.Sync()
	}
	return n, errors.Join(err, f.Close())
}

// sumFile reads a file once, also into w.
func sumFile(ctx context.Context, root *os.Root, name string, w io.Writer) (FileSum, error) {
	f, err := root.Open(name)
	if err != nil {
		return FileSum{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(sum, w), untilEnd{ctx, f})
	return FileSum{n, hex.EncodeToString(sum.Sum(nil))}, err
}

// untilEnd reads until its context ends.
type untilEnd struct {
	ctx context.Context
	r   io.Reader
}

func (u untilEnd) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// hands does n pieces of work, several at once, until one fails.
func hands(ctx context.Context, n int, do func(ctx context.Context, hand, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	next := make(chan int)
	var busy sync.WaitGroup
	for hand := range copyWorkers {
		busy.Go(func() {
			for i := range next {
				if err := do(ctx, hand, i); err != nil {
					stop(err)
				}
			}
		})
	}

	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}

	close(next)
	busy.Wait()

	return context.Cause(ctx)
}
