package tidings

import (
	"strings"
	"unicode/utf8"
)

// Bounds of a glossary.
const (
	MaxGlossary      = 500 // entries
	MaxGlossaryTerm  = 100 // characters of a term or of how it sounds
	MaxGlossaryWords = 8   // of a term or of how it sounds
	MaxSoundsLike    = 20  // of one entry
	MaxGlossaryNote  = 500 // characters
)

// Glossary holds the terms of a workspace (names, products, abbreviations) as
// they are written in transcripts.
type Glossary struct {
	Entries []GlossaryEntry
	Version int64 // 0 = nothing was written yet
}

// GlossaryEntry is a term and what engines write instead of it.
type GlossaryEntry struct {
	Term          string   `json:"term"`
	SoundsLike    []string `json:"sounds_like"`              // whole words or phrases that become the term
	CaseSensitive bool     `json:"case_sensitive,omitempty"` // SoundsLike counts only as it is written
	Note          string   `json:"note,omitempty"`           // for people
}

// Validate normalises the entries. A wrong field is KindInvalid, as is a
// spelling that stands for two terms.
func (g Glossary) Validate() (Glossary, error) {
	out := Glossary{Entries: make([]GlossaryEntry, len(g.Entries)), Version: g.Version}

	if len(g.Entries) > MaxGlossary {
		return g, Invalid("entries", "At most %d entries.", MaxGlossary)
	}

	terms, sounds := map[string]bool{}, map[string]string{}
	for i, e := range g.Entries {
		e, err := e.normalizeEntry()
		if err != nil {
			return g, err
		}
		if terms[e.Term] {
			return g, Invalid("entries", "“%s” stands there twice.", e.Term)
		}

		terms[e.Term] = true
		for _, s := range e.SoundsLike {
			key := strings.ToLower(s)
			if other, taken := sounds[key]; taken && other != e.Term {
				return g, Invalid("entries", "“%s” cannot become both “%s” and “%s”.", s, other, e.Term)
			}
			sounds[key] = e.Term
		}

		out.Entries[i] = e
	}

	return out, nil
}

func (e GlossaryEntry) normalizeEntry() (GlossaryEntry, error) {
	e.Term, e.Note = strings.Join(strings.Fields(e.Term), " "), strings.TrimSpace(e.Note)
	if err := glossaryText("A term", e.Term); err != nil {
		return e, err
	}
	if utf8.RuneCountInString(e.Note) > MaxGlossaryNote {
		return e, Invalid("entries", "The note of “%s” may have at most %d characters.", e.Term, MaxGlossaryNote)
	}
	if len(e.SoundsLike) > MaxSoundsLike {
		return e, Invalid("entries", "“%s” may sound like at most %d other things.", e.Term, MaxSoundsLike)
	}

	kept := []string{}
	for _, s := range e.SoundsLike {
		s = strings.Join(strings.Fields(s), " ")
		if err := glossaryText("What “"+e.Term+"” sounds like", s); err != nil {
			return e, err
		}
		if s == e.Term { // nothing to replace
			continue
		}

		kept = append(kept, s)
	}

	e.SoundsLike = kept
	return e, nil
}

func glossaryText(what, text string) error {
	switch {
	case text == "":
		return Invalid("entries", "%s may not be empty.", what)
	case utf8.RuneCountInString(text) > MaxGlossaryTerm:
		return Invalid("entries", "%s may have at most %d characters.", what, MaxGlossaryTerm)
	case len(strings.Fields(text)) > MaxGlossaryWords:
		return Invalid("entries", "%s may have at most %d words.", what, MaxGlossaryWords)
	}
	return nil
}

// Vocabulary are the terms, for engines that take a list of words.
func (g Glossary) Vocabulary() []string {
	out := make([]string, len(g.Entries))
	for i, e := range g.Entries {
		out[i] = e.Term
	}
	return out
}
