package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tidings.example/tidings/tidings"
)

// destination is where a pushed clip goes; a ChannelID of "" is everybody in the
// workspace.
type destination struct {
	WorkspaceID string `json:"workspace_id"`
	ChannelID   string `json:"id"`
	Name        string `json:"name"`
}

// resolveDestination is the channel that is meant by an id or a name, in any workspace of
// the caller; for "" it is the first workspace. A name may have a # before it,
// and its capitals do not matter.
func (c *Client) resolveDestination(ctx context.Context, which string) (destination, error) {
	if which == "" {
		ws, err := c.firstWorkspace(ctx)
		return destination{WorkspaceID: ws}, err
	}

	if _, ok := tidings.ParseID(which); ok {
		var p destination
		err := c.callJSON(ctx, http.MethodGet, "/api/v1/channels/"+which, nil, &p)
		if tidings.KindOf(err) != tidings.KindNotFound { // then it is a name like an id
			return p, err
		}
	}

	all, err := c.listChannels(ctx)
	if err != nil {
		return destination{}, err
	}

	var found []destination
	for _, p := range all {
		if strings.EqualFold(p.Name, strings.TrimPrefix(which, "#")) {
			found = append(found, p)
		}
	}

	switch len(found) {
	case 0:
		return destination{}, fmt.Errorf("there is no channel %q that you can see", which)
	case 1:
		return found[0], nil
	}

	return destination{}, fmt.Errorf("%d of your workspaces have a channel %q: name it by its id, %s", len(found), which, channelIDs(found))
}

func channelIDs(places []destination) string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = p.ChannelID
	}
	return strings.Join(out, " or ")
}

// listChannels are those of all workspaces of the caller that they may see.
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
