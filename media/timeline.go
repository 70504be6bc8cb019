package media

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// Forged time stamps could keep an encoder busy for hours (two frames ten hours
// apart become a million frames), so the bytes of a recording must suffice for
// its length: at least minByteRate a second beyond freeLength, which is less
// than a tenth of the lowest bit rate of a voice.
const (
	minByteRate = 25 // bytes per second
	freeLength  = 2 * time.Minute
	gapAtLeast  = time.Second // between two frames, to be counted as a gap
)

// timeline reads ffmpeg's framecrc output of the copied packets: the time stamps
// of each packet of the original. Gaps, lengths and offsets are measured here,
// before filters fill and pad them.
type timeline struct {
	bytesRead func() int64 // of the original, read so far

	mu      sync.Mutex
	streams [2]streamTimes // in the order in which they were mapped
	gaps    int
}

// streamTimes are the times of one stream of a timeline, in microseconds.
type streamTimes struct {
	num, den   int64 // time base
	packets    int64
	start, end int64
	last       int64
}

// readFramecrc consumes the output to its end. An error that it returns ends the
// run.
func (t *timeline) readFramecrc(r io.Reader) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		end := t.addLine(lines.Text())
		if allowed := freeLength.Microseconds() + t.bytesRead()*1e6/minByteRate; end > allowed {
			return tidings.Errorf(tidings.KindUnsupported, "The times in this file do not fit its size: %s in %d bytes.",
				(time.Duration(end) * time.Microsecond).Round(time.Second), t.bytesRead())
		}
	}
	return nil // a failed read means that ffmpeg has ended, which runProcess reports
}

// addLine parses one line and returns the end of its packet; 0 when the line is
// not a packet.
//
//	#tb 0: 1/1000
//	0,         33,         33,       33,      183, 0xfc285d73
func (t *timeline) addLine(line string) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()

	if base, ok := strings.CutPrefix(line, "#tb "); ok {
		t.parseTimeBase(base)
		return 0
	}
	if strings.HasPrefix(line, "#") {
		return 0
	}

	fields := strings.SplitN(line, ",", 5)
	if len(fields) < 5 {
		return 0
	}

	var n [4]int64 // stream, dts, pts, duration
	for i := range n {
		v, err := strconv.ParseInt(strings.TrimSpace(fields[i]), 10, 64)
		if err != nil {
			return 0
		}
		n[i] = v
	}

	if n[0] < 0 || n[0] >= int64(len(t.streams)) {
		return 0
	}

	s := &t.streams[n[0]]
	dts, ok1 := s.toMicros(n[1])
	pts, ok2 := s.toMicros(n[2])
	duration, ok3 := s.toMicros(max(0, n[3]))
	if !ok1 || !ok2 || !ok3 {
		return 0
	}

	if s.packets == 0 {
		s.start = pts
	} else if dts-s.last > gapAtLeast.Microseconds() {
		t.gaps++
	}

	s.packets++
	s.start, s.last, s.end = min(s.start, pts), dts, max(s.end, pts+duration)
	return s.end
}

// parseTimeBase reads "0: 1/1000".
func (t *timeline) parseTimeBase(s string) {
	var i, num, den int64
	if n, err := fmt.Sscanf(s, "%d: %d/%d", &i, &num, &den); n == 3 && err == nil && i >= 0 && i < int64(len(t.streams)) && num > 0 && den > 0 && num < 1e9 && den < 1e9 {
		t.streams[i].num, t.streams[i].den = num, den
	}
}

// toMicros converts a time in the stream's base to microseconds; false when it
// is out of the range of any recording.
func (s *streamTimes) toMicros(v int64) (int64, bool) {
	if s.den == 0 {
		return 0, false
	}
	f := float64(v) * float64(s.num) / float64(s.den) * 1e6
	return int64(f), f > -1e15 && f < 1e15
}

// streamLengths are the lengths of the two streams, in microseconds, and the
// number of gaps.
func (t *timeline) streamLengths() (first, second int64, gaps int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.streams[0].end - t.streams[0].start, t.streams[1].end - t.streams[1].start, t.gaps
}
