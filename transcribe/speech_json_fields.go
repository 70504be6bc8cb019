package transcribe

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// looseText is a JSON string. Anything else counts as missing.
type looseText struct {
	text  string
	given bool
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (t *looseText) UnmarshalJSON(b []byte) error {
	t.given = len(b) > 0 && b[0] == '"' && json.Unmarshal(b, &t.text) == nil
	return nil
}

// looseName is a JSON string, or a number in its place: some engines number the
// speakers.
type looseName string

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (n *looseName) UnmarshalJSON(b []byte) error {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(b, &text) == nil:
		*n = looseName(text)
	case json.Unmarshal(b, &number) == nil:
		*n = looseName(number)
	}
	return nil
}

// looseNumber is a JSON number, also as a string. Anything else, and what is not
// finite, counts as missing.
type looseNumber struct {
	value float64
	given bool
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (n *looseNumber) UnmarshalJSON(b []byte) error {
	text := strings.TrimSpace(strings.Trim(string(b), `"`))
	value, err := strconv.ParseFloat(text, 64)
	if err == nil && !math.IsNaN(value) && !math.IsInf(value, 0) {
		n.value, n.given = value, true
	}
	return nil
}

// pointerOrNil is nil for a missing number.
func (n looseNumber) pointerOrNil() *float64 {
	if !n.given {
		return nil
	}
	return &n.value
}

// looseList is a JSON list of objects. It is unreadable when it is no list, or
// when an element is no object and so had to be left out.
type looseList[T any] struct {
	items      []T
	given      bool
	unreadable bool
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (l *looseList[T]) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}

	l.given = true
	var all []json.RawMessage
	if json.Unmarshal(b, &all) != nil {
		l.unreadable = true
		return nil
	}

	for _, raw := range all {
		var item T
		if raw[0] != '{' || unmarshalLoosely(raw, &item) != nil {
			l.unreadable = true
			continue
		}
		l.items = append(l.items, item)
	}
	return nil
}

// unmarshalLoosely is json.Unmarshal, where a field of another type than it
// should have counts as missing.
func unmarshalLoosely(b []byte, v any) error {
	err := json.Unmarshal(b, v)
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return nil
	}
	return err
}

// errorMessage is an engine's error: {"message": …}, or a string; "" when an
// engine has the field but no error.
type errorMessage string

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (e *errorMessage) UnmarshalJSON(b []byte) error {
	var long struct{ Message looseText }
	var short string
	switch text := string(b); text {
	case "null", "false", "0", "{}", "[]":
	default:
		if json.Unmarshal(b, &short) == nil {
			text = short
		} else if json.Unmarshal(b, &long) == nil && long.Message.given {
			text = long.Message.text
		}
		*e = errorMessage(strings.TrimSpace(text))
	}
	return nil
}

// cleanJSON removes what json.Unmarshal refuses and servers write: a byte order
// mark, and numbers that are not finite, as Python's json writes them.
func cleanJSON(b []byte) []byte {
	b = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(b), []byte("\uFEFF")))
	if !bytes.Contains(b, []byte("NaN")) && !bytes.Contains(b, []byte("Infinity")) {
		return b
	}

	out := make([]byte, 0, len(b))
	for quoted := false; len(b) > 0; {
		n, text := 1, b[:1]
		switch {
		case quoted && b[0] == '\\' && len(b) > 1:
			n, text = 2, b[:2]
		case b[0] == '"':
			quoted = !quoted
		case !quoted:
			if size := len(notFinite(b)); size > 0 {
				n, text = size, []byte("null")
			}
		}
		out, b = append(out, text...), b[n:]
	}
	return out
}

// notFinite is the number that is not finite at the beginning of b; nil = none.
func notFinite(b []byte) []byte {
	for _, name := range []string{"NaN", "-Infinity", "Infinity"} {
		if bytes.HasPrefix(b, []byte(name)) {
			return b[:len(name)]
		}
	}
	return nil
}
