package media

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"tidings"
)

// Limits on what a single original may hold.
const (
	maxStreams = 16
	maxPixels  = 4096 * 2304 // a picture; keeps the decoder's memory in bounds
)

// probed is the part of ffprobe's JSON we read.
type probed struct {
	Streams []struct {
		Index    int    `json:"index"`
		Type     string `json:"codec_type"`
		Codec    string `json:"codec_name"`
		Width    int    `json:"width"`
		Height   int    `json:"height"`
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

// probe asks a guarded ffprobe what the first bytes (or a whole file) hold.
// It answers the playable tracks, in stream order.
func (m *Media) probe(ctx context.Context, c container, in input) ([]tidings.Track, error) {
	var out bytes.Buffer
	args := []string{"-v", "error", "-hide_banner", "-protocol_whitelist", in.protocols(), "-format_whitelist", c.whitelist(), "-f", c.format,
		"-max_pixels", strconv.Itoa(maxPixels), "-probesize", "5M", "-analyzeduration", "5M", "-max_streams", strconv.Itoa(4 * maxStreams),
		"-show_streams", "-of", "json", "-i", in.url()}
	_, err := m.run(ctx, process{program: m.ffprobe, args: args, stdin: in.reader, dir: in.dir, stdout: &out, timeout: 30 * time.Second})
	var p probed
	if jerr := json.Unmarshal(out.Bytes(), &p); jerr != nil || len(p.Streams) == 0 {
		if err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, tidings.Wrap(err, tidings.KindUnsupported, "There is no picture and no sound in this file that we can read.")
	}
	if len(p.Streams) > maxStreams {
		return nil, tidings.Errorf(tidings.KindUnsupported, "This file holds %d streams; at most %d can be read.", len(p.Streams), maxStreams)
	}
	return p.tracks()
}

func (p probed) tracks() ([]tidings.Track, error) {
	var out []tidings.Track
	for _, s := range p.Streams {
		t := tidings.Track{Index: s.Index, Type: s.Type, Codec: s.Codec}
		switch {
		case s.Type == "video" && s.Disp.Cover == 0 && s.Codec != "":
			if s.Width*s.Height > maxPixels {
				return nil, tidings.Errorf(tidings.KindUnsupported, "A picture of %d × %d is too large; at most 4096 × 2304 can be read.", s.Width, s.Height)
			}
			t.Width, t.Height = s.Width, s.Height
			for _, side := range s.Side {
				t.Rotation = (int(math.Round(-side.Rotation/90))*90 + 360) % 360
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
		return nil, tidings.Errorf(tidings.KindUnsupported, "There is no picture and no sound in this file that we can read.")
	}
	return out, nil
}

// settled reports whether the tracks say all that a plan needs; when they do
// not, more bytes may.
func settled(tracks []tidings.Track) bool {
	for _, t := range tracks {
		if t.Type == "video" && t.Width == 0 || t.Type == "audio" && t.Rate == 0 {
			return false
		}
	}
	return len(tracks) > 0
}

// whitelist is the only demuxer ffmpeg may use for the container.
func (c container) whitelist() string {
	if c.format == "mov" {
		return "mov,mp4,m4a,3gp,3g2,mj2"
	}
	if c.format == "matroska" {
		return "matroska,webm"
	}
	return c.format
}
