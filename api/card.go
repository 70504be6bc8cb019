package api

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// card is what other programs show of a page: Open Graph (https://ogp.me),
// Twitter's player card, and where oEmbed finds the player.
type card struct {
	Title, Description string
	Type, Twitter      string
	URL, Image         string
	Player, OEmbed     string // "" = nothing to play
	Width, Height      int    // of the player
	ImageWidth         int    // 0 = not known
	ImageHeight        int
}

// Size of the player where the clip's own is not known.
const (
	playerWidth  = 1280
	playerHeight = 720
	audioHeight  = 200
)

// neutralCard tells nothing about what is behind the page.
func neutralCard() *card {
	return &card{Title: "Tidings", Description: "Video and voice updates for people who work at different hours.", Type: "website", Twitter: "summary"}
}

// clipCard is the card of a clip that was opened by a share link.
func (s *server) clipCard(ctx context.Context, clip spec.Clip) *card {
	k := request.FromContext(ctx)
	token := url.PathEscape(k.Credentials.Share)
	page := k.BaseURL + "/s/" + token
	d := &card{Title: clip.Title, Description: describe(clip), Type: "video.other", Twitter: "player", URL: page,
		Player: k.BaseURL + "/embed/" + token, OEmbed: k.BaseURL + "/oembed?url=" + url.QueryEscape(page)}
	d.Width, d.Height = playerSize(clip, 0, 0)
	switch {
	case clip.State == tidings.ClipReady:
		d.Image, d.ImageWidth, d.ImageHeight = k.BaseURL+*k.MediaURL(clip.ID, media.ShareImage), media.ShareImageWidth, media.ShareImageHeight
	case clip.Media.Poster != nil:
		d.Image = k.BaseURL + *clip.Media.Poster
	}

	return d
}

// describe is a sentence about a clip: who, how long, and how it begins.
func describe(clip spec.Clip) string {
	parts := []string{clip.Author.Name}
	if ms := spec.Deref(clip.DurationMs); ms > 0 {
		parts = append(parts, fmt.Sprintf("%d:%02d", ms/60_000, ms/1000%60))
	}

	text := strings.Join(strings.Fields(clip.Description), " ")
	if utf8.RuneCountInString(text) > 200 {
		text = string([]rune(text)[:199]) + "…"
	}

	if text != "" {
		parts = append(parts, text)
	}

	return strings.Join(parts, " · ")
}

// playerSize is the size of an embedded player, no larger than asked (0 = no
// limit) and in the clip's proportions.
func playerSize(clip spec.Clip, maxWidth, maxHeight int) (width, height int) {
	width, height = spec.Deref(clip.Width), spec.Deref(clip.Height)
	if clip.Kind == "voice" {
		width, height = 640, audioHeight
	} else if width <= 0 || height <= 0 {
		width, height = playerWidth, playerHeight
	}

	for _, limit := range []int{playerWidth, maxWidth} {
		if limit > 0 && width > limit {
			width, height = limit, max(1, height*limit/width)
		}
	}

	if maxHeight > 0 && height > maxHeight {
		width, height = max(1, width*maxHeight/height), maxHeight
	}

	return width, height
}
