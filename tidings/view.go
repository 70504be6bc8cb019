package tidings

import (
	"slices"
	"time"
)

// View is what was watched of a clip in one view session. Ranges of later
// reports are added to earlier ones.
type View struct {
	Viewer  string // a user's id, or "link:" and the id of a visitor's link
	Session string // drawn by the player for one page view
	Ranges  []Span
	Read    bool // the transcript was read
}

// MaxSessions is how many view sessions of one viewer and clip are stored; more
// are added to the newest.
const MaxSessions = 200

// MaxLinkSessions is the same for all visitors of one link together.
const MaxLinkSessions = 20_000

const (
	maxSpans          = 500  // ranges stored of one session
	momentToleranceMS = 1000 // ms around a moment that count as watching it
	minViewMS         = 3000 // ms that count as having viewed a clip
	seenFraction      = 0.9  // of a clip that was seen
	maxHeatBuckets    = 120  // at most, of a clip
)

// MergeSpans is the union of spans, in order; gaps of at most slack are closed.
func MergeSpans(spans []Span, slack int64) []Span {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return int(min(max(a.StartMS-b.StartMS, -1), 1)) })
	var out []Span
	for _, s := range sorted {
		if n := len(out); n > 0 && s.StartMS <= out[n-1].EndMS+slack {
			out[n-1].EndMS = max(out[n-1].EndMS, s.EndMS)
		} else {
			out = append(out, s)
		}
	}

	return out
}

// Add is the ranges of the view with more of the same session, clamped to the
// clip; durationMS is nil while it is being recorded.
func (v View) Add(ranges []Span, durationMS *int64) []Span {
	all := slices.Clone(v.Ranges)
	for _, r := range ranges {
		if durationMS != nil {
			r.EndMS = min(r.EndMS, *durationMS)
		}
		if r.StartMS < r.EndMS {
			all = append(all, r)
		}
	}

	slack := int64(500)
	out := MergeSpans(all, slack)
	for len(out) > maxSpans {
		slack *= 2
		out = MergeSpans(out, slack)
	}

	return out
}

// CoveredMS is the length of the union of spans, in milliseconds.
func CoveredMS(spans []Span) (ms int64) {
	for _, s := range MergeSpans(spans, 0) {
		ms += s.EndMS - s.StartMS
	}
	return ms
}

// Reached reports whether the session covered a moment; nil is the clip as a
// whole, for which minViewMS have to be watched. Reading the transcript covers
// everything.
func (v View) Reached(at *int64) bool {
	if v.Read {
		return true
	}
	if at == nil {
		return CoveredMS(v.Ranges) >= minViewMS
	}
	return slices.ContainsFunc(v.Ranges, func(s Span) bool { return s.StartMS <= *at+momentToleranceMS && s.EndMS >= *at-momentToleranceMS })
}

// ViewState is the most a viewer has done with a clip.
type ViewState string

// View states, the most first.
const (
	ViewAnswered ViewState = "answered" // commented or reacted
	ViewSeen     ViewState = "seen"     // watched nearly all of it
	ViewRead     ViewState = "read"     // read the transcript
	ViewPartly   ViewState = "partly"   // watched some
)

// Viewer is a person who has seen something of a clip. What exactly they watched
// is not shown.
type Viewer struct {
	Person   Author
	Seen     bool
	Read     bool
	Answered bool
	FirstAt  time.Time
	LastAt   time.Time
}

// State is the most the viewer has done.
func (v Viewer) State() ViewState {
	switch {
	case v.Answered:
		return ViewAnswered
	case v.Seen:
		return ViewSeen
	case v.Read:
		return ViewRead
	}
	return ViewPartly
}

// Audience is who has seen a clip: people by name, visitors by link as numbers.
type Audience struct {
	People        []Viewer // the last viewer first
	Anonymous     int      // sessions by link
	AnonymousSeen int      // of these, how many saw nearly all
	Heat          *Heat    // nil unless the workspace switched it on
}

// Heat counts the viewers of each bucket of a clip.
type Heat struct {
	BucketMS int64
	Counts   []int
}

// SeenAll reports whether spans cover nearly all of a clip.
func SeenAll(spans []Span, durationMS *int64) bool {
	return durationMS != nil && *durationMS > 0 && float64(CoveredMS(spans)) >= seenFraction*float64(*durationMS)
}

// NewHeat is the heat map of a clip without viewers.
func NewHeat(durationMS int64) *Heat {
	bucket := max(1000, (durationMS+maxHeatBuckets-1)/maxHeatBuckets)
	return &Heat{BucketMS: bucket, Counts: make([]int, max(0, (durationMS+bucket-1)/bucket))}
}

// Add counts one viewer who watched spans.
func (h *Heat) Add(spans []Span) {
	last := int64(-1)
	for _, s := range MergeSpans(spans, 0) {
		for i := max(s.StartMS/h.BucketMS, last+1); i <= (s.EndMS-1)/h.BucketMS && i < int64(len(h.Counts)); i++ {
			h.Counts[i]++
			last = i
		}
	}
}
