-- What people make of transcripts: versions of segments, what can be undone,
-- the words of a workspace, what was corrected, and where a clip is quiet.

-- +goose Up
ALTER TABLE transcript_segments ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE transcript_segments ADD COLUMN language TEXT NOT NULL DEFAULT '';
CREATE TABLE transcript_edits (
  id            TEXT PRIMARY KEY,
  transcript_id TEXT NOT NULL REFERENCES transcripts(id) ON DELETE CASCADE,
  seq           BIGINT NOT NULL, -- the order in which they were made
  user_id       TEXT NOT NULL,
  kind          TEXT NOT NULL CHECK (kind IN ('edit','split','join','speaker','glossary')),
  undone        BOOLEAN NOT NULL,
  away          JSONB NOT NULL, -- the segments that undoing (or doing again) puts back
  shown         JSONB NOT NULL, -- those that are shown in their place, with their versions
  created_ms    BIGINT NOT NULL
);
CREATE INDEX transcript_edits_of ON transcript_edits (transcript_id, user_id, seq);
CREATE TABLE glossaries (
  workspace_id TEXT PRIMARY KEY REFERENCES workspaces(id) ON DELETE CASCADE,
  entries      JSONB NOT NULL,
  version      BIGINT NOT NULL,
  updated_ms   BIGINT NOT NULL
);
CREATE TABLE corrections ( -- phrases that people replaced in transcripts
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  clip_id      TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  edit_id      TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  heard        TEXT NOT NULL, -- what stood there, in lower case
  written      TEXT NOT NULL, -- what was written in its place
  undone       BOOLEAN NOT NULL,
  dismissed    BOOLEAN NOT NULL, -- the person wants no entry for it
  created_ms   BIGINT NOT NULL
);
CREATE INDEX corrections_of ON corrections (workspace_id, user_id, heard);
CREATE INDEX corrections_edit ON corrections (edit_id);
CREATE TABLE quiet (
  clip_id TEXT PRIMARY KEY REFERENCES clips(id) ON DELETE CASCADE,
  ranges  JSONB NOT NULL -- where the sound is at the level of the room
);

-- +goose Down
DROP TABLE quiet;
DROP TABLE corrections;
DROP TABLE glossaries;
DROP TABLE transcript_edits;
ALTER TABLE transcript_segments DROP COLUMN language;
ALTER TABLE transcript_segments DROP COLUMN version;
