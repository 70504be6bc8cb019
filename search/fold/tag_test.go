package fold

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestTag(t *testing.T) {
	for _, same := range [][]string{
		{"Ops-Team", "ops team", "ops_team", "OpsTeam", " ops  team ", "#ops-team", "ops–team"},
		{"Café", "cafe", norm.NFD.String("CAFÉ"), "ｃａｆé", "ca\u00adfé"},
		{"O'Neil", "O’Neil", "oneil"},
		{"Straße", "STRASSE"},
		{"İstanbul", "istanbul", "ISTANBUL"},
		{"roll-out", "rollout"},
		{"C++", "c++"}, {"C#", "c#"}, {"C", "#c"}, {".NET", ".net"}, {"net", "NET."},
		{"v1.2", "V1-2", "v1 2"}, {"v12"},
		{"R&D", "r&d", "RD"},
		{"🚀"}, {"👩🏽‍💻", "👩‍💻"}, {"か"}, {"が", "か\u3099"}, {"ﾃﾞｰﾀ", "データ"}, {"日本語", "日本 語"},
		{"Ёлка", "елка"}, {"ΟΔΟΣ", "οδος"}, {"हिन्दी"}, {"हिन्दि"}, {"!"}, {"?"},
	} {
		for _, tag := range same {
			if got, want := Tag(tag), Tag(same[0]); got != want || got == "" {
				t.Errorf("Tag(%q) = %q, of %q it is %q", tag, got, same[0], want)
			}
		}
	}

	seen := map[string]string{}
	for _, tag := range []string{"C++", "C#", "C", ".NET", "net", "v1.2", "v12", "🚀", "👩‍💻", "か", "が", "हिन्दी", "हिन्दि", "!", "?"} {
		if other := seen[Tag(tag)]; other != "" {
			t.Errorf("%s and %s are one", tag, other)
		}
		seen[Tag(tag)] = tag
	}
}
