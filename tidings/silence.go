package tidings

import (
	"slices"
	"strings"
)

// Measures of silences, in ms.
const (
	// MinSilenceMS is the shortest silence worth to be skipped.
	MinSilenceMS = 700
	// silencePaddingMS is left of a silence at both ends: words begin before they are
	// loud, and end after.
	silencePaddingMS = 100
)

// Silences are the ranges of at least MinSilenceMS, after trimming their ends,
// without words and with a sound no louder than the noise floor. quiet are the
// ranges at the noise floor, in time order; without words they alone decide.
func Silences(segments []TranscriptSegment, quiet []Span, endMS int64) []Span {
	out := []Span{}
	said := spokenSpans(segments)
	i := 0
	for _, q := range quiet {
		if endMS > 0 {
			q.EndMS = min(q.EndMS, endMS)
		}

		at := q.StartMS

		for i < len(said) && said[i].EndMS <= q.StartMS {
			i++
		}

		for j := i; j < len(said) && said[j].StartMS < q.EndMS; j++ {
			out = addSilence(out, at, said[j].StartMS)
			at = max(at, said[j].EndMS)
		}

		out = addSilence(out, at, q.EndMS)
	}

	return out
}

func addSilence(out []Span, from, to int64) []Span {
	if from > 0 { // a silence at the start needs no padding there
		from += silencePaddingMS
	}
	if to -= silencePaddingMS; to-from >= MinSilenceMS {
		out = append(out, Span{StartMS: from, EndMS: to})
	}
	return out
}

// spokenSpans are the ranges of words, merged and in time order. An utterance
// without word times counts as one range.
func spokenSpans(segments []TranscriptSegment) []Span {
	var out []Span
	for _, s := range segments {
		if len(s.Words) == 0 {
			out = append(out, Span{s.StartMS, s.EndMS})
		}
		for _, w := range s.Words {
			out = append(out, Span{w.StartMS, w.EndMS})
		}
	}

	slices.SortFunc(out, func(a, b Span) int { return int(max(-1, min(1, a.StartMS-b.StartMS))) })
	merged := out[:0]
	for _, s := range out {
		if n := len(merged); n > 0 && s.StartMS <= merged[n-1].EndMS {
			merged[n-1].EndMS = max(merged[n-1].EndMS, s.EndMS)
			continue
		}
		merged = append(merged, s)
	}

	return merged
}

// fillerWords are hesitation sounds, by language; "" = any. Whisper leaves most
// of them out, Vosk writes some.
func fillerWords(language string) []string {
	language, _, _ = strings.Cut(strings.ToLower(language), "-")
	out := []string{"hm", "hmm", "hmmm", "mhm", "mm", "mmm", "uhm"}
	switch language {
	case "", "en":
		return append(out, "um", "umm", "uh", "uhh", "er", "erm", "ah")
	case "de":
		return append(out, "äh", "ähm", "öh", "öhm", "ähh")
	case "fr":
		return append(out, "euh", "heu", "hum")
	case "es", "pt", "it":
		return append(out, "eh", "ehm", "em")
	case "nl":
		return append(out, "eh", "ehm", "uh")
	}

	return out
}

// Fillers are the times of "um", "uh" and the like, as far as the engine writes
// them, in time order. Consecutive ones are merged.
func Fillers(segments []TranscriptSegment, language string) []Span {
	out := []Span{}
	for _, s := range segments {
		own := language
		if s.Language != "" {
			own = s.Language
		}

		known := fillerWords(own)
		last := false
		for _, w := range s.Words {
			is := slices.Contains(known, bareWord(w.Text))
			switch n := len(out); {
			case is && last:
				out[n-1].EndMS = max(out[n-1].EndMS, w.EndMS)
			case is:
				out = append(out, Span{w.StartMS, w.EndMS})
			}

			last = is
		}
	}

	return out
}
