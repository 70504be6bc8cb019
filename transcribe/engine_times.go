package transcribe

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// unknownTime stands for a time that an engine has not given, or that lies
// outside of its piece.
const unknownTime = -1

// roundingMS is how far a time may lie beyond the end of a piece because an
// engine counts in steps of its own.
const roundingMS = 100

// settleTimes makes times of what an engine reports for a piece: utterances that
// begin after the end of the piece are left out, times that are missing or
// outside of it are estimated, and utterances are put in order.
func (h *engineResult) settleTimes(lengthMS int64) {
	h.utterances = slices.DeleteFunc(h.utterances, func(u utterance) bool { return u.startMS >= max(1, lengthMS) })
	h.words = slices.Clone(h.words)
	for i := range h.utterances {
		u := &h.utterances[i]
		if u.endMS < u.startMS || u.endMS > lengthMS+roundingMS {
			u.endMS = unknownTime
		}
	}

	h.estimateUtterances(lengthMS)
	inOrder := slices.IsSortedFunc(h.utterances, compareStarts)
	slices.SortStableFunc(h.utterances, compareStarts)

	words := h.words[:0]
	for _, w := range h.words {
		if w.StartMS < lengthMS && w.EndMS <= lengthMS+roundingMS { // others are estimated
			words = append(words, w)
		}
	}

	h.words = words
	if !inOrder {
		slices.SortStableFunc(h.words, func(a, b tidings.Word) int { return cmp.Compare(a.StartMS, b.StartMS) })
	}
}

func compareStarts(a, b utterance) int { return cmp.Compare(a.startMS, b.startMS) }

// estimateUtterances fills in unknown times. Utterances in a row that lack them
// share the time up to the next one that has a start, or to the end of the piece,
// in proportion to their letters.
func (h *engineResult) estimateUtterances(lengthMS int64) {
	var before int64 // end of the utterance before
	all := h.utterances
	for i := 0; i < len(all); {
		if all[i].startMS != unknownTime && all[i].endMS != unknownTime {
			before = all[i].endMS
			i++
			continue
		}

		from, to, next := before, lengthMS, i+1
		if all[i].startMS != unknownTime {
			from = all[i].startMS
		}
		for next < len(all) && all[next].startMS == unknownTime {
			next++
		}
		if next < len(all) {
			to = all[next].startMS
		}
		if to < from { // the next one is out of order
			to = lengthMS
		}

		shareUtterances(all[i:next], from, max(from, to))
		before, i = all[next-1].endMS, next
	}
}

// shareUtterances divides a time range among utterances in proportion to their
// letters.
func shareUtterances(all []utterance, from, to int64) {
	text := func(i int) string { return all[i].text }
	shareByLetters(len(all), text, from, to, func(i int, startMS, endMS int64) {
		all[i].startMS, all[i].endMS = startMS, endMS
	})
}

// shareByLetters divides a time range among n texts in proportion to their
// letters, and hands each its part.
func shareByLetters(n int, text func(i int) string, from, to int64, set func(i int, startMS, endMS int64)) {
	var total, sum int64
	for i := range n {
		total += int64(utf8.RuneCountInString(text(i)))
	}

	at := func() int64 { return from + (to-from)*sum/max(1, total) }
	for i := range n {
		startMS := at()
		sum += int64(utf8.RuneCountInString(text(i)))
		set(i, startMS, at())
	}
}
