package upload

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// metadataKeys are the keys of Upload-Metadata that are read. Other programs
// send keys of their own, such as Uppy's relativePath: these are kept with the
// upload for HEAD, and mean nothing here.
var metadataKeys = []string{"clip_id", "filename", "filetype"}

// Bounds of Upload-Metadata. HEAD answers with the whole header, which must fit
// the buffers of a proxy: docs/operations.md gives nginx 8 KiB for all headers.
const (
	maxMetadataBytes = 4 << 10
	maxMetadataKeys  = 64
	maxMetadataValue = 1000 // of the keys that are read, in bytes: 255 characters of any script fit
)

func errMetadata(format string, args ...any) error {
	return tidings.Invalid("Upload-Metadata", format, args...)
}

// parseMetadata reads Upload-Metadata, pairs of a key and its value in base64,
// and returns the values of metadataKeys. Values of other keys may be any bytes.
func parseMetadata(header string) (map[string]string, error) {
	if header == "" {
		return nil, nil
	}
	if len(header) > maxMetadataBytes {
		return nil, errMetadata("It may have at most %d bytes.", maxMetadataBytes)
	}

	pairs := strings.Split(header, ",")
	if len(pairs) > maxMetadataKeys {
		return nil, errMetadata("It may have at most %d keys.", maxMetadataKeys)
	}

	meta, seen := map[string]string{}, map[string]bool{}
	for _, pair := range pairs {
		key, encoded, _ := strings.Cut(strings.Trim(pair, " \t"), " ")
		if err := checkMetadataKey(key, seen[key]); err != nil {
			return nil, err
		}

		value, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil {
			return nil, errMetadata("The value of %s is not base64.", key)
		}

		seen[key] = true
		if !slices.Contains(metadataKeys, key) {
			continue
		}
		if !request.IsCleanText(string(value)) || len(value) > maxMetadataValue {
			return nil, errMetadata("The value of %s is not a text of at most %d bytes.", key, maxMetadataValue)
		}

		meta[key] = string(value)
	}

	return meta, nil
}

// checkMetadataKey refuses a key that HEAD could not return or that stands
// there twice.
func checkMetadataKey(key string, seen bool) error {
	switch {
	case key == "":
		return errMetadata("A key is empty.")
	case !utf8.ValidString(key) || !request.IsCleanText(key) || strings.Contains(key, "\t"):
		return errMetadata("A key is not UTF-8 text.")
	case seen:
		return errMetadata("The key %s stands there twice.", key)
	}
	return nil
}

// formatMetadata writes Upload-Metadata as it was sent. An upload that began
// before that was kept has the keys that were read.
func formatMetadata(u tidings.Upload) string {
	if u.Metadata != "" {
		return u.Metadata
	}

	var pairs []string
	for i, value := range []string{string(u.ClipID), u.Filename, u.Filetype} {
		if value != "" {
			pairs = append(pairs, metadataKeys[i]+" "+base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}
	return strings.Join(pairs, ",")
}
