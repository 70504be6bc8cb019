package api

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ClipStore is what clipHandlers needs of the rows.
type ClipStore interface {
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	Clips(ctx context.Context, f tidings.ClipFilter) (items []tidings.Clip, next string, err error)
	CreateClip(ctx context.Context, c tidings.Clip) (tidings.Clip, error)
	MediaReport(ctx context.Context, clip tidings.ID) (tidings.Report, []tidings.Track, error)
	RestoreClip(ctx context.Context, id tidings.ID) error
	RetryStep(ctx context.Context, clip tidings.ID, step tidings.Step) error
	TrashClip(ctx context.Context, id tidings.ID) error
	UpdateClip(ctx context.Context, id tidings.ID, p tidings.ClipPatch, ifVersion *int64) (tidings.Clip, error)
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
}

// clipHandlers serves clips and their processing steps.
type clipHandlers struct {
	store         ClipStore
	uploads       Continuer
	clipViews     *clipViews
	commentAccess *commentAccess
	access        *auth.Access
	channelAccess *channelAccess
	checkSpace    func(size int64) error // nil = there always is enough
	clock         tidings.Clock
}

// ListClips is GET /clips.
func (h *clipHandlers) ListClips(ctx context.Context, r spec.ListClipsRequestObject) (spec.ListClipsResponseObject, error) {
	p := r.Params
	ws, err := auth.SoleWorkspace(ctx, p.Workspace)
	if err != nil {
		return nil, err
	}

	who := request.SubjectOf(ctx)

	if seen, err := h.channelAccess.seesChannel(ctx, ws, spec.Deref(p.Channel)); err != nil || !seen {
		return spec.ListClips200JSONResponse{Items: []spec.Clip{}}, err
	}

	clips, next, err := h.store.Clips(ctx, tidings.ClipFilter{Subject: who, WorkspaceID: ws, ChannelID: tidings.ID(spec.Deref(p.Channel)),
		AuthorID: authorFilter(who, p.Author), Kind: spec.Deref(p.Kind), State: spec.Deref(p.State), Tag: spec.Deref(p.Tag), TitleHas: strings.TrimSpace(spec.Deref(p.QTitle)),
		Trashed: spec.Deref(p.Trashed), Limit: pageSize(p.Limit), Cursor: spec.Deref(p.Cursor)})
	if err != nil {
		return nil, err
	}

	items := make([]spec.Clip, len(clips))
	for i, c := range clips {
		if items[i], err = h.clipViews.visibleClipJSON(ctx, c); err != nil {
			return nil, err
		}
	}

	return spec.ListClips200JSONResponse{Items: items, NextCursor: spec.OrNil(next)}, nil
}

