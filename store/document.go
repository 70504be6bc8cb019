package store

import (
	"context"
	"encoding/json"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Document is a clip as it is indexed, read in one snapshot. A clip that is
// deleted or in the trash is KindNotFound: remove it from the index. Segments
// come without their words.
func (s SearchRows) Document(ctx context.Context, clip tidings.ID) (d tidings.Document, err error) {
	err = s.inSnapshot(ctx, func(q *dbq.Queries) error {
		docs, err := documentsOfClips(ctx, q, []tidings.ID{clip})
		if err != nil {
			return err
		}
		if len(docs) == 0 {
			return tidings.NotFound()
		}

		d = docs[0]
		said, err := transcriptTexts(ctx, q, []tidings.ID{clip})
		d.Transcript = said[clip].Segments
		return err
	})
	return d, err
}

// DocumentsByID are the documents of clips, in their order, without transcripts
// (see TranscriptTexts) and without clips that are deleted or in the trash.
func (s SearchRows) DocumentsByID(ctx context.Context, clips []tidings.ID) (docs []tidings.Document, err error) {
	err = s.inSnapshot(ctx, func(q *dbq.Queries) (err error) {
		docs, err = documentsOfClips(ctx, q, clips)
		return err
	})
	return docs, err
}

// TranscriptTexts are the texts of the shown transcripts of clips; a clip
// without one, or in the trash, is missing. Any change of them raises the
// version of the clip's document.
func (s SearchRows) TranscriptTexts(ctx context.Context, clips []tidings.ID) (map[tidings.ID]tidings.TranscriptText, error) {
	return transcriptTexts(ctx, s.queries(), clips)
}

// inSnapshot runs fn in one read transaction.
func (s *database) inSnapshot(ctx context.Context, fn func(*dbq.Queries) error) error {
	tx, err := s.beginRead(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() // read-only
	return fn(dbq.New(tx))
}

// idsJSON is a list of ids as queries take it, for json_each.
func idsJSON(ids []tidings.ID) (string, error) {
	text, err := json.Marshal(ids)
	return string(text), err
}

// documentsOfClips reads clips in their order. It leaves replies out: their
// transcripts are part of the document of the clip they answer.
func documentsOfClips(ctx context.Context, q *dbq.Queries, clips []tidings.ID) ([]tidings.Document, error) {
	list, err := idsJSON(clips)
	if err != nil {
		return nil, err
	}

	rows, err := q.DocumentsOfClips(ctx, list)
	if err != nil || len(rows) == 0 {
		return nil, err
	}

	written, err := visibleComments(ctx, q, clips)
	if err != nil {
		return nil, err
	}

	byID := make(map[tidings.ID]dbq.DocumentsOfClipsRow, len(rows))
	for _, r := range rows {
		byID[tidings.ID(r.ID)] = r
	}

	docs := make([]tidings.Document, 0, len(rows))
	for _, id := range clips {
		r, ok := byID[id]
		if !ok || r.TrashedMs != nil || r.Answers != "" {
			continue
		}

		d, err := toDocument(id, r)
		if err != nil {
			return nil, err
		}

		d.Comments = written[id]
		docs = append(docs, d)
	}

	return docs, nil
}

func toDocument(clip tidings.ID, r dbq.DocumentsOfClipsRow) (tidings.Document, error) {
	g := tidings.ClipAccess{WorkspaceID: tidings.ID(r.WorkspaceID), ChannelID: tidings.ID(r.ChannelID), AuthorID: tidings.ID(r.AuthorID), Visibility: tidings.Visibility(r.Visibility)}
	d := tidings.Document{ClipID: clip, Version: r.IndexVersion, WorkspaceID: g.WorkspaceID, ACL: g.ACL(), AuthorID: g.AuthorID, ChannelID: g.ChannelID,
		Kind: tidings.ClipKind(r.Kind), Language: r.Language, CreatedAt: tidings.FromMillis(r.CreatedMs), Title: r.Title, Description: r.Description,
		Author: tidings.Author{ID: g.AuthorID, Name: r.AuthorName, Avatar: r.AuthorAvatar}, State: tidings.ClipState(r.State), Poster: r.Poster}
	if r.DurationMs != nil {
		d.DurationMS = *r.DurationMs
	}
	return d, json.Unmarshal([]byte(r.Tags), &d.Tags)
}

// visibleComments are the comments of clips that are not hidden, by clip. Behind
// them come the transcripts of voice and video replies, each as a comment at the
// position of the comment that brought the reply.
func visibleComments(ctx context.Context, q *dbq.Queries, clips []tidings.ID) (map[tidings.ID][]tidings.Comment, error) {
	all, err := commentsOfClips(ctx, q, clips)
	if err != nil || len(all) == 0 {
		return nil, err
	}

	out := map[tidings.ID][]tidings.Comment{}
	var withReply []tidings.Comment
	for _, c := range all {
		if c.HiddenAt != nil {
			continue
		}
		out[c.ClipID] = append(out[c.ClipID], c)
		if c.ReplyClip != "" && c.DeletedAt == nil {
			withReply = append(withReply, c)
		}
	}

	replies, err := replyTranscripts(ctx, q, withReply)
	for _, c := range replies {
		out[c.ClipID] = append(out[c.ClipID], c)
	}

	return out, err
}
