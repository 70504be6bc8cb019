package captions

import (
	"fmt"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// captionsShown formats segments, one a line.
func captionsShown(segs []tidings.TranscriptSegment) string {
	var out []string
	for _, s := range segs {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d-%d %s %s", s.StartMS, s.EndMS, s.Speaker, s.Text)))
	}
	return strings.Join(out, "\n")
}

func TestParseVTT(t *testing.T) {
	const cue = "00:01.000 --> 00:02.000\n"
	for name, c := range map[string]struct{ in, want string }{
		"no cue":               {"WEBVTT", ""},
		"a title":              {"WEBVTT the talk\n\n" + cue + "hi\n", "1000-2000  hi"},
		"BOM and CRLF":         {"\uFEFFWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nhi\r\nthere\r\n", "1000-2000  hi there"},
		"lone CR":              {"WEBVTT\r\r00:01.000 --> 00:02.000\rhi", "1000-2000  hi"},
		"hours":                {"WEBVTT\n\n100:00:00.001 --> 100:00:00.002\nhi", "360000001-360000002  hi"},
		"identifier, settings": {"WEBVTT\n\n\n\none two\n00:01.000 --> 00:02.000\talign:start line:0%\nhi", "1000-2000  hi"},
		"notes":                {"WEBVTT\n\nNOTE\nhello\n\nNOTE x\n\n" + cue + "hi\n\nNOTE end", "1000-2000  hi"},
		"tags":                 {"WEBVTT\n\n" + cue + "<v.loud Ana B>a <b>b</b> <c.x.y>c</c> <i>d</i><00:01.500> <lang en-GB>e</lang></v>", "1000-2000 Ana B a b c d e"},
		"ruby":                 {"WEBVTT\n\n" + cue + "<ruby>字<rt>zi</rt></ruby>", "1000-2000  字zi"},
		"two voices":           {"WEBVTT\n\n" + cue + "<v A>a</v> <v B>b", "1000-2000  a b"},
		"escapes":              {"WEBVTT\n\n" + cue + "a &lt;b&gt; &amp;amp; &#65;&nbsp;c --&gt;", "1000-2000  a <b> &amp; A c -->"},
		"no text":              {"WEBVTT\n\n" + cue + "\n" + cue + "<b></b>\n", ""},
		"no length":            {"WEBVTT\n\n00:01.000 --> 00:01.000\nhi", "1000-1000  hi"},
	} {
		segs, err := ParseVTT([]byte(c.in))
		if err != nil || captionsShown(segs) != c.want {
			t.Errorf("%s: %q, %v", name, captionsShown(segs), err)
		}
	}

	for name, in := range map[string]string{
		"empty": "", "another head": "WEBVTT2\n\n", "no head": cue + "hi", "no empty line": "WEBVTT\n" + cue + "hi", "NUL": "WEBVTT\n\n" + cue + "a\x00b", "not UTF-8": "WEBVTT\n\n" + cue + "\xff",
		"style": "WEBVTT\n\nSTYLE\n::cue { color: red }\n\n" + cue + "hi", "region": "WEBVTT\n\nREGION \nid:a\n\n" + cue + "hi",
		"late style": "WEBVTT\n\n" + cue + "hi\n\nSTYLE\n::cue {}", "late region": "WEBVTT\n\n" + cue + "hi\n\nREGION\nid:a", "arrow in a note": "WEBVTT\n\nNOTE a\nb --> c\n",
		"arrow in the text": "WEBVTT\n\n" + cue + "a --> b", "cues run together": "WEBVTT\n\n" + cue + "a\n" + cue + "b", "comma": "WEBVTT\n\n00:01,000 --> 00:02,000\nhi",
		"no millis": "WEBVTT\n\n00:01 --> 00:02\nhi", "60 minutes": "WEBVTT\n\n00:60:00.000 --> 00:61:00.000\nhi", "60 seconds": "WEBVTT\n\n00:60.000 --> 00:61.000\nhi",
		"one digit": "WEBVTT\n\n0:00:01.000 --> 0:00:02.000\nhi", "other digits": "WEBVTT\n\n00:٠١.000 --> 00:02.000\nhi", "ends first": "WEBVTT\n\n00:02.000 --> 00:01.000\nhi",
		"goes back": "WEBVTT\n\n" + cue + "a\n\n00:00.500 --> 00:02.000\nb", "unknown tag": "WEBVTT\n\n" + cue + "<script>a</script>", "open tag": "WEBVTT\n\n" + cue + "a <b",
		"bare ampersand": "WEBVTT\n\n" + cue + "a & b", "a time outside": "WEBVTT\n\n" + cue + "a <00:03.000> b", "bad settings": "WEBVTT\n\n00:01.000 --> 00:02.000 align\nhi",
		"no times": "WEBVTT\n\nhello\nthere\n\n", "two arrows": "WEBVTT\n\n00:01.000 --> 00:02.000 --> 00:03.000\nhi", "huge": "WEBVTT\n\n" + strings.Repeat("x", maxCaptions),
		"endless hours": "WEBVTT\n\n99999999999999999999:00:00.000 --> 99999999999999999999:00:01.000\nhi",
	} {
		if segs, err := ParseVTT([]byte(in)); err == nil || tidings.KindOf(err) == tidings.KindInternal {
			t.Errorf("%s: %+v, %v", name, segs, err)
		}
	}

	_, err := ParseVTT([]byte("WEBVTT\n\n" + cue + "hi\n\n00:xx --> 00:02.000\n"))
	if err == nil || !strings.HasPrefix(tidings.Sentence(err), "Line 6: ") {
		t.Errorf("%v", err)
	}
}

func TestParseSRT(t *testing.T) {
	const cue = "1\n00:00:01,000 --> 00:00:02,000\n"
	for name, c := range map[string]struct{ in, want string }{
		"empty": {"", ""}, "one": {cue + "hi", "1000-2000  hi"}, "BOM and CRLF": {"\uFEFF1\r\n00:00:01,000 --> 00:00:02,000\r\nhi\r\nthere\r\n\r\n", "1000-2000  hi there"},
		"several empty lines": {"\n\n" + cue + "a\n\n \n\n7\n00:00:02,000 --> 00:00:02,000\nb\n", "1000-2000  a\n2000-2000  b"},
		"markup":              {cue + `{\an8}<i>a</i> <font color="red">b</font> <x> 1 < 2 & {c}`, "1000-2000  a b <x> 1 < 2 & {c}"},
		"no text":             {cue + "\n2\n00:00:02,000 --> 00:00:03,000\nb", "2000-3000  b"},
	} {
		segs, err := ParseSRT([]byte(c.in))
		if err != nil || captionsShown(segs) != c.want {
			t.Errorf("%s: %q, %v", name, captionsShown(segs), err)
		}
	}

	for name, in := range map[string]string{
		"text": "hello world", "no number": "00:00:01,000 --> 00:00:02,000\nhi", "no times": "1\nhi", "point": "1\n00:00:01.000 --> 00:00:02.000\nhi", "no hours": "1\n00:01,000 --> 00:02,000\nhi",
		"NUL": cue + "\x00", "not UTF-8": cue + "\xff", "ends first": "1\n00:00:02,000 --> 00:00:01,000\nhi", "goes back": cue + "a\n\n2\n00:00:00,500 --> 00:00:01,000\nb",
		"run together": cue + "a\n2\n00:00:03,000 --> 00:00:04,000\nb", "cut off": "1\n", "something more": "1\n00:00:01,000 --> 00:00:02,000 X1:0\nhi", "HTML": "<html><body>404</body></html>",
	} {
		if segs, err := ParseSRT([]byte(in)); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%s: %+v, %v", name, segs, err)
		}
	}
}

