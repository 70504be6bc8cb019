-- Replies by voice or video, what a person is told of, and who has seen a clip.

-- +goose Up
ALTER TABLE clips ADD COLUMN answers TEXT NOT NULL DEFAULT ''; -- the clip a reply belongs to; '' = a clip of its own
CREATE INDEX clips_answers ON clips (answers);
UPDATE clips SET answers = COALESCE((SELECT c.clip_id FROM comments c WHERE c.id = clips.reply_to), '') WHERE reply_to <> '';
CREATE INDEX comments_reply ON comments (reply_clip);

-- +goose Down
DROP INDEX comments_reply;
DROP INDEX clips_answers;
ALTER TABLE clips DROP COLUMN answers;
