package tidings_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

func TestCursor(t *testing.T) {
	for _, key := range []string{"", "x", "5.01ARZ3NDEKTSV4RRFFQ69G5FAV", "Ä\x00ö", strings.Repeat("x", 3000)} {
		cursor := tidings.EncodeCursor(key)
		if got, ok := tidings.DecodeCursor(cursor); !ok || got != key {
			t.Errorf("%.40q: %.40q, %v", key, got, ok)
		}

		for _, forged := range []string{cursor + "A", cursor[1:], cursor + "=", " " + cursor, base64.RawURLEncoding.EncodeToString([]byte(key)), cursor[:len(cursor)-2] + "zz"} {
			if got, ok := tidings.DecodeCursor(forged); ok {
				t.Errorf("%.40q: %.40q was taken for the cursor of %.40q", key, forged, got)
			}
		}
	}

	for _, forged := range []string{"!!", "null", "AAAA"} {
		if _, ok := tidings.DecodeCursor(forged); ok {
			t.Errorf("%q was taken for a cursor", forged)
		}
	}
}
