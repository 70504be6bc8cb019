package tidings

// Work is one transcription that a worker on another machine has claimed. It
// names neither clip nor workspace: a worker gets sound and returns words.
type Work struct {
	ID         string
	Language   string // BCP 47; "" = the engine decides
	Vocabulary []string
	LeaseMS    int64 // a worker that is silent for so long has lost it
}

// Bounds of what a worker may say of a clip.
const (
	MaxWorkSegments = 200_000 // of one clip: a day of short ones
	MaxWorkText     = 10_000  // bytes of one segment
	MaxWorkWords    = 2_000   // of one segment
)
