package transcribe

import (
	"bytes"
	"io"
	"os"
	"syscall"
	"time"
)

// programOutput collects what a program writes to its standard output. When the
// program has ended, all that it wrote is in the buffer or in the pipe, whoever
// else still holds the pipe open; so the rest is read without waiting, and no
// slow machine cuts it off.
type programOutput struct {
	pipe, childEnd *os.File
	b              bytes.Buffer
	onFull         func() // called when the output exceeds maxOutput
	ended          chan struct{}
}

func newProgramOutput(onFull func()) (*programOutput, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &programOutput{pipe: r, childEnd: w, onFull: onFull, ended: make(chan struct{})}, nil
}

// readAlong reads in the background from now on. The program, if it was started,
// has its own copy of the pipe's end.
func (o *programOutput) readAlong() {
	o.childEnd.Close()
	go func() {
		defer close(o.ended)
		io.Copy(o, o.pipe) // ends at the end, at the limit, or when the program has ended
	}()
}

// readRest returns the output of a program that has ended.
func (o *programOutput) readRest() []byte {
	defer o.pipe.Close()

	o.pipe.SetReadDeadline(time.Unix(1, 0)) // no deadline: it stops the reader
	<-o.ended
	o.pipe.SetReadDeadline(time.Time{})

	raw, err := o.pipe.SyscallConn()
	if err != nil {
		return o.b.Bytes()
	}

	buf := make([]byte, 64<<10)
	raw.Read(func(fd uintptr) bool { // true: never wait for more
		for {
			n, err := syscall.Read(int(fd), buf)
			if err == syscall.EINTR {
				continue
			}
			if n <= 0 {
				return true
			}
			if _, err := o.Write(buf[:n]); err != nil {
				return true
			}
		}
	})

	return o.b.Bytes()
}

// Write implements io.Writer.
func (o *programOutput) Write(p []byte) (int, error) {
	if o.b.Len()+len(p) > maxOutput {
		o.onFull()
		return 0, errCommandOutput
	}
	return o.b.Write(p)
}
