package media

import "tidings.example/tidings/tidings"

// mediaResult is what the run found out about the clip. Lengths are those of the
// renditions; the difference of sound and picture, and the gaps, are measured on
// the original.
func (t *transcodeRun) mediaResult(tracks []track) tidings.MediaResult {
	r := tidings.MediaResult{Tracks: trackRows(tracks)}
	for i, k := range t.packagers {
		r.DurationMS = max(r.DurationMS, (k.durationUS+500)/1000)
		if i == 0 && k.rend.Kind == tidings.RenditionVideo {
			r.Width, r.Height = k.rend.Width, k.rend.Height
		}
	}

	video, audio, gaps := t.timeline.streamLengths()
	r.Report.Gaps = gaps
	if video > 0 && audio > 0 {
		r.Report.AVDiffMS = (video - audio) / 1000
	}

	r.Report.Silences, r.Quiet = t.waveform.silences, quietRanges(t.waveform.levels)
	r.Report.LoudnessLUFS, r.Report.PeakDBFS = parseLoudness(t.usage.Log)
	r.Report.Clipping = r.Report.PeakDBFS != nil && *r.Report.PeakDBFS >= 0
	return r
}
