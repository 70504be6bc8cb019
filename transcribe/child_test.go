package transcribe_test

import (
	"testing"

	"tidings/transcribe/enginetest"
)

const jfk = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."

// TestChild: the built-in engine is an engine.
func TestChild(t *testing.T) {
	enginetest.Run(t, enginetest.Subject{Engine: child(t), Speech: samples(t, "jfk.wav"), Text: jfk, MaxRate: 0.25})
}
