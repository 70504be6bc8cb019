package api

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

//go:embed openapi.yaml
var openAPISource []byte

// maxDepth is how deep a JSON body may be nested.
const maxDepth = 16

// apiDescription is openapi.yaml, which requests are validated against.
type apiDescription struct {
	doc  *openapi3.T
	json []byte // as published
}

// loadDescription parses openapi.yaml once per process.
var loadDescription = sync.OnceValues(func() (*apiDescription, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPISource)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	text, err := json.Marshal(doc)
	return &apiDescription{doc: doc, json: text}, err
})

// validateRequest checks query and body against the operation in openapi.yaml.
// The handler then reads the same bytes.
func (u *apiDescription) validateRequest(path, method string) echo.MiddlewareFunc {
	item := u.doc.Paths.Value(path)
	op := item.GetOperation(method)
	parameters := append(append(openapi3.Parameters{}, item.Parameters...), op.Parameters...)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			fields := map[string]string{}
			checkQuery(parameters, c, fields)
			if op.RequestBody != nil {
				if err := checkBody(op.RequestBody.Value, c, fields); err != nil {
					return err
				}
			}

			if len(fields) > 0 {
				return &tidings.Error{Kind: tidings.KindInvalid, Msg: "Some fields are not right.", Fields: fields}
			}
			return next(c)
		}
	}
}

func checkQuery(parameters openapi3.Parameters, c echo.Context, fields map[string]string) {
	query := c.QueryParams()
	for _, ref := range parameters {
		p := ref.Value
		texts, given := query[p.Name]
		if p.In != openapi3.ParameterInQuery || !given {
			continue
		}

		value, err := queryValue(p.Schema.Value, texts)
		if err == nil {
			err = p.Schema.Value.VisitJSON(value, openapi3.MultiErrors())
		}

		if err != nil {
			addField(fields, p.Name, faultSentence(err))
		}
	}
}

func queryValue(schema *openapi3.Schema, texts []string) (any, error) {
	if len(texts) != 1 {
		return nil, errors.New("Give it once.")
	}

	text := texts[0]
	switch {
	case !request.IsCleanText(text):
		return nil, errors.New("Not valid text.")
	case schema.Type.Is(openapi3.TypeInteger):
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("Not a whole number.")
		}
		return float64(n), nil
	case schema.Type.Is(openapi3.TypeBoolean):
		if text != "true" && text != "false" {
			return nil, errors.New("Either true or false.")
		}
		return text == "true", nil
	}

	return text, nil
}

func checkBody(want *openapi3.RequestBody, c echo.Context, fields map[string]string) error {
	r := c.Request()
	body, err := io.ReadAll(r.Body) // in memory: see bufferBody
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))

	if len(body) == 0 && !want.Required {
		return nil
	}

	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return tidings.Errorf(tidings.KindUnsupported, "The body must be JSON, with Content-Type: application/json.")
	}

	value, err := decodeJSON(body)
	if err != nil {
		return err
	}

	err = want.Content[echo.MIMEApplicationJSON].Schema.Value.VisitJSON(value, openapi3.VisitAsRequest(), openapi3.MultiErrors(),
		openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(checkTime)))
	collectFaults(err, fields)
	collectControlChars(value, "", fields)

	return nil
}

// checkTime takes what tidings.ParseTime reads: the format of the library has
// upper-case letters only.
func checkTime(text string) error {
	_, err := tidings.ParseTime(text)
	return err
}

// collectControlChars adds the fields whose text has NUL or other control
// characters.
func collectControlChars(value any, at string, fields map[string]string) {
	switch v := value.(type) {
	case string:
		if !request.IsCleanText(v) {
			addField(fields, cmp.Or(at, "body"), "Control characters are not allowed.")
		}
	case []any:
		for _, item := range v {
			collectControlChars(item, at, fields)
		}
	case map[string]any:
		for name, item := range v {
			if !request.IsCleanText(name) {
				addField(fields, "body", "Control characters are not allowed.")
			}
			collectControlChars(item, strings.TrimPrefix(at+"."+name, "."), fields)
		}
	}
}

// decodeJSON reads one JSON value: UTF-8, at most maxDepth deep, without
// trailing data.
func decodeJSON(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, tidings.Errorf(tidings.KindInvalid, "The body is not valid UTF-8.")
	}
	if isNestedTooDeep(body) {
		return nil, tidings.Errorf(tidings.KindInvalid, "The JSON is nested too deeply.")
	}

	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "The body is not valid JSON.")
	}

	return value, nil
}

// isNestedTooDeep counts the brackets outside strings.
func isNestedTooDeep(body []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case inString && b == '\\':
			i++
		case b == '"':
			inString = !inString
		case inString:
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}

	return false
}

// collectFaults adds each fault of a body under its field.
func collectFaults(err error, fields map[string]string) {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case err == nil:
	case errors.As(err, &many):
		for _, e := range many {
			collectFaults(e, fields)
		}
	case errors.As(err, &one):
		addField(fields, faultField(one), faultSentence(one))
	default:
		addField(fields, "body", "Not right.")
	}
}

func faultField(e *openapi3.SchemaError) string {
	if at := e.JSONPointer(); len(at) > 0 {
		return strings.Join(at, ".")
	}
	if name := namedField(e.Reason); name != "" {
		return name
	}
	return "body"
}

// namedField is the field that a fault of an object names, if any.
func namedField(text string) string {
	for _, form := range []string{`property "%s" is unsupported`, `property "%s" is missing`} {
		before, after, _ := strings.Cut(form, "%s")
		if rest, ok := strings.CutPrefix(text, before); ok {
			if name, ok := strings.CutSuffix(rest, after); ok {
				return name
			}
		}
	}
	return ""
}

// faultSentence is the sentence for a fault.
func faultSentence(err error) string {
	var many openapi3.MultiError
	if errors.As(err, &many) && len(many) > 0 {
		err = many[0]
	}

	var e *openapi3.SchemaError
	if !errors.As(err, &e) {
		return err.Error()
	}

	switch {
	case strings.HasSuffix(e.Reason, "is unsupported"):
		return "There is no such field."
	case strings.HasSuffix(e.Reason, "is missing"):
		return "This is needed."
	}

	switch e.SchemaField {
	case "type":
		return "It " + strings.TrimPrefix(e.Reason, "value ") + "."
	case "maxLength":
		return fmt.Sprintf("At most %d characters.", *e.Schema.MaxLength)
	case "minLength":
		return fmt.Sprintf("At least %d characters.", e.Schema.MinLength)
	case "enum":
		return fmt.Sprintf("One of %s.", strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Schema.Enum), " ", ", "), "[]"))
	case "minimum":
		return fmt.Sprintf("At least %v.", *e.Schema.Min)
	case "maximum":
		return fmt.Sprintf("At most %v.", *e.Schema.Max)
	}

	return "Not right."
}
