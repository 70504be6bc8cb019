-- What an engine has made of pieces of a clip, until its transcript is finished:
-- a run that follows one which was killed, or failed, does not repeat them. And
-- when a transcript is refined: while the clip is recorded, or afterwards.

-- +goose Up
CREATE TABLE transcript_pieces (
  clip_id    TEXT NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  key        TEXT NOT NULL,
  result     BYTEA NOT NULL,
  PRIMARY KEY (clip_id, key)
);
ALTER TABLE transcripts ADD COLUMN refinement TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE transcripts DROP COLUMN refinement;
DROP TABLE transcript_pieces;
