package libwhisper

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// processorFlags are the extensions of a processor that libggml reports to be
// built for (the end of the name of a function ggml_cpu_has_…), by the name that
// the kernel has for each in /proc/cpuinfo.
var processorFlags = map[string]string{
	"sse3": "pni", "ssse3": "ssse3", "avx": "avx", "avx2": "avx2", "avx_vnni": "avx_vnni", "bmi2": "bmi2", "f16c": "f16c", "fma": "fma",
	"avx512": "avx512f", "avx512_vbmi": "avx512vbmi", "avx512_vnni": "avx512_vnni", "avx512_bf16": "avx512_bf16", "amx_int8": "amx_int8",
}

// ErrProcessor says that a library was built for another processor.
var ErrProcessor = errors.New("the library is built for another processor")

// prebuilt is what the library that can be downloaded was built for, by platform:
// extensions of the processor, as builtFor reads them from its file.
var prebuilt = map[string][]string{"linux-amd64": {"avx", "avx2", "bmi2", "f16c", "fma", "sse3", "ssse3"}}

// CheckPrebuilt is ErrProcessor when the library that can be downloaded is not for
// a platform (GOOS-GOARCH) and processor; info is the text of /proc/cpuinfo.
func CheckPrebuilt(platform, info string) error {
	built, ok := prebuilt[platform]
	if !ok {
		return fmt.Errorf("%w: there is none for %s", ErrProcessor, platform)
	}
	return compareProcessor(built, info)
}

// CheckProcessor is ErrProcessor when the library at path needs what the
// processor of this machine lacks. Nothing of the library is executed for that.
func CheckProcessor(path string) error {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return err
	}

	built, err := builtFor(filepath.Dir(path))
	if err != nil {
		return err
	}

	return compareProcessor(built, string(info))
}

// compareProcessor compares extensions with the text of /proc/cpuinfo.
func compareProcessor(built []string, info string) error {
	_, rest, found := strings.Cut(info, "\nflags")
	if !found {
		return nil
	}

	line, _, _ := strings.Cut(rest, "\n")
	has := strings.Fields(line)
	var missing []string
	for _, name := range built {
		if !slices.Contains(has, processorFlags[name]) {
			missing = append(missing, name)
		}
	}

	if len(missing) > 0 {
		return fmt.Errorf("%w: it needs %s", ErrProcessor, strings.Join(missing, ", "))
	}

	return nil
}

// builtFor are the extensions that the library in a folder uses: those whose
// function returns 1. A library that does not tell is taken to use none.
func builtFor(dir string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "libggml-cpu*.so*"))
	if err != nil || len(files) == 0 {
		return nil, err
	}

	f, err := elf.Open(files[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files[0], err)
	}
	defer f.Close()

	symbols, err := f.DynamicSymbols()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files[0], err)
	}

	for _, s := range symbols {
		name, ok := strings.CutPrefix(s.Name, "ggml_cpu_has_")
		if ok && processorFlags[name] != "" && returnsOne(codeAt(f, s)) {
			names = append(names, name)
		}
	}

	slices.Sort(names)
	return names, nil
}

// codeAt are the first bytes of a function.
func codeAt(f *elf.File, s elf.Symbol) []byte {
	if int(s.Section) >= len(f.Sections) {
		return nil
	}

	section := f.Sections[s.Section]
	code := make([]byte, min(16, s.Size))
	if s.Value < section.Addr {
		return nil
	}
	if _, err := section.ReadAt(code, int64(s.Value-section.Addr)); err != nil {
		return nil
	}
	return code
}

// returnsOne reports whether the code of a function is "return 1": mov eax, 1;
// ret, after an optional endbr64.
func returnsOne(code []byte) bool {
	code = bytes.TrimPrefix(code, []byte{0xf3, 0x0f, 0x1e, 0xfa})
	return len(code) >= 6 && code[0] == 0xb8 && binary.LittleEndian.Uint32(code[1:]) == 1 && code[5] == 0xc3
}
