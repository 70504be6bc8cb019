package ggml

import "math"

// The spectrum that Whisper's filters are applied to: 400 samples at 16 kHz.
const (
	melBands = 80
	melBins  = 201
	topHertz = 8000
)

// Slaney's scale of pitch is linear up to 1 kHz, at 15 mel, and logarithmic
// above: 27 mel to the frequency 6.4 times as high.
const (
	linearStep = 200.0 / 3
	breakHertz = 1000.0
	breakMel   = 15.0
)

var logStep = math.Log(6.4) / 27

func hertzToMel(f float64) float64 {
	if f >= breakHertz {
		return breakMel + math.Log(f/breakHertz)/logStep
	}
	return f / linearStep
}

func melToHertz(m float64) float64 {
	if m >= breakMel {
		return breakHertz * math.Exp(logStep*(m-breakMel))
	}
	return linearStep * m
}

// melFilters are the triangular filters of librosa's default, each with the area
// one. Conversions to float64 keep the compiler from fusing two operations, which
// would round differently.
func melFilters() []float32 {
	top := hertzToMel(topHertz)
	step := top / (melBands + 1)
	corner := make([]float64, melBands+2)
	for i := range corner {
		corner[i] = melToHertz(float64(float64(i) * step))
	}
	corner[melBands+1] = melToHertz(top)

	out := make([]float32, 0, melBands*melBins)
	for i := range melBands {
		low, mid, high := corner[i], corner[i+1], corner[i+2]
		area := 2 / (high - low)
		for k := range melBins {
			f := float64(k) * (topHertz / (melBins - 1))
			height := max(0, min((f-low)/(mid-low), (high-f)/(high-mid)))
			out = append(out, float32(float64(float32(height))*area))
		}
	}

	return out
}
