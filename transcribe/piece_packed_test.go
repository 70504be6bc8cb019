package transcribe

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"tidings.example/tidings/tidings"
)

// windowPlan is a window of the detector: samples from start to end of a clip, of
// which the last `silence` have no speech.
type windowPlan struct {
	start, end, silence int64
	cut                 bool
}

// packWindows feeds a builder with windows whose samples say where they are in
// the clip.
func packWindows(t *testing.T, windows []windowPlan) (pieces []piece) {
	t.Helper()
	b := newPieceBuilder(minPiece, true, false, func(p piece) error {
		pieces = append(pieces, p)
		return nil
	})
	for _, w := range windows {
		sink, err := b.openWindow(w.start)
		if err != nil {
			t.Fatal(err)
		}

		for at := w.start; at < w.end; {
			samples, _ := samplesFrom(at, min(frameSamples, w.end-at))
			if err := sink.writeSamples(samples); err != nil {
				t.Fatal(err)
			}
			at += int64(len(samples))
		}

		sink.closeWindow(w.cut, w.silence)
	}

	if err := b.flushPiece(); err != nil {
		t.Fatal(err)
	}

	return pieces
}

// planWindows makes windows as the detector does, of bytes: their lengths, the
// pauses between them and whether they are cut in mid-speech.
func planWindows(in []byte, unit int64) (windows []windowPlan) {
	var at int64
	for ; len(in) >= 3; in = in[3:] {
		w := windowPlan{cut: in[2]%3 == 0}
		pause := int64(in[0])*int64(in[0])*unit/4 + int64(in[2]) // up to minutes
		if n := len(windows); n > 0 && windows[n-1].cut && in[2]%2 == 0 {
			pause = 0
		}

		w.start = at + pause
		w.silence = maxSilence * frameSamples
		w.end = w.start + minSpeech*frameSamples + int64(in[1])*unit + w.silence
		if w.cut { // only a long window is
			w.silence = cutPause * frameSamples
			w.end = w.start + wantCut*frameSamples + int64(in[1])*unit
		}

		w.end = min(w.end, w.start+maxWindow*frameSamples)
		windows, at = append(windows, w), w.end
	}

	return windows
}

// checkPacked checks what holds for the pieces of any windows: each sample is the
// one of the clip that the map says, nothing is lost, only overlaps are repeated,
// and no more silence is sent than half a second a pause.
func checkPacked(t *testing.T, windows []windowPlan, pieces []piece) {
	t.Helper()
	var sent, overlaps, speech, at int64
	for n, p := range pieces {
		m := p.timeMap()
		if p.lengthMS() > minPiece.Milliseconds() || soundLength(m)*2 != int64(len(p.pcm)) || p.start != m[0].start {
			t.Errorf("piece %d: %d ms, %d bytes, starts at %d, %+v", n, p.lengthMS(), len(p.pcm), p.start, m)
		}

		if p.overlap > overlap || p.overlap > m[0].length || p.overlap > 0 && p.start+p.overlap != at {
			t.Errorf("piece %d repeats %d samples before %d", n, p.overlap, p.start+p.overlap)
		}

		for i, s := range m {
			if i > 0 && s.start < m[i-1].start+m[i-1].length {
				t.Errorf("piece %d: times go back: %+v", n, m)
			}
			checkSpan(t, p, s)
			at = s.start + s.length
		}

		sent, overlaps = sent+soundLength(m), overlaps+p.overlap
	}

	for _, w := range windows {
		speech += w.end - w.silence - w.start
		checkSent(t, w, pieces)
	}

	if bound := speech + int64(len(windows))*packedPause + overlaps; sent > bound {
		t.Errorf("%d samples are sent, which is more than %d", sent, bound)
	}
}

// checkSpan compares the samples of a span with those of the clip.
func checkSpan(t *testing.T, p piece, s soundSpan) {
	t.Helper()
	for i := int64(0); i < s.length; i += frameSamples {
		n := min(frameSamples, s.length-i)
		from := s.at + i
		if _, want := samplesFrom(s.start+i, n); !bytes.Equal(p.pcm[2*from:2*(from+n)], want) {
			t.Fatalf("samples %d to %d of the piece are not those from %d of the clip", from, from+n, s.start+i)
		}
	}
}

// clipSamples are two periods of sampleAt, as samples and as bytes.
var clipSamples, clipPCM = func() (samples []int16, pcm []byte) {
	for at := range int64(2 * samplePeriod) {
		samples = append(samples, sampleAt(at))
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(sampleAt(at)))
	}
	return samples, pcm
}()

// samplesFrom are n samples of a clip, up to a period, as such and as bytes: the
// race detector takes its time for each one that is made.
func samplesFrom(at, n int64) (samples []int16, pcm []byte) {
	at %= samplePeriod
	return clipSamples[at : at+n], clipPCM[2*at : 2*(at+n)]
}

// checkSent checks that all speech of a window is in a piece.
func checkSent(t *testing.T, w windowPlan, pieces []piece) {
	t.Helper()
	at, end := w.start, w.end-w.silence
	for _, p := range pieces {
		for _, s := range p.timeMap() {
			if s.start <= at && at < s.start+s.length {
				at = s.start + s.length
			}
		}
	}
	if at < end {
		t.Errorf("the speech from %d to %d of %+v is in no piece", at, end, w)
	}
}

