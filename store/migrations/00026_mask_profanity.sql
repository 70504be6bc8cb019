-- A workspace may show profane words of transcripts masked.

-- +goose Up
ALTER TABLE workspaces ADD COLUMN mask_profanity BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE workspaces DROP COLUMN mask_profanity;
