package search

import (
	"strings"
	"testing"
)

func TestFindSpellings(t *testing.T) {
	for text, want := range map[string]string{
		"don't don’t donʼt":        "dont dont dont",
		"by e-mail or e‑mail":      "email email",
		"the state-of-the-art":     "stateof ofthe theart stateoftheart",
		"$1,500 or 1'500 or 1.500": "1500 1500 1dot500 1500",
		"1,200.50 and 1.200,50":    "1200dot50 1dot200dot50 1200dot50",
		"v1.2.3 is 1.2.3":          "1dot2dot3 1dot2dot3",
		"12% or 12 % of 3.5%":      "12percent 12percent 3dot5 3dot5percent",
		"C++, C# and g++.":         "cplusplus csharp gplusplus",
		"C++17 a.NET 5+ #launch":   "anet",
		"Node.js of the U.S.A.":    "nodejs us sa usa",
		"v2.0.1-rc.1":              "v20 01 1rc v201rc 2dot0dot1",
		"2,00,000 and 34\u00a0000": "200000 34000",
		"512MB, 42 km, 2.5 km":     "512 mb 42km 2dot5 2dot5km",
		"1920×1080 col·lecció":     "1920x1080 colleccio",
		".NET and so .. on":        "dotnet",
		"الاجتماع":                 "اجتماع",
		"in 3, 5 and 7. Then":      "",
	} {
		var got []string
		tokens := analyzeText(text)
		for _, s := range findSpellings(text, tokens) {
			got = append(got, s.form)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q is also written %q, want %q", text, got, want)
		}
	}
}

func TestAnalyzeIgnorable(t *testing.T) {
	for text, want := range map[string]string{
		"soft\u00adhyphen":  "softhyphen",
		"super\u200bcali":   "supercali",
		"\ufeffword\u2060s": "words",
		"می\u200cخواهم":     "میخواهم",
		"会\u200b議":          "会 議",
		"c\u034fa\u0301":    "ca",
		"\u200b \u00ad":     "",
		"👩\u200d💻 👩🏽\u200d💻 👍🏽": "👩\u200d💻 👩\u200d💻 👍",
	} {
		if got := joinTokens(analyzeText(text)); got != want {
			t.Errorf("analyze(%q) = %q, want %q", text, got, want)
		}
	}
}
