package tidings

// SpeechModel is a model, or another part of a speech engine, that can be
// downloaded.
type SpeechModel struct {
	Name      string
	Engine    string // that uses it
	Note      string
	Licence   string   // SPDX
	Languages []string // BCP 47; empty = about a hundred
	Bytes     int64    // to be downloaded
	Used      bool     // the settings name it
	Automatic bool     // downloaded without a request, and again after a failure
	Installed bool
	Pulling   bool
	Done      int64  // bytes that are here, of a download under way or broken off
	Failure   string // a sentence: why the last download ended; "" = it did not fail
}
