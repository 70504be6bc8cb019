package query

import (
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// Filter is one filter of the query language, written name:value. Its entry in
// Filters is its whole registration on the server; docs/how-to/add-a-filter.md
// lists the other places, which a test compares with this table.
type Filter struct {
	Name   string    // before the colon, lower case
	Value  ValueKind // of the value
	Values []string  // for Choice and Place: the fixed values
	set    func(s *filterSetter, value string) error
}

// ValueKind says what a filter's value names.
type ValueKind string

// Kinds of values. The web client chooses its completion by them.
const (
	PersonValue ValueKind = "person" // a member, by name, email address, id or "me"
	PlaceValue  ValueKind = "place"  // a channel behind a #, or a field of the document
	ChoiceValue ValueKind = "choice" // one of Filter.Values
	TextValue   ValueKind = "text"   // any text
	DateValue   ValueKind = "date"   // see parsePeriod
)

// documentFields are the parts of a document a search can be limited to.
var documentFields = []string{"titles", "transcript", "comments"}

// Filters are the filters of the query language.
var Filters = []Filter{
	{Name: "from", Value: PersonValue, set: (*filterSetter).setAuthor},
	{Name: "in", Value: PlaceValue, Values: documentFields, set: (*filterSetter).setPlaceFilter},
	{Name: "kind", Value: ChoiceValue, Values: []string{"screen", "camera", "screen_camera", "voice", "file"}, set: (*filterSetter).setKind},
	{Name: "tag", Value: TextValue, set: (*filterSetter).setTag},
	{Name: "is", Value: ChoiceValue, Values: []string{"mine", "unseen", "unanswered"}, set: (*filterSetter).setIsFilter},
	{Name: "has", Value: ChoiceValue, Values: []string{"comments"}, set: (*filterSetter).setHasFilter},
	{Name: "before", Value: DateValue, set: (*filterSetter).setBeforeDate},
	{Name: "after", Value: DateValue, set: (*filterSetter).setAfterDate},
	{Name: "on", Value: DateValue, set: (*filterSetter).setOnPeriod},
}

func (s *filterSetter) setAuthor(name string) error {
	if s.given.AuthorID != "" {
		return nil
	}

	id, found, err := s.names.Person(strings.TrimPrefix(name, "@"))
	if err != nil {
		return err
	}
	if !found {
		return tidings.Invalid("q", "Nobody here is called %q.", truncateValue(name))
	}

	return setOnce(&s.q.AuthorID, "", id, "person")
}

// setPlaceFilter reads a channel behind a #, or a comma list of the fields to search.
func (s *filterSetter) setPlaceFilter(value string) error {
	if name, ok := strings.CutPrefix(value, "#"); ok {
		return s.setChannel(name)
	}

	for _, name := range strings.Split(strings.ToLower(value), ",") {
		switch name {
		case "title":
			name = "titles"
		case "comment":
			name = "comments"
		}

		switch {
		case !slices.Contains(documentFields, name):
			return tidings.Invalid("q", "in:%s is no place: titles, transcript and comments are, and channels begin with a #.", truncateValue(name))
		case len(s.given.In) == 0 && !slices.Contains(s.q.In, name):
			s.q.In = append(s.q.In, name)
		}
	}

	return nil
}

func (s *filterSetter) setChannel(name string) error {
	if s.given.ChannelID != "" {
		return nil
	}

	id, found, err := s.names.Channel(name)
	if err != nil {
		return err
	}
	if !found {
		return tidings.Invalid("q", "There is no channel %q.", truncateValue("#"+name))
	}

	return setOnce(&s.q.ChannelID, "", id, "channel")
}

func (s *filterSetter) setKind(value string) error {
	k := tidings.ClipKind(strings.ReplaceAll(strings.ToLower(value), "+", "_"))
	if !k.Valid() {
		return tidings.Invalid("q", "There is no kind %q: screen, camera, screen_camera, voice and file are.", truncateValue(value))
	}
	return setOnce(&s.q.Kind, s.given.Kind, k, "kind")
}

func (s *filterSetter) setTag(value string) error {
	return setOnce(&s.q.Tag, s.given.Tag, strings.TrimPrefix(value, "#"), "tag")
}

func (s *filterSetter) setIsFilter(value string) error { return s.q.SetIs("q", value) }

func (s *filterSetter) setHasFilter(value string) error {
	switch strings.ToLower(value) {
	case "comments", "comment":
		s.q.Commented = true
		return nil
	}
	return tidings.Invalid("q", "There is no filter has:%s: has:comments is.", truncateValue(value))
}

func (s *filterSetter) setBeforeDate(value string) error {
	start, _, err := s.datePeriod(value)
	if err != nil {
		return err
	}
	s.limitTo(start)
	return nil
}

func (s *filterSetter) setAfterDate(value string) error {
	_, end, err := s.datePeriod(value)
	if err != nil {
		return err
	}
	s.limitFrom(end)
	return nil
}

func (s *filterSetter) setOnPeriod(value string) error {
	start, end, err := s.datePeriod(value)
	if err != nil {
		return err
	}

	s.limitFrom(start)
	s.limitTo(end)

	return nil
}
