-- What a person is told of, what of it is still to be delivered elsewhere, and
-- when a workspace began to look at views by the second.

-- +goose Up
CREATE TABLE notifications (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  workspace_id TEXT NOT NULL,
  clip_id      TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  comment_id   TEXT NOT NULL, -- '' = the clip
  kind         TEXT NOT NULL CHECK (kind IN ('mention','reply','comment','reaction','clip','resolved')),
  thing        TEXT NOT NULL, -- the act: of one act a person is told once
  actor_id     TEXT NOT NULL, -- '' = a guest
  actor_name   TEXT NOT NULL, -- of a guest
  created_ms   BIGINT NOT NULL,
  seen_ms      BIGINT,
  UNIQUE (user_id, thing)
);
CREATE INDEX notifications_page ON notifications (user_id, created_ms DESC, id DESC);
CREATE INDEX notifications_unseen ON notifications (user_id, seen_ms);
CREATE INDEX notifications_clip ON notifications (clip_id);
CREATE TABLE deliveries ( -- the outbox of what goes out beside the page
  notification_id TEXT NOT NULL REFERENCES notifications(id) ON DELETE CASCADE,
  channel         TEXT NOT NULL CHECK (channel IN ('mail','push','chat')),
  due_ms          BIGINT NOT NULL, -- the next try is not before
  tries           BIGINT NOT NULL,
  failure         TEXT NOT NULL, -- of the last try
  done_ms         BIGINT, -- sent, or given up
  PRIMARY KEY (notification_id, channel)
);
CREATE INDEX deliveries_due ON deliveries (done_ms, due_ms);
ALTER TABLE views ADD COLUMN created_ms BIGINT NOT NULL DEFAULT 0;
UPDATE views SET created_ms = updated_ms;
CREATE INDEX views_sittings ON views (clip_id, viewer, created_ms);
ALTER TABLE workspaces ADD COLUMN heat_since_ms BIGINT; -- NULL = off

-- +goose Down
ALTER TABLE workspaces DROP COLUMN heat_since_ms;
DROP INDEX views_sittings;
ALTER TABLE views DROP COLUMN created_ms;
DROP TABLE deliveries;
DROP TABLE notifications;
