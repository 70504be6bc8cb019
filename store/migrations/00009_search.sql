-- What search needs besides the outbox: how long a change has waited and why a
-- clip could not be indexed, an index that is being filled, and the searches
-- people keep.

-- +goose Up
ALTER TABLE outbox ADD COLUMN since_ms BIGINT NOT NULL DEFAULT 0; -- of the oldest change that is not indexed; 0 = from before this column
ALTER TABLE outbox ADD COLUMN failure TEXT NOT NULL DEFAULT '';   -- why it could not be indexed the last time
ALTER TABLE outbox ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN failed_ms BIGINT;
CREATE TABLE index_builds (
  engine     TEXT PRIMARY KEY,
  after_id   TEXT NOT NULL,
  done       BIGINT NOT NULL,
  total      BIGINT NOT NULL,
  started_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);
CREATE TABLE saved_searches (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  user_id      TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  query        TEXT NOT NULL,
  newest       BOOLEAN NOT NULL,
  created_ms   BIGINT NOT NULL
);
CREATE INDEX saved_searches_person ON saved_searches (user_id, workspace_id, id);
CREATE INDEX views_viewer ON views (viewer, clip_id);

-- +goose Down
DROP INDEX views_viewer;
DROP TABLE saved_searches;
DROP TABLE index_builds;
ALTER TABLE outbox DROP COLUMN failed_ms;
ALTER TABLE outbox DROP COLUMN tries;
ALTER TABLE outbox DROP COLUMN failure;
ALTER TABLE outbox DROP COLUMN since_ms;
