package transcribe

import "sort"

// soundSpan is a range of a clip inside a piece. The spans of a piece follow each
// other without a gap in the piece; in the clip there is a pause between two.
type soundSpan struct {
	at      int64 // samples from the beginning of the piece
	start   int64 // samples from the beginning of the clip
	length  int64 // samples
	silence int64 // samples at its end in which nobody speaks
}

func (s soundSpan) speechEnd() int64 { return s.at + s.length - s.silence }

// trimSilence removes silence at the end of the span but for keptSilence.
func (s *soundSpan) trimSilence(silence int64) {
	s.silence = min(silence, keptSilence)
	s.length -= silence - s.silence
}

// soundLength is the length of spans in samples.
func soundLength(spans []soundSpan) int64 {
	if len(spans) == 0 {
		return 0
	}
	last := spans[len(spans)-1]
	return last.at + last.length
}

// prependSound are spans of which the first begins n samples earlier.
func prependSound(spans []soundSpan, n int64) []soundSpan {
	for i := range spans {
		spans[i].at += n
	}
	spans[0].at, spans[0].start, spans[0].length = 0, spans[0].start-n, spans[0].length+n
	return spans
}

// spanOfSample is the index of the last span that begins at or before a sample
// of the clip; 0 when there is none.
func spanOfSample(spans []soundSpan, sample int64) int {
	return max(0, sort.Search(len(spans), func(i int) bool { return spans[i].start > sample })-1)
}

// timeMap converts times in a piece to times in its clip.
type timeMap []soundSpan

// timeMap is the conversion of the piece's times.
func (p piece) timeMap() timeMap {
	if len(p.spans) > 0 {
		return p.spans
	}
	return timeMap{{start: p.start, length: int64(len(p.pcm)) / 2}}
}

// spanAt is the index of the span with a position in the piece.
func (m timeMap) spanAt(sample int64) int {
	return max(0, sort.Search(len(m), func(i int) bool { return m[i].at > sample })-1)
}

// placeTime converts the times of a word in ms, and returns the index of its
// span. A word cannot span a pause: it belongs to the span in which it starts,
// unless that is after the last speech there, and ends with it.
func (m timeMap) placeTime(startMS, endMS int64) (fromMS, toMS int64, span int) {
	const perMS = Rate / 1000
	end := min(max(0, endMS*perMS), soundLength(m))
	start := min(max(0, startMS*perMS), soundLength(m))
	i, j := m.spanAt(start), m.spanAt(max(0, end-1))
	if i < j && start >= m[i].speechEnd() {
		i++
		start = m[i].at
	}
	if i < j {
		end = max(start, m[i].speechEnd())
	}

	end = max(start, end)
	return m.clipSample(i, start) / perMS, m.clipSample(i, end) / perMS, i
}

// clipSample is the position in the clip of a position in the piece that is in
// span i, or at its end.
func (m timeMap) clipSample(i int, sample int64) int64 { return m[i].start + sample - m[i].at }

// splitPause is the silence in samples that ends a segment, even one that an
// engine has written over it because it was cut out of the piece.
const splitPause = joinPause + maxSilence*frameSamples

// isSplit reports whether words in the two spans belong to different segments.
func (m timeMap) isSplit(before, after int) bool {
	if before >= after {
		return false
	}
	return m[after].start-m.clipSample(before, m[before].speechEnd()) > splitPause
}
