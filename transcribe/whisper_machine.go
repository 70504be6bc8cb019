package transcribe

import (
	"cmp"
	"os"
	"os/exec"
	"runtime"
	"slices"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/libwhisper"
)

// CheckWhisperLibrary is KindUnavailable, with a sentence that names the remedy,
// when the library that can be downloaded is not made for this machine.
func (s Settings) CheckWhisperLibrary() error {
	info, err := os.ReadFile(cmp.Or(s.Processor, "/proc/cpuinfo"))
	if err != nil && runtime.GOOS == "linux" {
		return tidings.Wrap(err, tidings.KindUnavailable, "Whisper waits: it cannot be read which processor this machine has.")
	}
	return checkWhisperMachine(runtime.GOOS+"-"+runtime.GOARCH, string(info))
}

// checkWhisperMachine is CheckWhisperLibrary for a platform and the text of its
// /proc/cpuinfo.
func checkWhisperMachine(platform, info string) error {
	err := libwhisper.CheckPrebuilt(platform, info)
	if err == nil {
		return nil
	}
	return tidings.Wrap(err, tidings.KindUnavailable, "Whisper's library, as it can be downloaded, does not run on this machine (%v): run `make whisper`, which builds a program for it, or name a server in --openai-url and set --refine openai.", err)
}

// NeedsWhisperLibrary reports whether the engine whisper needs the library that
// can be downloaded: not where a program transcribes, or a library was installed
// by hand. An error says that the engine cannot work here at all.
func (s Settings) NeedsWhisperLibrary() (bool, error) {
	err := s.CheckWhisperLibrary()
	switch {
	case s.Whisper != "":
		return false, nil
	case err == nil:
		return true, nil
	case anyExists(s.whisperLibraries()):
		return false, nil
	}

	if _, missing := exec.LookPath(findWhisper("")); missing == nil {
		return false, nil
	}
	return false, err
}

// anyExists reports whether one of the files exists.
func anyExists(paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
}
