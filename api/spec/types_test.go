package spec_test

import (
	"encoding/json"
	"testing"
	"time"

	"tidings.example/tidings/api/spec"
)

func TestInstant(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 5, 0, 0, time.FixedZone("", 3600))
	b, err := json.Marshal(spec.Instant(at))
	if err != nil || string(b) != `"2026-11-24T08:05:00.000Z"` {
		t.Errorf("%s %v", b, err)
	}
	var back spec.Instant
	if err := json.Unmarshal([]byte(`"2026-11-24T09:05:00.1234+01:00"`), &back); err != nil || time.Time(back).UnixMilli() != at.UnixMilli()+123 {
		t.Errorf("%v %v", time.Time(back), err)
	}
	for _, bad := range []string{`"yesterday"`, `5`, `"2026-13-01T00:00:00Z"`, `""`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestOptional(t *testing.T) {
	type patch struct{ A, B, C spec.Optional[string] }
	var p patch
	if err := json.Unmarshal([]byte(`{"A":"x","B":null}`), &p); err != nil {
		t.Fatal(err)
	}
	if !p.A.Set || *p.A.Value != "x" || !p.B.Set || p.B.Value != nil || p.C.Set {
		t.Errorf("%+v", p)
	}
}
