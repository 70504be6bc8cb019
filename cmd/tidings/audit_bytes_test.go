package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestAuditBytes: an object that was flipped, cut, made longer or emptied under
// the storage is named with its clip, without a server and beside one, and so is
// what becomes of it.
func TestAuditBytes(t *testing.T) {
	data, _, objects := everythingFolder(t)
	if out, err := runCommand(t, "audit", "--bytes", "--data", data); !strings.Contains(out, fmt.Sprintf("%d objects read: 0 damaged", len(objects)+1)) {
		t.Fatalf("of whole objects: %v %s", err, out)
	}

	keys := slices.Sorted(maps.Keys(objects))
	damage := []func([]byte) []byte{
		flipByte,
		func(b []byte) []byte { return b[:len(b)-1] },
		func(b []byte) []byte { return append(b, 'x') },
		func([]byte) []byte { return nil },
	}
	var damaged []string
	first := strings.Split(keys[0], "/")[1] // a clip with media; another one loses its original
	for _, part := range []string{"/parts/", first + "/m1/a-init.mp4", first + "/m1/v-1.m4s", first + "/m1/poster.jpg"} {
		i := slices.IndexFunc(keys, func(k string) bool {
			return strings.Contains(k, part) && (part != "/parts/" || !strings.Contains(k, first))
		})
		if i < 0 {
			t.Fatalf("no object %s in %v", part, keys)
		}
		damageObject(t, data, keys[i], damage[len(damaged)])
		damaged = append(damaged, keys[i])
	}

	check := func(what, becomes string) {
		t.Helper()
		out, err := runCommand(t, "audit", "--bytes", "--rate", "1", "--data", data)
		if err == nil || !strings.Contains(out, fmt.Sprintf("%d objects read: %d damaged", len(objects)+1, len(damage))) || !strings.Contains(out, "reading") {
			t.Errorf("%s: %v %s", what, err, out)
		}

		for _, key := range damaged {
			if want := "damaged object " + key + " of clip " + strings.Split(key, "/")[1]; !strings.Contains(out, want) {
				t.Errorf("%s: %q is not said: %s", what, want, out)
			}
		}
		for key, becomes := range map[string]string{damaged[0]: "cannot be made again: only a backup has it", damaged[3]: becomes} {
			if want := key + " of clip " + strings.Split(key, "/")[1] + " " + becomes; !strings.Contains(out, want) {
				t.Errorf("%s: %q is not said: %s", what, want, out)
			}
		}
	}
	check("without a server", "is being made again")

	s := startServer(t, data, "--roles", "api")
	check("beside a server", "is not made again now: This step is still under way.")
	s.stop()
}
