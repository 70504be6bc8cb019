-- A scope more for tokens. SQLite cannot change a CHECK: the table is made anew.

-- +goose Up
CREATE TABLE tokens_with_workers (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  scope        TEXT NOT NULL CHECK (scope IN ('read','write','admin','worker')),
  hash         TEXT NOT NULL UNIQUE, -- hex SHA-256 of the secret
  created_ms   BIGINT NOT NULL,
  last_used_ms BIGINT,
  expires_ms   BIGINT
);
INSERT INTO tokens_with_workers (id, user_id, name, scope, hash, created_ms, last_used_ms, expires_ms)
  SELECT id, user_id, name, scope, hash, created_ms, last_used_ms, expires_ms FROM tokens;
DROP TABLE tokens;
ALTER TABLE tokens_with_workers RENAME TO tokens;

-- +goose Down
DELETE FROM tokens WHERE scope = 'worker';
