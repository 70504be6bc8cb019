package tidings

import (
	"slices"
	"time"
)

// View is what was watched of a clip in one sitting. What a sitting says again
// is added to what it said before.
type View struct {
	Viewer  string // a user's id, or "link:" and the id of the link a visitor came by
	Session string // made up by the player for one sitting
	Ranges  []Span
	Read    bool // the transcript was read
}

// MaxSessions is how many sittings of one viewer on one clip are kept apart;
// more are added to the newest.
const MaxSessions = 200

// MaxLinkSessions is the same for all visitors of one link together.
const MaxLinkSessions = 20_000

const (
	maxSpans          = 500  // stretches that are kept of one sitting
	momentToleranceMS = 1000 // ms by which a moment may be missed and is passed all the same
	minViewMS         = 3000 // ms that have to be watched for a clip to be looked at at all
	seenFraction      = 0.9  // of a clip that was seen
	maxHeatBuckets    = 120  // at most, of a clip
)

// MergeSpans is what spans cover, in order; gaps of at most slack are closed.
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

// Add is the view with more of the same sitting, held inside the clip;
// durationMS is nil while it is recorded.
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

// CoveredMS is how much of a clip spans cover, in milliseconds.
func CoveredMS(spans []Span) (ms int64) {
	for _, s := range MergeSpans(spans, 0) {
		ms += s.EndMS - s.StartMS
	}
	return ms
}

// Reached reports whether the sitting came to a moment; nil is the clip as a
// whole, of which a glimpse has to be watched. Who read the transcript came to
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

// ViewState is the most that can be said of a person and a clip.
type ViewState string

// View states, the most first.
const (
	ViewAnswered ViewState = "answered" // commented or reacted
	ViewSeen     ViewState = "seen"     // watched nearly all of it
	ViewRead     ViewState = "read"     // read the transcript
	ViewPartly   ViewState = "partly"   // watched some
)

// Viewer is a person who has seen something of a clip. What they watched, and
// when they stopped, is nobody's business.
type Viewer struct {
	Person   Author
	Seen     bool
	Read     bool
	Answered bool
	FirstAt  time.Time
	LastAt   time.Time
}

// State is the most that can be said of the viewer.
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
	People        []Viewer // who came last before the others
	Anonymous     int      // sittings by link
	AnonymousSeen int      // of these, how many saw nearly all
	Heat          *Heat    // nil unless the workspace switched it on
}

// Heat is how many viewers watched each stretch of a clip.
type Heat struct {
	BucketMS int64
	Counts   []int
}

// SeenAll reports whether spans are nearly all of a clip.
func SeenAll(spans []Span, durationMS *int64) bool {
	return durationMS != nil && *durationMS > 0 && float64(CoveredMS(spans)) >= seenFraction*float64(*durationMS)
}

// NewHeat is the heat of a clip nobody has watched yet.
func NewHeat(durationMS int64) *Heat {
	bucket := max(1000, (durationMS+maxHeatBuckets-1)/maxHeatBuckets)
	return &Heat{BucketMS: bucket, Counts: make([]int, max(0, (durationMS+bucket-1)/bucket))}
}

// Add counts one viewer of spans.
func (h *Heat) Add(spans []Span) {
	last := int64(-1)
	for _, s := range MergeSpans(spans, 0) {
		for i := max(s.StartMS/h.BucketMS, last+1); i <= (s.EndMS-1)/h.BucketMS && i < int64(len(h.Counts)); i++ {
			h.Counts[i]++
			last = i
		}
	}
}
