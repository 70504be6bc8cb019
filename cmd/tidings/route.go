package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// betterEngines write transcripts again; a route may also name the built-in
// one, whose drafts then will do.
var betterEngines = []string{"whisper", "openai", "command", "worker"}

// routes reads the setting speech_route: which engines write the better
// transcripts of which clips, in order. Without it all clips go to refine.
//
//	speech_route = "de=openai,command; 01KX4R…/*=worker; *=whisper,vosk"
//
// A rule is LANGUAGE=ENGINES or WORKSPACE/LANGUAGE=ENGINES; * is any, and the
// first that fits counts.
func (c *config) routes() ([]transcribe.Route, error) {
	if strings.TrimSpace(c.SpeechRoute) == "" {
		if c.Refine == "" {
			return nil, nil
		}
		return []transcribe.Route{{Engines: []string{c.Refine}}}, nil
	}

	var out []transcribe.Route
	for _, rule := range strings.Split(c.SpeechRoute, ";") {
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

func parseRoute(rule string) (r transcribe.Route, err error) {
	bad := func(format string, args ...any) (transcribe.Route, error) {
		return r, tidings.Errorf(tidings.KindInvalid, "speech-route: in %q %s.", rule, fmt.Sprintf(format, args...))
	}

	who, engines, ok := strings.Cut(rule, "=")
	if !ok {
		return bad("there is no =; a rule is like de=openai,command")
	}

	ws, language, ok := strings.Cut(strings.TrimSpace(who), "/")
	if !ok {
		ws, language = "*", ws
	}

	if ws != "*" {
		id, ok := tidings.ParseID(ws)
		if !ok {
			return bad("%q is neither * nor the id of a workspace", ws)
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
		case name != builtIn && !slices.Contains(betterEngines, name):
			return bad("%q is not one of %s", name, strings.Join(append([]string{builtIn}, betterEngines...), ", "))
		case slices.Contains(r.Engines, name):
			return bad("%s stands twice", name)
		}

		r.Engines = append(r.Engines, name)
	}

	return r, nil
}

// names reports whether a setting sends clips to an engine.
func (c *config) names(engine string) bool {
	if c.Refine == engine {
		return true
	}
	routes, err := c.routes()
	return err == nil && slices.ContainsFunc(routes, func(r transcribe.Route) bool { return slices.Contains(r.Engines, engine) })
}

func describeRoute(r transcribe.Route) string {
	text := "clips"
	if r.Language != "" {
		text += " in " + r.Language
	}
	if r.Workspace != "" {
		text += " of workspace " + string(r.Workspace)
	}
	return text + ": " + strings.Join(r.Engines, ", then ")
}
