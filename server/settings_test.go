package server

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSettings: each field of Config with a toml tag is a complete setting, and
// its default can be parsed.
func TestSettings(t *testing.T) {
	groups := map[string]bool{"limits": true, "mail": true, "media": true, "search": true, "server": true, "sign-in": true, "speech": true, "storage": true}
	key := regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	seen := map[string]bool{}
	all := new(Config).ListSettings()
	if len(all) < 60 {
		t.Errorf("only %d settings", len(all))
	}

	for _, s := range all {
		switch {
		case !key.MatchString(s.Key) || seen[s.Key]:
			t.Errorf("%q is no new key", s.Key)
		case !groups[s.Group]:
			t.Errorf("%s: the group %q is not one of those in the help", s.Key, s.Group)
		case s.Help == "" || strings.HasSuffix(s.Help, "."):
			t.Errorf("%s: help %q", s.Key, s.Help)
		case s.Secret && s.Default != "":
			t.Errorf("%s: a secret with a default", s.Key)
		}

		seen[s.Key] = true
		if s.Default == "" {
			continue
		}

		if err := s.parseValue(s.Default); err != nil {
			t.Errorf("%s: %v", s.Key, err)
		}
	}
}

// TestSettingSources: each setting can be given in all three ways, the stronger
// of which wins.
func TestSettingSources(t *testing.T) {
	value := map[string]string{"string": "localhost:1", "bool": "true", "duration": "7m0s", "int": "7"}
	for _, s := range new(Config).ListSettings() {
		text := value[s.Type()]
		file := filepath.Join(t.TempDir(), "t.toml")
		quoted := text
		if s.Type() == "string" || s.Type() == "duration" {
			quoted = `"` + text + `"`
		}

		if err := os.WriteFile(file, []byte(s.Key+" = "+quoted+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}

		values, err := readTOML(file)
		if err != nil {
			t.Fatal(err)
		}

		for from, c := range map[string]struct {
			flags map[string]string
			env   string
			file  map[string]any
		}{
			"flag": {map[string]string{s.Flag: text}, "1m", map[string]any{s.Key: 1}},
			"env":  {nil, text, map[string]any{s.Key: 1}},
			"file": {nil, "", values},
		} {
			var cfg Config
			getenv := func(name string) string {
				if name == s.Env {
					return c.env
				}
				return ""
			}
			if err := cfg.fillSettings(c.flags, getenv, c.file); err != nil {
				t.Errorf("%s from %s: %v", s.Key, from, err)
			}

			var out strings.Builder
			cfg.Print(&out)
			want := s.Key + " = " + quoted
			if s.Secret {
				want = s.Key + ` = "********"`
			}

			if !strings.Contains("\n"+out.String(), "\n"+want+"\n") {
				t.Errorf("%s from %s: no %s in\n%s", s.Key, from, want, out.String())
			}
		}
	}
}
