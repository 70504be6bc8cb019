package transcribe

import (
	"bytes"
	"encoding/binary"
	"io"
)

// wavHeader is the header of a WAV file with n bytes of samples: 16 kHz, mono,
// 16 bits (RIFF, "Multimedia Programming Interface and Data Specifications
// 1.0").
func wavHeader(n int) []byte {
	h := make([]byte, 0, 44)
	h = append(h, "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, uint32(36+n))
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, 1) // PCM
	h = binary.LittleEndian.AppendUint16(h, 1) // channel
	h = binary.LittleEndian.AppendUint32(h, Rate)
	h = binary.LittleEndian.AppendUint32(h, Rate*2)
	h = binary.LittleEndian.AppendUint16(h, 2)
	h = binary.LittleEndian.AppendUint16(h, 16)
	h = append(h, "data"...)
	return binary.LittleEndian.AppendUint32(h, uint32(n))
}

// wavReader reads samples as a WAV file, without copying them.
func wavReader(pcm []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(wavHeader(len(pcm))), bytes.NewReader(pcm))
}
