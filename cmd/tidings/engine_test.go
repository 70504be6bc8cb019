package main

import (
	"testing"

	"tidings.example/tidings/models"
	"tidings.example/tidings/server"
	"tidings.example/tidings/transcribe"
)

// TestModelsHaveEngines: each model of the table belongs to a registered engine or to search,
// and the default model of each engine is in the table.
func TestModelsHaveEngines(t *testing.T) {
	engines := map[string]bool{"all engines": true, "search": true}
	for _, e := range transcribe.Engines() {
		engines[e.Name] = true
	}

	for _, m := range models.Table() {
		if !engines[m.Engine] {
			t.Errorf("%s is a model of the engine %q, which is not registered", m.Name, m.Engine)
		}
	}

	c, err := server.Load(nil, envFrom(nil), "")
	if err != nil {
		t.Fatal(err)
	}

	paths := map[string]bool{}
	for _, m := range c.ModelManager().All() {
		paths[c.ModelManager().Path(m)] = true
	}

	for _, path := range transcribe.UsedModels(c.Settings) {
		if !paths[path] {
			t.Errorf("the default model %s is not in the table", path)
		}
	}
}
