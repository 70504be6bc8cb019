package api

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// everybody may frame embeds where nobody chose otherwise: an embed shows what
// its link shows to anyone, acts in nobody's name (browsers send no cookie into
// another site's frame), and ends with the link.
const everybody = "*"

// embedAncestors is who may frame embeds of a clip, as CSP's frame-ancestors
// writes it.
func (s *server) embedAncestors(ctx context.Context, clip tidings.ID) (string, error) {
	g, err := s.Store.ClipAccess(ctx, clip, "")
	if err != nil {
		return "", err
	}

	list, set, err := s.Store.EmbedOrigins(ctx, g.WorkspaceID)
	switch {
	case err != nil || !set:
		return s.EmbedAncestors, err
	case len(list) == 0:
		return noFrames, nil
	}

	if !slices.Contains(list, everybody) {
		list = append([]string{"'self'"}, list...) // the share dialog shows how it looks
	}

	return strings.Join(list, " "), nil
}

// cleanOrigins checks a list of origins and writes each in the one way that
// browsers compare.
func cleanOrigins(list []string) ([]string, error) {
	out := []string{}
	for _, text := range list {
		origin, ok := cleanOrigin(text)
		if !ok {
			return nil, tidings.Invalid("embed_origins", "%q is no origin such as https://wiki.example or https://*.example.com.", text)
		}
		if !slices.Contains(out, origin) {
			out = append(out, origin)
		}
	}

	if len(out) > 1 && slices.Contains(out, everybody) {
		return nil, tidings.Invalid("embed_origins", "* means everybody: leave the others out.")
	}
	return out, nil
}

func cleanOrigin(text string) (string, bool) {
	text = strings.ToLower(strings.TrimRight(strings.TrimSpace(text), "/"))
	if text == everybody {
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
