// Command make records the clips of media/testdata with Chromium's own
// MediaRecorder, so that tests meet what browsers really send:
//
//	go run ./media/testdata/make [-chromium /usr/bin/chromium] [-only vp8]
//
// Each clip shows a drawn picture that flashes white once a second while a
// tone beeps, so that picture and sound can be compared. The recordings differ
// a little each time; the tests expect no exact bytes.
package main

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// recording is one clip to be made; the fields are read by page.js too.
type recording struct {
	Name     string  `json:"name"`
	Mime     string  `json:"mime"`
	Seconds  float64 `json:"seconds"`
	W        int     `json:"w"`
	H        int     `json:"h"`
	Picture  bool    `json:"picture"`
	Sound    bool    `json:"sound"`
	KeyEvery int     `json:"keyEvery"` // ms between key frames; 0 = the browser's own choice
	Resize   bool    `json:"resize"`   // half way, to another shape
	Pause    bool    `json:"pause"`    // one second, half way
	Cut      bool    `json:"-"`        // keep three quarters of the bytes: a crash
}

var recordings = []recording{
	{Name: "vp8-opus.webm", Mime: "video/webm;codecs=vp8,opus", Seconds: 6, W: 320, H: 180, Picture: true, Sound: true},
	{Name: "vp9-opus.webm", Mime: "video/webm;codecs=vp9,opus", Seconds: 6, W: 320, H: 180, Picture: true, Sound: true},
	{Name: "avc3-opus.mp4", Mime: "video/mp4;codecs=avc3.42E01E,opus", Seconds: 6, W: 320, H: 180, Picture: true, Sound: true, KeyEvery: 2000},
	{Name: "voice.webm", Mime: "audio/webm;codecs=opus", Seconds: 4, Sound: true},
	{Name: "silent-picture.webm", Mime: "video/webm;codecs=vp8", Seconds: 4, W: 320, H: 180, Picture: true},
	{Name: "resized.webm", Mime: "video/webm;codecs=vp8,opus", Seconds: 6, W: 320, H: 180, Picture: true, Sound: true, Resize: true},
	{Name: "resized-avc3.mp4", Mime: "video/mp4;codecs=avc3.42E01E,opus", Seconds: 6, W: 320, H: 180, Picture: true, Sound: true, KeyEvery: 2000, Resize: true},
	{Name: "paused.webm", Mime: "video/webm;codecs=vp8,opus", Seconds: 5, W: 320, H: 180, Picture: true, Sound: true, Pause: true},
	{Name: "cut-off.webm", Mime: "video/webm;codecs=vp8,opus", Seconds: 6, W: 320, H: 180, Picture: true, Sound: true, Cut: true},
	{Name: "cut-off.mp4", Mime: "video/mp4;codecs=avc3.42E01E,opus", Seconds: 6, W: 320, H: 180, Picture: true, Sound: true, KeyEvery: 2000, Cut: true},
}

func main() {
	chromium := flag.String("chromium", "/usr/bin/chromium", "the browser")
	only := flag.String("only", "", "make only clips whose name has this in it")
	dir := flag.String("dir", "media/testdata", "where the clips go")
	flag.Parse()
	b, err := launch(*chromium)
	if err != nil {
		log.Fatal(err)
	}
	defer b.close()

	for _, r := range recordings {
		if !strings.Contains(r.Name, *only) {
			continue
		}
		if err := record(b, r, *dir); err != nil {
			b.close()
			log.Fatalf("%s: %v", r.Name, err)
		}
	}
}

// record makes one clip and writes it, with the sizes of its blobs beside it.
func record(b *browser, r recording, dir string) error {
	args, err := json.Marshal(r)
	if err != nil {
		return err
	}

	out, err := b.eval(fmt.Sprintf("record(%s)", args), time.Minute)
	if err != nil {
		return err
	}

	var got struct {
		Mime   string
		Base64 string
		Blobs  []int
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		return err
	}

	data, err := base64.StdEncoding.DecodeString(got.Base64)
	if err != nil {
		return err
	}

	if r.Cut {
		data = data[:len(data)*3/4]
	}

	fmt.Printf("%-22s %7d bytes in %d blobs %v, really %s\n", r.Name, len(data), len(got.Blobs), got.Blobs, got.Mime)
	return os.WriteFile(filepath.Join(dir, r.Name), data, 0o644)
}
