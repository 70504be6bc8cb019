package media

import (
	"bufio"
	"bytes"
	"math"
	"path/filepath"
	"strconv"
	"strings"
)

// closedSegment is a segment that ffmpeg lists in its playlist and has therefore
// finished writing.
type closedSegment struct {
	seq  int64
	us   int64 // duration in microseconds
	file string
}

// parseClosedSegments reads a media playlist of ffmpeg's hls muxer (RFC 8216).
// ended reports whether it has its EXT-X-ENDLIST. Unknown lines are skipped.
func parseClosedSegments(text []byte) (out []closedSegment, ended bool) {
	var us int64 = -1
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		ended = ended || line == "#EXT-X-ENDLIST"

		if d, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			seconds, err := strconv.ParseFloat(strings.TrimSuffix(strings.SplitN(d, ",", 2)[0], ","), 64)
			if err == nil && seconds >= 0 && seconds < 1e6 {
				us = int64(math.Round(seconds * 1e6))
			}
			continue
		}
		if us < 0 || line == "" || strings.HasPrefix(line, "#") {
			continue
		}

		file := filepath.Base(line)
		seq, err := strconv.ParseInt(strings.TrimSuffix(file, ".m4s"), 10, 64)
		if err == nil && seq >= 0 {
			out = append(out, closedSegment{seq: seq, us: us, file: file})
		}

		us = -1
	}

	return out, ended
}
