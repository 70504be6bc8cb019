package captions

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// recordingMS are the lengths of the recordings of transcribe/testdata.
var recordingMS = map[string]int64{"jfk.wav": 11_000, "two_cities.wav": 44_374, "lj050-0131.wav": 7_658, "sonnet001.wav": 53_266}

// recordedTalk is the true text of a recording in segments of eight words, as an
// engine may cut them, with the times of its words where they are known. Others
// have their share of the time, by their letters.
func recordedTalk(t *testing.T, file string) tidings.Transcript {
	t.Helper()
	var text string
	for _, row := range readTSV(t, "manifest.tsv") {
		if row[0] == file {
			text = row[1]
		}
	}

	var starts []int64
	for _, row := range readTSV(t, "word_starts.tsv") {
		if ms, err := strconv.ParseInt(row[2], 10, 64); row[0] == file && err == nil {
			starts = append(starts, ms)
		}
	}

	fields := strings.Fields(text)
	at := int64(500)
	for i := 0; len(starts) < len(fields); i++ {
		starts = append(starts, at)
		at += (recordingMS[file] - 1_000) * int64(len(fields[i])+1) / int64(len(text)+1)
	}

	out := tidings.Transcript{State: tidings.StepDone, Language: "en", Engine: "command", Model: "base"}
	var words []tidings.Word
	for i, f := range fields {
		end := starts[i] + 150 + 60*int64(len(f))
		if i+1 < len(fields) {
			end = min(end, starts[i+1])
		}
		words = append(words, tidings.Word{StartMS: starts[i], EndMS: end, Text: f})
		if len(words) == 8 || i == len(fields)-1 {
			out.Segments = append(out.Segments, segmentOf(words))
			words = nil
		}
	}

	return out
}

func segmentOf(words []tidings.Word) tidings.TranscriptSegment {
	seg := tidings.TranscriptSegment{StartMS: words[0].StartMS, EndMS: words[len(words)-1].EndMS, Words: words}
	for i, w := range words {
		if i > 0 {
			seg.Text += " "
		}
		seg.Text += w.Text
	}
	return seg
}

