package media

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"

	"tidings.example/tidings/tidings"
)

const (
	pcmRate      = 16_000 // samples per second
	perPeak      = 800    // samples per waveform pixel: 20 a second
	silentRMS    = 104    // of 32768: -50 dBFS
	silentAtMost = 2000   // ms: the shortest silence; pauses for breath are shorter
	maxPeaks     = 20 * 3600 * 12
)

// waveform reads 16 kHz mono samples and keeps what pages draw: the lowest and
// highest sample of every 50 ms, and the silences.
type waveform struct {
	data         []int8  // min, max, min, max, …
	levels       []uint8 // of each pixel, see levelDB
	samples      int64
	silences     []tidings.Span
	silenceStart int64 // ms at which the current silence began, -1 = none
}

// readSamples consumes the samples to their end.
func (w *waveform) readSamples(r io.Reader) error {
	w.silenceStart = -1
	if err := readBlocks(r, 2*perPeak, func(b []byte) { w.addPixel(b[:len(b)&^1]) }); err != nil {
		return err
	}

	w.endSilence(w.positionMS())
	return nil
}

// readBlocks reads r to its end in blocks of size bytes, of which the last one
// may be shorter.
func readBlocks(r io.Reader, size int, use func(b []byte)) error {
	buf := make([]byte, size)
	for {
		n, err := io.ReadFull(r, buf)
		if n > 1 {
			use(buf[:n])
		}

		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return err
		}
	}
}

func (w *waveform) positionMS() int64 { return w.samples * 1000 / pcmRate }

func (w *waveform) addPixel(b []byte) {
	lo, hi, sum := int16(math.MaxInt16), int16(math.MinInt16), 0.0
	for i := 0; i < len(b); i += 2 {
		v := int16(binary.LittleEndian.Uint16(b[i:]))
		lo, hi = min(lo, v), max(hi, v)
		sum += float64(v) * float64(v)
	}

	if len(w.data) < 2*maxPeaks {
		w.data = append(w.data, int8(lo>>8), int8(hi>>8))
		w.levels = append(w.levels, levelDB(sum, len(b)/2))
	}

	silent := math.Sqrt(sum/float64(len(b)/2)) < silentRMS
	switch {
	case silent && w.silenceStart < 0:
		w.silenceStart = w.positionMS()
	case !silent:
		w.endSilence(w.positionMS())
	}

	w.samples += int64(len(b) / 2)
}

func (w *waveform) endSilence(at int64) {
	if w.silenceStart >= 0 && at-w.silenceStart >= silentAtMost {
		w.silences = append(w.silences, tidings.Span{StartMS: w.silenceStart, EndMS: at})
	}
	w.silenceStart = -1
}

// encodeJSON is the waveform in version 2 of the format of BBC audiowaveform
// (https://codeberg.org/chrisn/audiowaveform, data format).
func (w *waveform) encodeJSON() []byte {
	data := make([]int, len(w.data))
	for i, v := range w.data {
		data[i] = int(v)
	}
	b, err := json.Marshal(map[string]any{"version": 2, "channels": 1, "sample_rate": pcmRate, "samples_per_pixel": perPeak,
		"bits": 8, "length": len(data) / 2, "data": data})
	if err != nil {
		return nil // numbers always marshal
	}
	return b
}

// makePeaks stores the waveform.
func (t *transcodeRun) makePeaks(ctx context.Context) error {
	if !t.plan.pcm || t.waveform.samples == 0 {
		return nil
	}
	return t.storeAsset(ctx, "peaks.json", "application/json", t.waveform.encodeJSON())
}
