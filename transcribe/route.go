package transcribe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// EngineVosk is the name of the built-in engine, which writes drafts.
const EngineVosk = "vosk"

// ParseRoutes reads the setting speech_route: the engines that write refined
// transcripts, by workspace and language.
//
//	speech_route = "de=openai,command; 01KX4R…/*=worker; *=whisper,vosk"
//
// A rule is LANGUAGE=ENGINES or WORKSPACE/LANGUAGE=ENGINES; * is any, and the
// first rule that fits a clip counts.
func ParseRoutes(text string) ([]Route, error) {
	var out []Route
	for _, rule := range strings.Split(text, ";") {
		if rule = strings.TrimSpace(rule); rule == "" {
			continue
		}

		r, err := parseRoute(rule)
		if err != nil {
			return nil, err
		}

		out = append(out, r)
	}

	return out, nil
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func parseRoute(rule string) (r Route, err error) {
	bad := func(format string, args ...any) (Route, error) {
		return r, tidings.Errorf(tidings.KindInvalid, "speech-route: in %q %s.", rule, fmt.Sprintf(format, args...))
	}

	scope, engines, ok := strings.Cut(rule, "=")
	if !ok {
		return bad("there is no =; a rule is like de=openai,command")
	}

	workspace, language, ok := strings.Cut(strings.TrimSpace(scope), "/")
	if !ok {
		workspace, language = "*", workspace
	}

	if workspace != "*" {
		id, ok := tidings.ParseID(workspace)
		if !ok {
			return bad("%q is neither * nor the id of a workspace", workspace)
		}
		r.Workspace = id
	}

	if language != "*" {
		if !languageTag.MatchString(language) {
			return bad("%q is neither * nor a language such as de or pt-BR", language)
		}
		r.Language = language
	}

	for _, name := range strings.Split(engines, ",") {
		name = strings.TrimSpace(name)
		switch {
		case !slices.Contains(engineNames(), name):
			return bad("%q is not one of %s", name, strings.Join(engineNames(), ", "))
		case slices.Contains(r.Engines, name):
			return bad("%s stands twice", name)
		}

		r.Engines = append(r.Engines, name)
	}

	return r, nil
}

// String describes the route for an operator.
func (r Route) String() string {
	text := "clips"
	if r.Language != "" {
		text += " in " + r.Language
	}
	if r.Workspace != "" {
		text += " of workspace " + string(r.Workspace)
	}
	return text + ": " + strings.Join(r.Engines, ", then ")
}
