package transcribe

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"

	"tidings.example/tidings/tidings"
)

// detectorFile is the network of the voice activity detector.
const detectorFile = "silero_vad_v6.onnx"

// DetectorFile is where the voice activity detector is in a speech folder.
// Every engine needs it, and it runs anywhere; it may come later.
func DetectorFile(dir string) string { return filepath.Join(dir, detectorFile) }

// voiceDetector is the voice activity detector of an engine, loaded once it is there.
type voiceDetector struct {
	path   string
	mu     sync.Mutex
	loaded *sileroWeights
}

// newDetector fails on a file that is no detector; one that is not there may
// still come.
func newDetector(path string) (*voiceDetector, error) {
	d := &voiceDetector{path: path}
	if _, err := d.loadWeights(); err != nil && tidings.KindOf(err) != tidings.KindUnavailable {
		return nil, err
	}
	return d, nil
}

// loadWeights are KindUnavailable while the file is not there.
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

// checkReady says whether it is there.
func (d *voiceDetector) checkReady() error {
	_, err := d.loadWeights()
	return err
}
