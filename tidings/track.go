package tidings

// Track is one stream of the original, as probed from its bytes (never from
// what the client claims).
type Track struct {
	Index    int    `json:"index"`
	Type     string `json:"type"` // "video" or "audio"
	Codec    string `json:"codec"`
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	Rotation int    `json:"rotation,omitempty"` // degrees, clockwise: 0, 90, 180, 270
	Channels int    `json:"channels,omitempty"`
	Rate     int    `json:"rate,omitempty"` // audio samples per second
}
