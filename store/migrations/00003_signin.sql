-- Signing in: sessions that can be listed and ended one by one, passkeys,
-- accounts at an OpenID provider, ceremonies that are under way, and the audit
-- log.

-- +goose Up
-- Sessions of before had no person one could list them by: everybody signs in
-- once more.
DROP TABLE sessions;
CREATE TABLE sessions (
  token      TEXT PRIMARY KEY,     -- hash of the cookie's
  id         TEXT NOT NULL UNIQUE, -- what its owner sees
  user_id    TEXT NOT NULL,        -- '' = a visitor who has unlocked a link
  data       TEXT NOT NULL,        -- base64
  method     TEXT NOT NULL,        -- how they signed in
  agent      TEXT NOT NULL,        -- User-Agent
  network    TEXT NOT NULL,        -- prefix of the address last seen
  created_ms BIGINT NOT NULL,
  seen_ms    BIGINT NOT NULL,
  expiry_ms  BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry_ms);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE passkeys (
  id            TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  credential_id TEXT NOT NULL UNIQUE, -- base64url
  rp_id         TEXT NOT NULL,        -- the host name it was made for
  name          TEXT NOT NULL,
  record        TEXT NOT NULL,        -- public key, counter and flags, as JSON of the webauthn library
  created_ms    BIGINT NOT NULL,
  used_ms       BIGINT,
  suspect_ms    BIGINT                -- its counter went back: there may be a copy
);
CREATE INDEX passkeys_user ON passkeys (user_id);
CREATE TABLE identities (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  email      TEXT NOT NULL, -- as the provider last said; only to be shown
  created_ms BIGINT NOT NULL,
  used_ms    BIGINT,
  UNIQUE (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);
CREATE TABLE ceremonies ( -- challenges and states that were given out; taking one removes it
  id         TEXT PRIMARY KEY, -- hex SHA-256 of the challenge or state
  kind       TEXT NOT NULL,
  user_id    TEXT NOT NULL,    -- '' = nobody yet
  browser    TEXT NOT NULL,    -- hex SHA-256 of the browser's cookie
  data       TEXT NOT NULL,
  expires_ms BIGINT NOT NULL
);
CREATE INDEX ceremonies_expires ON ceremonies (expires_ms);
CREATE TABLE audit (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  actor_id     TEXT NOT NULL, -- '' = nobody who is known, or the command line
  action       TEXT NOT NULL,
  target       TEXT NOT NULL, -- id of what it was done to, if not the actor
  detail       JSONB NOT NULL,
  network      TEXT NOT NULL,
  created_ms   BIGINT NOT NULL
);
CREATE INDEX audit_page ON audit (workspace_id, id DESC);
CREATE INDEX audit_age ON audit (created_ms);

-- +goose Down
DROP TABLE audit;
DROP TABLE ceremonies;
DROP TABLE identities;
DROP TABLE passkeys;
DROP TABLE sessions;
CREATE TABLE sessions (
  token     TEXT PRIMARY KEY,
  data      TEXT NOT NULL,
  expiry_ms BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry_ms);
