package searchtest

import "strings"

// plainCases are words of all that a clip has: title, description, transcript and comments.
var plainCases = []textCase{
	{"a word", "rollback", []string{"deploy"}},
	{"upper case", "ROLLBACK", []string{"deploy"}},
	{"all words, any order", "migration kubernetes", []string{"deploy"}},
	{"one word missing", "kubernetes zebra ", nil},
	{"unknown word", "zebra", nil},
	{"title", "walkthrough", []string{"deploy"}},
	{"title and transcript", "walkthrough rollback", []string{"deploy"}},
	{"description", "accounting", []string{"talk"}},
	{"comment", "throughput", []string{"talk"}},
	{"deleted comment", "erased", nil},
}

// prefixCases are queries that are still being typed.
var prefixCases = []textCase{
	{"prefix on the last word", "kuber", []string{"deploy", "markup"}},
	{"prefix of two letters", "wa", []string{"deploy"}},
	{"no prefix of one letter", "w", nil},
	{"no prefix before the last word", "kub deployment", nil},
	{"no prefix before a space", "kuber ", nil},
	{"as one types", "kubernetes depl", []string{"deploy"}},
}

// phraseCases are quotes and exclusions.
var phraseCases = []textCase{
	{"phrase", `"roll back"`, []string{"roll"}},
	{"phrase in another order", `"back to roll"`, nil},
	{"phrase over segments and a comma", `"deployment then"`, []string{"deploy"}},
	{"phrase and word", `"the rollback" migration`, []string{"deploy"}},
	{"phrase still open", `"the rollb`, []string{"deploy"}},
	{"phrase is no prefix", `"the rollb"`, nil},
	{"curly quotes", "“roll back”", []string{"roll"}},
	{"exclusion", "kubernetes -rollback", []string{"markup"}},
	{"excluded phrase", `roll -"back again"`, nil},
	{"excluded phrase that is not there", `roll -"again back"`, []string{"roll"}},
	{"only an exclusion", "-the", []string{"japanese", "world"}},
}

// typoCases are mistyped words.
var typoCases = []textCase{
	{"typo: other letter", "kubernatus", []string{"deploy", "markup"}},
	{"typo: swapped letters", "kuberentes ", []string{"deploy", "markup"}},
	{"typo: missing letter", "rolback", []string{"deploy"}},
	{"typo: extra letter", "rollbackk", []string{"deploy"}},
	{"typo while typing", "kubrenet", []string{"deploy", "markup"}},
	{"typo of five letters", "quotde ", []string{"markup"}},
	{"no typo under five letters", "tog", nil},
	{"no typo in the first letter", "xubernetes", nil},
	{"two words mistyped", "rolback procidure ", []string{"deploy"}},
	{"two typos from nine letters", "kubrenetse ", []string{"deploy", "markup"}},
	{"no three typos", "kbrnetse ", nil},
	{"no two typos under nine", "rlbackk ", nil},
	{"no typo in numbers", "1.60.3", nil},
}

// foldedCases are the same words written in another way.
var foldedCases = []textCase{
	{"accents folded", "cafe resume", []string{"pricing"}},
	{"accents in the query", "NAÏVE façade", []string{"pricing"}},
	{"sharp s", "strasse", []string{"pricing"}},
	{"decomposed accents", "re\u0301sume\u0301", []string{"pricing"}},
	{"full width", "ｋｕｂｅｒｎｅｔｅｓ", []string{"deploy", "markup"}},
	{"ligature", "oﬃce", nil},
	{"apostrophe", "don't", []string{"pricing"}},
	{"curly apostrophe", "don’t ", []string{"pricing"}},
	{"version", "1.60.2", []string{"pricing"}},
	{"host", "example.com", []string{"pricing"}},
	{"hyphen", "stand-up", []string{"talk"}},
}

// scriptCases are other scripts than the Latin one.
var scriptCases = []textCase{
	{"cyrillic", "НОВОСТИ", []string{"world"}},
	{"final sigma", "οδυσσευσ", []string{"world"}},
	{"dotted and dotless i", "istanbul isik", []string{"world"}},
	{"arabic without vowels", "مرحبا", []string{"world"}},
	{"hindi", "हिन्दी", []string{"world"}},
	{"hindi vowels are letters", "हन्द", nil},
	{"emoji", "🎉", []string{"world"}},
	{"joined emoji", "👩‍💻", []string{"world"}},
	{"japanese", "東京", []string{"japanese"}},
	{"japanese inside", "会議", []string{"japanese"}},
	{"japanese turned round", "京東", nil},
	{"japanese, two runs", "会議 東京", []string{"japanese"}},
	{"voiced kana differ", "ガラ", []string{"japanese"}},
	{"half-width kana", "ｶﾞﾗｽ", []string{"japanese"}},
	{"voiced is not unvoiced", "ダラス", nil},
	{"korean", "한국어", []string{"japanese"}},
	{"korean, decomposed", "\u1112\u1161\u11ab\u1100\u116e\u11a8", []string{"japanese"}},
	{"thai", "ไทย", []string{"japanese"}},
}

// hostileCases are texts that are syntax somewhere.
var hostileCases = []textCase{
	{"operators are words", "AND OR NOT", []string{"markup"}},
	{"near", "NEAR(a b)", []string{"markup"}},
	{"column", "title:kubernetes", nil},
	{"column said", "col:val", []string{"markup"}},
	{"caret", "^kubernetes", []string{"deploy", "markup"}},
	{"quote", `"`, nil},
	{"quotes", `""""`, nil},
	{"quote inside", `kuber"netes`, nil},
	{"parentheses", ") OR kubernetes (", []string{"markup"}},
	{"star", "*", nil},
	{"stars", "kubernetes* **", []string{"deploy", "markup"}},
	{"minus", "-", nil},
	{"minuses", "--- -", nil},
	{"sql", "'; DROP TABLE clip; --", nil},
	{"filter", `' OR ws != "x`, nil},
	{"nul", "kubernetes\x00rollback", nil},
	{"controls", "\x01\x02\x7f", nil},
	{"broken utf-8", "\xff\xfekubernetes\xc0 ", []string{"deploy", "markup"}},
	{"punctuation", "?!.,;:@#$%^&*()[]{}<>/\\|`~+=_-", nil},
	{"html", "<script>alert(1)</script>", []string{"markup"}},
	{"a thousand times", strings.Repeat("kubernetes ", 1000), []string{"deploy", "markup"}},
	{"a thousand words", strings.Repeat("a b c d e f g h i j k l m ", 100), nil},
	{"long word", strings.Repeat("k", 100_000), nil},
	{"long phrase", `"` + strings.Repeat("roll ", 10_000) + `"`, nil},
	{"many quotes", strings.Repeat(`"a" -"b" `, 500), nil},
	{"many accents", "z" + strings.Repeat("\u0301", 5000), nil},
	{"surrogate edge", "\ud7ff\ue000 \U0010ffff", nil},
}
