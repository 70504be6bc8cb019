package api

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"

	"tidings.example/tidings/api/budget"
)

// StrictListener refuses HTTP/1 requests that a proxy in front may delimit
// otherwise than net/http does (request smuggling): with both Transfer-Encoding
// and Content-Length, with Transfer-Encoding in HTTP/1.0, with lines that end in
// a bare LF, or with folded header lines (RFC 9112 sections 2.2, 5.2 and 6.3).
// net/http answers them with 400 and closes the connection.
func StrictListener(l net.Listener) net.Listener { return strictListener{l} }

type strictListener struct{ net.Listener }

// Accept waits for the next connection.
func (l strictListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &strictConn{Conn: c}, nil
}

// strictConn checks what is read before net/http sees it.
type strictConn struct {
	net.Conn
	scanner framingScanner
	refused error
	tracked *budget.Connection // nil before the server has it
}

// Read fails from the first request on that is refused.
func (c *strictConn) Read(p []byte) (int, error) {
	if c.refused != nil {
		return 0, c.refused
	}

	n, err := c.Conn.Read(p)
	if c.refused = c.scanner.scanBytes(p[:n]); c.refused != nil {
		return 0, c.refused
	}

	return n, err
}

// ReadFrom keeps sendfile(2) for answers.
func (c *strictConn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// CloseWrite lets net/http send the last answer before the connection is reset:
// a refused request may still be arriving.
func (c *strictConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// SyscallConn gives access to the socket, for limitSendBuffer.
func (c *strictConn) SyscallConn() (syscall.RawConn, error) {
	if raw, ok := c.Conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// framingState is what a framingScanner expects next.
type framingState int

const (
	framingRequestLine framingState = iota
	framingHeader
	framingBody // Content-Length bytes
	framingChunkSize
	framingChunk
	framingChunkEnd
	framingTrailer
)

// maxFramingLine is longer than any line that net/http takes.
const maxFramingLine = 128 << 10

// framingScanner follows the requests of one connection, to know which bytes
// are heads of requests.
type framingScanner struct {
	state     framingState
	line      []byte // what has come of the current line
	remaining int64  // bytes of the body or chunk that are yet to come
	http10    bool
	length    string // Content-Length; "" = none
	encoded   bool   // Transfer-Encoding was given
}

var (
	errLineEnd        = errors.New("a line does not end in CR LF")
	errLineLength     = errors.New("a line is too long")
	errFoldedHeader   = errors.New("a header line is folded")
	errDoubleFraming  = errors.New("a request has both Transfer-Encoding and Content-Length")
	errEncodedHTTP10  = errors.New("a request of HTTP/1.0 has Transfer-Encoding")
	errFramingNumbers = errors.New("a length is no number")
)

// scanBytes follows the next bytes of the connection.
func (s *framingScanner) scanBytes(p []byte) error {
	for len(p) > 0 {
		if s.remaining > 0 {
			n := min(s.remaining, int64(len(p)))
			p, s.remaining = p[n:], s.remaining-n
			if s.remaining == 0 {
				s.finishBytes()
			}
			continue
		}

		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			s.line = append(s.line, p...)
			if len(s.line) > maxFramingLine {
				return errLineLength
			}
			return nil
		}

		s.line, p = append(s.line, p[:end]...), p[end+1:]
		line, ok := bytes.CutSuffix(s.line, []byte("\r"))
		if !ok || bytes.IndexByte(line, '\r') >= 0 {
			return errLineEnd
		}

		s.line = s.line[:0]
		if err := s.scanLine(string(line)); err != nil {
			return err
		}
	}

	return nil
}

// finishBytes goes on after the last byte of a body or of a chunk.
func (s *framingScanner) finishBytes() {
	if s.state == framingChunk {
		s.state = framingChunkEnd
		return
	}
	s.state = framingRequestLine
}

func (s *framingScanner) scanLine(line string) error {
	switch s.state {
	case framingRequestLine:
		s.state, s.length, s.encoded, s.http10 = framingHeader, "", false, strings.HasSuffix(line, " HTTP/1.0")
	case framingHeader:
		return s.scanHeader(line)
	case framingChunkSize:
		return s.scanChunkSize(line)
	case framingChunkEnd:
		if s.state = framingChunkSize; line != "" {
			return errFramingNumbers
		}
	case framingTrailer:
		if line == "" {
			s.state = framingRequestLine
		}
	}

	return nil
}

// scanHeader follows one header line, and the empty one after the last.
func (s *framingScanner) scanHeader(line string) error {
	if line == "" {
		return s.endHead()
	}
	if line[0] == ' ' || line[0] == '\t' {
		return errFoldedHeader
	}

	name, value, _ := strings.Cut(line, ":")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "content-length":
		s.length = strings.TrimSpace(value)
	case "transfer-encoding":
		s.encoded = true
	}

	return nil
}

// endHead decides what follows the head of a request.
func (s *framingScanner) endHead() error {
	switch {
	case s.encoded && s.length != "":
		return errDoubleFraming
	case s.encoded && s.http10:
		return errEncodedHTTP10
	case s.encoded:
		s.state = framingChunkSize
		return nil
	case s.length == "":
		s.state = framingRequestLine
		return nil
	}

	n, err := strconv.ParseUint(s.length, 10, 63)
	if err != nil {
		return errFramingNumbers
	}
	if s.remaining, s.state = int64(n), framingBody; n == 0 {
		s.state = framingRequestLine
	}

	return nil
}

func (s *framingScanner) scanChunkSize(line string) error {
	size, _, _ := strings.Cut(line, ";")
	n, err := strconv.ParseUint(strings.TrimRight(size, " \t"), 16, 63)
	if err != nil {
		return errFramingNumbers
	}
	if s.remaining, s.state = int64(n), framingChunk; n == 0 {
		s.state = framingTrailer
	}
	return nil
}
