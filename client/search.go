package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Hit is a clip that matches a query.
type Hit struct {
	Clip    struct{ Title string } `json:"clip"`
	Match   string                 `json:"match"` // "words", or "meaning": it says the same in other words
	Moments []Moment               `json:"moments"`
}

// Moment is a place in a clip that matches a query.
type Moment struct {
	Source      string `json:"source"`
	StartMS     int64  `json:"start_ms"`
	SnippetHTML string `json:"snippet_html"`
	URL         string `json:"url"`
}

// Search finds clips in the caller's first workspace.
func (c *Client) Search(ctx context.Context, query string) ([]Hit, error) {
	ws, err := c.firstWorkspace(ctx)
	if err != nil {
		return nil, err
	}

	var page struct {
		Items []Hit `json:"items"`
	}

	q := url.Values{"workspace": {ws}, "q": {query}}
	err = c.callJSON(ctx, http.MethodGet, "/api/v1/search?"+q.Encode(), nil, &page)
	return page.Items, err
}

// unescapeSnippet turns marks into *stars* and the escapes of a snippet into
// their characters.
var unescapeSnippet = strings.NewReplacer("<mark>", "*", "</mark>", "*", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&quot;", `"`, "&#39;", "'", "&amp;", "&")

// Text is the snippet as text for a terminal, with the matches as *matches*.
func (m Moment) Text() string { return unescapeSnippet.Replace(m.SnippetHTML) }

// Time is the position as m:ss or h:mm:ss.
func (m Moment) Time() string {
	s := m.StartMS / 1000
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
