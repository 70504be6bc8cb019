-- One portable schema for SQLite and PostgreSQL: TEXT ids (ULIDs made in Go),
-- BIGINT Unix milliseconds, BOOLEAN, JSONB, no defaults that call functions.

-- +goose Up
CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  email         TEXT NOT NULL UNIQUE, -- lower case
  name          TEXT NOT NULL,
  password_hash TEXT NOT NULL,        -- argon2id, PHC string
  time_zone     TEXT NOT NULL,
  prefs         JSONB NOT NULL,
  created_ms    BIGINT NOT NULL,
  version       BIGINT NOT NULL
);
CREATE TABLE workspaces (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  version    BIGINT NOT NULL
);
CREATE TABLE members (
  workspace_id TEXT NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  user_id      TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  role         TEXT NOT NULL CHECK (role IN ('owner','admin','member','guest')),
  created_ms   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user ON members (user_id);
CREATE TABLE sessions (
  token     TEXT PRIMARY KEY,
  data      TEXT NOT NULL, -- base64
  expiry_ms BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry_ms);
CREATE TABLE tokens (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  scope        TEXT NOT NULL CHECK (scope IN ('read','write','admin')),
  hash         TEXT NOT NULL UNIQUE, -- hex SHA-256 of the secret
  created_ms   BIGINT NOT NULL,
  last_used_ms BIGINT,
  expires_ms   BIGINT
);
CREATE TABLE idempotency (
  user_id      TEXT NOT NULL,
  idem_key     TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status       BIGINT NOT NULL,
  body         TEXT NOT NULL,
  created_ms   BIGINT NOT NULL,
  PRIMARY KEY (user_id, idem_key)
);
CREATE TABLE clips (
  id            TEXT PRIMARY KEY,
  workspace_id  TEXT NOT NULL REFERENCES workspaces(id),
  channel_id    TEXT NOT NULL,
  author_id     TEXT NOT NULL REFERENCES users(id),
  kind          TEXT NOT NULL CHECK (kind IN ('screen','camera','screen_camera','voice','file')),
  title         TEXT NOT NULL,
  title_fold    TEXT NOT NULL, -- lower case, made in Go: the databases disagree about letters beyond ASCII
  description   TEXT NOT NULL,
  tags          JSONB NOT NULL,
  visibility    TEXT NOT NULL CHECK (visibility IN ('private','channel','workspace')),
  reply_to      TEXT NOT NULL,
  language      TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('recording','processing','ready','failed')),
  failure       TEXT NOT NULL,
  ended_early   BOOLEAN NOT NULL,
  at_risk       BOOLEAN NOT NULL,
  created_ms    BIGINT NOT NULL,
  recorded_ms   BIGINT,
  duration_ms   BIGINT,
  width         BIGINT,
  height        BIGINT,
  tracks        JSONB NOT NULL,
  report        JSONB NOT NULL,
  media_attempt BIGINT NOT NULL, -- the adopted transcode, 0 = none yet
  index_version BIGINT NOT NULL, -- newest outbox version
  trashed_ms    BIGINT,
  version       BIGINT NOT NULL
);
CREATE INDEX clips_page ON clips (workspace_id, created_ms DESC, id DESC);
CREATE INDEX clips_trash ON clips (trashed_ms);
CREATE TABLE uploads (
  id            TEXT PRIMARY KEY,
  clip_id       TEXT NOT NULL UNIQUE REFERENCES clips(id) ON DELETE CASCADE,
  workspace_id  TEXT NOT NULL,
  user_id       TEXT NOT NULL,
  length        BIGINT,
  offset_bytes  BIGINT NOT NULL,
  filename      TEXT NOT NULL,
  filetype      TEXT NOT NULL,
  fence         BIGINT NOT NULL,
  parts         BIGINT NOT NULL DEFAULT 0, -- how many it came in, also when it is one object
  sealed_ms     BIGINT,
  ended_early   BOOLEAN NOT NULL,
  aborted       BOOLEAN NOT NULL,
  idle_since_ms BIGINT NOT NULL,
  expires_ms    BIGINT NOT NULL,
  created_ms    BIGINT NOT NULL
);
CREATE INDEX uploads_idle ON uploads (sealed_ms, idle_since_ms);
CREATE TABLE parts (
  upload_id    TEXT NOT NULL REFERENCES uploads(id) ON DELETE CASCADE,
  offset_bytes BIGINT NOT NULL,
  clip_id      TEXT NOT NULL,
  size         BIGINT NOT NULL,
  key          TEXT NOT NULL,
  PRIMARY KEY (upload_id, offset_bytes)
);
CREATE INDEX parts_clip ON parts (clip_id, offset_bytes);
CREATE TABLE step_runs (
  clip_id        TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  step           TEXT NOT NULL CHECK (step IN ('upload','transcode','transcribe','index')),
  state          TEXT NOT NULL CHECK (state IN ('waiting','running','done','failed','skipped')),
  permille       BIGINT NOT NULL,
  failure        TEXT NOT NULL,
  attempt        BIGINT NOT NULL,
  worker_id      TEXT NOT NULL,
  lease_until_ms BIGINT NOT NULL,
  PRIMARY KEY (clip_id, step)
);
CREATE INDEX step_runs_lease ON step_runs (state, lease_until_ms);
CREATE TABLE renditions (
  clip_id   TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  attempt   BIGINT NOT NULL,
  name      TEXT NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('video','audio')),
  codecs    TEXT NOT NULL,
  width     BIGINT NOT NULL,
  height    BIGINT NOT NULL,
  bandwidth BIGINT NOT NULL,
  init_key  TEXT NOT NULL,
  complete  BOOLEAN NOT NULL,
  PRIMARY KEY (clip_id, attempt, name)
);
CREATE TABLE segments (
  clip_id     TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  attempt     BIGINT NOT NULL,
  rendition   TEXT NOT NULL,
  seq         BIGINT NOT NULL,
  duration_us BIGINT NOT NULL,
  bytes       BIGINT NOT NULL,
  key         TEXT NOT NULL,
  PRIMARY KEY (clip_id, attempt, rendition, seq)
);
CREATE TABLE assets (
  clip_id      TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  attempt      BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  bytes        BIGINT NOT NULL,
  key          TEXT NOT NULL,
  PRIMARY KEY (clip_id, name)
);
CREATE TABLE stale_objects ( -- objects no row points to any more, for the sweeper
  key      TEXT PRIMARY KEY,
  since_ms BIGINT NOT NULL
);
CREATE TABLE transcripts (
  id         TEXT PRIMARY KEY,
  clip_id    TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  attempt    BIGINT NOT NULL,
  state      TEXT NOT NULL,
  draft      BOOLEAN NOT NULL,
  current    BOOLEAN NOT NULL, -- the one that is shown
  language   TEXT NOT NULL,
  engine     TEXT NOT NULL,
  model      TEXT NOT NULL,
  edited_ms  BIGINT,
  created_ms BIGINT NOT NULL
);
CREATE INDEX transcripts_clip ON transcripts (clip_id);
CREATE TABLE transcript_segments (
  id            TEXT PRIMARY KEY,
  transcript_id TEXT NOT NULL REFERENCES transcripts(id) ON DELETE CASCADE,
  seq           BIGINT NOT NULL,
  start_ms      BIGINT NOT NULL,
  end_ms        BIGINT NOT NULL,
  text          TEXT NOT NULL,
  speaker       TEXT NOT NULL,
  words         JSONB NOT NULL,
  UNIQUE (transcript_id, seq)
);
CREATE TABLE comments (
  id         TEXT PRIMARY KEY,
  clip_id    TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  parent_id  TEXT NOT NULL,
  author_id  TEXT NOT NULL,
  at_ms      BIGINT,
  until_ms   BIGINT,
  body       TEXT NOT NULL,
  reply_clip TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  edited_ms  BIGINT,
  deleted_ms BIGINT,
  version    BIGINT NOT NULL
);
CREATE INDEX comments_clip ON comments (clip_id, id);
CREATE TABLE links (
  id             TEXT PRIMARY KEY,
  clip_id        TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  hash           TEXT NOT NULL UNIQUE, -- hex SHA-256 of the token
  access         TEXT NOT NULL CHECK (access IN ('anyone','password','workspace')),
  password_hash  TEXT NOT NULL,
  allow_comments BOOLEAN NOT NULL,
  allow_download BOOLEAN NOT NULL,
  start_ms       BIGINT,
  end_ms         BIGINT,
  expires_ms     BIGINT,
  revoked_ms     BIGINT,
  created_by     TEXT NOT NULL,
  created_ms     BIGINT NOT NULL
);
CREATE INDEX links_clip ON links (clip_id);
CREATE TABLE views (
  clip_id    TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  viewer     TEXT NOT NULL,
  session    TEXT NOT NULL,
  ranges     JSONB NOT NULL,
  was_read   BOOLEAN NOT NULL,
  updated_ms BIGINT NOT NULL,
  PRIMARY KEY (clip_id, viewer, session)
);
CREATE TABLE outbox (
  clip_id TEXT PRIMARY KEY,
  version BIGINT NOT NULL
);
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('outbox', 0);

-- +goose Down
DROP TABLE counters;
DROP TABLE outbox;
DROP TABLE views;
DROP TABLE links;
DROP TABLE comments;
DROP TABLE transcript_segments;
DROP TABLE transcripts;
DROP TABLE stale_objects;
DROP TABLE assets;
DROP TABLE segments;
DROP TABLE renditions;
DROP TABLE step_runs;
DROP TABLE parts;
DROP TABLE uploads;
DROP TABLE clips;
DROP TABLE idempotency;
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE members;
DROP TABLE workspaces;
DROP TABLE users;
