package captions

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"tidings.example/tidings/tidings"
)

var update = flag.Bool("update", false, "write the golden files anew")

var formats = map[string]func(tidings.Transcript) []byte{"vtt": VTT, "srt": SRT, "txt": TXT, "json": JSON}

// spokenSegment makes a segment whose words take 300 ms each with 50 ms between;
// "…" before a word is a pause of half a second.
func spokenSegment(startMS int64, speaker, text string) tidings.TranscriptSegment {
	seg := tidings.TranscriptSegment{StartMS: startMS, Speaker: speaker, Text: strings.ReplaceAll(text, "…", "")}
	at := startMS
	for _, f := range strings.Fields(text) {
		if rest, paused := strings.CutPrefix(f, "…"); paused {
			f, at = rest, at+450
		}
		p := 0.5
		seg.Words = append(seg.Words, tidings.Word{StartMS: at, EndMS: at + 300, Text: f, P: &p})
		at += 350
	}

	seg.EndMS = at - 50
	return seg
}

func sampleTranscripts(t *testing.T) map[string]tidings.Transcript {
	edited := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	link := "https://tidings.example.org/clips/" + strings.Repeat("0123456789", 9)
	out := map[string]tidings.Transcript{
		"jfk":        recordedTalk(t, "jfk.wav"),
		"two_cities": recordedTalk(t, "two_cities.wav"),
		"empty":      {State: tidings.StepDone, Draft: true, Engine: "vosk", Model: "m"},
		"talk": {State: tidings.StepDone, Draft: true, Language: "en", Engine: "vosk", Model: "m", Segments: []tidings.TranscriptSegment{
			spokenSegment(1_000, "", "And so my fellow Americans …ask not what your country can do for you …ask what you can do for your country."),
			spokenSegment(12_000, "", "This one goes on without any pause for longer than six seconds so that it has to be cut somewhere although nobody draws a breath at all."),
			spokenSegment(3_600_000, "", "An hour later."),
		}},
		"markup": {State: tidings.StepRunning, Segments: []tidings.TranscriptSegment{
			spokenSegment(0, "Ana <b>", `a & b <script>alert("x")</script> --> {\an8} 1 < 2 &amp;`),
			{StartMS: 9_000, EndMS: 8_000, Text: "no words\r\n\r\nand  times that\tgo back\x00\x1b"},
			{StartMS: 9_500, EndMS: 15_500, Text: link},
			spokenSegment(20_000, "Bo", "你好。 …مرحبا"),
			{StartMS: 30_000, EndMS: 31_000, Text: "   "},
		}, EditedAt: &edited},
	}

	talk := out["talk"].Segments
	talk[0].Origin = tidings.OriginMachine
	talk[1].Origin, talk[1].EditedBy, talk[1].EditedAt = tidings.OriginEdited, "ana", &edited
	return out
}

