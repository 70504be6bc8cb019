// Package query reads the query language of the search: words, "phrases",
// exclusions and filters such as from:ana.
package query

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// Parser reads the filters people write into a query.
type Parser struct {
	Clock   tidings.Clock  // nil = time.Now
	Zone    *time.Location // whose days "today" and 2026-11-01 are; nil = UTC
	filters []Filter       // nil = Filters
}

// ParseQuery takes the filters out of q.Text and sets them, unless they are set
// already; what stays are words, "phrases" and -exclusions:
//
//	from:ana  from:me  from:"Ana Maria"  kind:voice  tag:ops
//	in:#channel  in:titles  in:transcript  in:comments
//	is:mine  is:unseen  is:unanswered  has:comments
//	before:2026-11-01  after:yesterday  on:2026-10  after:7d
//
// names resolves the values of "from:" and "in:#". A filter with an unknown
// value is KindInvalid on the field q, and the fields q.start and q.end are the
// range of characters it takes, counted from 0 in Unicode code points; any
// other text is data, never an error.
func (p Parser) ParseQuery(q *tidings.Query, names tidings.NameResolver) error {
	s := filterSetter{q: q, names: names, now: p.nowOfCaller(), given: *q}
	var words []string
	text := normalizeQuotes(q.Text)
	filterLast := false
	for _, piece := range SplitPieces(text) {
		filter, value, ok := p.parseFilter(piece)
		if !ok {
			words, filterLast = append(words, piece.Raw), false
			continue
		}
		if err := filter.set(&s, value); err != nil {
			return withPosition(err, text, piece)
		}

		filterLast = true // the word before it is complete
	}

	q.Text = strings.Join(words, " ")
	if last, _ := utf8.DecodeLastRuneInString(text); len(words) > 0 && (filterLast || strings.ContainsRune(Whitespace, last)) {
		q.Text += " "
	}

	return nil
}

// withPosition adds the range of the filter in the text to an error about it.
func withPosition(err error, text string, p Piece) error {
	var e *tidings.Error
	if !errors.As(err, &e) || e.Fields == nil {
		return err
	}

	start := utf8.RuneCountInString(text[:p.Start])
	e.Fields["q.start"] = strconv.Itoa(start)
	e.Fields["q.end"] = strconv.Itoa(start + utf8.RuneCountInString(p.Raw))

	return e
}

// nowOfCaller is the time in the zone of the caller.
func (p Parser) nowOfCaller() time.Time {
	at := time.Now()
	if p.Clock != nil {
		at = p.Clock()
	}
	if p.Zone == nil {
		return at.UTC()
	}
	return at.In(p.Zone)
}

// parseFilter reads a piece as a filter; ok is false if it is data.
func (p Parser) parseFilter(piece Piece) (f Filter, value string, ok bool) {
	name, value, colon := strings.Cut(piece.Text, ":")
	value = strings.TrimSpace(strings.Trim(value, `"`))
	if piece.Quoted || piece.Not || !colon || value == "" {
		return f, "", false
	}

	table := p.filters
	if table == nil {
		table = Filters
	}

	i := slices.IndexFunc(table, func(f Filter) bool { return f.Name == strings.ToLower(name) })
	if i < 0 {
		return f, "", false
	}

	return table[i], value, true
}

// filterSetter sets filters on q; given is the query before any of them.
type filterSetter struct {
	q     *tidings.Query
	given tidings.Query
	names tidings.NameResolver
	now   time.Time
}

func (s *filterSetter) datePeriod(value string) (start, end time.Time, err error) {
	start, end, ok := parsePeriod(value, s.now)
	if !ok {
		return start, end, tidings.Invalid("q", "%q is no date: write 2026-11-01, 2026-11, yesterday, monday or 7d.", truncateValue(value))
	}
	return start, end, nil
}

// limitFrom moves the start of the searched period to at, unless it is later
// already or was given from outside.
func (s *filterSetter) limitFrom(at time.Time) {
	if s.given.From == nil && (s.q.From == nil || at.After(*s.q.From)) {
		s.q.From = &at
	}
}

// limitTo moves the end of the searched period to at, unless it is earlier
// already or was given from outside.
func (s *filterSetter) limitTo(at time.Time) {
	if s.given.To == nil && (s.q.To == nil || at.Before(*s.q.To)) {
		s.q.To = &at
	}
}

// setOnce sets a filter that has one value only. One that was given from
// outside stays.
func setOnce[T ~string](dst *T, given, value T, noun string) error {
	switch {
	case given != "":
		return nil
	case *dst != "" && *dst != value:
		return tidings.Invalid("q", "One %s at a time.", noun)
	}
	*dst = value
	return nil
}

// truncateValue cuts a value to 40 characters for an error message.
func truncateValue(s string) string {
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}
