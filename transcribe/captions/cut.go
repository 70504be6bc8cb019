package captions

import "slices"

// Costs of a cue; the cheapest way to cut speech into cues is chosen. What a
// rule forbids costs more than all preferences together.
const (
	costViolation = 10_000
	costDangling  = 4_000
	costCue       = 20  // of each cue: fewer are better
	costMerged    = 60  // a sentence that could stand alone shares a cue
	costMidClause = 250 // a cue that ends in the middle of a clause
	costAtPause   = 130 // less after a longer one
	costAtWord    = 110 // before a conjunction
	costAtClause  = 60
	costShort     = 60  // of a cue with hardly any text that ends in mid-sentence
	shortText     = 20  // columns
	pauseInside   = 200 // ms
)

// cutter cuts a run into cues.
type cutter struct {
	*cueRun
	columns []int // width of the atoms before, with the space before each
	words   []int
	// sentence are the first atom of the sentence of each atom, and the one after
	// its last.
	sentence [][2]int
	plans    []cuePlan // the cheapest cues up to each atom
}

type cuePlan struct{ cost, from, line int }

// cutRun cuts a run into cues: at the ends of sentences first, then at those of
// clauses, then at pauses, then by length.
func cutRun(run *cueRun) []cue {
	c := newCutter(run)
	n := len(run.atoms)
	for to := 1; to <= n; to++ {
		c.plans[to].cost = -1
	}

	for from := range n {
		for to := from + 1; to <= n; to++ {
			cost, line, ok := c.cueCost(from, to)
			if !ok {
				break
			}
			if p := &c.plans[to]; p.cost < 0 || c.plans[from].cost+cost < p.cost {
				*p = cuePlan{c.plans[from].cost + cost, from, line}
			}
		}
	}

	var out []cue
	for to := n; to > 0; to = c.plans[to].from {
		out = append(out, newCue(run, c.plans[to].from, to, c.plans[to].line))
	}

	slices.Reverse(out)
	return out
}

func newCutter(run *cueRun) *cutter {
	n := len(run.atoms)
	c := &cutter{cueRun: run, columns: make([]int, n+1), words: make([]int, n+1), sentence: make([][2]int, n), plans: make([]cuePlan, n+1)}
	begin := 0
	for i, a := range run.atoms {
		c.columns[i+1] = c.columns[i] + a.spaceBefore() + a.width
		c.words[i+1] = c.words[i] + a.spaceBefore()
		if a.Sentence || i == n-1 {
			for ; begin <= i; begin++ {
				c.sentence[begin][1] = i + 1
			}
		}
	}

	for i := 1; i < n; i++ {
		if c.sentence[i][1] == c.sentence[i-1][1] {
			c.sentence[i][0] = c.sentence[i-1][0]
		} else {
			c.sentence[i][0] = i
		}
	}

	return c
}

// width is that of some atoms in one line.
func (c *cutter) width(from, to int) int {
	return c.columns[to] - c.columns[from] - c.atoms[from].spaceBefore()
}

// countWords counts the words of some atoms; see the function countWords.
func (c *cutter) countWords(from, to int) int64 {
	words := c.words[to] - c.words[from] + 1 - c.atoms[from].spaceBefore()
	return int64(max(words, c.width(from, to)/wordLength))
}

// startOf is when an atom starts, or what comes after the run.
func (c *cutter) startOf(i int) int64 {
	if i < len(c.atoms) {
		return c.atoms[i].startMS
	}
	return c.nextMS
}

// shownFor is how long the cue of some atoms would be shown, and how long it
// takes to read it in haste.
func (c *cutter) shownFor(from, to int) (shownMS, readMS int64) {
	start, words := c.atoms[from].startMS, c.countWords(from, to)
	return cueEnd(start, c.atoms[to-1].endMS, words, c.startOf(to)) - start, words * wordGlance
}

// cueCost is the cost of a cue of some atoms, with the beginning of its second
// line. ok is false when it is too long; then longer ones are, too.
func (c *cutter) cueCost(from, to int) (cost, line int, ok bool) {
	single := to == from+1
	start, end := c.atoms[from].startMS, c.atoms[to-1].endMS
	if !single && (end-start > cueLength || c.countWords(from, to)*wordRead > cueLength || c.width(from, to) > 2*lineLength+1) {
		return 0, 0, false
	}

	if cost, line, ok = c.splitLines(from, to); !ok {
		return 0, 0, false
	}

	cost += costCue + c.timeCost(from, to) + c.pauseCost(from, to)
	if to < len(c.atoms) {
		cost += c.breakCost(from, to)
	}
	if c.isLeftOver(from, to) {
		cost += costViolation
	}

	return cost + c.sentenceCost(from, to), line, true
}

// timeCost is the cost of showing a cue too short, or before a gap that flickers.
func (c *cutter) timeCost(from, to int) (cost int) {
	shown, read := c.shownFor(from, to)
	if shown < cueLeast {
		cost += costViolation
	}
	if gap := c.startOf(to) - c.atoms[from].startMS - shown; gap > 0 && gap < cueFlicker {
		cost += costViolation
	}
	return cost + int(max(0, read-shown))/4
}

// pauseCost is the cost of pauses within a cue: its words are shown before they
// are said.
func (c *cutter) pauseCost(from, to int) (cost int) {
	for i := from + 1; i < to; i++ {
		if gap := c.atoms[i].startMS - c.atoms[i-1].endMS; gap > pauseInside {
			cost += int(gap-pauseInside) / 2
		}
	}
	return cost
}

// breakCost is the cost of the break after a cue.
func (c *cutter) breakCost(from, to int) (cost int) {
	a := c.atoms[to-1]
	gap := c.atoms[to].startMS - a.endMS
	switch {
	case a.Sentence:
		return 0
	case a.Clause, a.endsRow:
		cost = costAtClause
	case a.Conjunction:
		cost = costAtWord
	case gap > pauseInside:
		cost = costAtPause
	default:
		cost = costMidClause
	}

	if c.atoms[to].glued && !startsPhrase(a, c.atoms[to]) {
		cost += costShort
	}
	cost -= int(min(max(0, gap), cuePause)) / 10
	cost += max(0, shortText-c.width(from, to)) * costShort / shortText

	return max(0, cost) + c.badBreak(to)
}

// badBreak is the cost of a break before an atom, between cues or lines, that
// divides what belongs together.
func (c *cutter) badBreak(to int) int {
	a := c.atoms[to-1]
	switch {
	case a.Joined, a.splitWord:
		return costViolation
	case a.Dangling:
		return costDangling
	}
	return 0
}