// TestCaptionGolden compares all formats with files; -update writes them.
func TestCaptionGolden(t *testing.T) {
	for name, transcript := range sampleTranscripts(t) {
		for format, write := range formats {
			got := write(transcript)
			path := filepath.Join("testdata", "captions", name+"."+format)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}

			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}

			if !bytes.Equal(got, want) {
				t.Errorf("%s is now:\n%s", path, got)
			}

			if err := checkFormat(format, got); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

// TestCues: the rules of captions hold for speech without pauses.
func TestCues(t *testing.T) {
	text := strings.Repeat("so we talked about the release and …what it would take ", 40)
	all := buildCues(tidings.Transcript{Segments: []tidings.TranscriptSegment{spokenSegment(0, "", text)}})
	var words []string
	for i, c := range all {
		if len(c.lines) > 2 || c.endMS-c.startMS > cueLength || c.endMS <= c.startMS {
			t.Errorf("cue %d: %+v", i, c)
		}

		for _, l := range c.lines {
			if n := uniseg.StringWidth(l); n > lineLength {
				t.Errorf("cue %d has a line of %d columns: %q", i, n, l)
			}
			if strings.Contains(l, "and what") {
				t.Errorf("cue %d goes on over a pause: %q", i, l)
			}
			words = append(words, strings.Fields(l)...)
		}
	}

	if got, want := strings.Join(words, " "), strings.Join(strings.Fields(strings.ReplaceAll(text, "…", "")), " "); got != want {
		t.Errorf("words are lost:\n%s\n%s", got, want)
	}
}

// FuzzCaptions: each format of any transcript can be parsed.
func FuzzCaptions(f *testing.F) {
	f.Add("hello world", "Ana", int64(0), int64(900), int64(200), int64(100))
	f.Add("a --> b\n\n<c>&amp;", "x\n>", int64(-5), int64(1<<40), int64(-1<<40), int64(7))
	f.Add(strings.Repeat("\u2028é\xff", 60), "", int64(1<<62), int64(-1<<62), int64(3), int64(0))
	f.Fuzz(func(t *testing.T, text, speaker string, start, end, wordStart, wordEnd int64) {
		seg := tidings.TranscriptSegment{StartMS: start, EndMS: end, Text: text, Speaker: speaker}
		with := seg
		for _, w := range strings.Split(text, " ") {
			with.Words = append(with.Words, tidings.Word{StartMS: wordStart, EndMS: wordEnd, Text: w})
			wordStart, wordEnd = wordEnd, wordEnd+wordStart
		}

		transcript := tidings.Transcript{State: tidings.StepDone, Segments: []tidings.TranscriptSegment{seg, with, seg}}
		for _, c := range buildCues(transcript) {
			for _, l := range c.lines {
				if n := uniseg.StringWidth(l); n > lineLength {
					t.Errorf("a line of %d columns: %q", n, l)
				}
			}
		}

		for format, write := range formats {
			if out := write(transcript); checkFormat(format, out) != nil {
				t.Errorf("%s: %v\n%s", format, checkFormat(format, out), out)
			}
		}
	})
}

// checkFormat is a strict parser of a format.
func checkFormat(format string, b []byte) error {
	if !utf8.Valid(b) {
		return fmt.Errorf("not UTF-8")
	}

	switch format {
	case "vtt":
		head, rest, _ := strings.Cut(string(b), "\n")
		if head != "WEBVTT" {
			return fmt.Errorf("begins with %q", head)
		}
		return checkCues(strings.TrimPrefix(rest, "\n"), '.', false, checkVTTText)
	case "srt":
		return checkCues(string(b), ',', true, func(line string) error {
			if strings.ContainsAny(line, "<>") {
				return fmt.Errorf("markup in %q", line)
			}
			return nil
		})
	case "json":
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		return d.Decode(&transcriptJSON{})
	}

	if bytes.ContainsRune(b, 0) || bytes.Contains(b, []byte("\n\n\n")) || len(b) > 0 && b[len(b)-1] != '\n' {
		return fmt.Errorf("not plain paragraphs: %q", b)
	}
	return nil
}

var timing = regexp.MustCompile(`^(\d{2,}):([0-5]\d):([0-5]\d)([.,])(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)([.,])(\d{3})$`)

// checkCues parses blocks: a number (SRT), a line of times, one or two lines of
// text.
func checkCues(text string, point byte, numbered bool, checkText func(string) error) error {
	if text == "" {
		return nil
	}
	if !strings.HasSuffix(text, "\n") || strings.Contains(text, "\r") {
		return fmt.Errorf("bad ends of lines")
	}

	var last int64
	for i, block := range strings.Split(strings.TrimSuffix(text, "\n"), "\n\n") {
		lines := strings.Split(block, "\n")
		if numbered {
			if lines[0] != strconv.Itoa(i+1) {
				return fmt.Errorf("cue %d has the number %q", i+1, lines[0])
			}
			lines = lines[1:]
		}

		if len(lines) < 2 || len(lines) > 3 {
			return fmt.Errorf("cue %d has %d lines", i+1, len(lines))
		}

		m := timing.FindStringSubmatch(lines[0])
		if m == nil || m[4] != string(point) || m[9] != string(point) {
			return fmt.Errorf("cue %d has the times %q", i+1, lines[0])
		}

		start, end := toMillis(m[1], m[2], m[3], m[5]), toMillis(m[6], m[7], m[8], m[10])
		if start < last || end <= start || end-start > cueLength {
			return fmt.Errorf("cue %d is from %d to %d after %d", i+1, start, end, last)
		}

		last = start

		for _, l := range lines[1:] {
			if strings.TrimSpace(l) == "" || strings.Contains(l, "-->") {
				return fmt.Errorf("cue %d has the line %q", i+1, l)
			}
			if err := checkText(l); err != nil {
				return err
			}
		}
	}

	return nil
}

func toMillis(h, m, s, ms string) (out int64) {
	for _, p := range []struct {
		text   string
		factor int64
	}{{h, 60}, {m, 60}, {s, 1000}, {ms, 1}} {
		n, err := strconv.ParseInt(p.text, 10, 64)
		if err != nil {
			return -1
		}
		out = (out + n) * p.factor
	}
	return out
}

var (
	voice  = regexp.MustCompile(`^<v [^<>]+>`)
	entity = regexp.MustCompile(`&(amp|lt|gt);`)
)

func checkVTTText(line string) error {
	rest := entity.ReplaceAllString(voice.ReplaceAllString(line, ""), "")
	if strings.ContainsAny(rest, "<>&") {
		return fmt.Errorf("markup in %q", line)
	}
	return nil
}
