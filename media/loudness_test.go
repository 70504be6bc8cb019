package media

import (
	"math"
	"strings"
	"testing"
)

const summary = `
[Parsed_ebur128_1 @ 0x55] Summary:

  Integrated loudness:
    I:         -23.4 LUFS
    Threshold: -33.5 LUFS

  Loudness range:
    LRA:         1.2 LU

  True peak:
    Peak:       -0.3 dBFS
`

func TestLoudness(t *testing.T) {
	lufs, peak := parseLoudness(summary)
	if lufs == nil || *lufs != -23.4 || peak == nil || *peak != -0.3 {
		t.Fatalf("%v %v", lufs, peak)
	}

	lufs, peak = parseLoudness("    I:         -70.0 LUFS\n    Peak:       -inf dBFS\n")
	if lufs != nil || peak != nil {
		t.Errorf("silence has a loudness: %v %v", lufs, peak)
	}

	if lufs, _ := parseLoudness("    I: 1.2.3 LUFS\n"); lufs != nil {
		t.Errorf("%v", *lufs)
	}
}

func TestEvenLoudness(t *testing.T) {
	at := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		lufs *float64
		want string
	}{{nil, ""}, {at(-16.5), ""}, {at(-23.4), "volume=7.4dB,"}, {at(-60), "volume=20.0dB,"}, {at(-6), "volume=-10.0dB,"}} {
		got := strings.Join(loudnessArgs(c.lufs), " ")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: %s", c.lufs, got)
		}
	}
}

func FuzzLoudness(f *testing.F) {
	f.Add(summary)
	f.Add("    I:  -.  LUFS\n    Peak: 999999 dBFS")
	f.Fuzz(func(t *testing.T, s string) {
		lufs, peak := parseLoudness(s)
		for _, v := range []*float64{lufs, peak} {
			if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0) || *v > 100 || *v < -300) { // it becomes JSON
				t.Fatalf("%v", *v)
			}
		}
	})
}
