package sourcetest

import (
	"context"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// Subject is the part of a database the suite looks at: media/source's Rows.
type Subject interface {
	CreateUpload(ctx context.Context, u tidings.Upload) error
	Upload(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
	FenceUpload(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	AppendPart(ctx context.Context, p tidings.UploadPart, fence int64, expires time.Time) (tidings.Upload, error)
	SetUploadLength(ctx context.Context, id tidings.ID, n int64) (tidings.Upload, error)
	SealUpload(ctx context.Context, id tidings.ID, early bool) (tidings.Upload, error)
	AbortUpload(ctx context.Context, id tidings.ID) error
	Parts(ctx context.Context, clip tidings.ID, fromOffset int64, limit int) ([]tidings.UploadPart, error)
	IdleUploads(ctx context.Context, idleBefore time.Time, limit int) ([]tidings.Upload, error)
	WorkspaceBytes(ctx context.Context, workspace tidings.ID) (int64, error)
	Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	SetOriginal(ctx context.Context, a tidings.Asset) error
}

// suite is one upload in one database.
type suite struct {
	t *testing.T
	Subject
	u tidings.Upload
}

// Run holds a database to what media/source relies on. begin returns it with a
// clip's ids in an upload that is not yet created.
func Run(t *testing.T, begin func(t *testing.T) (Subject, tidings.Upload)) {
	for name, test := range map[string]func(s *suite){
		"parts follow each other": (*suite).appends, "an older writer loses": (*suite).fences,
		"the length is said once": (*suite).lengths, "a seal is final": (*suite).seals,
		"an abort forgets": (*suite).aborts, "an original replaces its parts": (*suite).originals,
		"unknown uploads": (*suite).unknown,
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

func (s *suite) kind(err error, want tidings.Kind) {
	s.t.Helper()
	if tidings.KindOf(err) != want {
		s.t.Fatalf("got %v, want kind %q", err, want)
	}
}

func (s *suite) append(offset, size, fence int64) (tidings.Upload, error) {
	p := tidings.UploadPart{UploadID: s.u.ID, ClipID: s.u.ClipID, Offset: offset, Size: size, Key: "clips/" + string(s.u.ClipID) + "/parts/" + time.Duration(offset).String()}
	return s.AppendPart(s.t.Context(), p, fence, time.Now().Add(time.Hour))
}

func (s *suite) appends() {
	_, err := s.append(5, 3, 0)
	s.kind(err, tidings.KindConflict)
	for _, at := range []int64{0, 4, 8} {
		u, err := s.append(at, 4, 0)
		s.kind(err, "")
		if u.Offset != at+4 {
			s.t.Fatalf("stands at %d", u.Offset)
		}
	}

	_, err = s.append(4, 4, 0)
	s.kind(err, tidings.KindConflict)
	parts, err := s.Parts(s.t.Context(), s.u.ClipID, 4, 10)
	s.kind(err, "")
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

func (s *suite) fences() {
	first, err := s.FenceUpload(s.t.Context(), s.u.ID)
	s.kind(err, "")
	second, err := s.FenceUpload(s.t.Context(), s.u.ID)
	s.kind(err, "")
	_, err = s.append(0, 4, first.Fence)
	s.kind(err, tidings.KindConflict)
	_, err = s.append(0, 4, second.Fence)
	s.kind(err, "")
}

func (s *suite) lengths() {
	_, err := s.append(0, 4, 0)
	s.kind(err, "")
	_, err = s.SetUploadLength(s.t.Context(), s.u.ID, 3)
	s.kind(err, tidings.KindInvalid)
	for range 2 {
		u, err := s.SetUploadLength(s.t.Context(), s.u.ID, 9)
		s.kind(err, "")
		if u.Length == nil || *u.Length != 9 {
			s.t.Fatalf("length %v", u.Length)
		}
	}

	_, err = s.SetUploadLength(s.t.Context(), s.u.ID, 10)
	s.kind(err, tidings.KindConflict)
}

func (s *suite) seals() {
	_, err := s.append(0, 4, 0)
	s.kind(err, "")
	for _, early := range []bool{true, false} {
		u, err := s.SealUpload(s.t.Context(), s.u.ID, early)
		s.kind(err, "")
		if u.SealedAt == nil || !u.EndedEarly || u.Length == nil || *u.Length != 4 {
			s.t.Fatalf("%+v", u)
		}
	}

	_, err = s.append(4, 4, 0)
	s.kind(err, tidings.KindGone)
	s.kind(s.AbortUpload(s.t.Context(), s.u.ID), tidings.KindGone)
	idle, err := s.IdleUploads(s.t.Context(), time.Now().Add(time.Hour), 10)
	if err != nil || len(idle) != 0 {
		s.t.Fatalf("a sealed upload is idle: %+v, %v", idle, err)
	}
}

func (s *suite) aborts() {
	_, err := s.append(0, 4, 0)
	s.kind(err, "")
	idle, err := s.IdleUploads(s.t.Context(), time.Now().Add(time.Hour), 10)
	if err != nil || len(idle) != 1 || idle[0].ID != s.u.ID {
		s.t.Fatalf("idle: %+v, %v", idle, err)
	}

	s.kind(s.AbortUpload(s.t.Context(), s.u.ID), "")
	u, err := s.UploadByClip(s.t.Context(), s.u.ClipID)
	if err != nil || !u.Aborted {
		s.t.Fatalf("%+v, %v", u, err)
	}

	_, err = s.append(4, 4, u.Fence)
	s.kind(err, tidings.KindGone)
	if parts, err := s.Parts(s.t.Context(), s.u.ClipID, 0, 10); err != nil || len(parts) != 0 {
		s.t.Fatalf("parts left: %+v, %v", parts, err)
	}
}

func (s *suite) originals() {
	_, err := s.Asset(s.t.Context(), s.u.ClipID, "original")
	s.kind(err, tidings.KindNotFound)
	_, err = s.append(0, 4, 0)
	s.kind(err, "")
	_, err = s.SealUpload(s.t.Context(), s.u.ID, false)
	s.kind(err, "")
	want := tidings.Asset{ClipID: s.u.ClipID, Name: "original", ContentType: "video/webm", Bytes: 4, Key: "clips/x/source/original-1"}
	for range 2 {
		s.kind(s.SetOriginal(s.t.Context(), want), "")
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

func (s *suite) unknown() {
	id := tidings.NewID(time.Now())
	for _, call := range []func() error{
		func() error { _, err := s.Upload(s.t.Context(), id); return err },
		func() error { _, err := s.UploadByClip(s.t.Context(), id); return err },
		func() error { _, err := s.FenceUpload(s.t.Context(), id); return err },
		func() error { _, err := s.SetUploadLength(s.t.Context(), id, 1); return err },
		func() error { _, err := s.SealUpload(s.t.Context(), id, false); return err },
		func() error { return s.AbortUpload(s.t.Context(), id) },
	} {
		s.kind(call(), tidings.KindNotFound)
	}

	s.kind(s.CreateUpload(s.t.Context(), s.u), tidings.KindConflict)
}