// TestParseProgramCaptions: what programs write is read, with all its words; what
// is no captions is still refused.
func TestParseProgramCaptions(t *testing.T) {
	const cue = "00:01.000 --> 00:02.000\n"
	for name, c := range map[string]struct{ in, want string }{
		"bare ampersands": {"WEBVTT\n\n" + cue + "Our R&D does Q&A.", "1000-2000  Our R&D does Q&A."},
		"entities":        {"WEBVTT\n\n" + cue + "R&amp;D &copy a&lt;b &#65;", "1000-2000  R&D &copy a<b A"},
		"bare brackets":   {"WEBVTT\n\n" + cue + "a < b > c <script> <3", "1000-2000  a < b > c <script> <3"},
		"tags":            {"WEBVTT\n\n" + cue + "<v Ana>a <b>b</b><00:09.000><c> c</c>", "1000-2000 Ana a b c"},
		"any order":       {"WEBVTT\n\n00:02.000 --> 00:03.000\nSecond.\n\n" + cue + "First.", "2000-3000  Second.\n1000-2000  First."},
		"ends first":      {"WEBVTT\n\n00:02.000 --> 00:01.000\nhi", "2000-1000  hi"},
		"style":           {"WEBVTT\n\nSTYLE\n::cue { color: red }\n\n" + cue + "hi", "1000-2000  hi"},
		"SRT, any order":  {"1\n00:00:02,000 --> 00:00:01,000\nb\n\n2\n00:00:01,000 --> 00:00:02,000\na & <b", "2000-1000  b\n1000-2000  a & <b"},
	} {
		read := ParseProgramVTT
		if !strings.HasPrefix(c.in, "WEBVTT") {
			read = ParseProgramSRT
		}
		segs, err := read([]byte(c.in))
		if err != nil || captionsShown(segs) != c.want {
			t.Errorf("%s: %q, %v", name, captionsShown(segs), err)
		}
	}

	for _, in := range []string{"", "whisper_init: loading", "WEBVTT\n\nhello\nthere", "WEBVTT\n\n" + cue + "a\n" + cue + "b", "WEBVTT\n\n00:xx --> 00:02.000\nhi"} {
		if segs, err := ParseProgramVTT([]byte(in)); err == nil {
			t.Errorf("%q: %+v", in, segs)
		}
	}
}

