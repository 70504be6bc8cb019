package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

const linkViewerPrefix = "link:" // before a link's id in the column viewer, in place of a user's id

// AddView stores what was watched in one view session; ranges of later calls are
// added. It marks the person's notifications that the view covers as seen.
func (s ClipRows) AddView(ctx context.Context, clip tidings.ID, v tidings.View) error {
	return s.InTx(ctx, func(tx Tx) error {
		v := v
		c, err := tx.ClipLength(ctx, string(clip))
		if err != nil {
			return notFound(err)
		}

		known, err := mergeIntoSession(ctx, tx, clip, &v)
		if err != nil {
			return err
		}

		duration := c.DurationMs
		if c.RecordedMs == nil {
			duration = nil // the clip is still being recorded
		}

		v.Ranges = known.Add(v.Ranges, duration)
		v.Read = v.Read || known.Read
		text, err := json.Marshal(v.Ranges)
		if err != nil {
			return err
		}
		if err := tx.PutView(ctx, dbq.PutViewParams{ClipID: string(clip), Viewer: v.Viewer, Session: v.Session, Ranges: dbq.JSON(text), WasRead: v.Read, CreatedMs: s.nowMS()}); err != nil {
			return err
		}
		if strings.HasPrefix(v.Viewer, linkViewerPrefix) {
			return nil
		}
		return markSeenByView(ctx, tx, clip, tidings.ID(v.Viewer), v)
	})
}

// mergeIntoSession returns what is stored of the session of v. A viewer with the
// most sessions continues the newest.
func mergeIntoSession(ctx context.Context, tx Tx, clip tidings.ID, v *tidings.View) (known tidings.View, err error) {
	r, err := tx.ViewOfSession(ctx, dbq.ViewOfSessionParams{ClipID: string(clip), Viewer: v.Viewer, Session: v.Session})
	if err == nil {
		known.Read = r.WasRead
		return known, json.Unmarshal([]byte(r.Ranges), &known.Ranges)
	}
	if !isNotFound(err) {
		return known, err
	}

	n, err := tx.CountSessions(ctx, dbq.CountSessionsParams{ClipID: string(clip), Viewer: v.Viewer})
	most := int64(tidings.MaxSessions)
	if strings.HasPrefix(v.Viewer, linkViewerPrefix) {
		most = tidings.MaxLinkSessions
	}

	if err != nil || n < most {
		return known, err
	}
	if v.Session, err = tx.NewestSession(ctx, dbq.NewestSessionParams{ClipID: string(clip), Viewer: v.Viewer}); err != nil {
		return known, err
	}

	return mergeIntoSession(ctx, tx, clip, v)
}

// Audience is who has seen a clip, without its author.
func (s ClipRows) Audience(ctx context.Context, clip tidings.ID) (tidings.Audience, error) {
	var a tidings.Audience
	tx, err := s.beginRead(ctx)
	if err != nil {
		return a, err
	}
	defer tx.Rollback() // read only

	q := dbq.New(tx)
	c, err := q.ClipByID(ctx, string(clip))
	if err != nil {
		return a, notFound(err)
	}

	rows, err := q.ViewsOfClip(ctx, string(clip))
	if err != nil {
		return a, err
	}

	since, err := q.HeatSince(ctx, string(clip))
	if err != nil {
		return a, err
	}

	if since != nil && c.DurationMs != nil {
		a.Heat = tidings.NewHeat(*c.DurationMs)
	}

	answers, err := q.AnswersToClip(ctx, string(clip))
	if err != nil {
		return a, err
	}

	g := audienceBuilder{audience: &a, duration: c.DurationMs, since: since}
	if err := g.addViewers(rows); err != nil {
		return a, err
	}

	g.markAnswered(c.AuthorID, answers)
	slices.SortStableFunc(a.People, func(x, y tidings.Viewer) int { return y.LastAt.Compare(x.LastAt) })
	return a, nil
}

// audienceBuilder collects an audience from view sessions.
type audienceBuilder struct {
	audience *tidings.Audience
	duration *int64
	since    *int64 // the heat map counts sessions from then on
}

// addViewers adds view sessions that are ordered by viewer.
func (g audienceBuilder) addViewers(rows []dbq.ViewsOfClipRow) error {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Viewer == rows[0].Viewer {
			n++
		}

		if err := g.addViewer(rows[:n]); err != nil {
			return err
		}

		rows = rows[n:]
	}

	return nil
}

// addViewer adds the sessions of one viewer. Those of a link are anonymous and
// count one by one.
func (g audienceBuilder) addViewer(rows []dbq.ViewsOfClipRow) error {
	var all, hot []tidings.Span
	unknown := strings.HasPrefix(rows[0].Viewer, linkViewerPrefix)
	p := tidings.Viewer{Person: tidings.Author{ID: tidings.ID(rows[0].Viewer), Name: rows[0].Name, Avatar: rows[0].Avatar}, FirstAt: tidings.FromMillis(rows[0].CreatedMs)}
	for _, r := range rows {
		var spans []tidings.Span
		if err := json.Unmarshal([]byte(r.Ranges), &spans); err != nil {
			return err
		}

		counts := g.audience.Heat != nil && r.CreatedMs >= *g.since
		if unknown {
			g.audience.Anonymous++
			if tidings.SeenAll(spans, g.duration) {
				g.audience.AnonymousSeen++
			}

			if counts {
				g.audience.Heat.Add(spans)
			}

			continue
		}

		all = append(all, spans...)

		if counts {
			hot = append(hot, spans...)
		}

		p.Read = p.Read || r.WasRead
		if at := tidings.FromMillis(r.UpdatedMs); at.After(p.LastAt) {
			p.LastAt = at
		}
	}

	if unknown {
		return nil
	}

	if len(hot) > 0 {
		g.audience.Heat.Add(hot)
	}

	p.Seen = tidings.SeenAll(all, g.duration)
	g.audience.People = append(g.audience.People, p)

	return nil
}

// markAnswered marks those who commented or reacted, and adds those of them who
// have not watched.
func (g audienceBuilder) markAnswered(author string, rows []dbq.AnswersToClipRow) {
	for _, r := range rows {
		if r.AuthorID == author {
			continue
		}

		at := tidings.FromMillis(r.CreatedMs)
		i := slices.IndexFunc(g.audience.People, func(v tidings.Viewer) bool { return string(v.Person.ID) == r.AuthorID })
		if i < 0 {
			i = len(g.audience.People)
			g.audience.People = append(g.audience.People, tidings.Viewer{Person: tidings.Author{ID: tidings.ID(r.AuthorID), Name: r.Name, Avatar: r.Avatar}, FirstAt: at, LastAt: at})
		}

		v := &g.audience.People[i]
		v.Answered = true
		if at.After(v.LastAt) {
			v.LastAt = at
		}
	}
}

// SetHeat switches the heat map of a workspace's views on or off if its version
// is still w.Version, else KindStale. It counts sessions from then on.
func (s ClipRows) SetHeat(ctx context.Context, w tidings.Workspace, on bool) (tidings.Workspace, error) {
	var since *int64
	if on {
		since = new(s.nowMS())
	}

	err := s.InTx(ctx, func(tx Tx) error {
		n, err := tx.SetHeat(ctx, dbq.SetHeatParams{ID: string(w.ID), SinceMs: since, Version: w.Version})
		return requireChange(n, err, errStale())
	})

	w.Version++
	w.Heat = on
	return w, err
}
