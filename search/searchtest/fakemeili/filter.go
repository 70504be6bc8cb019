package fakemeili

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// predicate reports whether a document passes a filter.
type predicate func(d map[string]any) bool

// parseFilter reads a filter: a string in the filter language, or a list of
// which all, and in a list inside of it any, must hold.
func (st *settings) parseFilter(filter any) (predicate, *problem) {
	switch f := filter.(type) {
	case nil:
		return func(map[string]any) bool { return true }, nil
	case string:
		p := &filterParser{st: st, tokens: filterTokens.FindAllString(f, -1)}

		if strings.TrimSpace(filterTokens.ReplaceAllString(f, "")) != "" {
			return nil, badRequest("invalid_search_filter", "not a filter: "+f)
		}

		t, err := p.parseOr()
		if err == nil && len(p.tokens) > 0 {
			err = fmt.Errorf("%v is left over", p.tokens)
		}

		if err != nil {
			return nil, badRequest("invalid_search_filter", fmt.Sprintf("%v in %s", err, f))
		}
		return t, nil
	case []any:
		all := []predicate{}
		for _, one := range f {
			t, p := st.parseAny(one)
			if p != nil {
				return nil, p
			}
			all = append(all, t)
		}

		return func(d map[string]any) bool {
			return !slices.ContainsFunc(all, func(t predicate) bool { return !t(d) })
		}, nil
	}
	return nil, badRequest("invalid_search_filter", "a filter is a string or a list")
}

func (st *settings) parseAny(filter any) (predicate, *problem) {
	list, ok := filter.([]any)
	if !ok {
		return st.parseFilter(filter)
	}

	some := []predicate{}
	for _, one := range list {
		t, p := st.parseFilter(one)
		if p != nil {
			return nil, p
		}
		some = append(some, t)
	}

	return func(d map[string]any) bool {
		return slices.ContainsFunc(some, func(t predicate) bool { return t(d) })
	}, nil
}

var filterTokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|!=|>=|<=|[=<>()\[\],]|[A-Za-z0-9_.-]+`)

// filterParser reads the filter language by recursive descent.
type filterParser struct {
	st     *settings
	tokens []string
}

func (p *filterParser) nextToken() string {
	if len(p.tokens) == 0 {
		return ""
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *filterParser) acceptWord(word string) bool {
	if len(p.tokens) > 0 && p.tokens[0] == word {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *filterParser) parseOr() (predicate, error) {
	left, err := p.parseAnd()
	for err == nil && p.acceptWord("OR") {
		var right predicate
		a := left
		right, err = p.parseAnd()
		left = func(d map[string]any) bool { return a(d) || right(d) }
	}
	return left, err
}

func (p *filterParser) parseAnd() (predicate, error) {
	left, err := p.parseNot()
	for err == nil && p.acceptWord("AND") {
		var right predicate
		a := left
		right, err = p.parseNot()
		left = func(d map[string]any) bool { return a(d) && right(d) }
	}
	return left, err
}

func (p *filterParser) parseNot() (predicate, error) {
	if p.acceptWord("NOT") {
		t, err := p.parseNot()
		return func(d map[string]any) bool { return !t(d) }, err
	}
	if p.acceptWord("(") {
		t, err := p.parseOr()
		if err == nil && !p.acceptWord(")") {
			err = fmt.Errorf("a parenthesis is open")
		}
		return t, err
	}
	return p.parseCondition()
}

func (p *filterParser) parseCondition() (predicate, error) {
	name := p.nextToken()
	equality, comparison := p.st.filterFeatures(name)
	op := p.nextToken()
	negated := op == "NOT"
	if negated {
		op = p.nextToken()
	}

	switch {
	case !equality:
		return nil, fmt.Errorf("attribute %q is not filterable", name)
	case op == "IN":
		values, err := p.parseList()
		return func(d map[string]any) bool {
			return negated != slices.ContainsFunc(values, func(v string) bool { return equalsOrContains(d[name], v) })
		}, err
	case negated:
		return nil, fmt.Errorf("NOT %s", op)
	}

	v, err := parseValue(p.nextToken())
	switch {
	case err != nil:
		return nil, err
	case op == "=":
		return func(d map[string]any) bool { return equalsOrContains(d[name], v) }, nil
	case op == "!=":
		return func(d map[string]any) bool { return !equalsOrContains(d[name], v) }, nil
	case !slices.Contains([]string{"<", "<=", ">", ">="}, op):
		return nil, fmt.Errorf("operator %q", op)
	case !comparison:
		return nil, fmt.Errorf("attribute %q is not compared", name)
	}

	return func(d map[string]any) bool { return compareField(d[name], op, v) }, nil
}

func (p *filterParser) parseList() (values []string, err error) {
	if !p.acceptWord("[") {
		return nil, fmt.Errorf("IN without a list")
	}

	for !p.acceptWord("]") {
		v, err := parseValue(p.nextToken())
		if err != nil {
			return nil, err
		}

		values = append(values, v)

		if !p.acceptWord(",") && (len(p.tokens) == 0 || p.tokens[0] != "]") {
			return nil, fmt.Errorf("a list is open")
		}
	}

	return values, nil
}

var bareValue = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func parseValue(token string) (string, error) {
	if len(token) >= 2 && (token[0] == '"' || token[0] == '\'') {
		quote := token[:1]
		return strings.ReplaceAll(token[1:len(token)-1], `\`+quote, quote), nil
	}
	if !bareValue.MatchString(token) {
		return "", fmt.Errorf("%q is no value", token)
	}
	return token, nil
}

// foldValue is a value as filters compare it: in lower case.
func foldValue(v any) string {
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

// equalsOrContains reports whether a field is a value or a list that contains
// it.
func equalsOrContains(field any, v string) bool {
	if list, ok := field.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return equalsOrContains(one, v) })
	}
	return field != nil && foldValue(field) == foldValue(v)
}

func compareField(field any, op, v string) bool {
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
