// Package captions writes transcripts as WebVTT, SubRip, plain text and JSON,
// and reads WebVTT and SubRip.
package captions

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// Limits of a caption. Sections are those of the BBC's subtitle guidelines
// (https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles/): two lines
// (3.3) that break at natural points (3.4), 160 to 180 words a minute (4.1), no
// gaps so short that they flicker (4.5), and nothing that stays longer than
// 1.5 s after the words were said (5.2). Section 3.1 measures lines by their
// width; 42 characters fit into it, and are the Netflix style guide's limit.
const (
	lineLength = 42    // characters
	cueLength  = 6_000 // ms
	cueGap     = 300   // a longer silence, in ms, ends a cue
	cueLeast   = 1_000 // ms a cue stays for reading, if the next one allows
	wordRead   = 375   // ms to read a word: 160 a minute
	wordLength = 6     // characters of a word and its space, where text has other words or none
	cueLinger  = 1_500 // ms a cue may stay after its words
	cueFlicker = 1_000 // a gap between two cues, in ms, below which there is none
)

// cue is one caption: one or two lines, and when they are shown.
type cue struct {
	startMS, endMS int64
	speaker        string
	lines          []string
}

// atom is a piece of text that is never broken: a word, or a part of a word that
// is longer than a line.
type atom struct {
	startMS, endMS int64
	text           string
	glued          bool // no space before it
}

// buildCues cuts a transcript into captions. Each ends after its start and
// starts no earlier than the previous one.
func buildCues(t tidings.Transcript) []cue {
	var out []cue
	for _, seg := range t.Segments {
		var now []atom
		for _, a := range segmentAtoms(seg) {
			if len(now) > 0 && startsNewCue(now, a) {
				out = append(out, newCue(seg, now))
				now = nil
			}
			now = append(now, a)
		}

		if len(now) > 0 {
			out = append(out, newCue(seg, now))
		}
	}

	return timeCues(out)
}

// startsNewCue reports whether a begins a new cue.
func startsNewCue(now []atom, a atom) bool {
	last := now[len(now)-1]
	return a.startMS-last.endMS > cueGap || a.endMS-now[0].startMS > cueLength || !fitsTwoLines(now, a)
}

func newCue(seg tidings.TranscriptSegment, now []atom) cue {
	return cue{startMS: now[0].startMS, endMS: now[len(now)-1].endMS, speaker: PlainText(seg.Speaker), lines: wrapLines(now)}
}

// timeCues puts cues in order and extends each to its reading time, as far as
// the next one allows.
func timeCues(all []cue) []cue {
	slices.SortStableFunc(all, func(a, b cue) int { return int(max(-1, min(1, a.startMS-b.startMS))) })
	for i := range all {
		c := &all[i]
		speechEnd := c.endMS
		c.endMS = max(c.endMS, c.startMS+cueLeast, min(c.startMS+c.readingTime(), speechEnd+cueLinger))
		c.endMS = min(c.endMS, c.startMS+cueLength)
		if i+1 < len(all) {
			next := all[i+1].startMS
			if next-c.endMS < cueFlicker && next-c.startMS <= cueLength && next-speechEnd <= cueLinger {
				c.endMS = max(c.startMS+1, next)
			}
			c.endMS = min(c.endMS, max(c.startMS+1, next))
		}
	}

	return all
}

// readingTime is how long it takes to read a cue, in ms. Words are counted by
// their letters, so that one long word, or text without spaces, gets its time
// too.
func (c cue) readingTime() int64 {
	n := 0
	for _, l := range c.lines {
		n += max(len(strings.Fields(l)), utf8.RuneCountInString(l)/wordLength)
	}
	return int64(n) * wordRead
}

// spaceBefore is 1 when there is a space before the atom, within a line.
func (a atom) spaceBefore() int {
	if a.glued {
		return 0
	}
	return 1
}

func (a atom) runeCount() int { return utf8.RuneCountInString(a.text) }

