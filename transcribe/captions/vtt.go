package captions

import (
	"html"
	"regexp"
	"strings"

	"tidings.example/tidings/tidings"
)

// ParseVTT parses a WebVTT file (https://www.w3.org/TR/webvtt1/) as a
// transcript: a segment for each cue with text, without markup, with its voice
// as the speaker if it has one. KindInvalid, with the line, when the file
// violates the syntax of section 4: this is stricter than players are. STYLE and
// REGION blocks are refused, since a transcript could not keep them. A cue of no
// length is accepted, since Whisper writes such.
func ParseVTT(b []byte) ([]tidings.TranscriptSegment, error) { return parseVTT(b, false) }

func parseVTT(b []byte, lenient bool) ([]tidings.TranscriptSegment, error) {
	c, err := newCaptionLines(b, lenient)
	if err != nil {
		return nil, err
	}

	head := c.nextLine()
	if rest, ok := strings.CutPrefix(head, "WEBVTT"); !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil, c.syntaxError("The file does not begin with WEBVTT.")
	}
	if c.hasMore() && c.peekLine() != "" {
		c.nextLine()
		return nil, c.syntaxError("After the first line should be an empty one.")
	}

	v := &vttReader{captionLines: c}
	for c.skipEmpty(noLine); c.hasMore(); c.skipEmpty(noLine) {
		if err := v.blockOrCue(); err != nil {
			return nil, err
		}
	}

	return v.out, nil
}

func noLine(line string) bool { return line == "" }

type vttReader struct {
	*captionLines
	out  []tidings.TranscriptSegment
	last int64 // start of the cue before
}

// blockOrCue reads up to the next empty line.
func (v *vttReader) blockOrCue() error {
	line := v.nextLine()
	name := strings.TrimRight(line, " \t")
	switch {
	case name == "NOTE" || strings.HasPrefix(line, "NOTE ") || strings.HasPrefix(line, "NOTE\t"):
		return v.skipBlock()
	case (name == "STYLE" || name == "REGION") && v.lenient:
		return v.skipBlock()
	case name == "STYLE" || name == "REGION":
		return v.syntaxError("%s blocks are not accepted; save the captions without them.", name)
	case !strings.Contains(line, "-->"): // an identifier
		line = v.nextLine()
	}

	start, end, settings, err := v.parseTiming(line, func(text string) (int64, bool) { return clockTime(text, ".", true) })
	switch {
	case err != nil:
		return err
	case start < v.last && !v.lenient:
		return v.syntaxError("The cue starts before the one above.")
	case !goodSettings(settings) && !v.lenient:
		return v.syntaxError("These are no settings of a cue.")
	}

	v.last = start
	return v.readText(start, end)
}

// skipBlock skips a block, which may not contain an arrow.
func (v *vttReader) skipBlock() error {
	for _, line := range v.readBlock(noLine) {
		if strings.Contains(line, "-->") {
			return v.syntaxError("An arrow stands outside of a cue.")
		}
	}
	return nil
}

// goodSettings reports whether all are name:value pairs.
func goodSettings(text string) bool {
	for _, f := range strings.Fields(text) {
		name, value, found := strings.Cut(f, ":")
		if !found || name == "" || value == "" {
			return false
		}
	}
	return true
}

func (v *vttReader) readText(start, end int64) error {
	lines := v.readBlock(noLine)
	for _, line := range lines {
		if strings.Contains(line, "-->") {
			return v.syntaxError("There is no empty line between two cues.")
		}
	}

	speaker, text, err := v.plainText(strings.Join(lines, "\n"), start, end)
	if err != nil {
		return err
	}

	if seg, ok := cueSegment(start, end, speaker, text); ok {
		v.out = append(v.out, seg)
	}

	return nil
}

var (
	vttTag    = regexp.MustCompile(`^(/?)(c|i|b|u|v|ruby|rt|lang)((?:\.[^\s.<>&]+)*)(?:[ \t\n]+([^<>]*))?$`)
	vttEntity = regexp.MustCompile(`&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});`)
)

// plainText is cue text without tags. The speaker is the voice of the whole
// text, or "" when there are several.
func (v *vttReader) plainText(text string, start, end int64) (speaker, words string, err error) {
	var b strings.Builder
	voices := map[string]bool{}
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			open = len(text)
		}

		plain, err := v.unescapeText(text[:open])
		if err != nil {
			return "", "", err
		}

		b.WriteString(plain)

		if text = text[open:]; text == "" {
			break
		}

		tag, rest, found := strings.Cut(text[1:], ">")
		m := vttTag.FindStringSubmatch(tag)
		at, isTime := clockTime(tag, ".", true)
		if v.lenient && (!found || m == nil && !isTime) { // no tag, but a word
			b.WriteByte('<')
			text = text[1:]
			continue
		}

		switch {
		case !found:
			return "", "", v.syntaxError("A tag is not closed.")
		case isTime && (v.lenient || at > start && at < end):
		case m == nil:
			return "", "", v.syntaxError("<%s> is no tag of WebVTT.", Excerpt(tag))
		case m[2] == "v" && m[1] == "":
			if speaker, err = v.unescapeText(m[4]); err != nil {
				return "", "", err
			}
			voices[speaker] = true
		}

		text = rest
	}

	if len(voices) > 1 {
		speaker = ""
	}

	return speaker, b.String(), nil
}

// unescapeText replaces character references; a bare ampersand is an error
// unless a program wrote it.
func (v *vttReader) unescapeText(text string) (string, error) {
	bare := vttEntity.ReplaceAllString(text, "")
	if strings.Contains(bare, "&") && !v.lenient {
		return "", v.syntaxError("An ampersand is not escaped.")
	}
	return vttEntity.ReplaceAllStringFunc(text, html.UnescapeString), nil
}