// checkWords says words in the speech of the windows, places them as an engine
// hears them, and compares the times.
func checkWords(t *testing.T, rng *rand.Rand, pieces []piece) {
	t.Helper()
	const perMS = Rate / 1000
	for n, p := range pieces {
		m, before := p.timeMap(), int64(0)
		for i, s := range m {
			spoken := (s.length - s.silence) / perMS
			for ms := int64(1); ms < spoken; {
				length := 1 + rng.Int64N(400)
				from, to := ms, min(ms+length, spoken)
				heard := s.at/perMS + 1 // the engine's ms from which a sample is in this span
				gotFrom, gotTo, at := m.placeTime(heard+from, heard+to-1)
				offset := (heard+from)*perMS - s.at
				if want := (s.start + offset) / perMS; gotFrom != want || at != i {
					t.Fatalf("piece %d, span %d: a word is at %d ms of span %d, not at %d", n, i, gotFrom, at, want)
				}
				if back := (gotFrom*perMS - s.start + s.at + perMS - 1) / perMS; back-(heard+from) < -1 || back-(heard+from) > 1 {
					t.Fatalf("piece %d, span %d: %d ms in the piece comes back as %d", n, i, heard+from, back)
				}
				if gotTo < gotFrom || gotFrom < before || gotTo*perMS > s.start+s.length {
					t.Fatalf("piece %d, span %d: %d to %d ms, after %d", n, i, gotFrom, gotTo, before)
				}
				before, ms = gotTo, to+rng.Int64N(900)
			}
		}
	}
}

// TestPackedPieces: whatever the windows are, the times of packed pieces lead back
// to the clip exactly.
func TestPackedPieces(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(15, seed))
		in := make([]byte, 3*(1+rng.IntN(40)))
		for i := range in {
			in[i] = byte(rng.Uint32())
		}

		windows := planWindows(in, 1+rng.Int64N(2*frameSamples))
		pieces := packWindows(t, windows)
		checkPacked(t, windows, pieces)
		checkWords(t, rng, pieces)
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, windows)
		}
	}
}

// FuzzPackedPieces is TestPackedPieces for any windows.
func FuzzPackedPieces(f *testing.F) {
	f.Add([]byte{0, 10, 1, 2, 200, 3, 0, 255, 6, 0, 255, 6, 255, 1, 1}, int64(512))
	f.Add([]byte{40, 255, 3, 0, 255, 6, 0, 0, 1}, int64(1))
	f.Fuzz(func(t *testing.T, in []byte, unit int64) {
		windows := planWindows(in[:min(len(in), 3*40)], 1+(unit&0x7fff)%4096)
		if len(windows) > 0 {
			checkPacked(t, windows, packWindows(t, windows))
		}
	})
}

// TestPackedPauses: speech with pauses makes few pieces, and each as full as the
// windows allow.
func TestPackedPauses(t *testing.T) {
	var windows []windowPlan
	for i := range int64(60) { // 60 times 2 s, with 3 s between them
		start := i * 5 * Rate
		windows = append(windows, windowPlan{start: start, end: start + 2*Rate + maxSilence*frameSamples, silence: maxSilence * frameSamples})
	}

	if n := len(packWindows(t, windows)); n != 6 { // 2.34 s each; 11 fit into 28 s
		t.Errorf("%d pieces", n)
	}
}

// TestWordsAtCutPauses: 1 s is spoken at 10 s of the clip and 1 s at 20 s; in the
// piece they are half a second apart.
func TestWordsAtCutPauses(t *testing.T) {
	const silence = maxSilence * frameSamples
	pieces := packWindows(t, []windowPlan{{start: 10 * Rate, end: 11*Rate + silence, silence: silence}, {start: 20 * Rate, end: 21*Rate + silence, silence: silence}})
	m := pieces[0].timeMap()
	for name, c := range map[string]struct{ startMS, endMS, fromMS, toMS int64 }{
		"before the pause":            {500, 900, 10_500, 10_900},
		"up to the pause":             {900, 1_340, 10_900, 11_340},
		"after the pause":             {1_340, 1_500, 20_000, 20_160},
		"over the pause":              {900, 1_500, 10_900, 11_000},
		"begins in the silence":       {1_050, 1_700, 20_000, 20_360},
		"all of it is in the silence": {1_100, 1_200, 11_100, 11_200},
		"no length, at the seam":      {1_340, 1_340, 20_000, 20_000},
		"ends before it begins":       {1_500, 400, 20_160, 20_160},
		"beyond the end":              {2_000, 9_000, 20_660, 21_340},
	} {
		if from, to, _ := m.placeTime(c.startMS, c.endMS); from != c.fromMS || to != c.toMS {
			t.Errorf("%s: %d to %d, not %d to %d", name, from, to, c.fromMS, c.toMS)
		}
	}

	h := engineResult{utterances: []utterance{{startMS: 0, endMS: 2_000, text: "one two, three four."}}, words: []tidings.Word{
		{Text: "one", StartMS: 100, EndMS: 400}, {Text: "two", StartMS: 400, EndMS: 1_000}, {Text: "three", StartMS: 1_100, EndMS: 1_800}, {Text: "four", StartMS: 1_800, EndMS: 2_200}}}
	var got string
	for _, s := range h.placeWords(m) {
		got += fmt.Sprintf("%d-%d %s|", s.StartMS, s.EndMS, s.Text)
	}
	if want := "10100-11000 one two,|20000-20860 three four.|"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