// FuzzCaptionsReadBack: our parsers read what our writers write: the same cues,
// times, speakers and words.
func FuzzCaptionsReadBack(f *testing.F) {
	f.Add("hello world", "Ana", int64(0), int64(900), int64(200))
	f.Add("a --> b\n\n<c>&amp; <v x>{\\an8} & <00:01.000>", "x\n> &", int64(500), int64(1<<30), int64(7))
	f.Add(strings.Repeat("\u2028é\xff", 60), "", int64(36_000_000_000), int64(5), int64(3))
	f.Fuzz(func(t *testing.T, text, speaker string, start, length, word int64) {
		start, length, word = absInt(start)%35_000_000_000, absInt(length)%1_000_000, absInt(word)%10_000
		seg := tidings.TranscriptSegment{StartMS: start, EndMS: start + length, Text: text, Speaker: speaker}
		with := seg
		for i, w := range strings.Split(text, " ") {
			at := start + int64(i)*word
			with.Words = append(with.Words, tidings.Word{StartMS: at, EndMS: at + word, Text: w})
		}

		if len(with.Words) > 1000 {
			return
		}

		transcript := tidings.Transcript{State: tidings.StepDone, Segments: []tidings.TranscriptSegment{seg, with}}
		look := strings.NewReplacer("<", "‹", ">", "›", `{\`, `{ \`)
		var vtt, srt []tidings.TranscriptSegment
		for _, c := range buildCues(transcript) {
			text := strings.Join(c.lines, "\n")
			if s, ok := cueSegment(c.startMS, c.endMS, c.speaker, text); ok {
				vtt = append(vtt, s)
			}
			if s, ok := cueSegment(c.startMS, c.endMS, "", look.Replace(text)); ok {
				srt = append(srt, s)
			}
		}

		for format, c := range map[string]struct {
			write func(tidings.Transcript) []byte
			read  func([]byte) ([]tidings.TranscriptSegment, error)
			want  []tidings.TranscriptSegment
		}{"vtt": {VTT, ParseVTT, vtt}, "srt": {SRT, ParseSRT, srt}} {
			file := c.write(transcript)
			got, err := c.read(file)
			if err != nil || captionsShown(got) != captionsShown(c.want) {
				t.Errorf("%s: %v\n%q\nnot\n%q\nin %q", format, err, captionsShown(got), captionsShown(c.want), file)
			}
		}
	})
}

func absInt(n int64) int64 { return max(n, -max(n, -1<<62)) }

// FuzzParseCaptions: for any file a parser reports an error or returns segments
// in order whose text can be shown.
func FuzzParseCaptions(f *testing.F) {
	f.Add([]byte("WEBVTT\n\nSTYLE\nx\n\n1\n00:01.000 --> 00:02.000 a:b\n<v A>a&lt;<00:01.500>b</v>\n"))
	f.Add([]byte("1\n00:00:01,000 --> 00:00:02,000\n<b>a</b>\n\n2\n00:00:03,000 --> 00:00:04,000\nb\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for format, read := range map[string]func([]byte) ([]tidings.TranscriptSegment, error){"vtt": ParseVTT, "srt": ParseSRT, "program's vtt": ParseProgramVTT, "program's srt": ParseProgramSRT} {
			segs, err := read(in)
			if err != nil && tidings.KindOf(err) == tidings.KindInternal {
				t.Errorf("%s: %v", format, err)
			}

			var last int64
			for _, s := range segs {
				inOrder := strings.HasPrefix(format, "program") || s.StartMS >= last && s.EndMS >= s.StartMS
				if !inOrder || s.Text == "" || s.Text != PlainText(s.Text) || s.Speaker != PlainText(s.Speaker) {
					t.Errorf("%s: %+v after %d", format, s, last)
				}
				last = s.StartMS
			}
		}
	})
}
