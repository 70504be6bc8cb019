package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tidings.example/tidings/tidings"
)

// place is where a pushed clip goes; a ChannelID of "" is everybody in the
// workspace.
type place struct {
	WorkspaceID string `json:"workspace_id"`
	ChannelID   string `json:"id"`
	Name        string `json:"name"`
}

// place is the channel that is meant by an id or a name, in any workspace of
// the caller; for "" it is the first workspace. A name may have a # before it,
// and its capitals do not matter.
func (c *Client) place(ctx context.Context, which string) (place, error) {
	if which == "" {
		ws, err := c.workspace(ctx)
		return place{WorkspaceID: ws}, err
	}

	if _, ok := tidings.ParseID(which); ok {
		var p place
		err := c.call(ctx, http.MethodGet, "/api/v1/channels/"+which, nil, &p)
		if tidings.KindOf(err) != tidings.KindNotFound { // then it is a name like an id
			return p, err
		}
	}

	all, err := c.channels(ctx)
	if err != nil {
		return place{}, err
	}

	var found []place
	for _, p := range all {
		if strings.EqualFold(p.Name, strings.TrimPrefix(which, "#")) {
			found = append(found, p)
		}
	}

	switch len(found) {
	case 0:
		return place{}, fmt.Errorf("there is no channel %q that you can see", which)
	case 1:
		return found[0], nil
	}

	return place{}, fmt.Errorf("%d of your workspaces have a channel %q: name it by its id, %s", len(found), which, ids(found))
}

func ids(places []place) string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = p.ChannelID
	}
	return strings.Join(out, " or ")
}

// channels are those of all workspaces of the caller that they may see.
func (c *Client) channels(ctx context.Context) (all []place, err error) {
	workspaces, err := c.workspaces(ctx)
	if err != nil {
		return nil, err
	}

	for _, ws := range workspaces {
		for cursor := ""; ; {
			var page struct {
				Items []place `json:"items"`
				Next  *string `json:"next_cursor"`
			}

			query := url.Values{"limit": {"100"}}
			if cursor != "" {
				query.Set("cursor", cursor)
			}

			if err := c.call(ctx, http.MethodGet, "/api/v1/workspaces/"+ws+"/channels?"+query.Encode(), nil, &page); err != nil {
				return nil, err
			}

			all = append(all, page.Items...)

			if page.Next == nil {
				break
			}

			cursor = *page.Next
		}
	}

	return all, nil
}
