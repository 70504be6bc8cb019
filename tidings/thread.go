package tidings

import (
	"cmp"
	"slices"
)

// Thread is a first comment and its replies, oldest first. There is one level of
// replies: a reply to a reply is in the same thread.
type Thread struct {
	First   Comment
	Replies []Comment
}

// Threads groups the comments of a clip into threads: those on the whole clip
// first, then by moment, at one moment the older first. A reply whose thread is
// unknown begins one of its own.
func Threads(all []Comment) []Thread {
	byID := make(map[ID]Comment, len(all))
	for _, c := range all {
		byID[c.ID] = c
	}

	var out []Thread
	at := map[ID]int{}
	for _, c := range all {
		if _, known := byID[c.ParentID]; !known {
			at[c.ID] = len(out)
			out = append(out, Thread{First: c})
		}
	}

	for _, c := range all {
		if i, ok := at[c.ParentID]; ok {
			out[i].Replies = append(out[i].Replies, c)
		}
	}

	for _, t := range out {
		slices.SortFunc(t.Replies, func(a, b Comment) int { return cmp.Compare(a.ID, b.ID) })
	}

	slices.SortFunc(out, func(a, b Thread) int {
		return cmp.Or(cmp.Compare(a.First.sortMoment(), b.First.sortMoment()), cmp.Compare(a.First.ID, b.First.ID))
	})

	return out
}

func (c Comment) sortMoment() int64 {
	if c.AtMS == nil {
		return -1
	}
	return *c.AtMS
}
