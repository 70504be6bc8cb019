package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"sync"

	"tidings.example/tidings/contextio"
)

// writeFile writes a new file and flushes it to the disk.
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

// hashFile computes the checksum of a file while copying it to w.
func hashFile(ctx context.Context, root *os.Root, name string, w io.Writer) (FileSum, error) {
	f, err := root.Open(name)
	if err != nil {
		return FileSum{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(sum, w), contextio.NewReader(ctx, f))
	return FileSum{n, hex.EncodeToString(sum.Sum(nil))}, err
}

// runConcurrently calls do for 0 ≤ i < n on copyWorkers goroutines and stops at
// the first error. worker is the number of the goroutine.
func runConcurrently(ctx context.Context, n int, do func(ctx context.Context, worker, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	next := make(chan int)
	var busy sync.WaitGroup
	for worker := range copyWorkers {
		busy.Go(func() {
			for i := range next {
				if err := do(ctx, worker, i); err != nil {
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
