package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tidings.example/tidings/tidings"
)

// snippetCut makes the files of one snippet. The selected part of a clip is
// encoded anew, exact to the frame and to the sample, so that no file contains
// anything from outside it.
type snippetCut struct {
	media    *Media
	link     tidings.Link
	sources  []snippetSource // the video first, if there is any
	dir      string
	waveform waveform
	stills   stills
	usage    usage
	assets   []tidings.LinkAsset
}

func (c *snippetCut) hasVideo() bool { return c.sources[0].rend.Kind == tidings.RenditionVideo }
func (c *snippetCut) hasAudio() bool {
	return c.sources[len(c.sources)-1].rend.Kind == tidings.RenditionAudio
}

// makeFiles encodes the snippet and stores its files.
func (c *snippetCut) makeFiles(ctx context.Context) error {
	if err := c.encodeSnippet(ctx); err != nil {
		return err
	}

	streamPath, err := c.joinSegments()
	if err != nil {
		return err
	}

	for _, step := range []func(context.Context, string) error{c.storeStream, c.storeDownloads, c.storePictures, c.storeDrawings} {
		if err := step(ctx, streamPath); err != nil {
			return err
		}
	}

	return nil
}

// encodeSnippet runs the one ffmpeg that reads the clip: it writes HLS segments
// to disk, samples for the waveform and frames for the storyboard.
func (c *snippetCut) encodeSnippet(ctx context.Context) error {
	args := globalArgs("error", "-copyts") // keep the time stamps of the clip: the cut is made by them
	for i, f := range c.sources {
		path, err := c.media.fetchObjects(ctx, f.keys, c.dir, strconv.Itoa(i)+".mp4")
		if err != nil {
			return err
		}
		args = append(args, ownInputArgs("file:"+path, "file")...)
	}

	if err := os.MkdirAll(filepath.Join(c.dir, "hls"), 0o750); err != nil {
		return err
	}

	args = append(args, c.outputArgs()...)
	var outs []func(io.Reader) error
	if c.hasAudio() {
		outs = append(outs, c.waveform.readSamples)
	}

	if c.hasVideo() {
		outs = append(outs, c.stills.readMJPEG)
	}

	var err error
	c.usage, err = c.media.runProcess(ctx, process{program: c.media.ffmpeg, args: args, dir: c.dir, outputs: outs, timeout: snippetTimeout})
	return err
}

// outputArgs are the arguments of the outputs of encodeSnippet. The frame rate
// is made constant first, so that the frame shown at the start of the snippet
// exists; the sound loses the priming samples of its encoder (see audioOutputs).
func (c *snippetCut) outputArgs() []string {
	part, fd := *c.link.Snippet(), fdPCM
	span := fmt.Sprintf("start=%d.%03d:end=%d.%03d", part.StartMS/1000, part.StartMS%1000, part.EndMS/1000, part.EndMS%1000)
	begin := fmt.Sprintf("PTS-%d.%03d/TB", part.StartMS/1000, part.StartMS%1000)
	picture := "fps=30:start_time=0,trim=" + span + ",setpts=" + begin
	sound := "atrim=" + span + ",asetpts=" + begin + ",aresample=async=1:first_pts=0:osr=48000"
	audio := strconv.Itoa(len(c.sources)-1) + ":0"
	var hls, more []string
	if c.hasVideo() {
		r := c.sources[0].rend
		hls = append(hls, "-map", "0:0", "-vf", picture+",format=yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-crf", "23",
			"-maxrate", highestBitRate(r), "-bufsize", highestBitRate(r), "-profile:v", "high", "-sc_threshold", "0", "-threads", "2",
			"-force_key_frames", fmt.Sprintf("expr:gte(t,n_forced*%d)", segmentTime))
	}

	if c.hasAudio() {
		hls = append(hls, "-map", audio, "-af", sound+",atrim=start_sample=1024,asetpts=N/SR/TB", "-c:a", "aac", "-b:a", strconv.Itoa(audioRate), "-ac", "2")
		more = append(more, "-map", audio, "-af", strings.TrimSuffix(sound, ":osr=48000"), "-f", "s16le", "-c:a", "pcm_s16le", "-ac", "1", "-ar", strconv.Itoa(pcmRate), pipeURL(fd))
		fd++
	}

	if c.hasVideo() {
		more = append(more, "-map", "0:0", "-vf", picture+fmt.Sprintf(",fps=1/%d:round=up,scale=w=%d:h=%d:force_original_aspect_ratio=decrease,pad=w=%d:h=%d:x=(ow-iw)/2:y=(oh-ih)/2,format=yuvj420p",
			stillEvery, stillW, stillH, stillW, stillH), "-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "4", pipeURL(fd))
	}

	hls = append(hls, "-map_metadata", "-1", "-map_chapters", "-1", "-f", "hls", "-hls_time", strconv.Itoa(segmentTime), "-hls_playlist_type", "vod",
		"-hls_segment_type", "fmp4", "-hls_flags", "independent_segments", "-hls_fmp4_init_filename", "init.mp4",
		"-hls_segment_filename", "hls/%05d.m4s", "hls/index.m3u8")

	return append(hls, more...)
}

// highestBitRate is the highest bit rate of a video of the rendition's size.
func highestBitRate(r tidings.Rendition) string {
	switch side := min(r.Width, r.Height); {
	case side > 720:
		return "5M"
	case side > 360:
		return "2800k"
	}
	return "800k"
}

// joinSegments joins the segments to one file and writes its playlists: one
// object instead of hundreds, from which players request byte ranges (RFC 8216
// section 4.3.2.2). It returns the path of the file.
func (c *snippetCut) joinSegments() (string, error) {
	hls := filepath.Join(c.dir, "hls")
	text, err := os.ReadFile(filepath.Join(hls, "index.m3u8"))
	if err != nil {
		return "", err
	}

	list, _ := parseClosedSegments(text)
	if len(list) == 0 {
		return "", errors.New("nothing of the part could be cut out")
	}

	names := []string{"init.mp4"}
	for _, s := range list {
		names = append(names, s.file)
	}

	path := filepath.Join(c.dir, "stream.mp4")
	sizes, err := concatFiles(path, hls, names)
	if err != nil {
		return "", err
	}

	return path, c.writePlaylists(hls, list, sizes)
}

// concatFiles writes the files of dir one after the other to path, removes them,
// and returns their sizes.
func concatFiles(path, dir string, names []string) (sizes []int64, err error) {
	out, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()

	for _, name := range names {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}

		n, err := copyWholeFile(out, f)
		if err = errors.Join(err, f.Close(), os.Remove(filepath.Join(dir, name))); err != nil {
			return nil, err
		}

		sizes = append(sizes, n)
	}

	return sizes, nil
}

