package transcribe

import (
	"context"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/glossary"
)

// maxVocabulary bounds the terms given to engines, in characters: Whisper reads
// at most 224 tokens of a prompt.
const maxVocabulary = 600

// clipGlossary is the glossary for a clip, and those of its terms that are given
// to engines.
func (t *Transcriber) clipGlossary(ctx context.Context, clip tidings.ID) (*glossary.Replacer, []string, error) {
	if t.cfg.Glossary == nil {
		return nil, nil, nil
	}

	c, err := t.cfg.Rows.Clip(ctx, clip)
	if err != nil {
		return nil, nil, err
	}

	g, err := t.cfg.Glossary(ctx, c.WorkspaceID)
	if err != nil {
		return nil, nil, err
	}

	return glossary.New(g), engineVocabulary(g), nil
}

// engineVocabulary are as many terms as engines read, commonly misheard ones
// first.
func engineVocabulary(g tidings.Glossary) (out []string) {
	left := maxVocabulary
	for _, misheard := range []bool{true, false} {
		for _, e := range g.Entries {
			if n := utf8.RuneCountInString(e.Term) + 2; (len(e.SoundsLike) > 0) == misheard && n <= left {
				out, left = append(out, e.Term), left-n
			}
		}
	}
	return out
}
