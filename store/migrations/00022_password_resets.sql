-- Setting a password anew: requests and links, and the mails about accounts.

-- +goose Up
CREATE TABLE password_resets (
  id         TEXT PRIMARY KEY,
  origin     TEXT NOT NULL CHECK (origin IN ('mail','manager','operator')),
  email      TEXT NOT NULL, -- lower case; with origin mail as it was typed: there may be no such account
  user_id    TEXT NOT NULL, -- '' = not looked up yet: a request takes the same time for every address
  created_by TEXT NOT NULL, -- with origin manager
  network    TEXT NOT NULL, -- prefix of the address that asked
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL, -- of the attempt to send its mail, and of all its links
  used_ms    BIGINT           -- its links open nothing from then on
);
CREATE INDEX password_resets_email ON password_resets (email, created_ms);
CREATE INDEX password_resets_age ON password_resets (expires_ms);
CREATE TABLE password_reset_tokens ( -- each mail carries another
  hash       TEXT PRIMARY KEY, -- hex SHA-256
  reset_id   TEXT NOT NULL REFERENCES password_resets(id) ON DELETE CASCADE,
  expires_ms BIGINT NOT NULL
);
CREATE INDEX password_reset_tokens_reset ON password_reset_tokens (reset_id);
CREATE TABLE account_mails ( -- to be sent, or given up
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('reset','reset_link','password_reset')),
  reset_id   TEXT NOT NULL REFERENCES password_resets(id) ON DELETE CASCADE,
  base_url   TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  due_ms     BIGINT NOT NULL, -- the next try is not before
  tries      BIGINT NOT NULL,
  failure    TEXT NOT NULL,   -- of the last try
  sent_ms    BIGINT,
  failed_ms  BIGINT           -- given up
);
CREATE INDEX account_mails_due ON account_mails (sent_ms, failed_ms, due_ms);
CREATE INDEX account_mails_reset ON account_mails (reset_id);

-- +goose Down
DROP TABLE account_mails;
DROP TABLE password_reset_tokens;
DROP TABLE password_resets;
