package upload

import (
	"slices"
	"testing"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// FuzzMetadata: metadata that is accepted is returned as it was sent, also fits
// an upload that has only the values that were read, and these are clean text.
func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{"", "clip_id MDFBUlla", "clip_id MDFBUlla,filename YS53ZWJt", "clip_id", "clip_id  MDFB", "filename YQ==", ",", "clip_id AA==", "clip_id MDFB,clip_id MDFB", "clip_id MDFB,relativePath YQ==,empty"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, header string) {
		meta, err := parseMetadata(header)
		if err != nil {
			if tidings.KindOf(err) != tidings.KindInvalid {
				t.Fatalf("%q: %v", header, err)
			}
			return
		}

		u := tidings.Upload{ClipID: tidings.ID(meta["clip_id"]), Filename: meta["filename"], Filetype: meta["filetype"]}
		again, err := parseMetadata(formatMetadata(u))
		if err != nil || again["clip_id"] != meta["clip_id"] || again["filename"] != meta["filename"] || again["filetype"] != meta["filetype"] {
			t.Fatalf("%q: %v, then %v %v", header, meta, again, err)
		}

		u.Metadata = header
		if formatMetadata(u) != header {
			t.Fatalf("%q is returned as %q", header, formatMetadata(u))
		}

		for key, value := range meta {
			if !request.IsCleanText(value) || !slices.Contains(metadataKeys, key) {
				t.Fatalf("%q: %q is %q", header, key, value)
			}
		}
	})
}
