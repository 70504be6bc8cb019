package query

import (
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// parsePeriod reads a date value: a day, a month, a year or, for an exact time
// or an age such as 7d, an instant. The end is exclusive. Days are those of the
// zone of now; the times returned are in UTC.
func parsePeriod(word string, now time.Time) (start, end time.Time, ok bool) {
	word = strings.ToLower(word)
	today := func(day int) time.Time {
		return startOfDay(now.Year(), now.Month(), now.Day()+day, now.Location())
	}
	switch word {
	case "today":
		return today(0), today(1), true
	case "yesterday":
		return today(-1), today(0), true
	}

	for day := range 7 { // the last one that has begun
		weekday := (now.Weekday() + 7 - time.Weekday(day)) % 7
		if name := strings.ToLower(weekday.String()); word == name || word == name[:3] {
			return today(-day), today(1 - day), true
		}
	}

	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{"2006-01-02", 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if at, err := time.Parse(form.layout, word); err == nil {
			after := at.AddDate(form.years, form.months, form.days)
			return StartOfDay(at, now.Location()), StartOfDay(after, now.Location()), true
		}
	}

	if at, err := tidings.ParseTime(word); err == nil {
		return at.UTC(), at.UTC(), true
	}

	return parseAge(word, now)
}

// StartOfDay is when the calendar day of a time begins in a zone, in UTC.
func StartOfDay(day time.Time, zone *time.Location) time.Time {
	return startOfDay(day.Year(), day.Month(), day.Day(), zone)
}

// startOfDay is the first instant of a day in a zone. Where clocks skip midnight,
// that is the end of the gap.
func startOfDay(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	noon := time.Date(year, month, day, 12, 0, 0, 0, zone)
	if at.Day() != noon.Day() { // time.Date went back before the gap
		_, at = at.ZoneBounds()
	} else if begin, _ := at.ZoneBounds(); at.Hour() > 0 && !begin.IsZero() && begin.Day() == at.Day() { // or beyond it
		at = begin
	}
	return at.UTC()
}

// parseAge reads 3d, 2w, 6m (months) and 1y: the instant that long before now.
func parseAge(word string, now time.Time) (start, end time.Time, ok bool) {
	if len(word) < 2 || len(word) > 4 {
		return start, end, false
	}

	n, err := strconv.Atoi(word[:len(word)-1])
	if err != nil || n < 0 {
		return start, end, false
	}

	switch word[len(word)-1] {
	case 'd':
		start = now.AddDate(0, 0, -n)
	case 'w':
		start = now.AddDate(0, 0, -7*n)
	case 'm':
		start = now.AddDate(0, -n, 0)
	case 'y':
		start = now.AddDate(-n, 0, 0)
	default:
		return start, end, false
	}

	return start.UTC(), start.UTC(), true
}
