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
	Clock tidings.Clock // nil = time.Now; "today" is a day in UTC
}

// ParseQuery takes the filters out of q.Text and sets them, unless they are set
// already; what stays are words, "phrases" and -exclusions:
//
//	from:ana  from:me  from:"Ana Maria"  kind:voice  tag:ops
//	in:#channel  in:titles  in:transcript  in:comments
//	is:mine  is:unseen  is:unanswered  has:comments
//	before:2026-11-01  after:yesterday  on:2026-10  after:7d
//
// names finds what stands behind "from:" and "in:#". A filter whose value means
// nothing is KindInvalid on the field q, and the fields q.start and q.end say
// between which characters it stands, counted from 0 in Unicode code points;
// any other text is data, never an error.
func (p Parser) ParseQuery(q *tidings.Query, names tidings.Names) error {
	f := filters{q: q, names: names, now: p.now(), given: *q}
	var rest []string
	text := plainQuotes(q.Text)
	trailing := false
	for _, piece := range Pieces(text) {
		key, value, ok := filterOf(piece)
		if !ok {
			rest, trailing = append(rest, piece.Raw), false
			continue
		}
		if err := f.set(key, value); err != nil {
			return placed(err, text, piece)
		}

		trailing = true // the word before is finished
	}

	q.Text = strings.Join(rest, " ")
	if last, _ := utf8.DecodeLastRuneInString(text); len(rest) > 0 && (trailing || strings.ContainsRune(Whitespace, last)) {
		q.Text += " "
	}

	return nil
}

// placed says where in the text a filter stands that means nothing.
func placed(err error, text string, p Piece) error {
	var e *tidings.Error
	if !errors.As(err, &e) || e.Fields == nil {
		return err
	}
	start := utf8.RuneCountInString(text[:p.At])
	e.Fields["q.start"] = strconv.Itoa(start)
	e.Fields["q.end"] = strconv.Itoa(start + utf8.RuneCountInString(p.Raw))
	return e
}

func (p Parser) now() time.Time {
	if p.Clock == nil {
		return time.Now().UTC()
	}
	return p.Clock().UTC()
}

// filterOf is the filter a piece is, if it is one.
func filterOf(p Piece) (key, value string, ok bool) {
	if p.Quoted || p.Not {
		return "", "", false
	}
	key, value, ok = strings.Cut(p.Text, ":")
	key, value = strings.ToLower(key), strings.TrimSpace(strings.Trim(value, `"`))
	known := []string{"from", "in", "kind", "tag", "before", "after", "on", "is", "has"}
	return key, value, ok && value != "" && slices.Contains(known, key)
}

// filters sets filters; given is the query before any of them.
type filters struct {
	q     *tidings.Query
	given tidings.Query
	names tidings.Names
	now   time.Time
}

func (f *filters) set(key, value string) error {
	switch key {
	case "from":
		return f.from(value)
	case "in":
		return f.in(value)
	case "kind":
		return f.kind(value)
	case "tag":
		return once(&f.q.Tag, f.given.Tag, strings.TrimPrefix(value, "#"), "tag")
	case "is":
		return f.q.SetIs("q", value)
	case "has":
		return has(f.q, value)
	}
	return f.date(key, value)
}

func has(q *tidings.Query, value string) error {
	switch strings.ToLower(value) {
	case "comments", "comment":
		q.Commented = true
		return nil
	}
	return tidings.Invalid("q", "There is no filter has:%s: has:comments is.", short(value))
}

func (f *filters) from(name string) error {
	if f.given.AuthorID != "" {
		return nil
	}
	id, ok := f.names.Person(strings.TrimPrefix(name, "@"))
	if !ok {
		return tidings.Invalid("q", "Nobody here is called %q.", short(name))
	}
	return once(&f.q.AuthorID, "", id, "person")
}

// in is a channel behind a #, or where in a clip is looked.
func (f *filters) in(value string) error {
	if name, ok := strings.CutPrefix(value, "#"); ok {
		return f.channel(name)
	}

	for _, name := range strings.Split(strings.ToLower(value), ",") {
		switch name {
		case "title":
			name = "titles"
		case "comment":
			name = "comments"
		}

		switch {
		case !slices.Contains([]string{"titles", "transcript", "comments"}, name):
			return tidings.Invalid("q", "in:%s is no place: titles, transcript and comments are, and channels begin with a #.", short(name))
		case len(f.given.In) == 0 && !slices.Contains(f.q.In, name):
			f.q.In = append(f.q.In, name)
		}
	}

	return nil
}

func (f *filters) channel(name string) error {
	if f.given.ChannelID != "" {
		return nil
	}
	id, ok := f.names.Channel(name)
	if !ok {
		return tidings.Invalid("q", "There is no channel %q.", short("#"+name))
	}
	return once(&f.q.ChannelID, "", id, "channel")
}

func (f *filters) kind(value string) error {
	k := tidings.ClipKind(strings.ReplaceAll(strings.ToLower(value), "+", "_"))
	if !k.Valid() {
		return tidings.Invalid("q", "There is no kind %q: screen, camera, screen_camera, voice and file are.", short(value))
	}
	return once(&f.q.Kind, f.given.Kind, k, "kind")
}

func (f *filters) date(key, value string) error {
	start, end, ok := period(value, f.now)
	if !ok {
		return tidings.Invalid("q", "%q is no date: write 2026-11-01, 2026-11, yesterday, monday or 7d.", short(value))
	}

	if (key == "after" || key == "on") && f.given.From == nil {
		from := end
		if key == "on" {
			from = start
		}
		if f.q.From == nil || from.After(*f.q.From) {
			f.q.From = &from
		}
	}

	if (key == "before" || key == "on") && f.given.To == nil {
		to := start
		if key == "on" {
			to = end
		}
		if f.q.To == nil || to.Before(*f.q.To) {
			f.q.To = &to
		}
	}

	return nil
}

// once sets a filter that can have one value only. One that was given from
// outside stays.
func once[T ~string](dst *T, given, value T, noun string) error {
	switch {
	case given != "":
		return nil
	case *dst != "" && *dst != value:
		return tidings.Invalid("q", "One %s at a time.", noun)
	}
	*dst = value
	return nil
}

// short keeps an error message readable.
func short(s string) string {
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}