// CreateClip is POST /clips.
func (h *clipHandlers) CreateClip(ctx context.Context, r spec.CreateClipRequestObject) (spec.CreateClipResponseObject, error) {
	if made, repeated := request.RepeatedCreation(ctx); repeated {
		out, err := h.clipViews.loadClipJSON(ctx, string(made.ID), tidings.ActView)
		return spec.CreateClip201JSONResponse(out), err
	}

	ws, role, err := auth.RoleIn(ctx, r.Body.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if role == tidings.RoleGuest && !isReply(r.Body) {
		return nil, tidings.Errorf(tidings.KindForbidden, "Guests of a workspace may not add clips.")
	}

	if h.checkSpace != nil {
		if err := h.checkSpace(0); err != nil {
			return nil, err
		}
	}

	now, who := h.clock(), request.SubjectOf(ctx)
	user, err := h.store.User(ctx, who.UserID)
	if err != nil {
		return nil, err
	}

	clip := tidings.Clip{ID: tidings.NewID(now), WorkspaceID: ws, Author: tidings.Author{ID: user.ID, Name: user.Name, Avatar: user.Avatar}, Kind: r.Body.Kind,
		Title: strings.TrimSpace(spec.Deref(r.Body.Title)), Visibility: cmp.Or(spec.Deref(r.Body.Visibility), usualVisibility(spec.Deref(r.Body.ChannelID))),
		Language: spec.Deref(r.Body.Language), State: tidings.ClipRecording, CreatedAt: now}
	if clip.Title == "" {
		clip.Title = defaultTitle(clip.Kind, now, user.TimeZone)
	}

	if err := h.checkClip(ctx, &clip, r.Body); err != nil {
		return nil, err
	}

	claimed, err := request.ClaimForCreation(ctx, request.Creation{ID: clip.ID})
	if err != nil {
		return nil, err
	}
	if clip, err = h.store.CreateClip(claimed, clip); err != nil {
		return nil, err
	}

	out, err := h.clipViews.visibleClipJSON(ctx, clip)
	return spec.CreateClip201JSONResponse(out), err
}

// checkClip validates what openapi.yaml cannot express.
func (h *clipHandlers) checkClip(ctx context.Context, clip *tidings.Clip, in *spec.ClipRequest) error {
	if err := (tidings.ClipPatch{Title: &clip.Title, Visibility: &clip.Visibility}).Validate(); err != nil {
		return err
	}
	if err := h.channelAccess.placeClip(ctx, clip, in); err != nil {
		return err
	}
	if !validLanguage(clip.Language) {
		return badLanguage()
	}
	return h.setReplyTarget(ctx, clip, in)
}

var language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`) // the shape of BCP 47 tags

func validLanguage(tag string) bool { return tag == "" || language.MatchString(tag) }

func badLanguage() error {
	return tidings.Invalid("language", `A language tag is needed, such as "en" or "pt-BR".`)
}

var kindTitles = map[tidings.ClipKind]string{
	tidings.ClipScreen: "Screen recording", tidings.ClipCamera: "Video", tidings.ClipScreenCamera: "Screen and camera",
	tidings.ClipVoice: "Voice note", tidings.ClipFile: "File",
}

// defaultTitle is the kind of the clip and its creation time in the author's
// time zone.
func defaultTitle(kind tidings.ClipKind, at time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return fmt.Sprintf("%s, %s", kindTitles[kind], at.In(loc).Format("2 January 2006, 15:04"))
}

// GetClip is GET /clips/{id}.
func (h *clipHandlers) GetClip(ctx context.Context, r spec.GetClipRequestObject) (spec.GetClipResponseObject, error) {
	out, err := h.clipViews.loadClipJSON(ctx, r.ID, tidings.ActView)
	return spec.GetClip200JSONResponse(out), err
}

// loadClipJSON is the clip as the caller sees it, if they may do act with it.
func (v *clipViews) loadClipJSON(ctx context.Context, id string, act tidings.Action) (spec.Clip, error) {
	g, _, err := v.access.AuthorizeClipOrSnippet(ctx, id, act) // clipJSON cuts it to the snippet
	if err != nil {
		return spec.Clip{}, err
	}
	c, err := v.store.Clip(ctx, g.ClipID)
	if err != nil {
		return spec.Clip{}, err
	}
	return v.clipJSON(ctx, c, g)
}

// UpdateClip is PATCH /clips/{id}.
func (h *clipHandlers) UpdateClip(ctx context.Context, r spec.UpdateClipRequestObject) (spec.UpdateClipResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActEdit)
	if err != nil {
		return nil, err
	}

	version, err := ifMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}

	p, err := patchOf(r.Body)
	if err != nil {
		return nil, err
	}
	if err := h.channelAccess.moveClip(ctx, g, &p, r.Body); err != nil {
		return nil, err
	}

	c, err := h.store.UpdateClip(ctx, g.ClipID, p, version)
	if err != nil {
		return nil, err
	}

	out, err := h.clipViews.visibleClipJSON(ctx, c)
	return spec.UpdateClip200JSONResponse(out), err
}

func patchOf(in *spec.ClipPatch) (tidings.ClipPatch, error) {
	p := tidings.ClipPatch{Title: in.Title, Description: in.Description, Tags: in.Tags, Visibility: in.Visibility}
	if p.Title != nil && strings.TrimSpace(*p.Title) == "" {
		return p, tidings.Invalid("title", "This is needed.")
	}

	if in.Language.Set {
		tag := spec.Deref(in.Language.Value)
		if !validLanguage(tag) {
			return p, badLanguage()
		}
		p.Language = &tag
	}

	return p, p.Validate()
}

// TrashClip is DELETE /clips/{id}. It is idempotent.
func (h *clipHandlers) TrashClip(ctx context.Context, r spec.TrashClipRequestObject) (spec.TrashClipResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActDelete)
	if err != nil || g.Trashed {
		return spec.TrashClip204Response{}, err
	}
	return spec.TrashClip204Response{}, h.store.TrashClip(ctx, g.ClipID)
}

// RestoreClip is POST /clips/{id}/restore.
func (h *clipHandlers) RestoreClip(ctx context.Context, r spec.RestoreClipRequestObject) (spec.RestoreClipResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActDelete)
	if err != nil {
		return nil, err
	}

	if g.Trashed {
		if err := h.store.RestoreClip(ctx, g.ClipID); err != nil {
			return nil, err
		}
	}

	out, err := h.clipViews.loadClipJSON(ctx, r.ID, tidings.ActView)
	return spec.RestoreClip200JSONResponse(out), err
}
