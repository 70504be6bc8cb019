-- What a transcript says, once more in one piece (see speech.go): a search
-- reads twenty transcripts for a page, which are a thousand segments. None
-- while a transcript is being written.

-- +goose Up
CREATE TABLE transcript_speech (
  transcript_id TEXT PRIMARY KEY REFERENCES transcripts(id) ON DELETE CASCADE,
  body          BYTEA NOT NULL
);

-- +goose Down
DROP TABLE transcript_speech;
