package page

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// Values of frame-ancestors (CSP). FrameAnyone is the default of embeds: an
// embed shows what its link shows to anyone, acts for no account (browsers send
// no cookie into a frame of another site), and ends with the link.
const (
	FrameAnyone = "*"
	FrameNone   = "'none'"
)

// embedAncestors is the frame-ancestors of a clip's embed, by the setting of its
// workspace.
func (h *Handler) embedAncestors(ctx context.Context, clip tidings.ID) (string, error) {
	access, err := h.Store.ClipAccess(ctx, clip, "")
	if err != nil {
		return "", err
	}

	list, set, err := h.Store.EmbedOrigins(ctx, access.WorkspaceID)
	switch {
	case err != nil || !set:
		return h.EmbedAncestors, err
	case len(list) == 0:
		return FrameNone, nil
	}

	if !slices.Contains(list, FrameAnyone) {
		list = append([]string{"'self'"}, list...) // the share dialog shows how it looks
	}

	return strings.Join(list, " "), nil
}

// CleanOrigins checks the origins of a workspace's embed setting and returns them
// as browsers serialize them, without duplicates. KindInvalid otherwise.
func CleanOrigins(list []string) ([]string, error) {
	out := []string{}
	for _, text := range list {
		origin, ok := normalizeOrigin(text)
		if !ok {
			return nil, tidings.Invalid("embed_origins", "%q is no origin such as https://wiki.example or https://*.example.com.", text)
		}
		if !slices.Contains(out, origin) {
			out = append(out, origin)
		}
	}

	if len(out) > 1 && slices.Contains(out, FrameAnyone) {
		return nil, tidings.Invalid("embed_origins", "* means everybody: leave the others out.")
	}
	return out, nil
}

func normalizeOrigin(text string) (string, bool) {
	text = strings.ToLower(strings.TrimRight(strings.TrimSpace(text), "/"))
	if text == FrameAnyone {
		return text, true
	}

	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return "", false
	}

	wild, bare := "", rest
	if after, ok := strings.CutPrefix(rest, "*."); ok {
		wild, bare = "*.", after
	}

	u, err := url.Parse(scheme + "://" + bare)
	if err != nil || u.Host != bare || u.Hostname() == "" || strings.HasSuffix(bare, ":") {
		return "", false
	}

	name := u.Hostname()
	if v6 := strings.HasPrefix(bare, "["); v6 && wild != "" || !v6 && !request.IsHostName(name) || u.Port() != "" && !request.IsPort(u.Port()) {
		return "", false
	}

	return scheme + "://" + wild + bare, true
}
