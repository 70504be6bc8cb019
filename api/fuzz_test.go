package api

import (
	"net/url"
	"strings"
	"testing"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// FuzzIfMatch: a header is parsed into a version or refused; a formatted
// version is parsed again.
func FuzzIfMatch(f *testing.F) {
	for _, seed := range []string{`"3"`, `W/"3"`, "3", "*", `""`, `"-1"`, `"9223372036854775808"`, `"1","2"`, " \"4\" "} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, header string) {
		v, err := ifMatch(&header)
		switch {
		case err != nil && tidings.KindOf(err) != tidings.KindInvalid:
			t.Fatalf("%q: %v", header, err)
		case err == nil && v == nil && header != "*":
			t.Fatalf("%q is no condition", header)
		}
	})
}

// FuzzOwnPath: no redirect leaves this host, however a browser parses the path.
func FuzzOwnPath(f *testing.F) {
	for _, seed := range []string{"/c/1?t=3", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "javascript:x", "/%2f/evil.example", "/x#y", "/.//evil.example"} {
		f.Add(seed)
	}

	base := &url.URL{Scheme: "https", Host: "tidings.example", Path: "/login"}
	f.Fuzz(func(t *testing.T, next string) {
		path := request.LocalPath(next)
		if path == "" {
			return
		}

		// Browsers drop tabs and line breaks, and take a backslash for a slash.
		seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(path)
		to, err := base.Parse(seen)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || strings.HasPrefix(seen, "//") {
			t.Fatalf("%q leads to %v (%v)", next, to, err)
		}
	})
}

// FuzzCall: no body makes the validation panic, and a body it accepts satisfies
// the description.
func FuzzCall(f *testing.F) {
	for _, seed := range []string{"{}", `{"title":"x"}`, `{"title":null}`, "[[[[", `{"a":{"b":[1,2,{"c":"d"}]}}`, "\xff", `"\ud800"`, `{"title":"a\u0000"}`} {
		f.Add([]byte(seed))
	}

	u, err := loadDescription()
	if err != nil {
		f.Fatal(err)
	}

	schema := u.doc.Components.Schemas["ClipPatch"].Value
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := decodeJSON(body)
		if err != nil {
			return
		}

		fields := map[string]string{}
		collectFaults(schema.VisitJSON(value), fields)
		collectControlChars(value, "", fields)
		if object, ok := value.(map[string]any); len(fields) == 0 && !ok {
			t.Fatalf("%q is no object but %T", body, object)
		}
	})
}
