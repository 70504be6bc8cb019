package media

import (
	"math"
	"slices"
	"strconv"

	"tidings.example/tidings/tidings"
)

// rung is one video rendition to be made.
type rung struct {
	name    string
	w, h    int
	maxrate int  // bits per second, also the buffer; 0 for a copy
	copy    bool // the original's video stream, not encoded again
}

// plan is what is made of an original. It is a pure function of its tracks and
// the ladder.
type plan struct {
	video, audio *track // the selected tracks; nil = there is none
	rungs        []rung // best first
	stills       bool   // frames for the storyboard
	pcm          bool   // sound for waveform and silences
}

// Ladder is the default of Config.Ladder: the heights (of the shorter side) that
// are encoded. Two rungs at 30 frames a second are what two shared cores can
// encode in real time.
var Ladder = []int{1080, 360}

// bitrateCaps are the highest bit rates of an encoded video, in bits per second,
// by its shorter side.
var bitrateCaps = []struct{ side, maxrate int }{{1080, 5_000_000}, {720, 2_800_000}, {480, 1_400_000}, {360, 800_000}, {0, 500_000}}

// planFor makes the plan. The top rung is a copy when browsers play the video as
// it is, otherwise it is encoded at its own size, at most the ladder's first
// height. Below it come the ladder's other heights, each at most two thirds of
// the one above. Nothing is scaled up.
func planFor(tracks []track, ladder []int) plan {
	p := plan{}
	for i := range tracks {
		switch t := &tracks[i]; {
		case t.Type == "video" && p.video == nil:
			p.video = t
		case t.Type == "audio" && p.audio == nil:
			p.audio = t
		}
	}

	p.pcm = p.audio != nil
	if p.video == nil {
		return p
	}

	p.stills = true
	w, h := p.displaySize()
	above := min(w, h)

	if isCopyable(*p.video) {
		p.rungs = []rung{{name: "src", w: w, h: h, copy: true}}
	} else {
		above = min(above, ladder[0])
		p.rungs = []rung{scaledRung(w, h, above)}
	}

	for _, side := range ladder {
		if side*3 <= above*2 {
			p.rungs = append(p.rungs, scaledRung(w, h, side))
			above = side
		}
	}

	return p
}

// playbackOnly is the plan without what playback does not need: one failing
// output makes ffmpeg as a whole fail.
func (p plan) playbackOnly() plan {
	p.stills, p.pcm = false, false
	return p
}

// encodesVideo reports whether any video rendition has to be encoded.
func (p plan) encodesVideo() bool {
	return slices.ContainsFunc(p.rungs, func(r rung) bool { return !r.copy })
}

// isCopyable reports whether browsers play the track as it is. A rotated video
// is encoded upright: not every player applies the rotation matrix inside HLS.
// More than 8 bits, or other chroma subsampling than 4:2:0, is not played by
// all.
func isCopyable(t track) bool {
	return t.Codec == "h264" && t.Rotation == 0 && (t.pixels == "yuv420p" || t.pixels == "yuvj420p")
}

// displaySize is the size of the upright picture.
func (p plan) displaySize() (w, h int) {
	w, h = p.video.Width, p.video.Height
	if p.video.Rotation%180 != 0 {
		w, h = h, w
	}
	return w, h
}

// scaledRung is the rung whose shorter side has the given length; both sides are
// even, as 4:2:0 requires.
func scaledRung(w, h, side int) rung {
	f := float64(side) / float64(max(1, min(w, h)))
	even := func(n int) int { return max(16, int(math.Round(float64(n)*f/2))*2) }
	r := rung{w: even(w), h: even(h)}
	for _, l := range bitrateCaps {
		if side >= l.side {
			r.maxrate = l.maxrate
			break
		}
	}

	r.name = "v" + strconv.Itoa(side)
	return r
}

// renditionRows are the rows of the plan's renditions, before codecs and
// bandwidth are measured.
func (p plan) renditionRows(run tidings.StepRun) []tidings.Rendition {
	var out []tidings.Rendition
	for _, r := range p.rungs {
		out = append(out, tidings.Rendition{ClipID: run.ClipID, Attempt: run.Attempt, Name: r.name, Kind: tidings.RenditionVideo,
			Width: r.w, Height: r.h, Bandwidth: int64(r.maxrate)})
	}
	if p.audio != nil {
		out = append(out, tidings.Rendition{ClipID: run.ClipID, Attempt: run.Attempt, Name: "a", Kind: tidings.RenditionAudio, Bandwidth: audioRate})
	}
	return out
}
