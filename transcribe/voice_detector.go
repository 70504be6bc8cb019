package transcribe

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"

	"tidings.example/tidings/tidings"
)

// detectorFile is the file name of the voice activity detector's network.
const detectorFile = "silero_vad_v6.onnx"

// DetectorFile is the path of the voice activity detector in a speech folder.
// Every engine needs it; it runs on all platforms and may be installed later.
func DetectorFile(dir string) string { return filepath.Join(dir, detectorFile) }

// voiceDetector is the voice activity detector of an engine, loaded once its
// file exists.
type voiceDetector struct {
	path   string
	mu     sync.Mutex
	loaded *sileroWeights
}

// newDetector fails on a file that is not a detector; a missing file may still
// be installed.
func newDetector(path string) (*voiceDetector, error) {
	d := &voiceDetector{path: path}
	if _, err := d.loadWeights(); err != nil && tidings.KindOf(err) != tidings.KindUnavailable {
		return nil, err
	}
	return d, nil
}

// loadWeights returns the weights; KindUnavailable while the file is missing.
func (d *voiceDetector) loadWeights() (*sileroWeights, error) {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.loaded != nil {
		return d.loaded, nil
	}

	w, err := loadSilero(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, tidings.Wrap(err, tidings.KindUnavailable, "The voice activity detector is not in %s; `tidings models pull silero-vad-v6` or scripts/fetch-speech.sh puts it there.", filepath.Dir(d.path))
	}

	d.loaded = w
	return w, err
}

// checkReady reports whether the detector can be loaded.
func (d *voiceDetector) checkReady() error {
	_, err := d.loadWeights()
	return err
}
