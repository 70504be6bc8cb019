package transcribe

import (
	"slices"

	"tidings.example/tidings/tidings"
)

// When the channels of a clip are apart: each has a person of its own.
const (
	channelLevelMS = 50   // a level of both channels is that of so many ms
	clearDB        = 10   // from so much on, one channel is clearly louder
	mostDB         = 20   // more does not count: a short loud sound must not decide over a word
	soundDB        = 30   // so much below the loudest speech of its channel a level is a pause
	leastClear     = 80   // percent of the speech in which one channel is clearly louder
	leastShare     = 3    // percent of that in which it is the quieter person's …
	leastShareMS   = 2000 // … and how much that is at least
)

// levelsOf are the levels during a word.
func levelsOf(w tidings.Word, levels [][2]uint8) [][2]uint8 {
	at := func(ms int64) int { return int(min(max(0, (ms+channelLevelMS/2)/channelLevelMS), int64(len(levels)))) }
	from := at(w.StartMS)
	return levels[from:min(len(levels), max(from+1, at(w.EndMS)))]
}

// measureLeans finds how much louder one channel is during each word.
func measureLeans(words []turnWord, levels [][2]uint8) {
	pause := pauseLevels(words, levels)
	for i := range words {
		sum, n := 0, 0
		for _, l := range levelsOf(words[i].Word, levels) {
			if l[0] < pause[0] || l[1] < pause[1] {
				sum += min(mostDB, max(-mostDB, int(l[0])-int(l[1])))
				n++
			}
		}
		words[i].lean = float64(sum) / float64(max(1, n))
	}
}

// pauseLevels are the levels from which on nobody speaks on a channel: compared
// with the loudest fiftieth of it.
func pauseLevels(words []turnWord, levels [][2]uint8) (out [2]uint8) {
	var heard [2][]uint8
	for _, w := range words {
		for _, l := range levelsOf(w.Word, levels) {
			heard[0], heard[1] = append(heard[0], l[0]), append(heard[1], l[1])
		}
	}

	for channel, all := range heard {
		slices.Sort(all)
		if len(all) > 0 {
			out[channel] = all[len(all)/50] + soundDB
		}
	}

	return out
}

// channelsApart reports whether each channel has a person of its own: nearly
// always one of them is clearly louder, and either is often enough.
func channelsApart(words []turnWord) bool {
	var all, clearLeft, clearRight int64 // ms
	for _, w := range words {
		ms := max(1, w.EndMS-w.StartMS)
		all += ms
		switch {
		case w.lean <= -clearDB:
			clearLeft += ms
		case w.lean >= clearDB:
			clearRight += ms
		}
	}

	both, less := clearLeft+clearRight, min(clearLeft, clearRight)
	return both*100 >= all*leastClear && less*100 >= both*leastShare && less >= leastShareMS
}
