// Package endpoint is what clients of the services in the settings share: their
// addresses, their secrets in files, and how their refusals are read.
package endpoint

import (
	"net/url"
	"strings"

	"tidings.example/tidings/tidings"
)

// CompleteURL is the URL of a resource such as /embeddings by the base of its API,
// such as https://host/v1, or by its own URL. what names it in the error.
func CompleteURL(base, resource, what string) (string, error) {
	u, err := url.Parse(strings.TrimRight(base, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", tidings.Errorf(tidings.KindInvalid, "The address of %s must be like https://host/v1, without a name, password or query in it.", what)
	}

	if u.Path == "" {
		u.Path = "/v1"
	}
	if !strings.HasSuffix(u.Path, resource) {
		u.Path += resource
	}

	return u.String(), nil
}
