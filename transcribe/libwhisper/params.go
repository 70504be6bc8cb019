//lint:file-ignore U1000 The structs are C's: fields that we do not use have their place.

package libwhisper

import (
	"fmt"
	"slices"
	"unsafe"
)

// testedVersions are the versions of libwhisper whose structs are those below.
// Another one would misread them.
var testedVersions = []string{"1.8.5"}

// fullParams is struct whisper_full_params.
type fullParams struct {
	strategy, threads, maxTextContext, offsetMS, durationMS                                                                    int32
	translate, noContext, noTimestamps, singleSegment, printSpecial, printProgress, printRealtime, printTimestamps, tokenTimes bool

	tokenThreshold, tokenSumThreshold float32
	maxLength                         int32
	splitOnWord                       bool
	maxTokens                         int32
	debug                             bool
	audioContext                      int32
	speakerTurns                      bool

	suppressRegex, initialPrompt uintptr
	carryInitialPrompt           bool
	promptTokens                 uintptr
	promptTokenCount             int32

	language                                         uintptr
	detectLanguage, suppressBlank, suppressNonSpeech bool

	temperature, maxInitialTime, lengthPenalty, temperatureStep, entropyThreshold, logProbThreshold, noSpeechThreshold float32

	greedyBestOf, beamSize int32
	beamPatience           float32

	callbacks      [10]uintptr // five, each with its data
	grammar        [3]uintptr
	grammarPenalty float32

	vad      bool
	vadModel uintptr
	vadRest  [6]uint32
}

// contextParams is struct whisper_context_params.
type contextParams struct {
	useGPU, flashAttention bool
	gpu                    int32
	tokenTimesByDTW        bool
	alignmentHeads         int32 // a preset
	topLayers              int32
	customHeads            [2]uintptr
	memory                 uintptr
}

// tokenData is struct whisper_token_data. Times are hundredths of a second.
type tokenData struct {
	id, timeID               int32
	p, logP, timeP, timeSumP float32
	start, end, endByDTW     int64
	voiceLength              float32
}

// checkVersion refuses a library that was not tested.
func checkVersion(version string) error {
	if !slices.Contains(testedVersions, version) {
		return fmt.Errorf("libwhisper %.20q is not a tested version: %q", version, testedVersions)
	}
	return nil
}

// checkLayout refuses a library whose default parameters are not where they are
// expected: one that was built from other sources.
func checkLayout(c contextParams, p fullParams) error {
	ok := unsafe.Sizeof(p) == 304 && unsafe.Sizeof(c) == 48 && unsafe.Sizeof(tokenData{}) == 56 &&
		c.gpu == 0 && !c.tokenTimesByDTW && c.alignmentHeads == 0 && c.topLayers == -1 && c.memory == 128<<20 &&
		p.maxTextContext == 16384 && p.noContext && p.printProgress && p.printTimestamps && p.tokenThreshold == 0.01 && p.tokenSumThreshold == 0.01 &&
		p.suppressBlank && p.maxInitialTime == 1 && p.lengthPenalty == -1 && p.temperatureStep == 0.2 && p.entropyThreshold == 2.4 &&
		p.logProbThreshold == -1 && p.noSpeechThreshold == 0.6 && p.greedyBestOf == 5 && p.beamSize == -1 && p.beamPatience == -1 &&
		p.callbacks == [10]uintptr{} && p.grammarPenalty == 100 && !p.vad
	if !ok {
		return fmt.Errorf("libwhisper has other default parameters than its version: %+v, %+v", c, p)
	}
	return nil
}

func asBytes[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v))
}
