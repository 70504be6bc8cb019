package phrases

import (
	"maps"
	"strings"
)

// wordLists are the words of a language that decide where it is broken.
type wordLists struct {
	conjunctions map[string]bool // a clause begins with them
	dangling     map[string]bool // articles and prepositions
	starters     map[string]bool // other words that begin a sentence and no name
	capitals     map[string]bool // words that are always written with a capital, and are no names
	ordinals     bool            // "3." is the third
}

var noLists = &wordLists{}

// knownLanguage is the lists for a BCP 47 tag. An unknown language ("") has those
// of all, and one without lists has none.
func knownLanguage(tag string) *wordLists {
	code, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if code == "" {
		return allLists
	}
	if l := listsByLanguage[code]; l != nil {
		return l
	}
	return noLists
}

var listsByLanguage = map[string]*wordLists{
	"en": {
		conjunctions: setOf("and but or because that which who when where if while although so than then unless until whether since before after"),
		dangling:     setOf("a an the of to in on at by for from with into onto over under about between through during without within against as than my your his her its our their"),
		starters:     setOf("this these those it he she we you they i there here what how why yes no not is are was were do does did can could will would should please let's"),
		capitals:     setOf("I I'm I'll I've I'd Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
	},
	"de": {
		conjunctions: setOf("und aber oder denn weil dass ob wenn als während obwohl damit sondern welche welcher"),
		dangling:     setOf("der die das den dem des ein eine einen einem einer eines in im an am auf aus bei mit nach von vom zu zum zur für über unter vor hinter neben zwischen durch gegen ohne um seit mein dein sein unser kein keine"),
		starters:     setOf("ich du er sie es wir ihr dies diese dieser hier da dann so ja nein nicht was wie warum wo heute gestern morgen bitte"),
		capitals:     setOf("Sie Ihr Ihre Ihren Ihrem Ihnen"),
		ordinals:     true,
	},
	"fr": {
		conjunctions: setOf("et mais ou donc car parce que qui quand où si lorsque puisque comme"),
		dangling:     setOf("le la les l' un une des du de d' à au aux en dans sur sous par pour avec sans chez vers entre mon ma mes ton ta tes son sa ses notre votre leur"),
		starters:     setOf("je tu il elle nous vous ils elles on ce cette ces oui non ici là"),
	},
	"es": {
		conjunctions: setOf("y e pero o u porque que quien cuando donde si mientras aunque como"),
		dangling:     setOf("el la los las un una unos unas de del a al en con por para sin sobre entre hacia hasta desde mi tu su nuestro"),
		starters:     setOf("yo tú él ella nosotros ellos esto esta este sí no aquí"),
	},
	"it": {
		conjunctions: setOf("e ma o perché che chi quando dove se mentre"),
		dangling:     setOf("il lo la i gli le un uno una di del della dei a al alla da dal in nel nella con su sul per tra fra"),
	},
	"pt": {
		conjunctions: setOf("e mas ou porque que quem quando onde se enquanto"),
		dangling:     setOf("o a os as um uma de do da dos das em com por para sem sobre entre"),
	},
	"nl": {
		conjunctions: setOf("en maar of want omdat dat die wie wanneer waar als terwijl"),
		dangling:     setOf("de het een van in op aan bij met naar uit voor over onder door tegen zonder om"),
		ordinals:     false,
	},
	"da": {ordinals: true}, "nb": {ordinals: true}, "no": {ordinals: true}, "fi": {ordinals: true}, "cs": {ordinals: true}, "sk": {ordinals: true},
	"hu": {ordinals: true}, "pl": {ordinals: true}, "tr": {ordinals: true}, "hr": {ordinals: true}, "sl": {ordinals: true}, "et": {ordinals: true},
}

var allLists = joinLists()

func joinLists() *wordLists {
	all := &wordLists{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, false}
	for _, l := range listsByLanguage {
		maps.Copy(all.conjunctions, l.conjunctions)
		maps.Copy(all.dangling, l.dangling)
		maps.Copy(all.starters, l.starters)
		maps.Copy(all.capitals, l.capitals)
	}
	return all
}
