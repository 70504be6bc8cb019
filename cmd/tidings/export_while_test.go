package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tidings.example/tidings/backup"
	"tidings.example/tidings/server"
	"tidings.example/tidings/tidings"
)

// exportFixture is an installation of one clip that changes during an export.
type exportFixture struct {
	t    *testing.T
	a    *server.App
	ana  tidings.ID
	clip tidings.ID
	dir  string
}

func newExportFixture(t *testing.T) *exportFixture {
	x := &exportFixture{t: t, clip: "01ARYZ6S41TSV4RRFFQ69G5FAV", dir: filepath.Join(t.TempDir(), "copy")}
	a, ana, ws := openTestApp(t, io.Discard)
	x.a, x.ana = a, ana.ID
	_, err := a.Store.CreateClip(t.Context(), tidings.Clip{ID: x.clip, State: tidings.ClipReady, WorkspaceID: ws.ID,
		Author: tidings.Author{ID: ana.ID}, Kind: tidings.ClipVoice, Visibility: tidings.VisibilityWorkspace})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// execSQL changes rows.
func (x *exportFixture) execSQL(query string, args ...any) {
	x.t.Helper()
	if _, err := x.a.Store.DB().ExecContext(x.t.Context(), query, args...); err != nil {
		x.t.Fatal(err)
	}
}

// runSweep runs one of the sweeps that delete objects.
func (x *exportFixture) runSweep(name string) {
	x.t.Helper()
	for _, s := range x.a.Sweeps() {
		if s.Name == name {
			if err := s.Do(x.t.Context()); err != nil {
				x.t.Fatal(err)
			}
		}
	}
}

// exportDuring exports and calls a function between the snapshot of the database
// and the first object.
func (x *exportFixture) exportDuring(what func()) backup.ExportReport {
	x.t.Helper()
	once := false
	r, err := x.a.Export(x.t.Context(), server.ExportRequest{Dir: x.dir}, func(p tidings.Progress) {
		if p.Phase == "copying" && !once {
			once = true
			what()
		}
	})
	if err != nil {
		x.t.Fatal(err)
	}

	return r
}

func (x *exportFixture) isExported(key string) bool {
	_, err := os.Stat(filepath.Join(x.dir, "objects", filepath.FromSlash(key)))
	return err == nil
}

func doNothing() {}

// TestExportHoldsSweeps: an object that the snapshot names is not deleted until it
// is copied; the next sweep and the next export drop it.
func TestExportHoldsSweeps(t *testing.T) {
	x := newExportFixture(t)
	keys := putAssets(t, x.a, x.clip, 0, 3)
	r := x.exportDuring(func() { // it was replaced long ago, as far as the sweep knows
		x.execSQL("DELETE FROM assets WHERE key = $1", keys[0])
		x.execSQL("INSERT INTO stale_objects (key, since_ms) VALUES ($1, 0)", keys[0])
		x.runSweep("stale objects")
		if _, err := x.a.Export(t.Context(), server.ExportRequest{Dir: x.dir}, func(tidings.Progress) {}); tidings.KindOf(err) != tidings.KindConflict {
			t.Errorf("a second export: %v", err)
		}
	})
	if r.Manifest.Objects != 3 || r.Manifest.Missing != 0 || !x.isExported(keys[0]) {
		t.Errorf("the sweep took what the export needs: %+v", r)
	}

	x.runSweep("stale objects")
	if left, err := x.a.Store.StaleObjects(t.Context(), tidings.FromMillis(1), 10); err != nil || len(left) > 0 {
		t.Errorf("nothing is swept afterwards: %v %v", left, err)
	}

	if r = x.exportDuring(doNothing); r.Manifest.Objects != 2 || x.isExported(keys[0]) {
		t.Errorf("what was deleted stays in the export: %+v", r)
	}
}

// TestExportHoldsParts: an original that is made of its parts meanwhile does
// not take them from an export whose rows name the parts.
func TestExportHoldsParts(t *testing.T) {
	x, part := newExportFixture(t), []byte("a part of a recording")
	key := clipPrefix(x.clip) + "parts/00000000000000000000-00000000"
	if err := x.a.Blobs.Plain().Put(t.Context(), key, bytes.NewReader(part), int64(len(part)), ""); err != nil {
		t.Fatal(err)
	}

	u := tidings.Upload{ID: "01ARYZ6S41TSV4RRFFQ69G5FAW", ClipID: x.clip, UserID: x.ana, ExpiresAt: time.Now().Add(time.Hour)}
	if err := x.a.Store.CreateUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}

	p := tidings.UploadPart{UploadID: u.ID, ClipID: x.clip, Size: int64(len(part)), Key: key}
	if _, err := x.a.Store.AppendPart(t.Context(), p, 0, u.ExpiresAt); err != nil {
		t.Fatal(err)
	}
	if _, err := x.a.Store.SealUpload(t.Context(), u.ID, false); err != nil {
		t.Fatal(err)
	}

	x.execSQL("UPDATE uploads SET sealed_ms = 1")
	r := x.exportDuring(func() { x.runSweep("originals") })
	if r.Manifest.Objects != 1 || r.Manifest.Missing != 0 || !x.isExported(key) {
		t.Errorf("%+v", r)
	}

	x.runSweep("originals")
	if r = x.exportDuring(doNothing); r.Manifest.Objects != 1 || x.isExported(key) {
		t.Errorf("%+v", r)
	}
}

// TestExportWhileRecording moves to another server in the middle of a
// recording: the recorder goes on there where the export was made.
func TestExportWhileRecording(t *testing.T) {
	whole := readRecording(t, "voice.webm")
	s := startServer(t, t.TempDir(), "--speech-slots", "1").signIn()
	clip, upload := s.createRecording("voice", "audio/webm")
	half, err := s.patchUpload(upload, 0, whole[:len(whole)/2], 0)
	if err != nil {
		t.Fatal(err)
	}

	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	runExport(t, s.data, dir, "1 clips")
	s.kill()

	if out, err := runCommand(t, "import", "--data", to, dir); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}

	n := startServer(t, to)
	n.token, n.ws = s.token, s.ws
	if at := n.uploadOffset(upload); at != half {
		t.Fatalf("%d bytes were there, %d are", half, at)
	}
	if _, err := n.patchUpload(upload, half, whole[half:], int64(len(whole))); err != nil {
		t.Fatal(err)
	}

	n.awaitFinished(clip)
	if _, got := n.request(http.MethodGet, "/api/v1/clips/"+clip+"/media/original", nil, nil); !bytes.Equal(got, whole) {
		t.Errorf("%d bytes that are not the %d", len(got), len(whole))
	}

	n.awaitSettled()
}
