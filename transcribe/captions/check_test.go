package captions

import (
	"strconv"
	"strings"
	"testing"
)

// shownCues are cues written as text: " / " begins a cue and " | " a line, "~500"
// before a word is a pause of so many ms. Words are said in 300 ms each, with 50
// between, or in so many as "=900" before it says. A speaker's turn begins with
// "@name".
func shownCues(text string) []cue {
	var runs []*cueRun
	var out []cue
	speaker, at, fixed := "", int64(0), true
	length := int64(300)
	type cut struct{ run, at, line int }
	var cuts []cut
	for _, f := range strings.Fields(text) {
		switch {
		case f == "/":
			run := len(runs) - 1
			cuts = append(cuts, cut{run, len(runs[run].atoms), 0})
		case f == "|":
			run := len(runs) - 1
			cuts = append(cuts, cut{run, 0, len(runs[run].atoms)})
		case f[0] == '~':
			n, _ := strconv.ParseInt(f[1:], 10, 64)
			at, fixed = at+n, fixed || n+50 >= cuePause
		case f[0] == '=':
			length, _ = strconv.ParseInt(f[1:], 10, 64)
		case f[0] == '@':
			speaker, fixed = f[1:], true
		default:
			if fixed {
				runs = append(runs, &cueRun{speaker: speaker, nextMS: never})
				fixed = false
			}
			for _, a := range spreadText(f, at, at+length) {
				a.language = "en"
				runs[len(runs)-1].atoms = append(runs[len(runs)-1].atoms, a)
			}
			at, length = at+length+50, 300
		}
	}

	for i, run := range runs {
		markAtoms(run.atoms)
		if i+1 < len(runs) {
			run.nextMS = runs[i+1].atoms[0].startMS
		}

		from, line := 0, 0
		for _, c := range append(cuts, cut{i, len(run.atoms), 0}) {
			switch {
			case c.run != i:
			case c.line > 0:
				line = c.line
			case c.at > from:
				out = append(out, newCue(run, from, c.at, max(line, from)))
				from, line = c.at, 0
			}
		}
	}

	for i := range out {
		next := int64(never)
		if i+1 < len(out) {
			next = out[i+1].startMS
		}
		out[i].endMS = cueEnd(out[i].startMS, out[i].speechEnd(), out[i].wordCount(), next)
	}

	return out
}

// TestCaptionRules: each rule has captions that violate it, and others that
// nearly do.
func TestCaptionRules(t *testing.T) {
	for _, c := range []struct {
		rule      CaptionRule
		bad, good string
	}{
		{RuleLineLength, "We went over everything in that list yesterday, | all of it.", "We went over everything in the list again, | all of it."},
		{RuleLineLength, "我们明天要在这里讨论这个非常重要的新项目计划。", "我们明天要在这里讨论这个非常重要的新项目。"},
		{RuleOrphan, "We went over everything on the list today, | twice.", "We went over everything | on the list today, twice."},
		{RuleOrphan, "We went over everything on that long list, / yes, / and then we all went home for the day.", "We went over everything on that long list. / =1000 Yes. / And then we all went home for the day."},
		{RuleOrphan, "He took / them / home and went to bed.", "So ~950 / him ~950 / and then"},
		{RuleDivided, "We gave it all to Mr. / Smith in the morning.", "We gave it all / to Mr. Smith in the morning."},
		{RuleDivided, "We gave everything to Anna | Smith and to the others in there.", "We gave everything | to Anna Smith and to the others in there."},
		{RuleDivided, "Then it went up to 25 / percent in the end of it.", "Then it went up / to 25 percent in the end of it."},
		{RuleDivided, "It was not until the autumn of May 5 | 1997 that it was all good again.", "It was not until the autumn of | May 5 1997 that it was all good again."},
		{RuleDivided, "Many things are in there, e. | g. all those that we have seen.", "Many things are in there, | e. g. all those that we have seen."},
		{RuleDangling, "We went to the big house in | the morning and came back again.", "We went to the big house | in the morning and came back again."},
		{RuleDangling, "And so we went to the / house in the morning and came back again.", "And so we went / to the house in the morning and came back again."},
		{RuleSentence, "We all went / home again.", "We all went home again."},
		{RuleSentence, "That was it for today. We went home / and slept.", "That was it for today. / We went home and slept."},
		{RuleSentence, "We went over everything that was on that | long list of his again and again and again / and after that we all slept. That was it for today.", "We went over everything that was | on that long list of his again and again / and again and then we slept. / That was it for today."},
		{RuleSentence, "We have seen Mr. Smith. He was / there.", "Yes. =800 We have seen Mr. Smith with | all of his friends who came home again / and all of this is long enough for two."},
	} {
		if got := checkCaptionRules(shownCues(c.bad)); got.Violations[c.rule] == 0 {
			t.Errorf("%q is right by the rule %q: %v", c.bad, c.rule, got)
		}
		if got := checkCaptionRules(shownCues(c.good)); got.Violations[c.rule] != 0 {
			t.Errorf("%q: %v", c.good, got)
		}
	}
}

// TestCaptionTimeRules: the rules on times, each with a change of right captions
// that violates it.
func TestCaptionTimeRules(t *testing.T) {
	const text = "So we all went over all of this today, / and then we all went home to bed again. ~1800 / That was it for today."
	if got := checkCaptionRules(shownCues(text)); got.CountViolations() > 0 || len(got.Exceptions) > 0 || got.Cues != 3 {
		t.Fatalf("%+v", got)
	}

	for rule, change := range map[CaptionRule]func(all []cue){
		RuleLineCount: func(all []cue) { all[0].lines = []string{"a", "b", "c"} },
		RuleOrder:     func(all []cue) { all[0].endMS = all[1].startMS + 1 },
		RuleLength:    func(all []cue) { all[2].endMS = all[2].startMS + cueLength + 1 },
		RuleLeast:     func(all []cue) { all[1].endMS = all[1].startMS + cueLeast - 1 },
		RuleSpeed:     func(all []cue) { all[1].endMS = all[1].startMS + 9*wordGlance - 1 },
		RuleLinger:    func(all []cue) { all[2].endMS = all[2].speechEnd() + cueLinger + 1 },
		RuleFlicker:   func(all []cue) { all[0].endMS = all[1].startMS - cueFlicker + 1 },
	} {
		all := shownCues(text)
		change(all)
		if got := checkCaptionRules(all); got.Violations[rule] != 1 {
			t.Errorf("%s: %+v", rule, got)
		}
	}
}

// TestCaptionExceptions: what cannot be kept is counted apart.
func TestCaptionExceptions(t *testing.T) {
	for _, c := range []struct {
		except CaptionException
		text   string
		n      int
	}{
		{ExceptFast, "=90 We =90 all =90 went =90 over =90 all =90 of =90 that =90 today. / And we went home.", 1},
		{ExceptFast, "We went over all of that today.", 0},
		{ExceptTurn, "@Ana Yes. / @Bo No. / @Ana =1000 Yes.", 2},
		{ExceptTurn, "@Ana =1000 Yes. / @Bo =1000 No.", 0},
		{ExceptLongWord, "Die =2000 Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", 0},
		{ExceptNoBreak, "of the in a | with the for", 0},
	} {
		got := checkCaptionRules(shownCues(c.text))
		if got.Exceptions[c.except] != c.n {
			t.Errorf("%q: %+v", c.text, got)
		}
	}
}
