// Package hls writes the HTTP Live Streaming playlists (RFC 8216) of a clip
// from the rows of its renditions and segments.
package hls

import (
	"bytes"
	"fmt"

	"tidings.example/tidings/tidings"
)

// SegmentSeconds is the usual length of a media segment.
const SegmentSeconds = 2

// MasterPlaylist is the multivariant playlist (RFC 8216 section 4.3.4) of the
// renditions, best first. suffix is appended to every URI, e.g. "?share=…". nil
// means that it is too early: players read the playlist once, so all renditions
// must have a segment, or the clip must be complete (a rendition may then be
// empty).
func MasterPlaylist(rs []tidings.Rendition, suffix string) []byte {
	begun := 0
	for _, r := range rs {
		if r.InitKey != "" {
			begun++
		} else if !r.Complete {
			return nil
		}
	}

	if begun == 0 {
		return nil
	}

	var b bytes.Buffer
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	var audio *tidings.Rendition
	for i := range rs {
		if rs[i].Kind == tidings.RenditionAudio && rs[i].InitKey != "" {
			audio = &rs[i]
		}
	}

	videos := 0
	for _, r := range rs {
		if r.Kind == tidings.RenditionVideo && r.InitKey != "" {
			videos++
		}
	}

	if videos == 0 {
		if audio != nil {
			fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,CODECS=%q\n%s/index.m3u8%s\n", audio.Bandwidth, audio.Codecs, audio.Name, suffix)
		}
		return b.Bytes()
	}

	group := ""
	if audio != nil {
		group = `,AUDIO="a"`
		fmt.Fprintf(&b, "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"Sound\",DEFAULT=YES,AUTOSELECT=YES,URI=\"%s/index.m3u8%s\"\n", audio.Name, suffix)
	}

	for _, r := range rs {
		if r.Kind != tidings.RenditionVideo || r.InitKey == "" {
			continue
		}

		names, rate := r.Codecs, r.Bandwidth
		if audio != nil {
			names, rate = names+","+audio.Codecs, rate+audio.Bandwidth
		}

		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,RESOLUTION=%dx%d,CODECS=%q%s\n%s/index.m3u8%s\n",
			max(rate, 1), r.Width, r.Height, names, group, r.Name, suffix)
	}

	return b.Bytes()
}

// MediaPlaylist is the playlist of one rendition: EVENT while it grows, so that
// players may seek back to the start, and VOD with an end once it is complete.
// The target duration may never change (RFC 8216 section 4.3.3.1), so it is
// fixed at the longest usual segment and exceeded only by a longer one.
func MediaPlaylist(r tidings.Rendition, segs []tidings.Segment, suffix string) []byte {
	target := int64(2 * SegmentSeconds)
	for _, s := range segs {
		target = max(target, (s.DurationUS+500_000)/1_000_000)
	}

	var b bytes.Buffer
	kind := "EVENT"
	if r.Complete {
		kind = "VOD"
	}

	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:%s\n", target, kind)
	fmt.Fprintf(&b, "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"init.mp4%s\"\n", suffix)
	for _, s := range segs {
		fmt.Fprintf(&b, "#EXTINF:%.6f,\n%d.m4s%s\n", float64(s.DurationUS)/1e6, s.Seq, suffix)
	}

	if r.Complete {
		b.WriteString("#EXT-X-ENDLIST\n")
	}

	return b.Bytes()
}
