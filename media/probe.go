package media

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// Limits on what a single original may hold.
const (
	maxStreams  = 16
	maxPixels   = 4096 * 2304 // of a frame; bounds the decoder's memory
	maxAlloc    = 256 << 20   // bytes; one allocation of ffmpeg
	maxDuration = time.Duration(tidings.MaxClipMS) * time.Millisecond

	maxPixelsText = "4096 × 2304"
)

// allowedDecoders are the only decoders that ffmpeg may open (-codec_whitelist):
// what recorders, phones and editors write, and subtitle formats that may be
// among the streams.
var allowedDecoders = strings.Join([]string{
	"vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "libaom-av1", "h264", "hevc", "mpeg4", "mpeg2video", "mjpeg", "prores", "theora", "h263",
	"opus", "libopus", "vorbis", "libvorbis", "aac", "aac_latm", "mp3float", "mp3", "mp2float", "mp2", "flac", "alac", "ac3", "eac3", "amrnb", "amrwb",
	"pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_alaw", "pcm_mulaw",
	"mov_text", "subrip", "ass", "webvtt"}, ",")

// track is a stream of the original with the facts that only the plan needs.
type track struct {
	tidings.Track
	pixels string // ffmpeg's name of the pixel format, "" = not known (yet)
}

// probeOutput is the part of ffprobe's JSON that is read.
type probeOutput struct {
	Streams []struct {
		Index    int    `json:"index"`
		Type     string `json:"codec_type"`
		Codec    string `json:"codec_name"`
		Width    int    `json:"width"`
		Height   int    `json:"height"`
		Pixels   string `json:"pix_fmt"`
		Channels int    `json:"channels"`
		Rate     string `json:"sample_rate"`
		Disp     struct {
			Cover int `json:"attached_pic"`
		} `json:"disposition"`
		Side []struct {
			Rotation float64 `json:"rotation"`
		} `json:"side_data_list"`
	} `json:"streams"`
}

// probeTracks runs a sandboxed ffprobe on the first bytes (or a whole file). It
// returns the playable tracks, in stream order.
func (m *Media) probeTracks(ctx context.Context, c container, in input) ([]track, error) {
	var out bytes.Buffer
	args := []string{"-v", "error", "-hide_banner", "-protocol_whitelist", in.protocolWhitelist(), "-format_whitelist", c.demuxerWhitelist(), "-f", c.format,
		"-codec_whitelist", allowedDecoders, "-max_pixels", strconv.Itoa(maxPixels), "-max_alloc", strconv.Itoa(maxAlloc), "-probesize", "5M", "-analyzeduration", "5M",
		"-max_streams", strconv.Itoa(4 * maxStreams), "-show_streams", "-of", "json", "-i", in.ffmpegURL()}
	u, err := m.runProcess(ctx, process{program: m.ffprobe, args: args, stdin: in.reader, dir: in.dir, stdout: &out, timeout: 30 * time.Second})
	if err != nil && !isFFmpegFault(ctx, err) {
		return nil, err
	}

	var p probeOutput
	if jerr := json.Unmarshal(out.Bytes(), &p); jerr != nil || len(p.Streams) == 0 || pictureTooLarge.MatchString(u.Log) {
		return nil, unsupportedError(u.Log, err)
	}
	if len(p.Streams) > maxStreams {
		return nil, unsupportedError("Number of streams exceeds max_streams", nil)
	}

	return p.playableTracks()
}

var (
	codecNotAllowed = regexp.MustCompile(`Codec \(([a-z0-9_-]{1,20})\) not on whitelist`)
	tooManyStreams  = regexp.MustCompile(`[Nn]umber of streams exceeds max_streams`)
	pictureTooLarge = regexp.MustCompile(`Picture size ([0-9]{1,6})x([0-9]{1,6}) exceeds`)
)

// unsupportedError is the error, with a sentence for users, for a file that
// ffprobe could not read.
func unsupportedError(log string, err error) error {
	if m := codecNotAllowed.FindStringSubmatch(log); m != nil {
		return tidings.Wrap(err, tidings.KindUnsupported, "This file is coded as %s, which is not read here.", m[1])
	}
	if m := pictureTooLarge.FindStringSubmatch(log); m != nil {
		return tidings.Wrap(err, tidings.KindUnsupported, "A picture of %s × %s is too large; at most %s can be read.", m[1], m[2], maxPixelsText)
	}
	if tooManyStreams.MatchString(log) {
		return tidings.Wrap(err, tidings.KindUnsupported, "This file holds too many streams; at most %d can be read.", maxStreams)
	}
	return tidings.Wrap(err, tidings.KindUnsupported, "There is no picture and no sound in this file that we can read.")
}

func (p probeOutput) playableTracks() ([]track, error) {
	var out []track
	for _, s := range p.Streams {
		t := track{Track: tidings.Track{Index: s.Index, Type: s.Type, Codec: s.Codec}}
		switch {
		case s.Type == "video" && s.Disp.Cover == 0 && s.Codec != "":
			if s.Width*s.Height > maxPixels {
				return nil, tidings.Errorf(tidings.KindUnsupported, "A picture of %d × %d is too large; at most %s can be read.", s.Width, s.Height, maxPixelsText)
			}
			t.Width, t.Height, t.pixels = s.Width, s.Height, s.Pixels
			for _, side := range s.Side {
				t.Rotation = (int(math.Round(-side.Rotation/90))*90%360 + 360) % 360
			}
		case s.Type == "audio" && s.Codec != "":
			t.Channels = s.Channels
			t.Rate, _ = strconv.Atoi(s.Rate) // a number or nothing
		default:
			continue
		}

		out = append(out, t)
	}

	if len(out) == 0 {
		return nil, unsupportedError("", nil)
	}
	return out, nil
}

// tracksComplete reports whether the tracks have all facts that a plan needs;
// otherwise more bytes may supply them.
func tracksComplete(tracks []track) bool {
	for _, t := range tracks {
		if !t.isUsable() || t.Codec == "h264" && t.pixels == "" {
			return false
		}
	}
	return len(tracks) > 0
}

// isUsable reports whether a track has the facts that every plan needs.
func (t track) isUsable() bool {
	return t.Type == "video" && t.Width > 0 && t.Height > 0 || t.Type == "audio" && t.Rate > 0
}

// usableTracks drops tracks that are not described even by the first maxHead
// bytes.
func usableTracks(tracks []track) []track {
	var out []track
	for _, t := range tracks {
		if t.isUsable() {
			out = append(out, t)
		}
	}
	return out
}

// demuxerWhitelist is the only demuxer that ffmpeg may use for the container.
func (c container) demuxerWhitelist() string {
	if c.format == "mov" {
		return "mov,mp4,m4a,3gp,3g2,mj2"
	}
	if c.format == "matroska" {
		return "matroska,webm"
	}
	return c.format
}
