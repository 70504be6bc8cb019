package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// addSums gives the rows of assets the checksums of what is stored.
func (in *installation) addSums(keys []string) {
	in.t.Helper()
	for _, key := range keys {
		in.execSQL("UPDATE assets SET sums = $1 WHERE key = $2", []byte(tidings.SumBlocks(in.objects.content[key])), key)
	}
}

// flipBit damages an object without the storage noticing.
func (m *memoryObjects) flipBit(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.content[key] = slices.Clone(m.content[key])
	m.content[key][len(m.content[key])/2] ^= 1
}

// TestExportVerifies: an object that differs from the checksums or the size of
// its row is named, recorded and not copied, though the storage gives it as whole.
func TestExportVerifies(t *testing.T) {
	in, _, clip := newInstallation(t, 0)
	dir := filepath.Join(t.TempDir(), "copy")
	keys := in.addAssets(clip, 0, 5)
	in.addSums(keys)
	in.export(dir, nil)
	before := readFiles(t, dir)

	more := in.addAssets(clip, 10, 13)
	in.addSums(more[:1])
	in.objects.flipBit(more[0])
	in.objects.content[more[1]] = in.objects.content[more[1]][1:]
	in.objects.content[keys[1]] = nil
	in.objects.flipBit(keys[largeAsset])
	dest := filepath.Join(t.TempDir(), "another")

	named := func(key string) string { return "damaged object " + key + " of clip " + string(clip) }
	kept := "damaged object, which only this export has: " + keys[1] + " of clip " + string(clip)
	for to, want := range map[string][]string{
		dir:  {kept, named(more[0]), named(more[1])}, // it has keys[largeAsset] from before
		dest: {named(keys[1]), named(keys[largeAsset]), named(more[0]), named(more[1])},
	} {
		r := in.export(to, nil)
		if int(r.Manifest.Damaged) != len(want) || r.Manifest.Missing != 0 || !slices.Equal(r.Lines, want) || !hasObject(to, more[2]) {
			t.Errorf("%+v, want %q", r, want)
		}
		if hasObject(to, more[0]) || hasObject(to, more[1]) {
			t.Error("damaged objects are copied")
		}
	}

	after := readFiles(t, dir)
	for _, key := range []string{keys[1], keys[largeAsset]} {
		if name := objectPath(key); after[name] != before[name] || hasObject(dest, key) {
			t.Errorf("%s is not what was whole", key)
		}
	}

	damage, err := in.rows.DamageOfClip(t.Context(), clip)
	if err != nil || len(damage) != 4 || damage[0].Reason != "0 bytes instead of 17400" || damage[2].Reason != "block 0 has another checksum" {
		t.Errorf("recorded: %+v, %v", damage, err)
	}
}

// TestImportVerifies: an export of what was damaged before is imported but for
// that object.
func TestImportVerifies(t *testing.T) {
	in, _, clip := newInstallation(t, 0)
	dir := filepath.Join(t.TempDir(), "copy")
	keys := in.addAssets(clip, 0, 5)
	in.addSums(keys)
	in.export(dir, nil)
	e := copyExport(t, dir)
	for _, n := range []int{1, largeAsset} { // as if it had been copied without a look at its sums
		e.flipBit(e.objectFile(n))
		e.updateSum(n)
	}

	to := newMemoryObjects()
	data := filepath.Join(t.TempDir(), "new")
	r, err := importFrom(t, e.dir, data, to)
	if err != nil || r.Damaged != 2 || r.Copied != 3 || len(to.content) != 3 {
		t.Fatalf("%+v %v, %d stored", r, err, len(to.content))
	}
	for _, key := range []string{keys[1], keys[largeAsset]} {
		if !strings.Contains(strings.Join(r.Lines, "\n"), "damaged object "+key+" of clip "+string(clip)) {
			t.Errorf("%s is not named: %q", key, r.Lines)
		}
	}

	moved := openInstallation(t, data, to)
	if got, err := moved.rows.ClipKeys(t.Context(), clip); err != nil || len(got) != len(keys) {
		t.Errorf("the database: %v %v", got, err)
	}
}

// updateSum makes the checksum of the n-th object that of its file.
func (c *exportCopy) updateSum(n int) {
	c.t.Helper()
	lines := c.readLines()
	var l objectEntry
	if err := json.Unmarshal([]byte(lines[n]), &l); err != nil {
		c.t.Fatal(err)
	}

	sum := sha256.Sum256(c.readFile(c.objectFile(n)))
	l.SHA256 = hex.EncodeToString(sum[:])
	b, err := json.Marshal(l)
	if err != nil {
		c.t.Fatal(err)
	}

	lines[n] = string(b) + "\n"
	c.writeList(lines...)
}
