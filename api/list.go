package api

import (
	"cmp"
	"regexp"
	"slices"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

const defaultPage = 30

func pageSize(limit *int) int {
	if limit == nil {
		return defaultPage
	}
	return min(max(*limit, 1), 100)
}

// pageOf is one page of a list that is held in memory, sorted by key, and the
// cursor of the next page. Keys are unique and immutable, so pages stay
// consistent when items are added or removed.
func pageOf[T any](items []T, key func(T) string, newestFirst bool, limit *int, cursor *string) ([]T, *string, error) {
	order := func(a, b string) int {
		if newestFirst {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	}

	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b T) int { return order(key(a), key(b)) })
	if cursor != nil && *cursor != "" {
		after, ok := tidings.DecodeCursor(*cursor)
		if !ok {
			return nil, nil, badCursor()
		}
		items = slices.DeleteFunc(items, func(item T) bool { return order(key(item), after) <= 0 })
	}

	size := pageSize(limit)
	if len(items) <= size {
		return items, nil, nil
	}

	next := tidings.EncodeCursor(key(items[size-1]))
	return items[:size], &next, nil
}

// checkCursor refuses a cursor whose key does not have the form.
func checkCursor(cursor *string, form *regexp.Regexp) error {
	if cursor == nil || *cursor == "" {
		return nil
	}
	if key, ok := tidings.DecodeCursor(*cursor); !ok || !form.MatchString(key) {
		return badCursor()
	}
	return nil
}

func badCursor() error {
	return tidings.Invalid("cursor", "It is not a cursor of this list.")
}

func authorFilter(who tidings.Subject, name *string) tidings.ID {
	if spec.Deref(name) == "me" {
		return who.UserID
	}
	return tidings.ID(spec.Deref(name))
}
