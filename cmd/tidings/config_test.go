package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"tidings.example/tidings/server"
)

func envFrom(pairs map[string]string) func(string) string {
	return func(k string) string { return pairs[k] }
}

// loadConfig loads settings as a command does, and returns the arguments that
// are no flags.
func loadConfig(name string, args []string, getenv func(string) string, usage io.Writer) (server.Config, []string, error) {
	flags := pflag.NewFlagSet("tidings "+name, pflag.ContinueOnError)
	flags.SetOutput(usage)
	settings := addSettings(flags)
	if err := flags.Parse(args); err != nil {
		return server.Config{}, nil, err
	}

	c, err := server.Load(settings.given, getenv, settings.file)
	return c, flags.Args(), err
}

func TestConfigPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.toml")
	if err := os.WriteFile(file, []byte("listen = \"a:1\"\ndata = \"fromfile\"\nupload_idle = \"30s\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	c, rest, err := loadConfig("serve", []string{"--config", file, "--listen", "c:3", "--fsync=false", "left"},
		envFrom(map[string]string{"TIDINGS_LISTEN": "b:2", "TIDINGS_DATA": "fromenv"}), io.Discard)
	if err != nil {
		t.Fatal(err)
	}

	if c.Listen != "c:3" || c.Data != "fromenv" || c.UploadIdle != 30*time.Second || c.UploadSeal != 15*time.Minute || c.Fsync {
		t.Errorf("got %+v", c)
	}

	if len(rest) != 1 || rest[0] != "left" {
		t.Errorf("rest = %v", rest)
	}
}

func TestConfigReportsAllMistakes(t *testing.T) {
	_, _, err := loadConfig("serve", nil, envFrom(map[string]string{
		"TIDINGS_SPEECH_WORKERS": "many", "TIDINGS_UPLOAD_IDLE": "soon"}), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "speech-workers") || !strings.Contains(err.Error(), "upload-idle") {
		t.Errorf("got %v", err)
	}

	_, _, err = loadConfig("serve", nil, envFrom(map[string]string{
		"TIDINGS_LISTEN": "nowhere", "TIDINGS_ROLES": "api,cook", "TIDINGS_S3_ENDPOINT": "http://s3", "TIDINGS_SEARCH": "grep"}), io.Discard)
	for _, want := range []string{"listen", "cook", "s3-access-key", "grep"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}

	_, _, err = loadConfig("serve", nil, envFrom(map[string]string{"TIDINGS_SEARCH": "meilisearch", "TIDINGS_MEILI_URL": "http://localhost:7700"}), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "meili-key") {
		t.Errorf("Meilisearch without a key: %v", err)
	}
}

func TestConfigUnknownKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.toml")
	if err := os.WriteFile(file, []byte("lisen = \"a:1\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := loadConfig("serve", []string{"--config", file}, envFrom(nil), io.Discard); err == nil || !strings.Contains(err.Error(), "lisen") {
		t.Errorf("got %v", err)
	}
}

func TestConfigPrintMasksSecrets(t *testing.T) {
	c, _, err := loadConfig("config", nil, envFrom(map[string]string{"TIDINGS_S3_SECRET_KEY": "canary", "TIDINGS_S3_ACCESS_KEY": "k"}), io.Discard)
	if err != nil {
		t.Fatal(err)
	}

	var out bytes.Buffer
	c.Print(&out)
	if strings.Contains(out.String(), "canary") || !strings.Contains(out.String(), `s3_secret_key = "********"`) {
		t.Errorf("printed\n%s", out.String())
	}

	if !strings.Contains(out.String(), `upload_seal = "15m0s"`) {
		t.Errorf("no upload_seal in\n%s", out.String())
	}
}

func TestConfigSpeech(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		says string // "" = all is well
	}{
		"none":         {nil, ""},
		"openai":       {map[string]string{"TIDINGS_REFINE": "openai", "TIDINGS_OPENAI_URL": "http://localhost:8000/v1"}, ""},
		"command":      {map[string]string{"TIDINGS_REFINE": "command", "TIDINGS_COMMAND": "whisper-cli -f {wav}"}, ""},
		"unknown":      {map[string]string{"TIDINGS_REFINE": "magic"}, "magic"},
		"no address":   {map[string]string{"TIDINGS_REFINE": "openai"}, "openai-url"},
		"no command":   {map[string]string{"TIDINGS_REFINE": "command"}, "command"},
		"two keys":     {map[string]string{"TIDINGS_OPENAI_KEY": "canary", "TIDINGS_OPENAI_KEY_FILE": "k"}, "exclude each other"},
		"short pieces": {map[string]string{"TIDINGS_OPENAI_PIECE": "5s"}, "openai-piece"},
		"long pieces":  {map[string]string{"TIDINGS_COMMAND_PIECE": "1h"}, "command-piece"},
		"no time":      {map[string]string{"TIDINGS_COMMAND_TIMEOUT": "0s"}, "command-timeout"},
		"no slots":     {map[string]string{"TIDINGS_REFINE_SLOTS": "0"}, "refine-slots"},
	} {
		_, _, err := loadConfig("serve", nil, envFrom(c.env), io.Discard)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
