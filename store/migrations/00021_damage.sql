-- What is known of stored objects: the checksums of their blocks, which of them
-- are damaged, and how far the scrub is that reads them all.

-- +goose Up
ALTER TABLE parts ADD COLUMN sums BYTEA;       -- tidings.BlockSums; NULL = from before this column
ALTER TABLE assets ADD COLUMN sums BYTEA;
ALTER TABLE link_assets ADD COLUMN sums BYTEA;
CREATE TABLE damaged_objects (
  key         TEXT PRIMARY KEY,
  clip_id     TEXT REFERENCES clips(id) ON DELETE CASCADE, -- NULL = a picture of a person
  reason      TEXT NOT NULL,
  found_ms    BIGINT NOT NULL,
  repaired_ms BIGINT -- when what makes it again was begun
);
CREATE INDEX damaged_objects_clip ON damaged_objects (clip_id);
CREATE TABLE scrubs (
  name        TEXT PRIMARY KEY,
  after_id    TEXT NOT NULL, -- the clip that was read last
  objects     BIGINT NOT NULL,
  bytes       BIGINT NOT NULL,
  started_ms  BIGINT NOT NULL,
  finished_ms BIGINT -- NULL = it goes on after after_id
);

-- +goose Down
DROP TABLE scrubs;
DROP TABLE damaged_objects;
ALTER TABLE link_assets DROP COLUMN sums;
ALTER TABLE assets DROP COLUMN sums;
ALTER TABLE parts DROP COLUMN sums;
