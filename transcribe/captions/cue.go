// Package captions writes transcripts as WebVTT, SubRip, plain text and JSON,
// and reads WebVTT and SubRip.
package captions

import (
	"cmp"
	"slices"

	"tidings.example/tidings/tidings"
)

// Limits of a caption. Sections are those of the BBC's subtitle guidelines
// (https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles/): two lines
// (3.3) that break at natural points (3.4), 160 to 180 words a minute (4.1), no
// gaps so short that they flicker (4.5), and nothing that stays longer than
// 1.5 s after the words were said (5.2). Section 3.1 measures lines by their
// width; 42 characters fit into it, and are the Netflix style guide's limit.
const (
	lineLength = 42    // columns: a character has one, an East Asian one two, a combining mark none
	cueLength  = 6_000 // ms
	cuePause   = 1_000 // a silence of this length, in ms, always ends a cue
	cueLeast   = 1_000 // ms a cue stays for reading, if the next one allows
	wordRead   = 375   // ms to read a word: 160 a minute
	wordGlance = 333   // ms to read a word in haste: 180 a minute
	wordLength = 6     // columns of a word and its space, where text has other words or none
	cueLinger  = 1_500 // ms a cue may stay after its words
	cueFlicker = 1_000 // a gap between two cues, in ms, below which there is none
)

// cue is one caption: one or two lines, and when they are shown.
type cue struct {
	startMS, endMS int64
	speaker        string
	lines          []string

	run      *cueRun
	from, to int // its atoms in the run
	line     int // the first atom of its second line; from = it has one line
}

// cueRun is speech without a longer pause by one speaker. No cue goes beyond its
// ends.
type cueRun struct {
	speaker string
	atoms   []atom
	nextMS  int64 // start of the next run
}

// never is a time after all others. Times are cut to it, so that sums with it
// do not overflow.
const never = 1 << 52

// buildCues cuts a transcript into captions. Each ends after its start and
// starts no earlier than the previous one.
func buildCues(t tidings.Transcript) []cue {
	var out []cue
	for _, run := range cueRuns(t) {
		out = append(out, cutRun(run)...)
	}

	slices.SortStableFunc(out, func(a, b cue) int { return cmp.Compare(a.startMS, b.startMS) })
	for i := range out {
		next := int64(never)
		if i+1 < len(out) {
			next = out[i+1].startMS
		}
		c := &out[i]
		c.endMS = cueEnd(c.startMS, c.speechEnd(), c.wordCount(), next)
	}

	return out
}

// cueRuns divides a transcript at changes of the speaker and at longer pauses.
// Imported captions stay apart: somebody has cut them by hand.
func cueRuns(t tidings.Transcript) (out []*cueRun) {
	for _, seg := range t.Segments {
		atoms, speaker := segmentAtoms(seg, t.Language), PlainText(seg.Speaker)
		for i, a := range atoms {
			if i > 0 && a.startMS-atoms[i-1].endMS < cuePause || i == 0 && t.Engine != importEngine && continuesRun(out, a, speaker) {
				last := out[len(out)-1]
				last.atoms = append(last.atoms, a)
				continue
			}
			out = append(out, &cueRun{speaker: speaker, atoms: []atom{a}, nextMS: never})
		}
	}

	for i, run := range out {
		markAtoms(run.atoms)
		if i+1 < len(out) {
			run.nextMS = max(run.atoms[len(run.atoms)-1].startMS, out[i+1].atoms[0].startMS)
		}
	}

	return out
}

// importEngine is the engine of transcripts that are read from a file.
const importEngine = "import"

// continuesRun reports whether the first atom of a segment continues the last
// run.
func continuesRun(runs []*cueRun, a atom, speaker string) bool {
	if len(runs) == 0 || runs[len(runs)-1].speaker != speaker {
		return false
	}
	last := runs[len(runs)-1].atoms
	end := last[len(last)-1]
	return a.startMS >= end.startMS && a.startMS-end.endMS < cuePause
}

// newCue is the cue of some atoms of a run, in two lines if there is a break
// within them.
func newCue(run *cueRun, from, to, line int) cue {
	c := cue{startMS: run.atoms[from].startMS, speaker: run.speaker, run: run, from: from, to: to, line: line}
	if line > from {
		c.lines = append(c.lines, joinAtoms(run.atoms[from:line]))
	} else {
		c.line = from
	}
	c.lines = append(c.lines, joinAtoms(run.atoms[c.line:to]))
	return c
}

func (c cue) speechEnd() int64 { return c.run.atoms[c.to-1].endMS }
func (c cue) wordCount() int64 { return countWords(c.run.atoms[c.from:c.to]) }

// cueEnd is when a cue ends: after the time it takes to read it, as far as the
// next one allows and it does not stay too long after its words. A gap before
// the next one that would flicker is closed, or else made long enough.
func cueEnd(startMS, speechEndMS, words, nextMS int64) int64 {
	end := max(speechEndMS, startMS+cueLeast, min(startMS+words*wordRead, speechEndMS+cueLinger))
	end = min(end, startMS+cueLength)
	if nextMS-end < cueFlicker {
		if closes := nextMS-startMS <= cueLength && (nextMS-speechEndMS <= cueLinger || nextMS-startMS < cueLeast+cueFlicker); closes {
			end = nextMS
		}
		if nextMS > end {
			end = min(end, max(nextMS-cueFlicker, speechEndMS, startMS+cueLeast))
		}
	}

	return max(startMS+1, min(end, nextMS))
}
