package models

import "strings"

// isEnglishOnly reports whether a Whisper model was trained on English alone.
func isEnglishOnly(name string) bool { return strings.Contains(name, ".en") }

// whisperNote describes a Whisper model in the list of models.
func whisperNote(name string) string {
	size, kind, _ := strings.Cut(name, "-")
	note := map[string]string{"tiny": "fast and rough", "base": "as fast as drafts are", "small": "four times slower than base, better in most languages"}[strings.TrimSuffix(size, ".en")]
	switch kind {
	case "q5_1":
		note += "; 5 bits a weight, for little memory"
	case "q8_0":
		note += "; 8 bits a weight, the fastest on most processors"
	default:
		note += "; 16 bits a weight"
	}

	return note
}
