-- Files of snippet links, sittings of link visitors, and who may frame a
-- workspace's embeds.

-- +goose Up
ALTER TABLE workspaces ADD COLUMN embed_origins TEXT; -- JSON list; NULL = the server's default
CREATE TABLE link_assets ( -- what a snippet link shows, cut out of its clip
  link_id      TEXT NOT NULL REFERENCES links(id) ON DELETE CASCADE,
  clip_id      TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  content_type TEXT NOT NULL,
  bytes        BIGINT NOT NULL,
  key          TEXT NOT NULL,
  PRIMARY KEY (link_id, name)
);
CREATE INDEX link_assets_clip ON link_assets (clip_id);
CREATE TABLE link_sittings ( -- one for each player that was opened by a link, without a name
  link_id TEXT NOT NULL REFERENCES links(id) ON DELETE CASCADE,
  session TEXT NOT NULL,
  seen_ms BIGINT NOT NULL,
  PRIMARY KEY (link_id, session)
);

-- +goose Down
DROP TABLE link_sittings;
DROP TABLE link_assets;
ALTER TABLE workspaces DROP COLUMN embed_origins;
