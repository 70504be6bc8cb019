package searchtest

import (
	"slices"
	"testing"

	"tidings.example/tidings/tidings"
)

// fillLibrary adds the clips that the tables of cases expect.
func fillLibrary(w *world) {
	w.putClip("deploy", "Deploy pipeline walkthrough", "today I will show the kubernetes deployment,", "then the rollback procedure starts.", "questions about the database migration")
	w.putClip("pricing", "Quarterly pricing", "our quarterly pricing changed", "the café résumé naïve façade Straße", "don't touch version 1.60.2 of example.com")
	w.putClip("japanese", "日本語", "今日は東京タワーの近くで会議をします", "그래서 한국어도 검색합니다", "ภาษาไทยไม่มีช่องว่าง", "ガラスとカラス")
	w.putClip("markup", "<script>alert(1)</script>", "the <img src=x onerror=alert(1)> kubernetes & tag", `AND OR NOT NEAR(a b) "quoted" col:val ^x * '`)
	w.putClip("roll", "roll", "we roll back to the back roll", "back again")
	w.putClip("world", "Все новости", "ΟΔΥΣΣΕΥΣ και οδυσσεύς", "İstanbul ışık", "مَرْحَبًا بالعالم", "हिन्दी में खोज", "🎉 released 👩‍💻")
	d := w.newDocument("talk", "Stand-up", "nothing of note")
	d.Description = "weekly summary of the accounting department"
	at := int64(1500)
	d.Comments = []tidings.Comment{{ID: "c1", Body: "please measure the throughput", AtMS: &at}, {ID: "c2", Body: "erased", DeletedAt: &day}}
	w.putDocument("talk", d)
}

// textCase is a query, and the clips of the library that it finds.
type textCase struct {
	name, text string
	want       []string
}

func testWords(t *testing.T, s Suite) {
	testTexts(t, s, slices.Concat(plainCases, prefixCases, phraseCases, typoCases, foldedCases, scriptCases))
}

// testHostile sends text that is syntax somewhere: it must be data here.
func testHostile(t *testing.T, s Suite) { testTexts(t, s, hostileCases) }

func testTexts(t *testing.T, s Suite, cases []textCase) {
	w := newWorld(t, s)
	fillLibrary(w)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := *w
			v.t = t
			v.wantFound(newQuery(c.text), c.want...)
		})
	}
}
