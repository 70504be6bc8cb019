package embed

// referenceTexts and their similarities by the model, computed in double precision.
var referenceTexts = []string{
	"Call me Ishmael.",
	"The narrator introduces himself",
	"We choose to go to the Moon, 240,000 miles away!",
	"Café naïve — unaffable 会議 C++ x@y.org",
}

var referenceSimilarities = [][]float32{
	{},
	{0.199143},
	{0.125003, -0.013451},
	{0.117717, 0.078647, 0.007301},
}
