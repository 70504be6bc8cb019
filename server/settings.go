package server

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Setting is one field of Config with its names.
type Setting struct {
	Key     string // in tidings.toml
	Flag    string // without dashes
	Env     string
	Help    string
	Group   string // subject, for the help of commands
	Default string
	Secret  bool
	value   reflect.Value
}

// IsBool reports whether the setting is true or false.
func (s Setting) IsBool() bool { return s.value.Kind() == reflect.Bool }

// Type is "string", "bool", "duration" or "int".
func (s Setting) Type() string {
	switch s.value.Interface().(type) {
	case string:
		return "string"
	case bool:
		return "bool"
	case time.Duration:
		return "duration"
	}
	return "int"
}

// ListSettings lists the settings in the order of the fields of Config.
func (c *Config) ListSettings() []Setting {
	return settingsOf(reflect.ValueOf(c).Elem(), "")
}

// settingsOf lists the fields of a struct that have a toml tag, with those of
// its embedded structs, which have a group together.
func settingsOf(v reflect.Value, group string) (out []Setting) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		tag := field.Tag
		if field.Anonymous {
			out = append(out, settingsOf(v.Field(i), tag.Get("group"))...)
			continue
		}

		key := tag.Get("toml")
		if key == "" {
			continue
		}

		out = append(out, Setting{
			Key: key, Flag: strings.ReplaceAll(key, "_", "-"), Env: "TIDINGS_" + strings.ToUpper(key),
			Help: tag.Get("help"), Group: cmp.Or(tag.Get("group"), group), Default: tag.Get("default"), Secret: tag.Get("secret") == "true",
			value: v.Field(i),
		})
	}

	return out
}

func (s Setting) parseValue(text string) error {
	switch s.value.Interface().(type) {
	case string:
		s.value.SetString(text)
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 90s or 15m", text)
		}
		s.value.SetInt(int64(d))
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		s.value.SetBool(b)
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || s.value.OverflowInt(n) {
			return fmt.Errorf("%q is not a whole number", text)
		}
		s.value.SetInt(n)
	}
	return nil
}

// Load gives each setting its value from the strongest source that names it:
// flags (by flag name), the environment, the settings file, the default. file is
// the path of the settings file; "" = tidings.toml, if it exists. All mistakes
// are reported together.
func Load(flags map[string]string, getenv func(string) string, file string) (c Config, err error) {
	values, err := readTOML(file)
	if err != nil {
		return c, err
	}
	if err := c.fillSettings(flags, getenv, values); err != nil {
		return c, err
	}
	return c, c.validateConfig()
}

// fillSettings sets all settings; unknown keys of the file are errors.
func (c *Config) fillSettings(flags map[string]string, getenv func(string) string, file map[string]any) error {
	var errs []error
	all := c.ListSettings()
	for _, s := range all {
		text, from := s.Default, "default"
		if v, ok := file[s.Key]; ok {
			text, from = fmt.Sprint(v), "tidings.toml"
		}

		if v := getenv(s.Env); v != "" {
			text, from = v, s.Env
		}

		if v, ok := flags[s.Flag]; ok {
			text, from = v, "--"+s.Flag
		}

		if text == "" {
			continue
		}

		if err := s.parseValue(text); err != nil {
			errs = append(errs, fmt.Errorf("%s (from %s): %w", s.Flag, from, err))
		}
	}

	known := map[string]bool{}
	for _, s := range all {
		known[s.Key] = true
	}

	for key := range file {
		if !known[key] {
			errs = append(errs, fmt.Errorf("tidings.toml: %q is not a setting", key))
		}
	}

	return errors.Join(errs...)
}

func readTOML(path string) (map[string]any, error) {
	name := path
	if name == "" {
		name = "tidings.toml"
	}

	out := map[string]any{}
	_, err := toml.DecodeFile(name, &out)
	if errors.Is(err, os.ErrNotExist) && path == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}

	return out, nil
}

// Print writes the effective settings as TOML with secrets masked.
func (c *Config) Print(w io.Writer) {
	lines := make([]string, 0, 32)
	for _, s := range c.ListSettings() {
		text := fmt.Sprint(s.value.Interface())
		if s.Secret && text != "" {
			text = "********"
		}

		if k := s.value.Kind(); k == reflect.String || s.value.Type() == reflect.TypeFor[time.Duration]() {
			text = strconv.Quote(text)
		}

		lines = append(lines, s.Key+" = "+text)
	}

	sort.Strings(lines)
	fmt.Fprintln(w, strings.Join(lines, "\n"))
}
