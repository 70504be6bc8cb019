-- Threads that are resolved, comments of guests and their hiding, reactions.

-- +goose Up
CREATE TABLE guests (
  id         TEXT PRIMARY KEY,
  clip_id    TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  link_id    TEXT NOT NULL, -- by which they came
  name       TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX guests_clip ON guests (clip_id);
ALTER TABLE comments ADD COLUMN guest_id TEXT NOT NULL DEFAULT ''; -- then author_id is ''
ALTER TABLE comments ADD COLUMN resolved_ms BIGINT;
ALTER TABLE comments ADD COLUMN resolved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE comments ADD COLUMN hidden_ms BIGINT;
ALTER TABLE comments ADD COLUMN hidden_by TEXT NOT NULL DEFAULT '';
-- One level of replies: an answer to a reply belongs to the first comment.
UPDATE comments SET parent_id = (SELECT p.parent_id FROM comments p WHERE p.id = comments.parent_id)
WHERE parent_id IN (SELECT q.id FROM comments q WHERE q.parent_id <> '');
UPDATE comments SET parent_id = (SELECT p.parent_id FROM comments p WHERE p.id = comments.parent_id)
WHERE parent_id IN (SELECT q.id FROM comments q WHERE q.parent_id <> '');
CREATE INDEX comments_parent ON comments (parent_id);
CREATE TABLE reactions (
  clip_id    TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  comment_id TEXT NOT NULL,   -- '' = the clip
  at_ms      BIGINT NOT NULL, -- of the clip; -1 = the whole of it, or a comment
  emoji      TEXT NOT NULL,
  user_id    TEXT NOT NULL,   -- one of the two is ''
  guest_id   TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (clip_id, comment_id, at_ms, emoji, user_id, guest_id)
);

-- +goose Down
DROP TABLE reactions;
DROP INDEX comments_parent;
ALTER TABLE comments DROP COLUMN hidden_by;
ALTER TABLE comments DROP COLUMN hidden_ms;
ALTER TABLE comments DROP COLUMN resolved_by;
ALTER TABLE comments DROP COLUMN resolved_ms;
ALTER TABLE comments DROP COLUMN guest_id;
DROP TABLE guests;
