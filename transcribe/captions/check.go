package captions

import (
	"strings"

	"tidings.example/tidings/tidings"
)

// CaptionRule is a rule that captions keep.
type CaptionRule string

// The rules. See the limits of a caption.
const (
	RuleLineCount  CaptionRule = "more than two lines"
	RuleLineLength CaptionRule = "line too long"
	RuleOrder      CaptionRule = "times not in order"
	RuleLength     CaptionRule = "shown longer than six seconds"
	RuleLeast      CaptionRule = "shown less than a second"
	RuleSpeed      CaptionRule = "faster than 180 words a minute"
	RuleLinger     CaptionRule = "stays long after its words"
	RuleFlicker    CaptionRule = "gap that flickers"
	RuleOrphan     CaptionRule = "one short word alone"
	RuleDivided    CaptionRule = "break within a name or number"
	RuleDangling   CaptionRule = "break after an article or preposition"
	RuleSentence   CaptionRule = "break in mid-sentence without need"
)

// CaptionException is why a rule cannot be kept: words are never left out, and
// never moved from one speaker or imported caption to another.
type CaptionException string

// The exceptions.
const (
	ExceptFast     CaptionException = "said faster than 180 words a minute"
	ExceptTurn     CaptionException = "another speaker within a second"
	ExceptLongWord CaptionException = "a word that fills a line"
	ExceptNoBreak  CaptionException = "no better break within reach"
)

// CaptionReport counts what is wrong with captions.
type CaptionReport struct {
	Cues       int
	Violations map[CaptionRule]int
	Exceptions map[CaptionException]int
	Examples   []string // of violations, one each
}

// CountViolations is the number of violations of all rules.
func (r *CaptionReport) CountViolations() (n int) {
	for _, k := range r.Violations {
		n += k
	}
	return n
}

// AddReport adds the counts of another transcript.
func (r *CaptionReport) AddReport(other CaptionReport) {
	r.Cues += other.Cues
	r.Examples = append(r.Examples, other.Examples...)
	if r.Violations == nil {
		r.Violations, r.Exceptions = map[CaptionRule]int{}, map[CaptionException]int{}
	}
	for rule, n := range other.Violations {
		r.Violations[rule] += n
	}
	for except, n := range other.Exceptions {
		r.Exceptions[except] += n
	}
}

// CheckCaptions checks the captions of a transcript.
func CheckCaptions(t tidings.Transcript) CaptionReport { return checkCaptionRules(buildCues(t)) }

// checkCaptionRules checks captions as they are shown.
func checkCaptionRules(all []cue) CaptionReport {
	k := &ruleChecker{CaptionReport: CaptionReport{Cues: len(all), Violations: map[CaptionRule]int{}, Exceptions: map[CaptionException]int{}}, cutters: map[*cueRun]*cutter{}}
	for i, c := range all {
		if k.cutters[c.run] == nil {
			k.cutters[c.run] = newCutter(c.run)
		}
		k.cue, k.cutter, k.next = c, k.cutters[c.run], nil
		if i+1 < len(all) {
			k.next = &all[i+1]
		}

		k.checkLines()
		k.checkTimes()
		k.checkSpeed()
		k.checkBreaks()
	}

	return k.CaptionReport
}

// ruleChecker checks one cue after another.
type ruleChecker struct {
	CaptionReport
	cutters map[*cueRun]*cutter

	cue    cue
	cutter *cutter
	next   *cue
}

func (k *ruleChecker) addViolation(rule CaptionRule) {
	k.Violations[rule]++
	k.Examples = append(k.Examples, string(rule)+": "+strings.Join(k.cue.lines, " | "))
}

// checkLines checks what is shown at once.
func (k *ruleChecker) checkLines() {
	if len(k.cue.lines) > 2 {
		k.addViolation(RuleLineCount)
	}
	for _, line := range k.cue.lines {
		if columnsOf(line) > lineLength {
			k.addViolation(RuleLineLength)
		}
	}
}

// checkTimes checks when it is shown.
func (k *ruleChecker) checkTimes() {
	c, shown := k.cue, k.cue.endMS-k.cue.startMS
	nextMS := int64(never)
	if k.next != nil {
		nextMS = k.next.startMS
	}

	if shown <= 0 || c.endMS > nextMS {
		k.addViolation(RuleOrder)
	}
	if shown > cueLength {
		k.addViolation(RuleLength)
	}
	if c.endMS > c.speechEnd()+cueLinger && shown >= cueLeast+cueFlicker {
		k.addViolation(RuleLinger)
	}
	if gap := nextMS - c.endMS; gap > 0 && gap < cueFlicker {
		k.addViolation(RuleFlicker)
	}
}

// checkSpeed checks whether it can be read. Where one speaks too fast for that, a
// cue stays until the next one, or for a while after its words.
func (k *ruleChecker) checkSpeed() {
	c, shown := k.cue, k.cue.endMS-k.cue.startMS
	fast := c.wordCount()*wordGlance > c.speechEnd()-c.startMS
	if shown < c.wordCount()*wordGlance {
		untilNext := k.next != nil && c.endMS >= k.next.startMS
		if fast && (untilNext || c.endMS >= c.speechEnd()+cueFlicker/2) {
			k.Exceptions[ExceptFast]++
		} else {
			k.addViolation(RuleSpeed)
		}
	}

	switch {
	case shown >= cueLeast:
	case c.to == len(c.run.atoms) && k.next != nil && k.next.startMS < c.startMS+cueLeast:
		k.Exceptions[ExceptTurn]++
	case fast && !k.fitsNeighbour():
		k.Exceptions[ExceptFast]++
	default:
		k.addViolation(RuleLeast)
	}
}

// fitsNeighbour reports whether the cue could be one with the cue after it in
// its run, or with as many words before it.
func (k *ruleChecker) fitsNeighbour() bool {
	c := k.cue
	if k.next != nil && k.next.run == c.run && k.cutter.fitsCue(c.from, k.next.to) {
		return true
	}
	return c.from > 0 && k.cutter.fitsCue(max(0, c.from-(c.to-c.from)), c.to)
}
