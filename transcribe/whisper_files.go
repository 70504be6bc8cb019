package transcribe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/libwhisper"
)

// libraryMemory bounds what the library allocates besides the model, which it
// has up to libraryCopies times, in bytes. It uses a third of that: the resident
// set is under 300 MiB with base-q8_0 (measured).
const (
	libraryMemory = 1 << 30
	libraryCopies = 3
)

// WhisperLibraryIn is where the library of whisper.cpp is in the folder of models,
// or of the built-in engine. The libraries that it needs are beside it.
func WhisperLibraryIn(dir string) string { return filepath.Join(dir, "whisper", "libwhisper.so") }

// chooseProgram is the program that transcribes, or nil when the library does.
// KindUnavailable, with a sentence that names the remedy, when there is neither.
func (w *Whisper) chooseProgram() (*Command, error) {
	lacks := w.checkLibrary()
	if lacks == nil {
		return nil, nil
	}

	program, err := w.findProgram()
	switch {
	case err == nil:
		return program, nil
	case len(w.cfg.Library) == 0:
		return nil, err
	case errors.Is(lacks, fs.ErrNotExist):
		return nil, tidings.Wrap(lacks, tidings.KindUnavailable, "The library of Whisper is not here: `tidings models pull whisper-library` fetches it.")
	}

	return nil, tidings.Wrap(lacks, tidings.KindUnavailable, "The library of Whisper cannot be used on this machine: %v. `make whisper` builds a program for it.", lacks)
}

// checkMachine is why nothing that can be downloaded would make the engine work on
// this machine; nil when a library or a program was installed by hand.
func (w *Whisper) checkMachine() error {
	if w.cfg.Unsuited == nil || anyExists(w.cfg.Library) {
		return nil
	}
	if _, err := w.findProgram(); err == nil {
		return nil
	}
	return w.cfg.Unsuited
}

// findProgram finds the program, which may be installed at any time.
func (w *Whisper) findProgram() (*Command, error) {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.program == nil {
		program, err := newWhisperProgram(w.cfg, w.model, w.languages)
		if err != nil {
			return nil, err
		}
		w.program = program
	}

	return w.program, nil
}

// checkLibrary is why the library cannot be used; fs.ErrNotExist when it is not
// installed.
func (w *Whisper) checkLibrary() error {
	files, err := w.currentFiles()
	if err != nil {
		return err
	}

	w.mu.Lock()
	defer w.mu.Unlock()

	reason, known := w.refused[files]
	if !known {
		if err := libwhisper.CheckProcessor(files.library); err != nil {
			reason = err.Error()
		}
		w.refused = map[whisperFiles]string{files: reason} // replaced files are not used again
	}

	if reason != "" {
		return errors.New(reason)
	}

	return nil
}

// refuseLibrary remembers that the library cannot be used, until it is replaced.
func (w *Whisper) refuseLibrary(files whisperFiles, err error) {
	reason := err.Error()
	if errors.Is(err, libwhisper.ErrProcessor) {
		reason = libwhisper.ErrProcessor.Error()
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = map[whisperFiles]string{files: reason}
}

// currentFiles are the files that a child would use now.
func (w *Whisper) currentFiles() (whisperFiles, error) {
	model, err := os.Stat(w.cfg.Model)
	if err != nil {
		return whisperFiles{}, err
	}

	for _, path := range w.cfg.Library {
		library, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return whisperFiles{}, err
		}

		memory := model.Size()*libraryCopies + libraryMemory
		if w.cfg.Memory > 0 {
			memory = min(memory, w.cfg.Memory)
		}
		version := fmt.Sprint(library.Size(), library.ModTime().UnixNano(), model.Size(), model.ModTime().UnixNano())
		return whisperFiles{library: path, model: w.cfg.Model, memory: memory, version: version}, nil
	}

	return whisperFiles{}, fs.ErrNotExist
}
