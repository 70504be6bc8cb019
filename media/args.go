package media

import (
	"fmt"
	"strconv"

	ff "github.com/u2takey/ffmpeg-go"

	"tidings.example/tidings/media/hls"
)

const (
	segmentTime = hls.SegmentSeconds // also the distance of the key frames of encoded renditions
	audioRate   = 128_000
	stillEvery  = 2 // seconds between storyboard frames
	stillW      = 192
	stillH      = 108
)

// File descriptors of the extra outputs, in the order of process.outputs.
const (
	fdPCM      = 3
	fdStills   = 4
	fdTimeline = 5
)

// ffmpegArgs is the one command line that makes all outputs of a plan from a
// single decode. The graph is built with ffmpeg-go, of which only GetArgs is
// used: its runner ignores contexts and its options are not escaped.
//
// Sound is filtered per output (-af) and never shares a filter graph with the
// picture: a picture that changes its size re-initialises the whole graph, and
// aresample would then insert seconds of silence.
func (p plan) ffmpegArgs(o original) []string {
	decoding := ff.KwArgs{"threads": 2}
	if p.video != nil && !p.encodesVideo() {
		decoding["skip_frame"] = "nokey" // key frames are enough for the storyboard
	}

	src := ff.Input(o.ffmpegURL(), o.inputOptions(decoding))
	var outs []*ff.Stream
	var timed []*ff.Stream
	if p.video != nil {
		v := src.Get(strconv.Itoa(p.video.Index))
		outs, timed = append(outs, p.videoOutputs(v)...), append(timed, v)
	}

	if p.audio != nil {
		a := src.Get(strconv.Itoa(p.audio.Index))
		outs, timed = append(outs, p.audioOutputs(a)...), append(timed, a)
	}

	outs = append(outs, ff.Output(timed, pipeURL(fdTimeline), ff.KwArgs{"f": "framecrc", "c": "copy", "flush_packets": 1}))

	// a video frame that does not decode must not end the run: max_error_rate 1
	return append(globalArgs("info", "-filter_complex_threads", "1", "-max_error_rate", "1"), ff.MergeOutputs(outs...).GetArgs()...)
}

// globalArgs are the global options of every run of ffmpeg.
func globalArgs(level string, more ...string) []string {
	return append([]string{"-hide_banner", "-nostdin", "-y", "-v", level, "-nostats", "-max_alloc", strconv.Itoa(maxAlloc)}, more...)
}

// inputOptions are the options of the original as an input of ffmpeg. The probe
// has already found the streams, so ffmpeg analyses little again: more would
// delay the first segment of a live recording.
func (o original) inputOptions(more ff.KwArgs) ff.KwArgs {
	k := ff.KwArgs{"f": o.format, "protocol_whitelist": o.protocolWhitelist(), "format_whitelist": o.demuxerWhitelist(), "codec_whitelist": allowedDecoders,
		"max_pixels": maxPixels, "t": int(maxDuration.Seconds()), "analyzeduration": "1M", "fpsprobesize": 0, "fflags": "+discardcorrupt"}
	for name, v := range more {
		k[name] = v
	}
	return k
}

func pipeURL(fd int) string { return fmt.Sprintf("pipe:%d", fd) }

// hlsOptions are the options of one rendition's HLS muxer, which writes into the
// rendition's own folder.
func hlsOptions(name string, more ff.KwArgs) ff.KwArgs {
	k := ff.KwArgs{"f": "hls", "hls_time": segmentTime, "hls_playlist_type": "event", "hls_segment_type": "fmp4",
		"hls_flags": "independent_segments+temp_file", "hls_fmp4_init_filename": "init.mp4", "hls_segment_filename": name + "/%05d.m4s",
		"map_metadata": "-1", "map_chapters": "-1"}
	for key, v := range more {
		k[key] = v
	}
	return k
}

func playlistFile(rendition string) string { return rendition + "/index.m3u8" }

