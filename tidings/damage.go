package tidings

import (
	"errors"
	"strings"
	"time"
)

// Damage is a stored object that is not what was stored: it has another
// checksum or size, or is missing.
type Damage struct {
	Key     string
	ClipID  ID // "" = it is no clip's: a picture of a person
	Reason  string
	FoundAt time.Time
	// RepairedAt is when what makes the object again was begun; nil = nothing was.
	RepairedAt *time.Time
}

// ObjectSource is the kind of row that names an object.
type ObjectSource string

// The sources.
const (
	SegmentObject ObjectSource = "segment" // of a rendition, or its initialisation segment
	AssetObject   ObjectSource = "asset"
	LinkObject    ObjectSource = "link" // a file of a snippet link
	PartObject    ObjectSource = "part" // of an original
)

// StoredObject is an object as its row describes it.
type StoredObject struct {
	Key    string
	ClipID ID
	Bytes  int64 // -1 = the row does not have it
	Sums   BlockSums
	Source ObjectSource
	Name   string // of the rendition or asset; the id of the link
}

// IsOriginal reports whether the object is what was recorded, which nothing can
// make again.
func (o StoredObject) IsOriginal() bool {
	return o.Source == PartObject || o.Source == AssetObject && o.Name == "original"
}

// Scrub is the run of the server that reads all objects, slowly.
type Scrub struct {
	After      ID // the clip that was read last
	Objects    int64
	Bytes      int64
	StartedAt  time.Time
	FinishedAt *time.Time
}

// Damaged is the error of an object whose bytes are not those that were stored.
func Damaged(cause error) error {
	return Wrap(cause, KindDamaged, "The stored file is damaged.")
}

// DamagedOriginal is the error of an original whose bytes are not those that
// were recorded.
func DamagedOriginal(cause error) error {
	return Wrap(cause, KindDamaged, "The stored original of this recording is damaged.")
}

// DamageReason is what is wrong with an object, for operators: the innermost
// cause of an error of KindDamaged.
func DamageReason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// IsOriginal reports whether the object is what was recorded, or a part of it.
func (d Damage) IsOriginal() bool {
	folder := strings.SplitN(d.Key, "/", 4)
	return len(folder) == 4 && folder[0] == "clips" && (folder[2] == "parts" || folder[2] == "source")
}

// DamageSentence says to users what is damaged of a clip and what still works;
// "" = nothing is damaged. plays says that something was made to play.
func DamageSentence(damage []Damage, plays bool) string {
	original := false
	for _, d := range damage {
		original = original || d.IsOriginal()
	}

	switch {
	case len(damage) == 0:
		return ""
	case original && plays:
		return "The stored original of this recording is damaged: it cannot be downloaded whole, and nothing new can be made of it. What was made of it before, such as playback, captions and the transcript, still works."
	case original:
		return "The stored original of this recording is damaged, and nothing that plays was made of it before. Whoever runs this server may have a backup."
	}

	return "A stored file that was made of this recording is damaged. It is made again from the original; until then a part may not play."
}
