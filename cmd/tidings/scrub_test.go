package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// awaitDoctor runs doctor until it says something.
func awaitDoctor(t *testing.T, data, want string) string {
	t.Helper()
	for start := time.Now(); ; {
		out, _ := runCommand(t, "doctor", "--data", data)
		if strings.Contains(out, want) {
			return out
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("doctor does not say %q: %s", want, out)
		}
	}
}

// TestScrub: the server reads all objects in the background, goes on where the
// last process stopped, has what was made of an original made again, and doctor
// names what is damaged and what to do.
func TestScrub(t *testing.T) {
	data, _, objects := everythingFolder(t) // with a scrub that has read the first clip
	keys := slices.Sorted(maps.Keys(objects))
	first := strings.Split(keys[0], "/")[1]
	early, late := "clips/"+first+"/m1/v-1.m4s", keys[len(keys)-1]
	damageObject(t, data, early, flipByte)
	damageObject(t, data, late, flipByte)

	s := startServer(t, data, "--roles", "api", "--scrub-interval", "24h")
	if out := awaitDoctor(t, data, late); strings.Contains(out, early) || !strings.Contains(out, "Put the object back from a backup") {
		t.Errorf("the scrub does not go on after the first clip: %s", out)
	}

	s.stop()
	s = s.restart("--roles", "api", "--scrub-interval", "1s")
	awaitDoctor(t, data, early)
	for start := time.Now(); !strings.Contains(s.log.String(), early+" of clip "+first+" is being made again"); {
		if out := awaitDoctor(t, data, "objects"); time.Since(start) > time.Minute {
			t.Fatalf("nothing is made again: %s\n%s", out, s.log)
		}
	}
}