// copyWholeFile copies an initialisation segment or a segment that is whole.
func copyWholeFile(out io.Writer, f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}

	kind := "mdat"
	if filepath.Base(f.Name()) == "init.mp4" {
		kind = "moov"
	}
	if err := checkWholeFile(f, info.Size(), kind); err != nil {
		return 0, err
	}

	return io.Copy(out, f)
}

// writePlaylists writes master.m3u8 and index.m3u8. Each contains one URI, to
// which the HTTP handler appends the query parameters that the request needs.
func (c *snippetCut) writePlaylists(dir string, list []closedSegment, sizes []int64) error {
	head, err := readPrefix(filepath.Join(c.dir, "stream.mp4"), sizes[0])
	if err != nil {
		return err
	}

	var b bytes.Buffer
	target, rate, at := int64(2*segmentTime), int64(1), sizes[0]
	for _, s := range list {
		target = max(target, (s.us+500_000)/1_000_000)
	}

	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n", target)
	fmt.Fprintf(&b, "#EXT-X-MAP:URI=\"stream.mp4\",BYTERANGE=\"%d@0\"\n", sizes[0])
	for i, s := range list {
		n := sizes[i+1]
		fmt.Fprintf(&b, "#EXTINF:%.6f,\n#EXT-X-BYTERANGE:%d@%d\nstream.mp4\n", float64(s.us)/1e6, n, at)
		at, rate = at+n, max(rate, n*8_000_000/max(500_000, s.us))
	}

	b.WriteString("#EXT-X-ENDLIST\n")
	master := fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF:BANDWIDTH=%d,CODECS=%q", rate, allCodecs(head))
	if c.hasVideo() {
		master += fmt.Sprintf(",RESOLUTION=%dx%d", c.sources[0].rend.Width, c.sources[0].rend.Height)
	}

	master += "\npart/index.m3u8\n"
	return errors.Join(os.WriteFile(filepath.Join(dir, "index.m3u8"), b.Bytes(), 0o600), os.WriteFile(filepath.Join(dir, "master.m3u8"), []byte(master), 0o600))
}

// readPrefix is the first n bytes of a file.
func readPrefix(path string, n int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, n)
	_, err = io.ReadFull(f, b)
	return b, err
}

// storeFile stores a file of the snippet. Keys are random: clients may still be
// reading the files of an earlier cut of the same link.
func (c *snippetCut) storeFile(ctx context.Context, name, contentType, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()

	a := c.newAsset(name, contentType)
	var sums tidings.BlockHash
	if a.Bytes, err = c.media.cfg.Blobs.PutLarge(ctx, a.Key, io.TeeReader(f, &sums), contentType); err != nil {
		return err
	}
	a.Sums = sums.Sums()

	c.assets = append(c.assets, a)
	return nil
}

func (c *snippetCut) storeBytes(ctx context.Context, name, contentType string, b []byte) error {
	a := c.newAsset(name, contentType)
	a.Bytes, a.Sums = int64(len(b)), tidings.SumBlocks(b)
	if err := c.media.cfg.Blobs.Put(ctx, a.Key, bytes.NewReader(b), a.Bytes, contentType); err != nil {
		return err
	}
	c.assets = append(c.assets, a)
	return nil
}

func (c *snippetCut) newAsset(name, contentType string) tidings.LinkAsset {
	return tidings.LinkAsset{LinkID: c.link.ID, ClipID: c.link.ClipID, Name: name, ContentType: contentType,
		Key: fmt.Sprintf("clips/%s/l-%s/%s-%s", c.link.ClipID, c.link.ID, strings.ToLower(rand.Text()), name)}
}

// discardAssets leaves the stored files to the sweep of stale objects.
func (c *snippetCut) discardAssets(ctx context.Context) error {
	keys := make([]string, len(c.assets))
	for i, a := range c.assets {
		keys[i] = a.Key
	}
	return c.media.cfg.Rows.AddStaleObjects(context.WithoutCancel(ctx), keys)
}
