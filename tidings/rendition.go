package tidings

// RenditionKind is what a rendition carries.
type RenditionKind string

// Rendition kinds. Audio is always a rendition of its own.
const (
	RenditionVideo RenditionKind = "video"
	RenditionAudio RenditionKind = "audio"
)

// Rendition is one HLS variant of a clip (RFC 8216): "src" is the copied top
// rung, "v720" an encoded one, "a" the audio.
type Rendition struct {
	ClipID    ID
	Attempt   int64
	Name      string // ^[a-z0-9]{1,16}$
	Kind      RenditionKind
	Codecs    string // RFC 6381, e.g. "avc1.64001f"; "" until the init segment is known
	Width     int
	Height    int
	Bandwidth int64 // peak bits per second, measured or the encoder's cap
	InitKey   string
	Complete  bool
}

// Segment is one closed fMP4 segment of a rendition, stored under Key.
type Segment struct {
	ClipID     ID
	Attempt    int64
	Rendition  string
	Seq        int64 // from 0, without gaps
	DurationUS int64 // microseconds: EXTINF needs more than milliseconds
	Bytes      int64
	Key        string
}

// Asset is a single file made from a clip: "poster.jpg", "video.mp4",
// "audio.m4a", "peaks.json", "storyboard.jpg", "storyboard.vtt",
// "preview.webp" or "original".
type Asset struct {
	ClipID      ID
	Attempt     int64
	Name        string
	ContentType string
	Bytes       int64
	Key         string
	Sums        BlockSums
}

// MediaResult is what a finished transcode has measured of the clip.
type MediaResult struct {
	DurationMS int64
	Width      int // 0 = no picture
	Height     int
	Tracks     []Track
	Report     Report
	Quiet      []Span // ranges at the noise floor, of at least 300 ms
}

// Report is the recording report (GET /clips/{id}/health).
type Report struct {
	Parts        int      `json:"parts"`
	Gaps         int      `json:"gaps"`          // jumps of over 1 s between frames
	AVDiffMS     int64    `json:"av_diff_ms"`    // video length minus audio length
	LoudnessLUFS *float64 `json:"loudness_lufs"` // integrated, EBU R 128; nil = no sound
	PeakDBFS     *float64 `json:"peak_dbfs"`     // true peak
	Silences     []Span   `json:"silences"`      // over 2 s and below -50 dBFS
	Clipping     bool     `json:"clipping"`      // true peak at or over 0 dBFS
}

// Span is a range of a clip in milliseconds, end exclusive.
type Span struct {
	StartMS int64 `json:"start_ms"`
	EndMS   int64 `json:"end_ms"`
}
