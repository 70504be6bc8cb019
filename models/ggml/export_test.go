package ggml

// FloatToHalf is floatToHalf.
func FloatToHalf(f float32) uint16 { return floatToHalf(f) }
