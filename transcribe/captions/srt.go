package captions

import (
	"regexp"
	"strings"

	"tidings.example/tidings/tidings"
)

// srtMarkup is the markup that players of SubRip support: a few HTML tags, and
// positions as in {\an8}. Everything else is text.
var srtMarkup = regexp.MustCompile(`(?i)</?(?:b|i|u|s|font(?:\s[^<>]*)?)>|\{\\[^{}]*\}`)

// ParseSRT parses a SubRip file as a transcript: a segment for each caption with
// text, without markup. KindInvalid, with the line, when it is malformed: each
// caption has a number, times such as 00:01:02,345 --> 00:01:04,000, and lines
// up to an empty one; starts never go back.
func ParseSRT(b []byte) ([]tidings.TranscriptSegment, error) { return parseSRT(b, false) }

func parseSRT(b []byte, lenient bool) ([]tidings.TranscriptSegment, error) {
	c, err := newCaptionLines(b, lenient)
	if err != nil {
		return nil, err
	}

	clock := func(text string) (int64, bool) { return clockTime(text, ",", false) }
	empty := func(line string) bool { return strings.TrimSpace(line) == "" }
	var out []tidings.TranscriptSegment
	var last int64
	for c.skipEmpty(empty); c.hasMore(); c.skipEmpty(empty) {
		if _, ok := parseDigits(strings.TrimSpace(c.nextLine()), 1, 9); !ok {
			return nil, c.syntaxError("Here should be the number of a caption.")
		}

		start, end, rest, err := c.parseTiming(c.nextLine(), clock)
		if err != nil {
			return nil, err
		}
		if rest != "" {
			return nil, c.syntaxError("There is something after the times.")
		}
		if start < last && !lenient {
			return nil, c.syntaxError("The caption starts before the one above.")
		}

		last = start
		lines := c.readBlock(empty)
		for _, line := range lines {
			if strings.Contains(line, "-->") {
				return nil, c.syntaxError("There is no empty line between two captions.")
			}
		}

		if seg, ok := cueSegment(start, end, "", srtMarkup.ReplaceAllString(strings.Join(lines, "\n"), "")); ok {
			out = append(out, seg)
		}
	}

	return out, nil
}
