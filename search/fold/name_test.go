package fold

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestMatchName(t *testing.T) {
	for _, c := range []struct {
		name, query string
		want        NameMatch
	}{
		{"Ana María López", "ana maria lopez", NameEqual},
		{"Ana María López", norm.NFD.String("ANA MARÍA LÓPEZ"), NameEqual},
		{"Ana María López", "ana mar", NamePrefix},
		{"Ana María López", "lopez", NameWords},
		{"Ana María López", "maria lop", NameWords},
		{"Ana María López", "ana lopez", NameWords},
		{"Ana María López", "opez", NoName},
		{"Ana María López", "lopez ana", NoName},
		{"Jon O'Neil", "jon o’neil", NameEqual},
		{"Jon O’Neil", "jon oneil", NameEqual},
		{"Jon O'Neil", "neil", NameWords},
		{"Jean-Luc", "jean luc", NameEqual},
		{"Jean Luc", "jean-luc", NameEqual},
		{"Zoë 👩🏽‍💻 O’Neil", "zoe oneil", NameEqual},
		{"Zoë 👩🏽‍💻 O’Neil", "👩🏽‍💻", NameWords},
		{"Zoë", norm.NFD.String("zoë"), NameEqual},
		{"王小明", "王", NamePrefix},
		{"王小明", "小明", NameWords},
		{"王小明", "王明", NoName},
		{"محمد علي", "علي", NameWords},
		{"Büro Café", "buro cafe", NameEqual},
		{"Łukasz Strauß", "lukasz strauss", NameEqual},
		{"So\u00adphie", "sophie", NameEqual},
		{"Ana", "", NamePrefix},
		{"Ana", "!", NoName},
	} {
		if got := MatchName(c.name, c.query); got != c.want {
			t.Errorf("MatchName(%q, %q) = %d, want %d", c.name, c.query, got, c.want)
		}
	}
}
