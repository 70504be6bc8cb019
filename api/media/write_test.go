package media

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// deadlineWriter writes down what is done to a connection, in order.
type deadlineWriter struct {
	http.ResponseWriter
	steps []string
	ends  []time.Time
}

func (d *deadlineWriter) Write(p []byte) (int, error) {
	d.steps = append(d.steps, fmt.Sprint(len(p)))
	return len(p), nil
}

func (d *deadlineWriter) SetWriteDeadline(at time.Time) error {
	d.steps, d.ends = append(d.steps, "deadline"), append(d.ends, at)
	return nil
}

// TestEachPieceHasItsDeadline: a client has ReadIdle for each piece, not for the
// whole: a slow one that goes on gets everything.
func TestEachPieceHasItsDeadline(t *testing.T) {
	h := &Handler{Config: Config{ReadIdle: time.Hour}}
	w := &deadlineWriter{}
	begin := time.Now()
	if err := h.writePieces(w, http.NewResponseController(w), make([]byte, 2*writePieceSize+5)); err != nil {
		t.Fatal(err)
	}

	whole := fmt.Sprint(writePieceSize)
	if want := []string{"deadline", whole, "deadline", whole, "deadline", "5"}; !slices.Equal(w.steps, want) {
		t.Errorf("%v, want %v", w.steps, want)
	}
	for _, at := range w.ends {
		if at.Before(begin.Add(h.ReadIdle)) || at.After(time.Now().Add(h.ReadIdle)) {
			t.Errorf("deadline %s after the begin", at.Sub(begin))
		}
	}
}
