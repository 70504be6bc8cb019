package transcribe

import (
	"cmp"
	"strconv"
)

// newWhisperProgram is the engine by the program whisper-cli, which loads the
// model for each piece.
func newWhisperProgram(c WhisperConfig, model string, languages []string) (*Command, error) {
	return NewCommand(CommandConfig{
		Name: "whisper", Model: model, Languages: languages, Detector: c.Detector, Dir: c.Dir, Piece: whisperPiece, Packed: true, Timeout: c.Timeout,
		Memory: c.Memory, Runs: c.Runs, Self: c.Self,
		// Full JSON has the times of tokens; non-speech tokens are suppressed; the
		// glossary is passed as the preceding text.
		Args: []string{cmp.Or(c.Program, "whisper-cli"), "--model", "{model}", "--threads", "{threads}", "--language", languagePlaceholder, "--prompt", promptPlaceholder,
			"--suppress-nst", "--no-prints", "--output-json-full", "--output-file", outPlaceholder, "--file", wavPlaceholder},
		Placeholders: func() ([]string, error) {
			if err := c.checkModel(); err != nil {
				return nil, err
			}
			return []string{"{model}", c.Model, "{threads}", strconv.Itoa(c.threads())}, nil
		},
	})
}
