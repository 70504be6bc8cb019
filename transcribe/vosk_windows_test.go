package transcribe

import (
	"errors"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestVoskWindowSlots: windows count from their opening to their decoding, and
// those of a child that ends early do not stay.
func TestVoskWindowSlots(t *testing.T) {
	c := &Vosk{Workers: 2}
	var busy []int
	sink := func(tidings.TranscriptSegment) error {
		n, _ := c.WindowSlots()
		busy = append(busy, n)
		return nil
	}

	lines := `{"windows":1}
{"windows":1}
{"segment":{}}
{"windows":-1}
{"segment":{}}
`
	if done, err := c.readMessages(strings.NewReader(lines), sink); done || err != nil {
		t.Fatalf("done %v, %v", done, err)
	}
	if n, slots := c.WindowSlots(); len(busy) != 2 || busy[0] != 2 || busy[1] != 1 || n != 0 || slots != 0 {
		t.Errorf("busy %v, then %d of %d", busy, n, slots)
	}

	if _, err := c.readMessages(strings.NewReader(lines), func(tidings.TranscriptSegment) error { return errors.New("no") }); err == nil {
		t.Error("an error of the sink is lost")
	}
	if n, _ := c.WindowSlots(); n != 0 {
		t.Errorf("%d windows stay", n)
	}
}
