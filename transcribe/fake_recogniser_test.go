package transcribe_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// fakeRecogniser recognises one known recording: in any sound it finds the words
// of that recording, with their times, by a few samples from the middle of each.
// It replaces the models of real engines.
type fakeRecogniser struct {
	speech []byte
	words  []tidings.Word
}

// newFakeRecogniser spreads the words of text over the middle of the speech,
// where the detector finds it.
func newFakeRecogniser(speech []byte, text string, fromMS, toMS int64) fakeRecogniser {
	fields := strings.Fields(text)
	e := fakeRecogniser{speech: speech}
	n := int64(len(fields))
	for i, f := range fields {
		at := func(i int64) int64 { return fromMS + (toMS-fromMS)*i/n }
		e.words = append(e.words, tidings.Word{StartMS: at(int64(i)), EndMS: at(int64(i) + 1), Text: f})
	}
	return e
}

// recognise are the words in pcm, with their times in it.
func (e fakeRecogniser) recognise(pcm []byte) []tidings.Word {
	var out []tidings.Word
	for _, w := range e.words {
		at := int((w.StartMS+w.EndMS)/2) * transcribe.Rate / 1000 * 2
		probe := e.speech[at : at+200]
		for from := 0; ; {
			i := bytes.Index(pcm[from:], probe)
			if i < 0 {
				break
			}
			shift := int64(from+i-at) / 2 * 1000 / transcribe.Rate
			out = append(out, tidings.Word{StartMS: max(0, w.StartMS+shift), EndMS: w.EndMS + shift, Text: w.Text})
			from += i + len(probe)
		}
	}

	sort.SliceStable(out, func(i, j int) bool { return out[i].StartMS < out[j].StartMS })
	return out
}

// readWAV is a strict reader of WAV files: 16 kHz, mono, 16 bits, with sizes
// that match the file.
func readWAV(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(b) < 44 || string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " || string(b[36:40]) != "data" {
		return nil, errors.New("no WAV file")
	}

	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(b[at:])) }
	if u32(4) != len(b)-8 || u32(40) != len(b)-44 || u32(24) != transcribe.Rate || u32(28) != 2*transcribe.Rate || !bytes.Equal(b[20:24], []byte{1, 0, 1, 0}) {
		return nil, fmt.Errorf("a WAV file with the header %x", b[:44])
	}

	return b[44:], nil
}
