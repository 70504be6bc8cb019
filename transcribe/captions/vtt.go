package captions

import (
	"html"
	"regexp"
	"strings"

	"tidings.example/tidings/tidings"
)

// ParseVTT reads a WebVTT file (https://www.w3.org/TR/webvtt1/) as a
// transcript: a segment for each cue with text, without markup, with its voice
// as the speaker if it has one. KindInvalid, with the line, when the file does
// not keep the syntax of section 4: it is stricter than players are. STYLE and
// REGION blocks are refused wherever they stand, since a transcript could only
// lose them. A cue of no length is let through, since Whisper writes such.
func ParseVTT(b []byte) ([]tidings.TranscriptSegment, error) {
	c, err := newCaptionLines(b)
	if err != nil {
		return nil, err
	}

	head := c.next()
	if rest, ok := strings.CutPrefix(head, "WEBVTT"); !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil, c.bad("The file does not begin with WEBVTT.")
	}
	if c.more() && c.peek() != "" {
		c.next()
		return nil, c.bad("After the first line should be an empty one.")
	}

	v := &vttReader{captionLines: c}
	for c.skipEmpty(noLine); c.more(); c.skipEmpty(noLine) {
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
	line := v.next()
	name := strings.TrimRight(line, " \t")
	switch {
	case name == "NOTE" || strings.HasPrefix(line, "NOTE ") || strings.HasPrefix(line, "NOTE\t"):
		return v.skip()
	case name == "STYLE" || name == "REGION":
		return v.bad("%s blocks are not accepted; save the captions without them.", name)
	case !strings.Contains(line, "-->"): // an identifier
		line = v.next()
	}

	start, end, settings, err := v.timing(line, func(text string) (int64, bool) { return clockTime(text, ".", true) })
	switch {
	case err != nil:
		return err
	case start < v.last:
		return v.bad("The cue starts before the one above.")
	case !goodSettings(settings):
		return v.bad("These are no settings of a cue.")
	}

	v.last = start
	return v.text(start, end)
}

// skip passes over a block, in which there may be no arrow.
func (v *vttReader) skip() error {
	for _, line := range v.block(noLine) {
		if strings.Contains(line, "-->") {
			return v.bad("An arrow stands outside of a cue.")
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

func (v *vttReader) text(start, end int64) error {
	lines := v.block(noLine)
	for _, line := range lines {
		if strings.Contains(line, "-->") {
			return v.bad("There is no empty line between two cues.")
		}
	}

	speaker, text, err := v.plain(strings.Join(lines, "\n"), start, end)
	if err != nil {
		return err
	}

	if seg, ok := caption(start, end, speaker, text); ok {
		v.out = append(v.out, seg)
	}

	return nil
}

var (
	vttTag    = regexp.MustCompile(`^(/?)(c|i|b|u|v|ruby|rt|lang)((?:\.[^\s.<>&]+)*)(?:[ \t\n]+([^<>]*))?$`)
	vttEntity = regexp.MustCompile(`&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});`)
)

// plain is cue text without tags. The speaker is the voice of all of it, or
// nobody when there are several.
func (v *vttReader) plain(text string, start, end int64) (speaker, words string, err error) {
	var b strings.Builder
	voices := map[string]bool{}
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			open = len(text)
		}

		said, err := v.unescape(text[:open])
		if err != nil {
			return "", "", err
		}

		b.WriteString(said)

		if text = text[open:]; text == "" {
			break
		}

		tag, rest, found := strings.Cut(text[1:], ">")
		if !found {
			return "", "", v.bad("A tag is not closed.")
		}

		m := vttTag.FindStringSubmatch(tag)
		at, isTime := clockTime(tag, ".", true)
		switch {
		case isTime && at > start && at < end:
		case m == nil:
			return "", "", v.bad("<%s> is no tag of WebVTT.", Excerpt(tag))
		case m[2] == "v" && m[1] == "":
			if speaker, err = v.unescape(m[4]); err != nil {
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

// unescape replaces character references; an ampersand is nothing else.
func (v *vttReader) unescape(text string) (string, error) {
	bare := vttEntity.ReplaceAllString(text, "")
	if strings.Contains(bare, "&") {
		return "", v.bad("An ampersand is not escaped.")
	}
	return html.UnescapeString(text), nil
}
