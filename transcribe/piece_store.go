package transcribe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// PieceStore keeps the results of pieces until their transcript is finished, so
// that a transcription which is repeated, because it was killed or an engine
// failed, does not recognise them again.
type PieceStore interface {
	// LoadPiece is the result with a key, if there is one.
	LoadPiece(ctx context.Context, key string) (result []byte, ok bool)
	// StorePiece keeps a result, if it can.
	StorePiece(ctx context.Context, key string, result []byte)
}

// storedPiece is an engineResult in the store.
type storedPiece struct {
	Language   string            `json:"language,omitempty"`
	Utterances []storedUtterance `json:"utterances"`
	Words      []tidings.Word    `json:"words"`
}

type storedUtterance struct {
	StartMS int64  `json:"start_ms"`
	EndMS   int64  `json:"end_ms"`
	Text    string `json:"text"`
	Speaker string `json:"speaker,omitempty"`
}

// pieceKey identifies the result of a piece: the same samples and options have
// the same result. It changes when storedPiece does.
func (r *pieceRun) pieceKey(p piece) string {
	h := sha256.New()
	for _, part := range []string{"1", p.language, strings.Join(r.opt.Vocabulary, "\n"), string(p.pcm)} {
		n := sha256.Sum256([]byte(part))
		h.Write(n[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// recogniseOnce is recognise, unless the result is in the store.
func (r *pieceRun) recogniseOnce(ctx context.Context, p piece) (engineResult, error) {
	store := r.opt.Pieces
	if store == nil {
		return r.recogniseInTurn(ctx, p)
	}

	key := r.pieceKey(p)
	if b, ok := store.LoadPiece(ctx, key); ok {
		var stored storedPiece
		if err := json.Unmarshal(b, &stored); err == nil {
			return stored.engineResult(), nil
		}
	}

	h, err := r.recogniseInTurn(ctx, p)
	if err != nil || !h.hasText() { // an engine that hears nothing may hear something the next time
		return h, err
	}

	b, err := json.Marshal(newStoredPiece(h))
	if err != nil {
		return h, err
	}

	store.StorePiece(ctx, key, b)
	return h, nil
}

// recogniseInTurn is recognise, once the caller of Transcribe allows it.
func (r *pieceRun) recogniseInTurn(ctx context.Context, p piece) (engineResult, error) {
	if r.opt.AcquirePiece == nil {
		return r.recognise(ctx, p)
	}

	release, err := r.opt.AcquirePiece(ctx)
	if err != nil {
		return engineResult{}, err
	}
	defer release()

	return r.recognise(ctx, p)
}

func newStoredPiece(h engineResult) storedPiece {
	s := storedPiece{Language: h.language, Words: slices.Clone(h.words)}
	for i, w := range s.Words {
		if w.P != nil && !(*w.P >= 0 && *w.P <= 1) { // JSON has no NaN
			s.Words[i].P = nil
		}
	}
	for _, u := range h.utterances {
		s.Utterances = append(s.Utterances, storedUtterance{StartMS: u.startMS, EndMS: u.endMS, Text: u.text, Speaker: u.speaker})
	}
	return s
}

func (s storedPiece) engineResult() engineResult {
	h := engineResult{language: s.Language, words: s.Words}
	for _, u := range s.Utterances {
		h.utterances = append(h.utterances, utterance{startMS: u.StartMS, endMS: u.EndMS, text: u.Text, speaker: u.Speaker})
	}
	return h
}

// PieceRows keeps results of pieces in the store.
type PieceRows interface {
	// TranscriptPiece is what an engine has made of a piece of a clip;
	// KindNotFound = nothing yet.
	TranscriptPiece(ctx context.Context, clip tidings.ID, key string) ([]byte, error)
	// PutTranscriptPiece keeps that until the step has ended.
	PutTranscriptPiece(ctx context.Context, clip tidings.ID, key string, result []byte) error
}

// clipPieces are the stored pieces of a clip by one engine.
type clipPieces struct {
	t      *Transcriber
	clip   tidings.ID
	engine Engine
}

// pieceName is the key of a result of the engine.
func (c clipPieces) pieceName(key string) string {
	sum := sha256.Sum256([]byte(c.engine.Name() + "\n" + c.engine.Model() + "\n" + key))
	return hex.EncodeToString(sum[:])
}

// LoadPiece implements PieceStore.
func (c clipPieces) LoadPiece(ctx context.Context, key string) ([]byte, bool) {
	result, err := c.t.cfg.Pieces.TranscriptPiece(ctx, c.clip, c.pieceName(key))
	if err != nil {
		if tidings.KindOf(err) != tidings.KindNotFound && ctx.Err() == nil {
			c.t.cfg.Log.Warn("a finished piece cannot be read", "clip", c.clip, "error", err)
		}
		return nil, false
	}
	return result, true
}

// StorePiece implements PieceStore.
func (c clipPieces) StorePiece(ctx context.Context, key string, result []byte) {
	if err := c.t.cfg.Pieces.PutTranscriptPiece(ctx, c.clip, c.pieceName(key), result); err != nil && ctx.Err() == nil {
		c.t.cfg.Log.Warn("a finished piece is not stored", "clip", c.clip, "error", err)
	}
}
