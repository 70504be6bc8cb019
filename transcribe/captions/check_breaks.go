package captions

// checkBreaks checks where lines and cues break.
func (k *ruleChecker) checkBreaks() {
	c, cut := k.cue, k.cutter
	if cut.isLeftOver(c.from, c.to) {
		k.addViolation(RuleOrphan)
	}
	if cut.startsNeedlessly(c.from, c.to) || cut.endsNeedlessly(c.from, c.to) || cut.breaksNeedlessly(c.from, c.to) {
		k.addViolation(RuleSentence)
	}

	if c.to < len(c.run.atoms) {
		k.checkBreak(c.to, k.hasBetterEnd)
	}
	if c.line > c.from {
		k.checkBreak(c.line, k.hasBetterLine)
		k.checkOrphanLine()
	}
}

// checkBreak checks the break before an atom; hasBetter reports whether there is
// a better one near.
func (k *ruleChecker) checkBreak(at int, hasBetter func() bool) {
	switch a := k.cue.run.atoms[at-1]; {
	case a.splitWord:
		k.Exceptions[ExceptLongWord]++
	case a.Joined:
		k.addViolation(RuleDivided)
	case !a.Dangling:
	case hasBetter():
		k.addViolation(RuleDangling)
	default:
		k.Exceptions[ExceptNoBreak]++
	}
}

// checkOrphanLine checks whether a line is one short word, beside another that
// has room for it or for more words.
func (k *ruleChecker) checkOrphanLine() {
	c, cut := k.cue, k.cutter
	first, second := cut.isOrphan(c.from, c.line), cut.isOrphan(c.line, c.to)
	switch {
	case !first && !second:
	case first && isOneWord(c.run.atoms[c.line:c.to]), second && isOneWord(c.run.atoms[c.from:c.line]):
		k.Exceptions[ExceptLongWord]++
	default:
		k.addViolation(RuleOrphan)
	}
}

func isOneWord(atoms []atom) bool {
	for _, a := range atoms[1:] {
		if !a.glued {
			return false
		}
	}
	return true
}

// hasBetterEnd reports whether the cue could end at an earlier break that divides
// nothing, so that the rest fits into the next cue.
func (k *ruleChecker) hasBetterEnd() bool {
	c, cut := k.cue, k.cutter
	for at := c.to - 1; at > c.from && k.next != nil; at-- {
		if cut.badBreak(at) == 0 && cut.standsAlone(c.from, at) && cut.fitsCue(at, k.next.to) {
			return true
		}
	}
	return false
}

// hasBetterLine reports whether the cue has another place for the break between
// its lines.
func (k *ruleChecker) hasBetterLine() bool {
	cost, _, ok := k.cutter.splitLines(k.cue.from, k.cue.to)
	return ok && cost < costDangling
}
