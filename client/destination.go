package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/tidings"
)

// destination is where a pushed clip goes. ChannelID "" = everyone in the
// workspace.
type destination struct {
	WorkspaceID string `json:"workspace_id"`
	ChannelID   string `json:"id"`
	Name        string `json:"name"`
}

// resolveDestination finds a channel by its id or name in all workspaces of the
// caller; "" = the first workspace. A name may begin with #, and its case and
// accents do not matter.
func (c *Client) resolveDestination(ctx context.Context, channel string) (destination, error) {
	if channel == "" {
		ws, err := c.firstWorkspace(ctx)
		return destination{WorkspaceID: ws}, err
	}

	if _, ok := tidings.ParseID(channel); ok {
		var p destination
		err := c.callJSON(ctx, http.MethodGet, "/api/v1/channels/"+channel, nil, &p)
		if tidings.KindOf(err) != tidings.KindNotFound { // a name may look like an id
			return p, err
		}
	}

	all, err := c.listChannels(ctx)
	if err != nil {
		return destination{}, err
	}

	var found []destination
	for _, p := range all {
		if fold.EqualNames(p.Name, strings.TrimPrefix(channel, "#")) {
			found = append(found, p)
		}
	}

	switch len(found) {
	case 0:
		return destination{}, fmt.Errorf("there is no channel %q that you can see", channel)
	case 1:
		return found[0], nil
	}

	return destination{}, fmt.Errorf("%d of your workspaces have a channel %q: name it by its id, %s", len(found), channel, channelIDs(found))
}

func channelIDs(destinations []destination) string {
	out := make([]string, len(destinations))
	for i, p := range destinations {
		out[i] = p.ChannelID
	}
	return strings.Join(out, " or ")
}

// listChannels lists the visible channels of all workspaces of the caller.
func (c *Client) listChannels(ctx context.Context) (all []destination, err error) {
	workspaces, err := c.listWorkspaces(ctx)
	if err != nil {
		return nil, err
	}

	for _, ws := range workspaces {
		for cursor := ""; ; {
			var page struct {
				Items []destination `json:"items"`
				Next  *string       `json:"next_cursor"`
			}

			query := url.Values{"limit": {"100"}}
			if cursor != "" {
				query.Set("cursor", cursor)
			}

			if err := c.callJSON(ctx, http.MethodGet, "/api/v1/workspaces/"+ws+"/channels?"+query.Encode(), nil, &page); err != nil {
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
