-- A recorder may go on in a clip whose recording has ended: the size the original
-- had then, 0 = none has, and how often one did.

-- +goose Up
ALTER TABLE uploads ADD COLUMN continued_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN continuations BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE uploads DROP COLUMN continuations;
ALTER TABLE uploads DROP COLUMN continued_bytes;
