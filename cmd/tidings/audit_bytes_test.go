package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestAuditBytes: an object that was flipped, cut, made longer or emptied under
// the storage is named with its clip, without a server and beside one.
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
	for i, change := range damage {
		damageObject(t, data, keys[i*3], change)
	}

	check := func(what string) {
		t.Helper()
		out, err := runCommand(t, "audit", "--bytes", "--rate", "1", "--data", data)
		if err == nil || !strings.Contains(out, fmt.Sprintf("%d objects read: %d damaged", len(objects)+1, len(damage))) || !strings.Contains(out, "reading") {
			t.Errorf("%s: %v %s", what, err, out)
		}

		for i := range damage {
			key := keys[i*3]
			if want := "damaged object " + key + " of clip " + strings.Split(key, "/")[1]; !strings.Contains(out, want) {
				t.Errorf("%s: %q is not said: %s", what, want, out)
			}
		}
	}
	check("without a server")

	s := startServer(t, data, "--roles", "api")
	check("beside a server")
	s.stop()
}
