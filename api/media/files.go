package media

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/media/hls"
	"tidings.example/tidings/tidings"
)

// ClipFiles is the URLs of the files that exist of a clip, without those that
// need download when the caller may not.
func (h *Handler) ClipFiles(ctx context.Context, c tidings.Clip, download bool) (spec.Media, error) {
	var m spec.Media
	k := request.FromContext(ctx)

	if c.Bytes == 0 {
		return m, nil // nothing was recorded yet
	}

	renditions, err := h.Store.Renditions(ctx, c.ID)
	if err != nil {
		return m, err
	}

	if hls.MasterPlaylist(renditions, "") != nil {
		m.Master = k.MediaURL(c.ID, "master.m3u8")
	}

	assets, err := h.Store.Assets(ctx, c.ID)
	if err != nil {
		return m, err
	}

	fields := assetFields(&m)
	for _, a := range assets {
		if field := fields[a.Name]; field != nil && (download || !needsDownload(a.Name)) {
			*field = k.MediaURL(c.ID, a.Name)
		}
	}

	if download {
		m.Original = k.MediaURL(c.ID, "original")
	}

	setCaptionURLs(k, c, &m)
	return m, nil
}

// SnippetFiles is ClipFiles for the snippet link of the request. KindNotReady
// while the files are being made.
func (h *Handler) SnippetFiles(ctx context.Context, c tidings.Clip, download bool) (spec.Media, error) {
	var m spec.Media
	assets, err := h.snippetAssets(ctx)
	if err != nil {
		return m, err
	}

	k, fields := request.FromContext(ctx), assetFields(&m)
	fields["master.m3u8"] = &m.Master
	for name := range assets {
		if field := fields[name]; field != nil && (download || !needsDownload(name)) {
			*field = k.MediaURL(c.ID, name)
		}
	}

	setCaptionURLs(k, c, &m)
	return m, nil
}

// assetFields are the fields of m by the names of the assets.
func assetFields(m *spec.Media) map[string]**string {
	return map[string]**string{"video.mp4": &m.Video, "audio.m4a": &m.Audio, "poster.jpg": &m.Poster, "preview.webp": &m.Preview,
		"storyboard.jpg": &m.Storyboard, "storyboard.vtt": &m.StoryboardVtt, "peaks.json": &m.Peaks}
}

func setCaptionURLs(k *request.State, c tidings.Clip, m *spec.Media) {
	if st := c.Steps.Transcribe.State; st == tidings.StepRunning || st == tidings.StepDone {
		m.CaptionsVtt, m.CaptionsSrt = k.MediaURL(c.ID, "captions.vtt"), k.MediaURL(c.ID, "captions.srt")
		m.CaptionsTxt, m.CaptionsJSON = k.MediaURL(c.ID, "captions.txt"), k.MediaURL(c.ID, "captions.json")
	}
}
