package transcribe

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOpenAIKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("sk-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		settings Settings
		want     string
	}{{Settings{}, ""}, {Settings{OpenAIKey: "sk-2"}, "sk-2"}, {Settings{OpenAIKeyFile: file}, "sk-1"}} {
		if got, err := c.settings.openAIKey(); err != nil || got != c.want {
			t.Errorf("%q, %v", got, err)
		}
	}

	if _, err := (&Settings{OpenAIKeyFile: file + "s"}).openAIKey(); err == nil {
		t.Error("a key from a file that is not there")
	}
}
