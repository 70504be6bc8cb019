package transcribe

import (
	"context"
	"io"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// RegisterEngine adds an entry to the registry until the test ends. The test may
// not be parallel.
func RegisterEngine(t *testing.T, e EngineSpec) {
	t.Helper()
	before := registry
	registry = append(Engines(), e)
	t.Cleanup(func() { registry = before })
}

// ToySpec is the entry of the engine in docs/how-to/add-an-engine.md.
var ToySpec = EngineSpec{Name: "toy", New: newToyEngine}

// RecogniseToy stands in for a recogniser: the words in some samples, with their
// times in ms from the first sample.
var RecogniseToy func(pcm []byte) []tidings.Word

// toyEngine is the engine in docs/how-to/add-an-engine.md.
type toyEngine struct{ pieces pieceEngine }

func newToyEngine(s Settings) (Engine, error) {
	detector, err := newDetector(DetectorFile(s.Speech))
	if err != nil {
		return nil, err
	}
	return &toyEngine{pieceEngine{detector: detector, length: minPiece, workers: 1}}, nil
}

func (*toyEngine) Name() string   { return "toy" }
func (*toyEngine) Model() string  { return "toy-1" }
func (*toyEngine) Caps() Caps     { return Caps{WordTimes: true, Languages: []string{"en"}} }
func (e *toyEngine) Ready() error { return e.pieces.detector.checkReady() }

func (e *toyEngine) Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	pieces := e.pieces
	pieces.recognise = func(_ context.Context, p piece) (engineResult, error) {
		words := RecogniseToy(p.pcm)
		if len(words) == 0 {
			return engineResult{}, nil
		}

		text := make([]string, len(words))
		for i, w := range words {
			text[i] = w.Text
		}

		all := utterance{startMS: words[0].StartMS, endMS: words[len(words)-1].EndMS, text: strings.Join(text, " ")}
		return engineResult{utterances: []utterance{all}, words: words}, nil
	}

	return pieces.transcribePieces(ctx, pcm, opt, sink)
}
