package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tidings.example/tidings/media"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// finding is what the doctor says of one thing.
type finding struct {
	Name string `json:"name"`
	// State is "ok", "warn" (something is missing but the product runs) or
	// "fail" (it does not).
	State string `json:"state"`
	Text  string `json:"text"`
}

// errUnwell makes `tidings doctor` exit with 1.
var errUnwell = errors.New("something the server needs is not right")

func doctorCommand(ctx context.Context, c *cli, args []string) error {
	asJSON := false
	var rest []string
	for _, arg := range args {
		if arg == "--json" || arg == "-json" {
			asJSON = true
		} else {
			rest = append(rest, arg)
		}
	}

	cfg, _, err := loadConfig("doctor", rest, c.getenv, c.err)
	if err != nil {
		return err
	}
	if err := cfg.absolute(); err != nil {
		return err
	}

	found := examine(ctx, cfg)
	if asJSON {
		err = json.NewEncoder(c.out).Encode(found)
	} else {
		for _, f := range found {
			fmt.Fprintf(c.out, "%-5s %-10s %s\n", f.State, f.Name, f.Text)
		}
	}

	for _, f := range found {
		if f.State == "fail" {
			return errors.Join(err, errUnwell)
		}
	}

	return err
}

// examine looks at everything the server needs; nothing is changed.
func examine(ctx context.Context, cfg config) []finding {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return append([]finding{
		server(cfg), folder(cfg.Data), room(cfg.Data),
		program(ctx, "ffmpeg", cfg.FFmpeg), program(ctx, "ffprobe", cfg.FFprobe),
		{Name: "sandbox", State: "ok", Text: media.Confinement()},
		storage(ctx, cfg), searching(ctx, cfg), mailing(ctx, cfg),
	}, append(signingIn(ctx, cfg), speech(cfg)...)...)
}

func server(cfg config) finding {
	if serverRuns(cfg.Data) {
		return finding{"server", "ok", "runs on " + cfg.Data}
	}
	return finding{"server", "ok", "does not run now"}
}

// folder says whether the data folder, or its nearest parent, can be written.
func folder(data string) finding {
	dir := data
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}

	f, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return finding{"data", "fail", fmt.Sprintf("%s cannot be written: %v", dir, err)}
	}
	defer os.Remove(f.Name())
	defer f.Close()

	if err := syscall.Setxattr(f.Name(), "user.tidings", []byte("1"), 0); err != nil {
		return finding{"data", "fail", fmt.Sprintf("the file system of %s has no user extended attributes: %v", dir, err)}
	}

	return finding{"data", "ok", data}
}

// lowRoom is the free space under which a recording of some hours may not fit.
const lowRoom = 5 << 30

func room(data string) finding {
	dir := data
	var st syscall.Statfs_t
	for syscall.Statfs(dir, &st) != nil && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}

	free := st.Bavail * uint64(st.Bsize)
	text := fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
	if free < lowRoom {
		return finding{"disk", "warn", text}
	}

	return finding{"disk", "ok", text}
}

func program(ctx context.Context, name, path string) finding {
	out, err := exec.CommandContext(ctx, path, "-version").Output()
	if err != nil {
		return finding{name, "fail", fmt.Sprintf("%s does not run (%v); on Debian: apt-get install ffmpeg", path, err)}
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return finding{name, "ok", line}
}

// storage asks an outside S3; the embedded one needs only the folder.
func storage(ctx context.Context, cfg config) finding {
	if cfg.S3Endpoint == "" {
		return finding{"storage", "ok", "embedded, in " + cfg.Data}
	}

	s, err := blob.New(cfg.bucket())
	if err == nil {
		err = s.Ready(ctx)
	}

	if err != nil {
		return finding{"storage", "fail", fmt.Sprintf("%s: %v", cfg.S3Endpoint, err)}
	}

	return finding{"storage", "ok", cfg.S3Endpoint}
}

// searching looks at a Meilisearch; the embedded engine needs only the folder.
func searching(ctx context.Context, cfg config) finding {
	if cfg.Search != "meilisearch" {
		return finding{"search", "ok", "embedded, in " + cfg.Data}
	}

	m, err := search.OpenMeilisearch(cfg.meilisearch(nil))
	if err != nil {
		return finding{"search", "fail", tidings.Sentence(err)}
	}
	defer m.Close()

	version, err := m.Examine(ctx)
	if err != nil {
		return finding{"search", "fail", fmt.Sprintf("%s: %s (%v)", cfg.MeiliURL, tidings.Sentence(err), err)}
	}

	return finding{"search", "ok", fmt.Sprintf("Meilisearch %s at %s", version, cfg.MeiliURL)}
}
