-- The embedded search index. Everything in it is made from the rows of the
-- database; a file of another version (PRAGMA user_version) is thrown away.
CREATE TABLE state (clean BOOLEAN NOT NULL);
INSERT INTO state VALUES (FALSE);
CREATE TABLE clip (
  id          INTEGER PRIMARY KEY,
  clip        TEXT NOT NULL UNIQUE,
  version     INTEGER NOT NULL,
  deleted     BOOLEAN NOT NULL, -- remembered, so that nothing older comes back
  ws          TEXT NOT NULL,
  author      TEXT NOT NULL,
  channel     TEXT NOT NULL,
  kind        TEXT NOT NULL,
  commented   BOOLEAN NOT NULL, -- has a comment that is not deleted
  created_ms  INTEGER NOT NULL,
  acl         TEXT NOT NULL     -- who may find it: a JSON array
);
CREATE INDEX clip_newest ON clip (ws, created_ms DESC, clip DESC) WHERE NOT deleted;
CREATE TABLE tag (
  clip INTEGER NOT NULL REFERENCES clip(id) ON DELETE CASCADE,
  tag  TEXT NOT NULL, -- folded
  PRIMARY KEY (clip, tag)
) WITHOUT ROWID;
-- What the passages of a clip mean: for each its checksum (8 bytes), the number
-- of its source (1) and its vector, quantised (search/vector).
CREATE TABLE meaning (
  clip    INTEGER PRIMARY KEY REFERENCES clip(id) ON DELETE CASCADE,
  version INTEGER NOT NULL, -- of the document it was made from
  model   TEXT NOT NULL,
  size    INTEGER NOT NULL, -- bytes a passage; 0 = there is none
  vectors BLOB NOT NULL
);
-- A half hour of a clip. Its id, which is its rowid in fts, is that of the clip
-- and its own number behind it, so that a match leads to its clip at once, and
-- what matches backwards is what came last.
CREATE TABLE part (
  id    INTEGER PRIMARY KEY, -- clip.id * 64 + n
  sum   BLOB NOT NULL,
  words BLOB NOT NULL        -- its vocabulary, sorted, one space between, deflated (RFC 1951)
);
-- Words a mistyped one may have meant, by workspace, and in how many parts.
CREATE TABLE vocabulary (
  ws   TEXT NOT NULL,
  word TEXT NOT NULL,
  n    INTEGER NOT NULL,
  PRIMARY KEY (ws, word)
) WITHOUT ROWID;
-- Workspaces by number: every word in fts begins with that of its workspace, so
-- that each has lists of its own.
CREATE TABLE workspace (
  id INTEGER PRIMARY KEY,
  ws TEXT NOT NULL UNIQUE
);
-- Texts come in analyzed: the tokenizer has only to split at spaces, which is
-- what "ascii" does to every letter we leave in. tiers are words again, those in
-- the best places (see embedded_tier.go). The prefixes are two and three letters
-- behind the two characters of the workspace.
CREATE VIRTUAL TABLE fts USING fts5(title, description, transcript, comments, tiers,
  content='', contentless_delete=1, prefix='4 5', tokenize='ascii');
