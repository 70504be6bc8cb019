package embedded_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend/posix"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/embedded"
	"tidings.example/tidings/tidings"
)

// TestCutOffCompleteIsRecovered: a process died while the server assembled an
// object. After the restart the upload is there with its parts, and completing
// it again makes the object; without the recovery the server would answer 200
// and have nothing.
func TestCutOffCompleteIsRecovered(t *testing.T) {
	dir, bucket, key := t.TempDir(), "tidings", "clips/c/source/original"
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}

	s := openStore(t, srv)
	up, err := s.Client().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
	if err != nil {
		t.Fatal(err)
	}

	body := bytes.Repeat([]byte("x"), 1000)
	number := int32(1)
	part, err := s.Client().UploadPart(t.Context(), &s3.UploadPartInput{Bucket: &bucket, Key: &key, UploadId: up.UploadId, PartNumber: &number, Body: bytes.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}

	folders, err := filepath.Glob(filepath.Join(dir, "objects", bucket, posix.MetaTmpMultipartDir, "*", *up.UploadId))
	if err != nil || len(folders) != 1 {
		t.Fatalf("folders of the upload: %v, %v", folders, err)
	}

	// This is what the server renames it to while it assembles the object.
	if err := os.Rename(folders[0], folders[0]+".claim.inprogress"); err != nil {
		t.Fatal(err)
	}

	s = openStore(t, startTestServer(t, dir))
	if _, err := s.Head(t.Context(), key); tidings.KindOf(err) != tidings.KindNotFound {
		t.Fatalf("there before it was made: %v", err)
	}

	complete := func() error {
		_, err := s.Client().CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: &bucket, Key: &key, UploadId: up.UploadId,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: &number, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32}}}})
		return err
	}
	if err := complete(); err != nil {
		t.Fatal(err)
	}
	if info, err := s.Head(t.Context(), key); err != nil || info.Size != 1000 {
		t.Fatalf("%+v, %v", info, err)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := complete(); err == nil {
		t.Fatal("a second Complete is answered well although there is no object")
	}
	if _, err := s.PutLarge(t.Context(), key, bytes.NewReader(bytes.Repeat(body, blob.PartSize/500)), ""); err != nil {
		t.Fatal(err)
	}
}
