-- +goose Up
CREATE TABLE transcript_requests ( -- what a person asked for when they wanted a transcript again
  clip_id       TEXT PRIMARY KEY REFERENCES clips(id) ON DELETE CASCADE,
  engine        TEXT NOT NULL,
  language      TEXT NOT NULL,
  replace_edits BOOLEAN NOT NULL,
  created_ms    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE transcript_requests;
