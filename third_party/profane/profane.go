// Package profane holds dictionaries of profane words; see README.md.
package profane

import "embed"

// Files has a dictionary for each language: en.txt, … They have one pattern a
// line: "_" stands for a space, a hyphen or nothing, "+" for more of the letter
// before it, "*" at an end for any letters.
//
//go:embed *.txt
var Files embed.FS
