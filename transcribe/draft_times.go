package transcribe

import "tidings.example/tidings/tidings"

// draftNearMS is how far apart the times of the same word are at most in a draft
// and in a refined transcript: others are another occurrence of the word.
const draftNearMS = 400

// takeDraftTimes gives words of a refined transcript the times of the same words
// in the draft, whose engine times speech more exactly than ones that write whole
// sentences. Times never go back.
func takeDraftTimes(refined, draft tidings.Transcript) {
	if !draft.Draft || refined.Draft {
		return
	}

	said := wordsOf(draft.Segments)
	from := 0
	for i := range refined.Segments {
		s := &refined.Segments[i]
		for from < len(said) && said[from].StartMS < s.StartMS-draftNearMS {
			from++
		}

		to := from
		for to < len(said) && said[to].StartMS <= s.EndMS+draftNearMS {
			to++
		}

		from += takeTimesOf(s.Words, said[from:to])
	}

	orderTimes(refined.Segments)
}

// takeTimesOf gives words the measured times of the same words in said, and
// returns how many of these are used up.
func takeTimesOf(words, said []tidings.Word) (used int) {
	a, b := make([]string, len(words)), make([]string, len(said))
	for i, w := range words {
		a[i] = plainWord(w.Text)
	}
	for i, w := range said {
		b[i] = plainWord(w.Text)
	}

	for _, pair := range tidings.CommonWords(a, b) {
		w, d := &words[pair[0]], said[pair[1]]
		off := max(d.StartMS-w.StartMS, w.StartMS-d.StartMS)
		if !d.Estimated && off <= draftNearMS {
			w.StartMS, w.EndMS, w.Estimated = d.StartMS, d.EndMS, false
			used = pair[1] + 1
		}
	}

	return used
}

// orderTimes ends each word where the next one begins at the latest, and makes
// times of segments of those of their words.
func orderTimes(segs []tidings.TranscriptSegment) {
	var before *tidings.Word
	for i := range segs {
		s := &segs[i]
		for j := range s.Words {
			w := &s.Words[j]
			if before != nil {
				w.StartMS = max(w.StartMS, before.StartMS)
				before.EndMS = min(before.EndMS, w.StartMS)
			}
			w.EndMS = max(w.EndMS, w.StartMS)
			before = w
		}
	}

	for i := range segs {
		s := &segs[i]
		if n := len(s.Words); n > 0 {
			s.StartMS = s.Words[0].StartMS
			s.EndMS = max(s.Words[n-1].EndMS, s.StartMS+1)
		}
	}
}
