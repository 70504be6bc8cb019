package media

import (
	"math"

	"tidings"
)

// rung is one video rendition to be made.
type rung struct {
	name    string
	w, h    int
	maxrate int  // bits per second, also the buffer; 0 for a copy
	copy    bool // the original's own picture, untouched
}

// plan says what is made of an original. It is a pure function of its tracks.
type plan struct {
	video, audio *tidings.Track // what is taken; nil = there is none
	rungs        []rung
	stills       bool // pictures for the storyboard
	pcm          bool // sound for waveform and silences
}

// ladder are the heights (of the shorter side) we encode, with their caps.
var ladder = []struct{ side, maxrate int }{{1080, 5_000_000}, {720, 2_800_000}, {480, 1_400_000}, {360, 800_000}, {0, 500_000}}

// small is the rung for slow lines, made beside a picture that is at least
// smallFrom on its shorter side.
const (
	small     = 360
	smallFrom = 720
)

// planFor decides: H.264 is copied; everything else is encoded at its own size
// up to 1080 on the shorter side. A large picture also gets a small rung.
// essentials leaves out whatever playback does not need.
func planFor(tracks []tidings.Track, essentials bool) plan {
	var p plan
	for i := range tracks {
		switch t := &tracks[i]; {
		case t.Type == "video" && p.video == nil:
			p.video = t
		case t.Type == "audio" && p.audio == nil:
			p.audio = t
		}
	}
	p.pcm = p.audio != nil && !essentials
	if p.video == nil {
		return p
	}
	p.stills = !essentials
	w, h := p.size()
	side := min(w, h)
	if copyable(*p.video) {
		p.rungs = []rung{{name: "src", w: w, h: h, copy: true}}
	} else {
		p.rungs = []rung{scaled(w, h, min(side, 1080))}
	}
	if side >= smallFrom && !essentials {
		p.rungs = append(p.rungs, scaled(w, h, small))
	}
	return p
}

// copyable reports whether browsers play the track as it is. A turned picture
// is encoded upright: not every player heeds the matrix inside HLS.
func copyable(t tidings.Track) bool { return t.Codec == "h264" && t.Rotation == 0 && t.Width > 0 }

// size is the picture as it is seen, upright.
func (p plan) size() (w, h int) {
	w, h = p.video.Width, p.video.Height
	if p.video.Rotation%180 != 0 {
		w, h = h, w
	}
	return w, h
}

// scaled is the rung whose shorter side has the given length; both sides are
// even, as 4:2:0 pictures must be.
func scaled(w, h, side int) rung {
	f := float64(side) / float64(max(1, min(w, h)))
	even := func(n int) int { return max(16, int(math.Round(float64(n)*f/2))*2) }
	r := rung{w: even(w), h: even(h)}
	for _, l := range ladder {
		if side >= l.side {
			r.maxrate = l.maxrate
			break
		}
	}
	r.name = "v" + itoa(side)
	return r
}

// renditions are the rows of the plan, before anything is known of the bytes.
func (p plan) renditions(run tidings.StepRun) []tidings.Rendition {
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
