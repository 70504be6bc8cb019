package fakemeili

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// test says whether a document fits a filter.
type test func(d map[string]any) bool

// parseFilter reads a filter: a string in the filter language, or a list of
// which all, and in a list inside of it any, must hold.
func (st *settings) parseFilter(filter any) (test, *problem) {
	switch f := filter.(type) {
	case nil:
		return func(map[string]any) bool { return true }, nil
	case string:
		p := &filterParser{st: st, tokens: filterTokens.FindAllString(f, -1)}

		if strings.TrimSpace(filterTokens.ReplaceAllString(f, "")) != "" {
			return nil, bad("invalid_search_filter", "not a filter: "+f)
		}

		t, err := p.or()
		if err == nil && len(p.tokens) > 0 {
			err = fmt.Errorf("%v is left over", p.tokens)
		}

		if err != nil {
			return nil, bad("invalid_search_filter", fmt.Sprintf("%v in %s", err, f))
		}
		return t, nil
	case []any:
		all := []test{}
		for _, one := range f {
			t, p := st.parseAny(one)
			if p != nil {
				return nil, p
			}
			all = append(all, t)
		}

		return func(d map[string]any) bool {
			return !slices.ContainsFunc(all, func(t test) bool { return !t(d) })
		}, nil
	}
	return nil, bad("invalid_search_filter", "a filter is a string or a list")
}

func (st *settings) parseAny(filter any) (test, *problem) {
	list, ok := filter.([]any)
	if !ok {
		return st.parseFilter(filter)
	}

	some := []test{}
	for _, one := range list {
		t, p := st.parseFilter(one)
		if p != nil {
			return nil, p
		}
		some = append(some, t)
	}

	return func(d map[string]any) bool {
		return slices.ContainsFunc(some, func(t test) bool { return t(d) })
	}, nil
}

var filterTokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|!=|>=|<=|[=<>()\[\],]|[A-Za-z0-9_.-]+`)

// filterParser reads the filter language by recursive descent.
type filterParser struct {
	st     *settings
	tokens []string
}

func (p *filterParser) take() string {
	if len(p.tokens) == 0 {
		return ""
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *filterParser) accept(word string) bool {
	if len(p.tokens) > 0 && p.tokens[0] == word {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *filterParser) or() (test, error) {
	left, err := p.and()
	for err == nil && p.accept("OR") {
		var right test
		a := left
		right, err = p.and()
		left = func(d map[string]any) bool { return a(d) || right(d) }
	}
	return left, err
}

func (p *filterParser) and() (test, error) {
	left, err := p.not()
	for err == nil && p.accept("AND") {
		var right test
		a := left
		right, err = p.not()
		left = func(d map[string]any) bool { return a(d) && right(d) }
	}
	return left, err
}

func (p *filterParser) not() (test, error) {
	if p.accept("NOT") {
		t, err := p.not()
		return func(d map[string]any) bool { return !t(d) }, err
	}
	if p.accept("(") {
		t, err := p.or()
		if err == nil && !p.accept(")") {
			err = fmt.Errorf("a parenthesis is open")
		}
		return t, err
	}
	return p.condition()
}

func (p *filterParser) condition() (test, error) {
	name := p.take()
	equality, comparison := p.st.filters(name)
	op := p.take()
	negated := op == "NOT"
	if negated {
		op = p.take()
	}

	switch {
	case !equality:
		return nil, fmt.Errorf("attribute %q is not filterable", name)
	case op == "IN":
		values, err := p.list()
		return func(d map[string]any) bool {
			return negated != slices.ContainsFunc(values, func(v string) bool { return holds(d[name], v) })
		}, err
	case negated:
		return nil, fmt.Errorf("NOT %s", op)
	}

	v, err := value(p.take())
	switch {
	case err != nil:
		return nil, err
	case op == "=":
		return func(d map[string]any) bool { return holds(d[name], v) }, nil
	case op == "!=":
		return func(d map[string]any) bool { return !holds(d[name], v) }, nil
	case !slices.Contains([]string{"<", "<=", ">", ">="}, op):
		return nil, fmt.Errorf("operator %q", op)
	case !comparison:
		return nil, fmt.Errorf("attribute %q is not compared", name)
	}

	return func(d map[string]any) bool { return compares(d[name], op, v) }, nil
}

func (p *filterParser) list() (values []string, err error) {
	if !p.accept("[") {
		return nil, fmt.Errorf("IN without a list")
	}

	for !p.accept("]") {
		v, err := value(p.take())
		if err != nil {
			return nil, err
		}

		values = append(values, v)

		if !p.accept(",") && (len(p.tokens) == 0 || p.tokens[0] != "]") {
			return nil, fmt.Errorf("a list is open")
		}
	}

	return values, nil
}

var bareValue = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func value(token string) (string, error) {
	if len(token) >= 2 && (token[0] == '"' || token[0] == '\'') {
		quote := token[:1]
		return strings.ReplaceAll(token[1:len(token)-1], `\`+quote, quote), nil
	}
	if !bareValue.MatchString(token) {
		return "", fmt.Errorf("%q is no value", token)
	}
	return token, nil
}

// plain is a value as filters compare it: without case.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return strings.ToLower(strings.TrimSpace(v))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// holds reports whether a field is a value or a list with it.
func holds(field any, v string) bool {
	if list, ok := field.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return holds(one, v) })
	}
	return field != nil && plain(field) == plain(v)
}

func compares(field any, op, v string) bool {
	n := 0
	if number, err := strconv.ParseFloat(v, 64); err == nil {
		f, ok := field.(float64)
		if !ok {
			return false
		}
		n = compareValues(f, number)
	} else if text, ok := field.(string); ok {
		n = compareValues(text, v)
	} else {
		return false
	}

	switch op {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	}

	return n >= 0
}
