package libwhisper

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// alignmentHeads are the parts of a model that show where in the sound it finds
// each token: a preset of libwhisper, or all of the topmost layers.
type alignmentHeads struct{ preset, topLayers int32 }

// ggmlMagic begins a model's file.
const ggmlMagic = 0x67676d6c

// Presets of libwhisper (enum whisper_alignment_heads_preset).
const (
	headsOfTopLayers = 1
	headsTiny        = 4 // English alone: the one before
	headsBase        = 6
	headsSmall       = 8
	headsMedium      = 10
	headsLargeV2     = 12 // version 1 has the same sizes
	headsLargeV3     = 13
	headsLargeTurbo  = 14
)

// alignmentHeadsOf reads the sizes of the model in a file. A file that is no
// model is an error.
func alignmentHeadsOf(path string) (alignmentHeads, error) {
	f, err := os.Open(path)
	if err != nil {
		return alignmentHeads{}, err
	}

	var h struct {
		Magic, Vocabulary, AudioContext, AudioState, AudioHeads, AudioLayers, TextContext, TextState, TextHeads, TextLayers, Mels, Type int32
	}
	if err := errors.Join(binary.Read(f, binary.LittleEndian, &h), f.Close()); err != nil {
		return alignmentHeads{}, fmt.Errorf("%s: %w", path, err)
	}
	if h.Magic != ggmlMagic || h.TextLayers < 1 || h.TextLayers > 1000 {
		return alignmentHeads{}, fmt.Errorf("%s is not a Whisper model in the format of whisper.cpp", path)
	}

	return headsBySize(h.AudioLayers, h.TextLayers, h.Vocabulary), nil
}

// headsBySize is the preset of the model with so many layers. One of other sizes,
// such as a distilled one, is aligned by the upper half of its layers.
func headsBySize(audioLayers, textLayers, vocabulary int32) alignmentHeads {
	const english, newer = 51_864, 51_866 // words of models for English alone, and of large-v3
	preset := map[[2]int32]int32{{4, 4}: headsTiny, {6, 6}: headsBase, {12, 12}: headsSmall, {24, 24}: headsMedium, {32, 32}: headsLargeV2, {32, 4}: headsLargeTurbo}[[2]int32{audioLayers, textLayers}]
	switch {
	case preset == 0:
		return alignmentHeads{preset: headsOfTopLayers, topLayers: max(1, textLayers/2)}
	case preset == headsLargeV2 && vocabulary == newer:
		preset = headsLargeV3
	case preset <= headsMedium && vocabulary == english:
		preset--
	}
	return alignmentHeads{preset: preset, topLayers: -1}
}
