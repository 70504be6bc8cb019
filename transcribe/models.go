package transcribe

import (
	"os"
	"path/filepath"
	"runtime"

	"tidings"
)

// modelName is stored with every transcript of the built-in engine: the model
// and the version of our settings for it.
const modelName = "vosk-small-en-us/11.5"

// Files are the parts of the built-in engine, as scripts/fetch-speech.sh lays
// them out in one folder.
type Files struct {
	Library string // libvosk.so
	Model   string // folder of the acoustic model
	VAD     string // silero_vad_v6.onnx
}

// detectorFile is the network of the voice activity detector.
const detectorFile = "silero_vad_v6.onnx"

// FindDetector is the file of the voice activity detector in dir, which every
// engine needs and which runs anywhere. KindUnavailable when it is not there.
func FindDetector(dir string) (string, error) {
	path := filepath.Join(dir, detectorFile)
	if _, err := os.Stat(path); err != nil {
		return path, tidings.Wrap(err, tidings.KindUnavailable, "The voice activity detector is not in %s; scripts/fetch-speech.sh puts it there.", dir)
	}
	return path, nil
}

// Find looks for the built-in engine in dir. KindUnavailable, with a sentence
// that says what to do, when it is not there or cannot run here.
func Find(dir string) (Files, error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return Files{}, tidings.Errorf(tidings.KindUnavailable, "The built-in speech engine runs on linux-amd64 only; here another engine is needed.")
	}
	f := Files{Library: filepath.Join(dir, "libvosk.so"), Model: filepath.Join(dir, "model"), VAD: filepath.Join(dir, detectorFile)}
	for _, path := range []string{f.Library, filepath.Join(f.Model, "conf", "model.conf"), f.VAD} {
		if _, err := os.Stat(path); err != nil {
			return f, tidings.Wrap(err, tidings.KindUnavailable, "The speech model is not in %s; scripts/fetch-speech.sh puts it there.", dir)
		}
	}
	return f, nil
}
