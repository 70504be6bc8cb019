-- The header Upload-Metadata as the client sent it: tus HEAD returns it, with
-- the keys that mean nothing here.

-- +goose Up
ALTER TABLE uploads ADD COLUMN metadata TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE uploads DROP COLUMN metadata;