func readTSV(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestRecordedCaptions: the captions of the recordings break no rule.
func TestRecordedCaptions(t *testing.T) {
	for file := range recordingMS {
		talk := recordedTalk(t, file)
		r := CheckCaptions(talk)
		if r.Cues == 0 || r.CountViolations() > 0 {
			t.Errorf("%s: %d cues\n%s", file, r.Cues, strings.Join(r.Examples, "\n"))
		}
		t.Logf("%s: %d cues, exceptions %v\n%s", file, r.Cues, r.Exceptions, VTT(talk))
	}
}

// talkSentences are sentences with what is hard to break, by language.
var talkSentences = map[string][]string{
	"en": {"Yes.", "Why?", "So, what did we do?", "Mr. Smith and Dr. Anna Miller came in on May 5, 2024, and stayed for 3.5 hours.", "It went up by 25 percent, i.e. from 1.2 million to about 1.5 million dollars.",
		"The new release of Windows 95 is at https://tidings.example.org/clips, and everybody should have a look at it before the meeting.", "Wait... is that right?!", "“No,” she said, “we never did.”",
		"I think that we should look at the numbers again because nobody in the team, as far as I know, has ever checked whether they are right.", "He said no. Then we left.", "And that is it.",
		"We need to talk to the people who run the servers in the basement of the old building before anything of this kind happens again to us.", "OK."},
	"de": {"Ja.", "Das ist die Donaudampfschifffahrtsgesellschaft.", "Am 3. Mai 2024 haben wir die Rechtsschutzversicherungsgesellschaften angeschrieben, aber niemand hat geantwortet.", "Frau Dr. Müller kommt um 10 Uhr.",
		"Wir müssen, z. B. wegen der Kosten von 1,5 Mio. Euro, noch einmal mit dem Vorstand sprechen, weil sonst niemand entscheiden kann.", "Warum eigentlich?", "Nein, das geht so nicht."},
	"ar": {"نعم.", "هل تم الانتهاء من العمل؟", "نحن بحاجة إلى مراجعة الأرقام، لأن الجميع يعتقد أنها غير صحيحة وأن هناك خطأ في التقرير الأخير.", "شكرا جزيلا لكم على الحضور."},
	"he": {"כן.", "האם סיימנו את העבודה?", "אנחנו צריכים לבדוק שוב את המספרים, כי אף אחד בצוות לא בדק אם הם נכונים באמת.", "תודה רבה לכולם."},
	"hi": {"हाँ।", "क्या हमने काम पूरा कर लिया?", "हमें संख्याओं को फिर से देखना चाहिए, क्योंकि टीम में किसी ने भी नहीं जाँचा कि वे सही हैं या नहीं।"},
	"ja": {"はい。", "本当ですか？", "明日の会議では、新しいプロジェクトの計画について話し合う予定ですので、資料を準備しておいてください。", "2024年5月3日に東京で発表します。", "ありがとうございました。"},
	"zh": {"好。", "为什么？", "我们星期一发布这个版本，因为上个星期的测试发现了很多问题，所以大家需要再检查一遍。", "2024年增长了百分之二十五。"},
	"":   {"um so we went over to the place where they keep all of the old machines and had a look at them", "right", "it was great to see what people had made of it and what they want to do next year with all that", "no"},
}

// randomTalk is sentences in random order, at a random pace and with random
// pauses, in segments that end anywhere.
func randomTalk(r *rand.Rand, language string) tidings.Transcript {
	out := tidings.Transcript{State: tidings.StepDone, Language: language, Engine: "command", Model: "base"}
	letter := 35 + r.Int64N(80) // ms
	pause := 1 + r.Int64N(900)
	at := r.Int64N(2_000)
	var words []tidings.Word
	all := talkSentences[language]
	for range 25 {
		for _, f := range strings.Fields(all[r.IntN(len(all))]) {
			length := letter * int64(1+utf8.RuneCountInString(f))
			if language == "ja" || language == "zh" {
				length *= 2
			}
			words = append(words, tidings.Word{StartMS: at, EndMS: at + length, Text: f})
			at += length + r.Int64N(60)
			if r.IntN(9) == 0 {
				at += r.Int64N(pause)
			}
			if r.IntN(7) == 0 {
				out.Segments = append(out.Segments, segmentOf(words))
				words = nil
			}
		}

		if at += r.Int64N(pause); r.IntN(20) == 0 {
			at += r.Int64N(5_000)
		}
	}

	if len(words) > 0 {
		out.Segments = append(out.Segments, segmentOf(words))
	}

	return out
}

// TestTalkCaptions: captions of random talks break no rule, and lose no words.
func TestTalkCaptions(t *testing.T) {
	for language := range talkSentences {
		var sum CaptionReport
		for seed := range uint64(20) {
			talk := randomTalk(rand.New(rand.NewPCG(seed, 5)), language)
			sum.AddReport(CheckCaptions(talk))
			checkReadBack(t, talk)
		}

		if sum.CountViolations() > 0 {
			t.Errorf("%q: %v in %d cues\n%s", language, sum.Violations, sum.Cues, strings.Join(sum.Examples[:min(12, len(sum.Examples))], "\n"))
		}
		t.Logf("%q: %d cues, exceptions %v", language, sum.Cues, sum.Exceptions)
	}
}

// checkReadBack: the captions of a talk hold its words in order, and can be read.
func checkReadBack(t *testing.T, talk tidings.Transcript) {
	t.Helper()
	want := withoutSpaces(talk.Segments)
	vtt, err := ParseVTT(VTT(talk))
	if err != nil || withoutSpaces(vtt) != want {
		t.Errorf("WebVTT: %v\n%s\nin place of\n%s", err, withoutSpaces(vtt), want)
	}
	srt, err := ParseSRT(SRT(talk))
	if err != nil || withoutSpaces(srt) != want {
		t.Errorf("SubRip: %v\n%s\nin place of\n%s", err, withoutSpaces(srt), want)
	}
}

func withoutSpaces(segs []tidings.TranscriptSegment) string {
	var b strings.Builder
	for _, s := range segs {
		b.WriteString(strings.ReplaceAll(s.Text, " ", ""))
	}
	return b.String()
}
