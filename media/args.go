package media

import (
	"fmt"
	"strconv"

	ff "github.com/u2takey/ffmpeg-go"
)

const (
	segmentTime = 2 // seconds; also the distance of key frames we make
	audioRate   = 128_000
	stillEvery  = 2 // seconds between storyboard pictures
	stillW      = 192
	stillH      = 108
)

// File descriptors of the extra outputs, in the order of process.outputs.
const (
	fdPCM      = 3
	fdStills   = 4
	fdTimeline = 5
)

func itoa(n int) string { return strconv.Itoa(n) }

// args is the one command line that makes all outputs of a plan from one
// decode. The graph is built with ffmpeg-go, of which nothing but GetArgs is
// used: its runner ignores contexts and its options do not escape.
//
// Sound is filtered per output (-af) and never shares a filter graph with the
// picture: a picture that changes its size re-initialises the whole graph, and
// aresample would insert seconds of silence.
func (p plan) args(o original) []string {
	decoding := ff.KwArgs{"threads": 2}
	if p.video != nil && !p.encodes() {
		decoding["skip_frame"] = "nokey" // the storyboard is content with key frames
	}

	src := ff.Input(o.url(), o.options(decoding))
	var outs []*ff.Stream
	var timed []*ff.Stream
	if p.video != nil {
		v := src.Get(itoa(p.video.Index))
		outs, timed = append(outs, p.pictures(v)...), append(timed, v)
	}

	if p.audio != nil {
		a := src.Get(itoa(p.audio.Index))
		outs, timed = append(outs, p.sound(a)...), append(timed, a)
	}

	outs = append(outs, ff.Output(timed, pipe(fdTimeline), ff.KwArgs{"f": "framecrc", "c": "copy", "flush_packets": 1}))

	// pictures that do not decode are no reason to give up the rest
	return append(quiet("info", "-filter_complex_threads", "1", "-max_error_rate", "1"), ff.MergeOutputs(outs...).GetArgs()...)
}

// quiet are the global options of every run of ffmpeg.
func quiet(level string, more ...string) []string {
	return append([]string{"-hide_banner", "-nostdin", "-y", "-v", level, "-nostats", "-max_alloc", itoa(maxAlloc)}, more...)
}

// options are those of the original as an input of ffmpeg. The probe has
// already found the streams, so little is analysed again: it would delay the
// first segment of a live recording.
func (o original) options(more ff.KwArgs) ff.KwArgs {
	k := ff.KwArgs{"f": o.format, "protocol_whitelist": o.protocols(), "format_whitelist": o.whitelist(), "codec_whitelist": decoders,
		"max_pixels": maxPixels, "t": int(maxDuration.Seconds()), "analyzeduration": "1M", "fpsprobesize": 0, "fflags": "+discardcorrupt"}
	for name, v := range more {
		k[name] = v
	}
	return k
}

func pipe(fd int) string { return fmt.Sprintf("pipe:%d", fd) }

// hls are the options of one rendition in its own folder.
func hls(name string, more ff.KwArgs) ff.KwArgs {
	k := ff.KwArgs{"f": "hls", "hls_time": segmentTime, "hls_playlist_type": "event", "hls_segment_type": "fmp4",
		"hls_flags": "independent_segments+temp_file", "hls_fmp4_init_filename": "init.mp4", "hls_segment_filename": name + "/%05d.m4s",
		"map_metadata": "-1", "map_chapters": "-1"}
	for key, v := range more {
		k[key] = v
	}
	return k
}

func playlistFile(rendition string) string { return rendition + "/index.m3u8" }

// pictures are the outputs made from the video track: a copy is mapped as it
// is, all others branch from one decoded, evenly timed stream.
func (p plan) pictures(v *ff.Stream) []*ff.Stream {
	var outs []*ff.Stream
	branches := 0
	for _, r := range p.rungs {
		if r.copy {
			outs = append(outs, ff.Output([]*ff.Stream{v}, playlistFile(r.name), hls(r.name, ff.KwArgs{"c": "copy", "avoid_negative_ts": "disabled"})))
		} else {
			branches++
		}
	}

	if p.stills {
		branches++
	}

	if branches == 0 {
		return outs
	}

	split := v.Filter("fps", ff.Args{"30"}).Split()
	next := 0
	branch := func() *ff.Stream { next++; return split.Get(itoa(next - 1)) }
	for _, r := range p.rungs {
		if !r.copy {
			outs = append(outs, ff.Output([]*ff.Stream{fit(branch(), r.w, r.h, "yuv420p")}, playlistFile(r.name), hls(r.name, x264(r))))
		}
	}

	if p.stills {
		every := branch().Filter("fps", ff.Args{fmt.Sprintf("1/%d", stillEvery)}, ff.KwArgs{"round": "up"})
		outs = append(outs, ff.Output([]*ff.Stream{fit(every, stillW, stillH, "yuvj420p")}, pipe(fdStills),
			ff.KwArgs{"f": "image2pipe", "c:v": "mjpeg", "q:v": 4}))
	}

	return outs
}

// x264 are the options of an encoded rung. No B-frames: they would start the
// picture two frames late, which only an edit list could put right, and not
// every player heeds one in HLS. (A copied picture may have them; there
// avoid_negative_ts keeps ffmpeg from moving it against the sound.)
func x264(r rung) ff.KwArgs {
	return ff.KwArgs{"c:v": "libx264", "preset": "veryfast", "bf": 0, "crf": 23, "maxrate": r.maxrate, "bufsize": r.maxrate, "profile:v": "high",
		"force_key_frames": fmt.Sprintf("expr:gte(t,n_forced*%d)", segmentTime), "sc_threshold": 0, "threads": 2}
}

// fit scales into a fixed frame and pads: the source may change its size.
func fit(s *ff.Stream, w, h int, pixels string) *ff.Stream {
	return s.Filter("scale", nil, ff.KwArgs{"w": w, "h": h, "force_original_aspect_ratio": "decrease", "flags": "bicubic"}).
		Filter("pad", nil, ff.KwArgs{"w": w, "h": h, "x": "(ow-iw)/2", "y": "(oh-ih)/2"}).
		Filter("setsar", ff.Args{"1"}).Filter("format", ff.Args{pixels})
}

// sound are the outputs made from the audio track. async=1 fills gaps and
// never stretches; the first 1024 samples are the encoder's priming, which
// HLS has no edit list to hide; ebur128 measures loudness on the way.
func (p plan) sound(a *ff.Stream) []*ff.Stream {
	outs := []*ff.Stream{ff.Output([]*ff.Stream{a}, playlistFile("a"), hls("a", ff.KwArgs{"c:a": "aac", "b:a": audioRate, "ac": 2,
		"af": "aresample=async=1:first_pts=0:osr=48000,ebur128=peak=true:framelog=verbose,atrim=start_sample=1024,asetpts=N/SR/TB"}))}
	if p.pcm {
		outs = append(outs, ff.Output([]*ff.Stream{a}, pipe(fdPCM), pcmOptions()))
	}
	return outs
}

// pcmOptions are those of 16 kHz mono samples of 16 bits, little endian.
func pcmOptions() ff.KwArgs {
	return ff.KwArgs{"f": "s16le", "c:a": "pcm_s16le", "ac": 1, "ar": pcmRate, "af": "aresample=async=1:first_pts=0"}
}
