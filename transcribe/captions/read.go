package captions

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// Limits of a caption file that is read.
const (
	maxCaptions = 16 << 20 // bytes
	maxCaptionH = 9_999    // hours
)

// captionLines iterates over the lines of a caption file.
type captionLines struct {
	lines   []string
	at      int
	lenient bool // see ParseProgramVTT
}

// newCaptionLines refuses content that no caption file may have.
func newCaptionLines(b []byte, lenient bool) (*captionLines, error) {
	switch {
	case len(b) > maxCaptions:
		return nil, tidings.Errorf(tidings.KindTooLarge, "The captions are larger than %d MiB.", maxCaptions>>20)
	case !utf8.Valid(b):
		return nil, tidings.Errorf(tidings.KindInvalid, "The captions are not UTF-8.")
	case bytes.IndexByte(b, 0) >= 0:
		return nil, tidings.Errorf(tidings.KindInvalid, "The captions hold a NUL.")
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(b), "\uFEFF"))
	return &captionLines{lines: strings.Split(text, "\n"), lenient: lenient}, nil
}

func (c *captionLines) hasMore() bool { return c.at < len(c.lines) }

func (c *captionLines) peekLine() string {
	if !c.hasMore() {
		return ""
	}
	return c.lines[c.at]
}

func (c *captionLines) nextLine() string {
	line := c.peekLine()
	c.at++
	return line
}

// syntaxError is an error about the line that was read last.
func (c *captionLines) syntaxError(format string, args ...any) error {
	return tidings.Errorf(tidings.KindInvalid, "Line "+strconv.Itoa(c.at)+": "+format, args...)
}

// skipEmpty skips to the next line that is not empty.
func (c *captionLines) skipEmpty(empty func(string) bool) {
	for c.hasMore() && empty(c.peekLine()) {
		c.at++
	}
}

// readBlock reads the lines up to an empty one.
func (c *captionLines) readBlock(empty func(string) bool) []string {
	from := c.at
	for c.hasMore() && !empty(c.peekLine()) {
		c.at++
	}
	return c.lines[from:c.at]
}

// parseTiming parses "start --> end" and what follows.
func (c *captionLines) parseTiming(line string, clock func(string) (int64, bool)) (start, end int64, settings string, err error) {
	from, to, found := strings.Cut(line, "-->")
	if !found {
		return 0, 0, "", c.syntaxError("Here should be the times of a caption.")
	}

	fields := strings.Fields(to)
	if len(fields) == 0 || strings.Contains(to, "-->") {
		return 0, 0, "", c.syntaxError("These are no times of a caption.")
	}

	start, ok := clock(strings.TrimSpace(from))
	end, also := clock(fields[0])
	if !ok || !also {
		return 0, 0, "", c.syntaxError("These are no times of a caption.")
	}
	if end < start && !c.lenient {
		return 0, 0, "", c.syntaxError("The caption ends before it starts.")
	}

	return start, end, strings.Join(fields[1:], " "), nil
}

// clockTime parses hours:minutes:seconds, a point and milliseconds. Hours have
// at least two digits and may be omitted where short is allowed.
func clockTime(text string, point string, short bool) (int64, bool) {
	text, ms, found := strings.Cut(text, point)
	parts := strings.Split(text, ":")
	if !found || len(parts) < 2 || len(parts) > 3 || len(parts) == 2 && !short {
		return 0, false
	}

	var hours int64
	if len(parts) == 3 {
		var ok bool
		if hours, ok = parseDigits(parts[0], 2, 4); !ok || hours > maxCaptionH {
			return 0, false
		}
		parts = parts[1:]
	}

	minutes, ok1 := parseDigits(parts[0], 2, 2)
	seconds, ok2 := parseDigits(parts[1], 2, 2)
	millis, ok3 := parseDigits(ms, 3, 3)
	if !ok1 || !ok2 || !ok3 || minutes > 59 || seconds > 59 {
		return 0, false
	}

	return ((hours*60+minutes)*60+seconds)*1000 + millis, true
}

// parseDigits parses a number of so many ASCII digits.
func parseDigits(text string, least, most int) (n int64, ok bool) {
	if len(text) < least || len(text) > most {
		return 0, false
	}
	for _, r := range []byte(text) {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int64(r-'0')
	}
	return n, true
}

// cueSegment is a cue as a segment; ok is false when it has no words.
func cueSegment(start, end int64, speaker, text string) (tidings.TranscriptSegment, bool) {
	seg := tidings.TranscriptSegment{StartMS: start, EndMS: end, Speaker: PlainText(speaker), Text: PlainText(text)}
	return seg, seg.Text != ""
}
