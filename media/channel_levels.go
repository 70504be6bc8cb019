package media

import (
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"sync"

	ff "github.com/u2takey/ffmpeg-go"
)

const (
	levelRate   = 8_000          // samples per second: voices have nearly all of their power below 4 kHz
	perLevel    = levelRate / 20 // samples per level: 50 ms
	bytesOfPair = 4              // a sample of each of the two channels
	fdLevels    = 3              // of the levels' samples, when sound is decoded for transcription
)

// channelLevels measures how loud the two channels of a track are, while it is
// decoded.
type channelLevels struct {
	mu    sync.Mutex
	pairs [][2]uint8 // see levelDB; at most maxPeaks
}

// readSamples consumes samples of two channels to their end.
func (c *channelLevels) readSamples(r io.Reader) error {
	return readBlocks(r, bytesOfPair*perLevel, c.addBlock)
}

func (c *channelLevels) addBlock(b []byte) {
	var sum [2]float64
	n := len(b) / bytesOfPair
	for i := range n {
		for channel := range sum {
			v := float64(int16(binary.LittleEndian.Uint16(b[bytesOfPair*i+2*channel:])))
			sum[channel] += v * v
		}
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 && len(c.pairs) < maxPeaks {
		c.pairs = append(c.pairs, [2]uint8{levelDB(sum[0], n), levelDB(sum[1], n)})
	}
}

// measured are the levels so far.
func (c *channelLevels) measured() [][2]uint8 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.pairs)
}

// hasTwoChannels reports whether the sound may have a person on each side.
func (p plan) hasTwoChannels() bool { return p.audio != nil && p.audio.Channels == 2 }

// pcmArgs are the arguments for the sound of an original as an engine gets it,
// and for its two channels where it has them.
func (p plan) pcmArgs(o original) []string {
	sound := []*ff.Stream{ff.Input(o.ffmpegURL(), o.inputOptions(nil)).Get(strconv.Itoa(p.audio.Index))}
	outs := []*ff.Stream{ff.Output(sound, "pipe:1", pcmOptions())}
	if p.hasTwoChannels() {
		both := pcmOptions()
		both["ac"], both["ar"] = 2, levelRate
		outs = append(outs, ff.Output(sound, pipeURL(fdLevels), both))
	}
	return append(globalArgs("error"), ff.MergeOutputs(outs...).GetArgs()...)
}
