package embed

import "math"

// softmax of numbers that are divided by the root of headSize first.
func softmax(x []float32) {
	scale := 1 / math.Sqrt(headSize)
	largest := math.Inf(-1)
	for _, v := range x {
		largest = max(largest, float64(v)*scale)
	}

	var sum float32
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v)*scale - largest))
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

func addTo(x, y []float32) {
	for i, v := range y {
		x[i] += v
	}
}

// normaliseRows gives each row the mean 0 and the variance 1 (Ba et al. 2016).
func (n layerNorm) normaliseRows(x []float32) {
	for ; len(x) > 0; x = x[hiddenSize:] {
		row := x[:hiddenSize]
		var sum, squares float64
		for _, v := range row {
			sum += float64(v)
		}
		mean := sum / hiddenSize
		for _, v := range row {
			squares += (float64(v) - mean) * (float64(v) - mean)
		}
		by := 1 / math.Sqrt(squares/hiddenSize+layerNormEp)
		for i, v := range row {
			row[i] = float32((float64(v)-mean)*by)*n.weight[i] + n.bias[i]
		}
	}
}

// gelu is x times the normal distribution at x (Hendrycks and Gimpel 2016), between
// the points of a table.
func gelu(x float32) float32 {
	switch {
	case x <= -geluEnd:
		return 0
	case x >= geluEnd:
		return x
	}
	at := (x + geluEnd) * geluSteps
	i := int(at)
	return geluTable[i] + (at-float32(i))*(geluTable[i+1]-geluTable[i])
}

const (
	geluEnd   = 6
	geluSteps = 512 // a unit
)

var geluTable = func() (t [2*geluEnd*geluSteps + 2]float32) {
	for i := range t {
		x := float64(i)/geluSteps - geluEnd
		t[i] = float32(x * 0.5 * (1 + math.Erf(x/math.Sqrt2)))
	}
	return t
}()
