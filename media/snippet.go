package media

import (
	"context"
	"errors"
	"slices"
	"time"

	"tidings.example/tidings/tidings"
)

const (
	snippetTimeout    = 45 * time.Minute // for MaxSnippet of 1080p on a slow machine
	snippetRetryAfter = time.Minute      // after a failure, before it is tried again
)

// Close cancels the snippets being made and waits until they have ended.
func (m *Media) Close() error {
	m.snippets.cancel()
	m.snippets.wg.Wait()
	return nil
}

// Snippet starts making the files of a snippet link, unless they exist or are
// being made, and returns at once: nil when they exist, otherwise KindNotReady,
// or for a while after a failure its reason. The work continues when ctx ends.
func (m *Media) Snippet(ctx context.Context, l tidings.Link) error {
	part := l.Snippet()
	if part == nil {
		return tidings.NotFound()
	}

	made, err := m.cfg.Links.LinkAssets(ctx, l.ID)
	if err != nil || len(made) > 0 {
		return err
	}

	notReady := tidings.Errorf(tidings.KindNotReady, "This part is being cut out of its clip.")
	s, key := m.snippets, snippetKey{l.ID, *part}
	s.mu.Lock()
	defer s.mu.Unlock()

	if f, ok := s.failed[key]; ok && time.Since(f.at) < snippetRetryAfter {
		return f.err
	}

	delete(s.failed, key)
	if s.busy[key] || s.ctx.Err() != nil {
		return notReady
	}

	s.busy[key] = true
	s.wg.Go(func() { m.runSnippet(key, l) })

	return notReady
}

// runSnippet waits for the slot, makes one snippet and remembers a failure.
func (m *Media) runSnippet(key snippetKey, l tidings.Link) {
	s := m.snippets
	err := func() error {
		select {
		case s.slot <- struct{}{}:
			defer func() { <-s.slot }()
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
		return m.makeSnippet(s.ctx, l)
	}()

	s.mu.Lock()
	defer s.mu.Unlock()

	delete(s.busy, key)

	switch tidings.KindOf(err) {
	case "", tidings.KindNotReady, tidings.KindConflict:
		return
	}

	if s.ctx.Err() != nil {
		return
	}

	m.cfg.Log.Warn("snippet not made", "link", l.ID, "clip", l.ClipID, "error", err)

	if len(s.failed) >= 1000 { // bounds the memory
		clear(s.failed)
	}

	s.failed[key] = snippetFailure{time.Now(), tidings.Wrap(err, tidings.KindUnavailable, "This part could not be cut out of its clip.")}
}

// makeSnippet cuts and stores the files of a link.
func (m *Media) makeSnippet(ctx context.Context, l tidings.Link) error {
	from, err := m.snippetSources(ctx, l)
	if err != nil {
		return err
	}

	dir, remove, err := m.tempDir()
	if err != nil {
		return err
	}
	defer remove()

	c := &snippetCut{media: m, link: l, sources: from, dir: dir}
	err = c.makeFiles(ctx)
	if err == nil {
		err = m.cfg.Links.PutLinkAssets(ctx, l, c.assets)
	}

	if err != nil {
		return errors.Join(err, c.discardAssets(ctx))
	}

	m.cfg.Log.Info("snippet made", "link", l.ID, "clip", l.ClipID, "cpu", c.usage.CPU.Round(10*time.Millisecond))
	return nil
}

// snippetSource is a rendition with the objects that a snippet needs.
type snippetSource struct {
	rend tidings.Rendition
	keys []string // the initialisation segment and the segments that overlap the snippet
}

// snippetSources are the best video and the audio of a clip, with the segments
// that overlap the snippet. KindNotReady while the clip does not reach to its
// end.
func (m *Media) snippetSources(ctx context.Context, l tidings.Link) ([]snippetSource, error) {
	rs, err := m.cfg.Playback.Renditions(ctx, l.ClipID)
	if err != nil {
		return nil, err
	}

	var out []snippetSource
	for _, r := range rs {
		if r.InitKey == "" && r.Complete || r.Kind == tidings.RenditionVideo && r.Name != bestVideo(rs) {
			continue
		}

		segs, err := m.cfg.Playback.Segments(ctx, l.ClipID, r.Attempt, r.Name)
		if err != nil {
			return nil, err
		}

		keys, enough := overlappingSegments(segs, *l.Snippet())
		if !enough && !r.Complete || r.InitKey == "" {
			return nil, tidings.Errorf(tidings.KindNotReady, "The clip has not come that far.")
		}

		if len(keys) > 0 {
			out = append(out, snippetSource{r, append([]string{r.InitKey}, keys...)})
		}
	}

	if len(out) == 0 {
		return nil, tidings.Errorf(tidings.KindNotReady, "The clip has not come that far.")
	}

	slices.SortStableFunc(out, func(a, b snippetSource) int {
		return boolInt(b.rend.Kind == tidings.RenditionVideo) - boolInt(a.rend.Kind == tidings.RenditionVideo)
	})

	return out, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// overlappingSegments are the keys of the segments of a snippet, with one extra
// on each side, because frames near the edges may be in the neighbouring
// segments; enough is false when the segments end before the snippet does.
func overlappingSegments(segs []tidings.Segment, part tidings.Span) (keys []string, enough bool) {
	const spare = 2_000_000 // microseconds that a track may start early or late
	at := int64(0)
	for _, g := range segs {
		end := at + g.DurationUS
		if end+spare > part.StartMS*1000 && at-spare < part.EndMS*1000 {
			keys = append(keys, g.Key)
		}
		at = end
	}
	return keys, at >= part.EndMS*1000
}