// fitsTwoLines reports whether one more atom fits in two lines, when the first
// line is filled before the second.
func fitsTwoLines(now []atom, a atom) bool {
	lines, used := 0, lineLength
	add := func(a atom) {
		if used += a.spaceBefore() + a.runeCount(); used > lineLength {
			lines, used = lines+1, a.runeCount()
		}
	}
	for _, b := range now {
		add(b)
	}

	add(a)
	return lines <= 2
}

// wrapLines sets atoms in one line, or in two. Two lines break after punctuation
// or before a conjunction or preposition, if the lines are then not much more
// uneven than necessary.
func wrapLines(atoms []atom) []string {
	one := joinAtoms(atoms)
	all := utf8.RuneCountInString(one)
	if all <= lineLength {
		return []string{one}
	}

	at, least, first := 0, 1<<30, -atoms[0].spaceBefore()
	for i, a := range atoms[:len(atoms)-1] {
		first += a.spaceBefore() + a.runeCount()
		longer := max(first, all-first-atoms[i+1].spaceBefore())
		if longer > lineLength && at > 0 {
			continue
		}

		cost := longer
		if longer <= lineLength {
			cost -= breakBonus(a, atoms[i+1])
		} else {
			cost += all
		}

		if cost < least {
			at, least = i+1, cost
		}
	}

	return []string{joinAtoms(atoms[:at]), joinAtoms(atoms[at:])}
}

// breakBonus is how many characters longer a line may be for a better break
// between two words.
func breakBonus(before, after atom) int {
	switch {
	case after.glued:
		return -lineLength
	case strings.ContainsAny(before.text[len(before.text)-1:], ".!?;:,"):
		return 12
	case breakBefore[strings.ToLower(after.text)]:
		return 6
	}
	return 0
}

// breakBefore are words before which English, German, French and Spanish
// sentences break well.
var breakBefore = map[string]bool{"and": true, "but": true, "or": true, "because": true, "that": true, "which": true, "who": true, "when": true, "where": true, "if": true,
	"with": true, "for": true, "from": true, "und": true, "aber": true, "oder": true, "weil": true, "dass": true, "wenn": true, "et": true, "mais": true, "ou": true,
	"parce": true, "que": true, "qui": true, "y": true, "pero": true, "porque": true, "o": true}

func joinAtoms(atoms []atom) string {
	var b strings.Builder
	for i, a := range atoms {
		if i > 0 && !a.glued {
			b.WriteByte(' ')
		}
		b.WriteString(a.text)
	}
	return b.String()
}

// segmentAtoms are the words of a segment. Without word times its text is spread
// evenly over its time.
func segmentAtoms(seg tidings.TranscriptSegment) []atom {
	words := seg.Words
	if len(words) == 0 {
		words = []tidings.Word{{StartMS: seg.StartMS, EndMS: seg.EndMS, Text: seg.Text}}
	}
	var out []atom
	for _, w := range words {
		start := max(0, w.StartMS)
		out = append(out, spreadText(PlainText(w.Text), start, max(start, w.EndMS))...)
	}
	return out
}

// spreadText splits text at its spaces, and where there is none for a whole
// line, and gives each piece its share of the time.
func spreadText(text string, startMS, endMS int64) []atom {
	var out []atom
	total, at := int64(max(1, utf8.RuneCountInString(text))), int64(0)
	for _, word := range strings.Fields(text) {
		for rest, glued := []rune(word), false; len(rest) > 0; glued = true {
			n := min(len(rest), lineLength)
			span := float64(endMS - startMS)
			from := startMS + int64(span*float64(at)/float64(total))
			at += int64(n)
			to := startMS + int64(span*float64(at)/float64(total))
			out = append(out, atom{from, to, string(rest[:n]), glued})
			rest = rest[n:]
		}

		at++ // the space
	}

	if len(out) > 0 {
		out[len(out)-1].endMS = endMS
	}

	return out
}

// PlainText is s on one line, without control characters.
func PlainText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// Excerpt is the beginning of an engine's output, for the log.
func Excerpt(text string) string {
	const most = 300
	text = PlainText(text)
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
