package captions

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// paragraphPause is the silence, in ms, after which TXT begins a paragraph.
const paragraphPause = 2_000

// VTT writes a transcript as WebVTT (https://www.w3.org/TR/webvtt1/).
func VTT(t tidings.Transcript) []byte {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	var b strings.Builder
	b.WriteString("WEBVTT\n")
	for _, c := range buildCues(t) {
		fmt.Fprintf(&b, "\n%s --> %s\n", formatClock(c.startMS, '.'), formatClock(c.endMS, '.'))
		if c.speaker != "" {
			fmt.Fprintf(&b, "<v %s>", escape.Replace(c.speaker))
		}
		b.WriteString(escape.Replace(strings.Join(c.lines, "\n")) + "\n")
	}

	return []byte(b.String())
}

// SRT writes a transcript as SubRip. Players interpret angle brackets and "{\"
// as markup and the format has no escape, so they are replaced by look-alikes.
func SRT(t tidings.Transcript) []byte {
	escape := strings.NewReplacer("<", "‹", ">", "›", `{\`, `{ \`)
	var b strings.Builder
	for i, c := range buildCues(t) {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n", i+1, formatClock(c.startMS, ','), formatClock(c.endMS, ','), escape.Replace(strings.Join(c.lines, "\n")))
	}
	return []byte(b.String())
}

// formatClock formats hours, minutes, seconds and, after point, milliseconds.
func formatClock(ms int64, point rune) string {
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, point, ms%1000)
}

// TXT writes the text of a transcript, with a paragraph after a longer pause and
// at a change of speaker.
func TXT(t tidings.Transcript) []byte {
	var b strings.Builder
	var last tidings.TranscriptSegment
	for _, seg := range t.Segments {
		text, speaker := PlainText(seg.Text), PlainText(seg.Speaker)
		if text == "" {
			continue
		}

		changed := speaker != PlainText(last.Speaker)
		switch {
		case b.Len() == 0:
		case changed, seg.StartMS-last.EndMS >= paragraphPause:
			b.WriteString("\n\n")
		default:
			b.WriteByte(' ')
		}

		if changed && speaker != "" {
			b.WriteString(speaker + ": ")
		}

		b.WriteString(text)
		last = seg
	}

	if b.Len() > 0 {
		b.WriteByte('\n')
	}

	return []byte(b.String())
}

type transcriptJSON struct {
	State    tidings.StepState `json:"state"`
	Draft    bool              `json:"draft"`
	Language *string           `json:"language"`
	Engine   *string           `json:"engine"`
	Model    *string           `json:"model"`
	Segments []segmentJSON     `json:"segments"`
	EditedAt *string           `json:"edited_at"`
}

type segmentJSON struct {
	ID       tidings.ID     `json:"id"`
	StartMS  int64          `json:"start_ms"`
	EndMS    int64          `json:"end_ms"`
	Text     string         `json:"text"`
	Speaker  *string        `json:"speaker"`
	Words    []tidings.Word `json:"words"`
	Origin   *string        `json:"origin"`
	EditedAt *string        `json:"edited_at"`
}

// JSON writes a transcript in the format of the API, without the names of the
// people who edited it: files are passed on.
func JSON(t tidings.Transcript) []byte {
	out := transcriptJSON{State: t.State, Draft: t.Draft, Language: nullIfEmpty(t.Language), Engine: nullIfEmpty(t.Engine), Model: nullIfEmpty(t.Model),
		Segments: make([]segmentJSON, len(t.Segments))}
	out.EditedAt = formatInstant(t.EditedAt)

	for i, s := range t.Segments {
		out.Segments[i] = segmentJSON{s.ID, s.StartMS, s.EndMS, s.Text, nullIfEmpty(s.Speaker), append([]tidings.Word{}, s.Words...),
			nullIfEmpty(string(s.Origin)), formatInstant(s.EditedAt)}
	}

	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil { // only a confidence that is no number could do it
		return []byte("{}\n")
	}

	return append(b, '\n')
}

// formatInstant formats a time in UTC as the API does; nil for none.
func formatInstant(t *time.Time) *string {
	if t == nil {
		return nil
	}
	return new(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

func nullIfEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