// videoOutputs are the outputs made from the video track. A copied rendition is
// mapped from the input; the encoded ones and the storyboard branch from one
// decoded stream with a constant frame rate.
func (p plan) videoOutputs(v *ff.Stream) []*ff.Stream {
	var outs []*ff.Stream
	branches := 0
	for _, r := range p.rungs {
		if r.copy {
			outs = append(outs, ff.Output([]*ff.Stream{v}, playlistFile(r.name), hlsOptions(r.name, ff.KwArgs{"c": "copy", "avoid_negative_ts": "disabled"})))
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
	branch := func() *ff.Stream { next++; return split.Get(strconv.Itoa(next - 1)) }
	for _, r := range p.rungs {
		if !r.copy {
			outs = append(outs, ff.Output([]*ff.Stream{scaleAndPad(branch(), r.w, r.h, "yuv420p")}, playlistFile(r.name), hlsOptions(r.name, x264Options(r))))
		}
	}

	if p.stills {
		every := branch().Filter("fps", ff.Args{fmt.Sprintf("1/%d", stillEvery)}, ff.KwArgs{"round": "up"})
		outs = append(outs, ff.Output([]*ff.Stream{scaleAndPad(every, stillW, stillH, "yuvj420p")}, pipeURL(fdStills),
			ff.KwArgs{"f": "image2pipe", "c:v": "mjpeg", "q:v": 4}))
	}

	return outs
}

// x264Options are the encoder options of a rung. B-frames are off: they would
// start the picture two frames late, which only an edit list could correct, and
// not every player applies one in HLS. (A copied picture may have them; there
// avoid_negative_ts keeps ffmpeg from shifting it against the sound.)
func x264Options(r rung) ff.KwArgs {
	return ff.KwArgs{"c:v": "libx264", "preset": "veryfast", "bf": 0, "crf": 23, "maxrate": r.maxrate, "bufsize": r.maxrate, "profile:v": "high",
		"force_key_frames": fmt.Sprintf("expr:gte(t,n_forced*%d)", segmentTime), "sc_threshold": 0, "threads": 2}
}

// scaleAndPad scales into a fixed frame and pads it: the picture size of the
// source may change during a recording.
func scaleAndPad(s *ff.Stream, w, h int, pixels string) *ff.Stream {
	return s.Filter("scale", nil, ff.KwArgs{"w": w, "h": h, "force_original_aspect_ratio": "decrease", "flags": "bicubic"}).
		Filter("pad", nil, ff.KwArgs{"w": w, "h": h, "x": "(ow-iw)/2", "y": "(oh-ih)/2"}).
		Filter("setsar", ff.Args{"1"}).Filter("format", ff.Args{pixels})
}

// audioOutputs are the outputs made from the audio track. async=1 fills gaps and
// never stretches; the first 1024 samples are the encoder's priming, for which
// HLS has no edit list; ebur128 measures the loudness in passing.
func (p plan) audioOutputs(a *ff.Stream) []*ff.Stream {
	outs := []*ff.Stream{ff.Output([]*ff.Stream{a}, playlistFile("a"), hlsOptions("a", ff.KwArgs{"c:a": "aac", "b:a": audioRate, "ac": 2,
		"af": "aresample=async=1:first_pts=0:osr=48000,ebur128=peak=true:framelog=verbose,atrim=start_sample=1024,asetpts=N/SR/TB"}))}
	if p.pcm {
		outs = append(outs, ff.Output([]*ff.Stream{a}, pipeURL(fdPCM), pcmOptions()))
	}
	return outs
}

// pcmOptions are the options of an output of 16 kHz mono samples of 16 bits,
// little endian.
func pcmOptions() ff.KwArgs {
	return ff.KwArgs{"f": "s16le", "c:a": "pcm_s16le", "ac": 1, "ar": pcmRate, "af": "aresample=async=1:first_pts=0"}
}
