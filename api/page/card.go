package page

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// shareCard is what other programs show of a page: Open Graph (https://ogp.me),
// the player card of Twitter, and the URL of oEmbed.
type shareCard struct {
	Title, Description string
	Type, Twitter      string
	URL, Image         string
	Player, OEmbed     string // "" = no player
	Width, Height      int    // of the player
	ImageWidth         int    // 0 = unknown
	ImageHeight        int
}

// Size of the player where the clip's own is not known.
const (
	playerWidth  = 1280
	playerHeight = 720
	audioHeight  = 200
)

// neutralCard says nothing about the content of the page.
func neutralCard() *shareCard {
	return &shareCard{Title: "Tidings", Description: "Video and voice updates for people who work at different hours.", Type: "website", Twitter: "summary"}
}

// startTime is a time to start at as pages read it: 93, 93.5, 1:33 or 1m33s.
var startTime = regexp.MustCompile(`^[0-9hms:.]{1,20}$`)

// clipCard is the card of a clip that the request's share link opens to anyone.
// The player starts at the time that the address of the page has as t.
func clipCard(ctx context.Context, clip spec.Clip, start string) *shareCard {
	k := request.FromContext(ctx)
	token, query := url.PathEscape(k.Credentials.Share), ""
	if startTime.MatchString(start) {
		query = "?t=" + url.QueryEscape(start)
	}

	page := k.BaseURL + "/s/" + token
	card := &shareCard{Title: clip.Title, Description: describeClip(clip), Type: "video.other", Twitter: "player", URL: page,
		Player: k.BaseURL + "/embed/" + token + query, OEmbed: k.BaseURL + "/oembed?url=" + url.QueryEscape(page+query)}
	card.Width, card.Height = playerSize(clip, 0, 0)
	switch {
	case clip.State == tidings.ClipReady:
		card.Image, card.ImageWidth, card.ImageHeight = k.BaseURL+*k.MediaURL(clip.ID, media.ShareImage), media.ShareImageWidth, media.ShareImageHeight
	case clip.Media.Poster != nil:
		card.Image = k.BaseURL + *clip.Media.Poster
	}

	return card
}

// describeClip is the author, the length and the beginning of the description.
func describeClip(clip spec.Clip) string {
	texts := []string{clip.Author.Name}
	if ms := spec.Deref(clip.DurationMs); ms > 0 {
		texts = append(texts, fmt.Sprintf("%d:%02d", ms/60_000, ms/1000%60))
	}

	text := strings.Join(strings.Fields(clip.Description), " ")
	if utf8.RuneCountInString(text) > 200 {
		text = string([]rune(text)[:199]) + "…"
	}

	if text != "" {
		texts = append(texts, text)
	}

	return strings.Join(texts, " · ")
}

// playerSize is the size of an embedded player in pixels: the clip's aspect
// ratio, within the limits (0 = none).
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
