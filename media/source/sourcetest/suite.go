package sourcetest

import (
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// Database has all that media/source needs of one.
type Database interface {
	source.UploadRows
	source.SilentRows
	source.ContinuationRows
	source.OriginalRows
}

// suite is one upload in one database.
type suite struct {
	t *testing.T
	Database
	u tidings.Upload
}

// Run tests a database for what media/source relies on. begin returns it with an
// upload of an existing clip that is not created yet.
func Run(t *testing.T, begin func(t *testing.T) (Database, tidings.Upload)) {
	for name, test := range map[string]func(s *suite){
		"parts follow each other": (*suite).testAppend, "an older writer loses": (*suite).testFence,
		"the length is said once": (*suite).testLength, "a seal is final": (*suite).testSeal,
		"an abort forgets": (*suite).testAbort, "an original replaces its parts": (*suite).testOriginal,
		"unknown uploads": (*suite).testUnknown,
	} {
		t.Run(name, func(t *testing.T) {
			rows, u := begin(t)
			if err := rows.CreateUpload(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			test(&suite{t, rows, u})
		})
	}
}

func (s *suite) wantKind(err error, want tidings.Kind) {
	s.t.Helper()
	if tidings.KindOf(err) != want {
		s.t.Fatalf("got %v, want kind %q", err, want)
	}
}

func (s *suite) appendPart(offset, size, fence int64) (tidings.Upload, error) {
	p := tidings.UploadPart{UploadID: s.u.ID, ClipID: s.u.ClipID, Offset: offset, Size: size, Key: "clips/" + string(s.u.ClipID) + "/parts/" + time.Duration(offset).String()}
	return s.AppendPart(s.t.Context(), p, fence, time.Now().Add(time.Hour))
}

func (s *suite) testAppend() {
	_, err := s.appendPart(5, 3, 0)
	s.wantKind(err, tidings.KindConflict)
	for _, at := range []int64{0, 4, 8} {
		u, err := s.appendPart(at, 4, 0)
		s.wantKind(err, "")
		if u.Offset != at+4 {
			s.t.Fatalf("stands at %d", u.Offset)
		}
	}

	_, err = s.appendPart(4, 4, 0)
	s.wantKind(err, tidings.KindConflict)
	parts, err := s.Parts(s.t.Context(), s.u.ClipID, 4, 10)
	s.wantKind(err, "")
	if len(parts) != 2 || parts[0].Offset != 4 || parts[1].Offset != 8 || parts[1].Size != 4 {
		s.t.Fatalf("parts beyond byte 4: %+v", parts)
	}
	if parts, err = s.Parts(s.t.Context(), s.u.ClipID, 0, 1); err != nil || len(parts) != 1 || parts[0].Offset != 0 {
		s.t.Fatalf("first part: %+v, %v", parts, err)
	}
	if n, err := s.WorkspaceBytes(s.t.Context(), s.u.WorkspaceID); err != nil || n != 12 {
		s.t.Fatalf("%d bytes, %v", n, err)
	}
}

func (s *suite) testFence() {
	first, err := s.FenceUpload(s.t.Context(), s.u.ID)
	s.wantKind(err, "")
	second, err := s.FenceUpload(s.t.Context(), s.u.ID)
	s.wantKind(err, "")
	_, err = s.appendPart(0, 4, first.Fence)
	s.wantKind(err, tidings.KindConflict)
	_, err = s.appendPart(0, 4, second.Fence)
	s.wantKind(err, "")
}

func (s *suite) testLength() {
	_, err := s.appendPart(0, 4, 0)
	s.wantKind(err, "")
	_, err = s.SetUploadLength(s.t.Context(), s.u.ID, 3)
	s.wantKind(err, tidings.KindInvalid)
	for range 2 {
		u, err := s.SetUploadLength(s.t.Context(), s.u.ID, 9)
		s.wantKind(err, "")
		if u.Length == nil || *u.Length != 9 {
			s.t.Fatalf("length %v", u.Length)
		}
	}

	_, err = s.SetUploadLength(s.t.Context(), s.u.ID, 10)
	s.wantKind(err, tidings.KindConflict)
}

func (s *suite) testSeal() {
	_, err := s.appendPart(0, 4, 0)
	s.wantKind(err, "")
	for _, early := range []bool{true, false} {
		u, err := s.SealUpload(s.t.Context(), s.u.ID, early)
		s.wantKind(err, "")
		if u.SealedAt == nil || !u.EndedEarly || u.Length == nil || *u.Length != 4 {
			s.t.Fatalf("%+v", u)
		}
	}

	_, err = s.appendPart(4, 4, 0)
	s.wantKind(err, tidings.KindGone)
	s.wantKind(s.AbortUpload(s.t.Context(), s.u.ID), tidings.KindGone)
	idle, err := s.IdleUploads(s.t.Context(), time.Now().Add(time.Hour), 10)
	if err != nil || len(idle) != 0 {
		s.t.Fatalf("a sealed upload is idle: %+v, %v", idle, err)
	}
}

func (s *suite) testAbort() {
	_, err := s.appendPart(0, 4, 0)
	s.wantKind(err, "")
	idle, err := s.IdleUploads(s.t.Context(), time.Now().Add(time.Hour), 10)
	if err != nil || len(idle) != 1 || idle[0].ID != s.u.ID {
		s.t.Fatalf("idle: %+v, %v", idle, err)
	}

	s.wantKind(s.AbortUpload(s.t.Context(), s.u.ID), "")
	u, err := s.UploadByClip(s.t.Context(), s.u.ClipID)
	if err != nil || !u.Aborted {
		s.t.Fatalf("%+v, %v", u, err)
	}

	_, err = s.appendPart(4, 4, u.Fence)
	s.wantKind(err, tidings.KindGone)
	if parts, err := s.Parts(s.t.Context(), s.u.ClipID, 0, 10); err != nil || len(parts) != 0 {
		s.t.Fatalf("parts left: %+v, %v", parts, err)
	}
}

func (s *suite) testOriginal() {
	_, err := s.Asset(s.t.Context(), s.u.ClipID, "original")
	s.wantKind(err, tidings.KindNotFound)
	_, err = s.appendPart(0, 4, 0)
	s.wantKind(err, "")
	_, err = s.SealUpload(s.t.Context(), s.u.ID, false)
	s.wantKind(err, "")
	want := tidings.Asset{ClipID: s.u.ClipID, Name: "original", ContentType: "video/webm", Bytes: 4, Key: "clips/x/source/original-1"}
	for range 2 {
		s.wantKind(s.SetOriginal(s.t.Context(), want), "")
	}

	if got, err := s.Asset(s.t.Context(), s.u.ClipID, "original"); err != nil || got != want {
		s.t.Fatalf("%+v, %v", got, err)
	}
	if parts, err := s.Parts(s.t.Context(), s.u.ClipID, 0, 10); err != nil || len(parts) != 0 {
		s.t.Fatalf("parts left: %+v, %v", parts, err)
	}
	if u, err := s.Upload(s.t.Context(), s.u.ID); err != nil || u.Offset != 4 {
		s.t.Fatalf("%+v, %v", u, err)
	}
}

func (s *suite) testUnknown() {
	id := tidings.NewID(time.Now())
	for _, call := range []func() error{
		func() error { _, err := s.Upload(s.t.Context(), id); return err },
		func() error { _, err := s.UploadByClip(s.t.Context(), id); return err },
		func() error { _, err := s.FenceUpload(s.t.Context(), id); return err },
		func() error { _, err := s.SetUploadLength(s.t.Context(), id, 1); return err },
		func() error { _, err := s.SealUpload(s.t.Context(), id, false); return err },
		func() error { return s.AbortUpload(s.t.Context(), id) },
	} {
		s.wantKind(call(), tidings.KindNotFound)
	}

	s.wantKind(s.CreateUpload(s.t.Context(), s.u), tidings.KindConflict)
}
