package transcribe

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"tidings.example/tidings/transcribe/libwhisper"
)

// whisperRequest is a line to the child. So many samples follow it: 16 bits each,
// little-endian.
type whisperRequest struct {
	Samples  int    `json:"samples"`
	Language string `json:"language,omitempty"`
	Prompt   string `json:"prompt,omitempty"`
	Threads  int    `json:"threads"`
}

// whisperMessage is a line from the child: one when it has loaded the model, then
// one for each request.
type whisperMessage struct {
	Ready   bool               `json:"ready,omitempty"`
	Refused string             `json:"refused,omitempty"` // why the library cannot be used
	Error   string             `json:"error,omitempty"`
	Result  *libwhisper.Result `json:"result,omitempty"`
}

// WhisperMain is the hidden subcommand __whisper LIBRARY MODEL MEMORY. It ends
// when its standard input does, also in mid-work.
func WhisperMain(args []string) int {
	out := json.NewEncoder(os.Stdout)
	if len(args) != 3 {
		fmt.Fprintln(os.Stderr, "__whisper is private to tidings")
		return 2
	}

	if err := serveWhisper(args[0], args[1], args[2], os.Stdin, out); err != nil {
		if werr := out.Encode(whisperMessage{Error: err.Error()}); werr != nil {
			fmt.Fprintln(os.Stderr, err, werr)
		}
		return 1
	}

	return 0
}

// serveWhisper answers requests until in ends.
func serveWhisper(library, model, memory string, in io.Reader, out *json.Encoder) error {
	runtime.LockOSThread() // OpenMP keeps a team of threads for each thread that calls it

	budget, err := strconv.ParseInt(memory, 10, 64)
	if err != nil {
		return err
	}

	lib, err := libwhisper.Open(library)
	if err != nil {
		return out.Encode(whisperMessage{Refused: err.Error()})
	}

	if err := limitDataMemory(budget); err != nil {
		return err
	}

	m, err := lib.Load(model)
	if err != nil {
		return err
	}

	if err := out.Encode(whisperMessage{Ready: true}); err != nil {
		return err
	}

	for r := range readWhisperRequests(bufio.NewReaderSize(in, 64<<10)) {
		var answer whisperMessage
		result, err := m.Transcribe(r)
		if answer.Result = &result; err != nil {
			answer = whisperMessage{Error: err.Error()}
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}

	return nil
}

// readWhisperRequests reads requests. The end of the input ends the process at
// once: nobody waits for the answer any more.
func readWhisperRequests(in *bufio.Reader) <-chan libwhisper.Request {
	requests := make(chan libwhisper.Request)
	go func() {
		for {
			r, err := readWhisperRequest(in)
			if errors.Is(err, io.EOF) {
				os.Exit(0)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "read a request:", err)
				os.Exit(1)
			}
			requests <- r
		}
	}()
	return requests
}

func readWhisperRequest(in *bufio.Reader) (r libwhisper.Request, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return r, err
	}

	var head whisperRequest
	if err := json.Unmarshal(line, &head); err != nil {
		return r, err
	}
	if head.Samples < 0 || head.Samples > libwhisper.MaxSamples {
		return r, fmt.Errorf("%d samples", head.Samples)
	}

	pcm := make([]byte, 2*head.Samples)
	if _, err := io.ReadFull(in, pcm); err != nil {
		return r, err
	}

	r = libwhisper.Request{Samples: floatSamples(pcm), Language: head.Language, Prompt: head.Prompt, Threads: head.Threads}
	return r, nil
}

// floatSamples converts samples to numbers from -1 to 1.
func floatSamples(pcm []byte) []float32 {
	out := make([]float32, len(pcm)/2)
	for i := range out {
		out[i] = float32(int16(binary.LittleEndian.Uint16(pcm[2*i:]))) / -math.MinInt16
	}
	return out
}

// limitDataMemory bounds what this process may allocate from now on, in bytes; 0
// = no limit. A limit of the address space would not do: the Go runtime reserves
// more of it than it uses.
func limitDataMemory(budget int64) error {
	if budget <= 0 {
		return nil
	}

	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}

	_, rest, _ := strings.Cut(string(status), "VmData:")
	used, err := strconv.ParseInt(strings.TrimSpace(strings.SplitN(rest, "kB", 2)[0]), 10, 64)
	if err != nil {
		return err
	}

	const data = syscall.RLIMIT_DATA
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(data, &limit); err != nil {
		return err
	}
	n := min(uint64(used<<10+budget), limit.Max)
	return syscall.Setrlimit(data, &syscall.Rlimit{Cur: n, Max: n})
}
