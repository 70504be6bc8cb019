-- Channels, invitations, the mail that carries them, and people's pictures.

-- +goose Up
CREATE TABLE channels (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  name_fold    TEXT NOT NULL, -- lower case, made in Go
  topic        TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind IN ('open','private')),
  created_by   TEXT NOT NULL,
  created_ms   BIGINT NOT NULL,
  version      BIGINT NOT NULL,
  UNIQUE (workspace_id, name_fold)
);
CREATE TABLE channel_members (
  channel_id TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  user_id    TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (channel_id, user_id)
);
CREATE INDEX channel_members_user ON channel_members (user_id);
CREATE INDEX clips_channel ON clips (channel_id);
CREATE TABLE invites (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  role         TEXT NOT NULL CHECK (role IN ('owner','admin','member','guest')),
  email        TEXT NOT NULL, -- lower case; '' = whoever holds the link
  channels     JSONB NOT NULL, -- ids
  max_uses     BIGINT NOT NULL,
  uses         BIGINT NOT NULL,
  created_by   TEXT NOT NULL,
  created_ms   BIGINT NOT NULL,
  expires_ms   BIGINT NOT NULL,
  revoked_ms   BIGINT
);
CREATE INDEX invites_workspace ON invites (workspace_id);
CREATE TABLE invite_tokens ( -- one is shown when the invitation is made; each mail carries another
  hash      TEXT PRIMARY KEY, -- hex SHA-256
  invite_id TEXT NOT NULL REFERENCES invites(id) ON DELETE CASCADE
);
CREATE INDEX invite_tokens_invite ON invite_tokens (invite_id);
CREATE TABLE mails ( -- to be sent, or given up
  id         TEXT PRIMARY KEY,
  invite_id  TEXT NOT NULL REFERENCES invites(id) ON DELETE CASCADE,
  base_url   TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  due_ms     BIGINT NOT NULL, -- the next try is not before
  tries      BIGINT NOT NULL,
  failure    TEXT NOT NULL, -- of the last try
  sent_ms    BIGINT,
  failed_ms  BIGINT -- given up
);
CREATE INDEX mails_due ON mails (sent_ms, failed_ms, due_ms);
ALTER TABLE users ADD COLUMN avatar TEXT NOT NULL DEFAULT ''; -- hex SHA-256 of the picture

-- +goose Down
ALTER TABLE users DROP COLUMN avatar;
DROP TABLE mails;
DROP TABLE invite_tokens;
DROP TABLE invites;
DROP INDEX clips_channel;
DROP TABLE channel_members;
DROP TABLE channels;
