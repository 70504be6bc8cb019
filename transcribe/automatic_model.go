package transcribe

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Models of whisper_model's value auto.
const (
	autoModel   = "auto"
	usualModel  = "base-q8_0"
	littleModel = "tiny.en-q8_0"
)

// littleMemory is the memory, in bytes, below which a machine gets the little
// model: 4 GB less what the firmware and the kernel keep.
const littleMemory = 3_700_000_000

// WhisperModelName is the model of whisper_model. Its value auto is the usual
// model, or the little one on a machine with little memory or one core.
func (s Settings) WhisperModelName() string {
	if s.WhisperModel != autoModel {
		return s.WhisperModel
	}
	return automaticModel(runtime.GOMAXPROCS(0), totalMemory("/proc/meminfo", "/sys/fs/cgroup/memory.max"))
}

func automaticModel(cores int, memory int64) string {
	if cores < 2 || memory > 0 && memory < littleMemory {
		return littleModel
	}
	return usualModel
}

// totalMemory is the memory that this process may use, in bytes: that of the
// machine (proc_meminfo(5)) or of its control group; 0 = unknown.
func totalMemory(meminfo, limit string) (total int64) {
	f, err := os.Open(meminfo)
	if err != nil {
		return 0
	}
	defer f.Close()

	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "MemTotal:" {
			total = parseBytes(fields[1]) * 1024
			break
		}
	}

	b, err := os.ReadFile(limit)
	if err != nil {
		return total
	}
	if n := parseBytes(strings.TrimSpace(string(b))); n > 0 && (total == 0 || n < total) {
		return n
	}

	return total
}

// parseBytes is 0 for what is no number, such as "max".
func parseBytes(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// WhisperModelPath is the path of Whisper's model: whisper_model is a path, or a
// name in the folder of models or of the speech engine. One that is in neither
// would be downloaded to the former.
func (s Settings) WhisperModelPath() string {
	name := s.WhisperModelName()
	if filepath.Base(name) != name {
		return name
	}

	path, shipped := filepath.Join(s.Models, "ggml-"+name+".bin"), filepath.Join(s.Speech, "ggml-"+name+".bin")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if _, err := os.Stat(shipped); err == nil {
		return shipped
	}
	return path
}
