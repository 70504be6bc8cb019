package captions

// sentenceCost is the cost of a cue that breaks a sentence without need, or that
// joins sentences which could stand alone.
func (c *cutter) sentenceCost(from, to int) (cost int) {
	if c.startsNeedlessly(from, to) || c.endsNeedlessly(from, to) || c.breaksNeedlessly(from, to) {
		cost += costViolation
	}
	if last := c.sentence[to-1][0]; last > from && c.standsAlone(from, last) && c.standsAlone(last, to) {
		cost += costMerged
	}
	return cost
}

// endsMidSentence reports whether a sentence goes on after an atom.
func (c *cutter) endsMidSentence(to int) bool { return c.sentence[to-1][1] > to }

// startsNeedlessly reports whether a cue begins a sentence and does not end it,
// though what is before could stand alone.
func (c *cutter) startsNeedlessly(from, to int) bool {
	begin := c.sentence[to-1][0]
	return c.endsMidSentence(to) && begin > from && c.standsAlone(from, begin)
}

// endsNeedlessly reports whether a cue ends a sentence that began before, and
// goes on with others, though both could stand alone.
func (c *cutter) endsNeedlessly(from, to int) bool {
	end := c.sentence[from][1]
	return c.sentence[from][0] < from && end < to && c.standsAlone(from, end) && c.standsAlone(end, to)
}

// breaksNeedlessly reports whether a cue ends within the sentence that it begins
// with, though that fits into a cue.
func (c *cutter) breaksNeedlessly(from, to int) bool {
	return c.endsMidSentence(to) && c.sentence[to-1][0] == from && c.fitsCue(from, c.sentence[to-1][1])
}

// standsAlone reports whether atoms can be a cue that is shown long enough.
func (c *cutter) standsAlone(from, to int) bool {
	shown, read := c.shownFor(from, to)
	return shown >= cueLeast && shown >= read && !c.isLeftOver(from, to)
}

// fitsCue reports whether atoms fit into one cue by all rules.
func (c *cutter) fitsCue(from, to int) bool {
	if c.width(from, to) > 2*lineLength || c.atoms[to-1].endMS-c.atoms[from].startMS > cueLength || c.countWords(from, to)*wordRead > cueLength {
		return false
	}
	cost, _, ok := c.splitLines(from, to)
	return ok && cost < costDangling && c.timeCost(from, to) < costViolation
}

// isLeftOver reports whether a cue is one short word that is neither a sentence
// nor all that is said between two pauses.
func (c *cutter) isLeftOver(from, to int) bool {
	if !c.isOrphan(from, to) || from == 0 && to == len(c.atoms) {
		return false
	}
	return c.sentence[from][0] != from || c.endsMidSentence(to)
}
