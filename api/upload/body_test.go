package upload

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// deadlineWriter records the read deadlines that are set on its connection.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *deadlineWriter) SetReadDeadline(t time.Time) error {
	w.deadlines = append(w.deadlines, t)
	return nil
}

func newDeadlineWriter() *deadlineWriter {
	return &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
}

// TestLateInterruptReachesNoRequest interrupts an upload's body after its
// request has ended, when echo has given its context to another one.
func TestLateInterruptReachesNoRequest(t *testing.T) {
	first, second := newDeadlineWriter(), newDeadlineWriter()
	request := httptest.NewRequest(http.MethodPatch, "/", strings.NewReader("x"))
	c := echo.New().NewContext(request, first)

	body := newUploadBody(c, time.Minute)
	if _, err := body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	body.releaseConnection()

	if n := len(first.deadlines); n != 2 || !first.deadlines[n-1].IsZero() {
		t.Fatalf("deadlines %v; want one for the read and none afterwards", first.deadlines)
	}

	c.(interface {
		Reset(*http.Request, http.ResponseWriter)
	}).Reset(request, second)
	if err := body.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	_, _ = body.Read(make([]byte, 1)) // io.EOF

	if len(first.deadlines) != 2 || len(second.deadlines) != 0 {
		t.Errorf("deadlines %v of the ended request, %v of the next", first.deadlines, second.deadlines)
	}
}

// TestInterruptKeepsItsRequest interrupts a body while echo's context belongs
// to another request already: the deadline is set on the body's own connection.
func TestInterruptKeepsItsRequest(t *testing.T) {
	first, second := newDeadlineWriter(), newDeadlineWriter()
	request := httptest.NewRequest(http.MethodPatch, "/", strings.NewReader("x"))
	c := echo.New().NewContext(request, first)
	body := newUploadBody(c, time.Minute)
	c.(interface {
		Reset(*http.Request, http.ResponseWriter)
	}).Reset(request, second)

	past := time.Unix(1, 0)
	if err := body.SetReadDeadline(past); err != nil {
		t.Fatal(err)
	}
	_, _ = body.Read(make([]byte, 1))
	body.releaseConnection()

	if len(first.deadlines) != 1 || !first.deadlines[0].Equal(past) {
		t.Errorf("deadlines %v; an interrupt is final", first.deadlines)
	}
	if len(second.deadlines) != 0 {
		t.Errorf("deadlines %v of another request", second.deadlines)
	}
}
