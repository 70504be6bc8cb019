package query

import (
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// parsePeriod reads a date value: a day, a month, a year or, for an exact time
// or an age such as 7d, an instant. The end is exclusive; all times are UTC.
func parsePeriod(word string, now time.Time) (start, end time.Time, ok bool) {
	word = strings.ToLower(word)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch word {
	case "today":
		return today, today.AddDate(0, 0, 1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), today, true
	}

	for day := range 7 { // the last one that has begun
		start := today.AddDate(0, 0, -day)
		if name := strings.ToLower(start.Weekday().String()); word == name || word == name[:3] {
			return start, start.AddDate(0, 0, 1), true
		}
	}

	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{"2006-01-02", 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if at, err := time.Parse(form.layout, word); err == nil {
			return at, at.AddDate(form.years, form.months, form.days), true
		}
	}

	if at, err := tidings.ParseTime(word); err == nil {
		return at.UTC(), at.UTC(), true
	}

	return parseAge(word, now)
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

	return start, start, true
}
