package embedded

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/backend/posix"
)

// recoverCompletes undoes CompleteMultipartUpload calls that a crash
// interrupted.
//
// versitygw v1.8.0 renames <upload id> to <upload id>.<claim>.inprogress while
// it assembles an object. After a SIGKILL the folder keeps that name: a repeated
// Complete is then answered 200 although there is no object, and the parts are
// not listed anywhere. The lock makes this process the only one on the root, so
// at start every such folder is a leftover and may be renamed back.
func recoverCompletes(root string, log *slog.Logger) error {
	dirs, err := filepath.Glob(filepath.Join(escapeGlob(root), "*", posix.MetaTmpMultipartDir, "*", "*.inprogress"))
	if err != nil {
		return fmt.Errorf("look for cut-off uploads: %w", err)
	}

	for _, dir := range dirs {
		id, _, _ := strings.Cut(filepath.Base(dir), ".")
		if err := os.Rename(dir, filepath.Join(filepath.Dir(dir), id)); err != nil {
			return fmt.Errorf("recover a cut-off upload: %w", err)
		}
		log.Info("storage: put back an upload that was cut off while it was completed", "upload", id)
	}

	return nil
}

// escapeGlob makes a path match only itself in filepath.Glob.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
