package media

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
)

// startProcess starts cmd with a pipe each for stdin, stdout and the extra
// outputs (fd 3, 4, …). The returned function waits until all outputs have been
// read to their end: a process that has ended may have left some bytes in its
// pipes, and whoever takes them may be busy for as long as it likes.
func startProcess(cmd *exec.Cmd, p process, watchdog *stallWatchdog, cancel context.CancelCauseFunc) (drained func(), err error) {
	pipes := &processPipes{}
	defer func() { pipes.closeEnds(err != nil) }()

	outputs := p.outputs
	for range outputs {
		w, err := pipes.addOutput()
		if err != nil {
			return nil, err
		}
		cmd.ExtraFiles = append(cmd.ExtraFiles, w)
	}

	if p.stdout != nil {
		if cmd.Stdout, err = pipes.addOutput(); err != nil {
			return nil, err
		}
		outputs = append(slices.Clone(outputs), copyTo(p.stdout))
	}

	var stdin *os.File
	if p.stdin != nil {
		if cmd.Stdin, stdin, err = pipes.addStdin(); err != nil {
			return nil, err
		}
	}

	if err := cmd.Start(); err != nil {
		return nil, err
	}

	if stdin != nil {
		go watchdog.feedStdin(stdin, p.stdin, cancel) // ends with the child's stdin, or with p.stdin
	}

	var wg sync.WaitGroup
	for i, consume := range outputs {
		wg.Go(func() { drainOutput(pipes.outputs[i], consume, watchdog, cancel) })
	}

	return wg.Wait, nil
}

// processPipes are the ends of a process's pipes.
type processPipes struct {
	outputs []*os.File // that we read
	stdin   *os.File   // that we write; may be nil
	childs  []*os.File // the process has its own copies once it is started
}

// addOutput makes a pipe and returns the process's end.
func (p *processPipes) addOutput() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.outputs, p.childs = append(p.outputs, r), append(p.childs, w)
	return w, nil
}

// addStdin makes a pipe and returns the process's end and ours.
func (p *processPipes) addStdin() (theirs, ours *os.File, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	p.stdin, p.childs = w, append(p.childs, r)
	return r, w, nil
}

// closeEnds closes the process's ends, and ours if it could not be started.
func (p *processPipes) closeEnds(failed bool) {
	ends := p.childs
	if failed {
		ends = append(ends, p.outputs...)
	}
	if failed && p.stdin != nil {
		ends = append(ends, p.stdin)
	}
	for _, f := range ends {
		f.Close()
	}
}

// copyTo is the consumer of an output that is written to w.
func copyTo(w io.Writer) func(io.Reader) error {
	return func(r io.Reader) error {
		_, err := io.Copy(w, r)
		return err
	}
}

// drainOutput gives an output to its consumer, and then reads it to its end. An
// error of the consumer ends the process.
func drainOutput(f *os.File, consume func(io.Reader) error, watchdog *stallWatchdog, cancel context.CancelCauseFunc) {
	defer f.Close()

	r := watchdog.touchOnRead(f)
	if err := consume(r); err != nil {
		cancel(err)
	}

	io.Copy(io.Discard, r) // fails only when the child has ended
	r.setBusy(false)
}

// waitForProcess waits until the process has ended, and ends those of its group
// that it has left behind: they would keep its outputs open.
func waitForProcess(cmd *exec.Cmd) error {
	err := cmd.Wait()
	if kerr := cmd.Cancel(); kerr != nil && !errors.Is(kerr, syscall.ESRCH) {
		err = errors.Join(err, kerr)
	}
	if errors.Is(err, exec.ErrWaitDelay) { // of its log alone, which is complete enough
		return nil
	}
	return err
}
