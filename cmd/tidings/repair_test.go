package main

import (
	"cmp"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestRepair: a segment that a reader finds damaged is made again by itself, and
// served whole then.
func TestRepair(t *testing.T) {
	flags := []string{"--scrub-interval", "0"} // the reader alone finds it
	s := startServer(t, t.TempDir(), flags...).signIn()
	clip := s.pushFile("../../media/testdata/voice.webm", "Quarterly figures")
	s.awaitFinished(clip)
	if n, broken := s.readSegments(clip); n == 0 || len(broken) > 0 {
		t.Fatalf("%d files, %q broken", n, broken)
	}

	keys := storedSegments(t, s.data, clip)
	damageObject(t, s.data, keys[0], flipByte)
	if _, broken := s.readSegments(clip); len(broken) != 1 {
		t.Fatalf("%q break off, not the damaged one alone\n%s", broken, s.log)
	}
	if s.loadDamage(clip) == "" {
		t.Error("the clip does not say that it is damaged")
	}

	s.stop()
	s = s.restart(flags...) // a process begins with the sweep that comes once a minute
	s.awaitClip(clip, "repaired", func(c clipView) bool {
		return c.Steps["transcode"].State == "done" && s.loadDamage(clip) == ""
	})
	if n, broken := s.readSegments(clip); n == 0 || len(broken) > 0 {
		t.Errorf("%d files, %q broken after the repair\n%s", n, broken, s.log)
	}
}

// storedSegments are the keys of a clip's segments in the embedded storage.
func storedSegments(t *testing.T, data, clip string) (keys []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(data, "storage"), func(path string, d fs.DirEntry, err error) error {
		if at := strings.Index(path, "clips/"+clip+"/"); err == nil && at >= 0 && strings.HasSuffix(path, ".m4s") {
			keys = append(keys, path[at:])
		}
		return err
	})
	if err != nil || len(keys) == 0 {
		t.Fatalf("no segments of %s: %v", clip, err)
	}
	return keys
}

// readSegments reads what the playlists of a clip name, and returns how much
// that is and which of it is not served whole.
func (s *testServer) readSegments(clip string) (n int, broken []string) {
	s.t.Helper()
	read := map[string]bool{}
	for at, text := range s.loadPlaylists(clip) {
		for _, m := range playlistURI.FindAllStringSubmatch(text, -1) {
			read[resolveURL(at, cmp.Or(m[1], m[0]))] = true
		}
	}

	for uri := range maps.Keys(read) {
		if res, _, err := s.tryRequest(http.MethodGet, uri, nil, nil); err != nil || res.StatusCode != http.StatusOK {
			broken = append(broken, uri)
		}
	}

	return len(read), broken
}

// loadDamage is what a clip says of its damage, "" when it is whole.
func (s *testServer) loadDamage(clip string) string {
	s.t.Helper()
	var c struct{ Damage string }
	s.callAPI(http.MethodGet, "/api/v1/clips/"+clip, nil, &c)
	return c.Damage
}
