package transcribe

import (
	"os"
	"path/filepath"
	"runtime"

	"tidings.example/tidings/tidings"
)

// voskModelName is stored with every transcript of the built-in engine: the
// model and the version of our settings for it.
const voskModelName = "vosk-small-en-us/11.5"

// VoskFiles are the files of the built-in engine, in the layout of
// scripts/fetch-speech.sh.
type VoskFiles struct {
	Library string // libvosk.so
	Model   string // folder of the acoustic model
	VAD     string // silero_vad_v6.onnx
}

// VoskFilesIn are the paths of the built-in engine's files in dir; they may not
// exist.
func VoskFilesIn(dir string) VoskFiles {
	return VoskFiles{Library: filepath.Join(dir, "libvosk.so"), Model: filepath.Join(dir, "model"), VAD: DetectorFile(dir)}
}

// checkInstalled is KindUnavailable, with a sentence that names the remedy, when
// a file is missing or the platform is not supported.
func (f VoskFiles) checkInstalled() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return tidings.Errorf(tidings.KindUnavailable, "The built-in speech engine runs on linux-amd64 only; here another engine is needed.")
	}
	for _, path := range []string{f.Library, filepath.Join(f.Model, "conf", "model.conf"), f.VAD} {
		if _, err := os.Stat(path); err != nil {
			return tidings.Wrap(err, tidings.KindUnavailable, "The speech model is not in %s; scripts/fetch-speech.sh puts it there.", filepath.Dir(f.VAD))
		}
	}
	return nil
}
