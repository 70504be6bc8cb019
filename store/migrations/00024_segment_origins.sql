-- Who wrote the words of a transcript segment: its engine or a person. What can
-- be known of segments from before is filled in here, and for edited transcripts
-- by the next migration.

-- +goose Up
ALTER TABLE transcript_segments ADD COLUMN origin TEXT NOT NULL DEFAULT ''; -- tidings.SegmentOrigin; '' = not known
ALTER TABLE transcript_segments ADD COLUMN edited_by TEXT NOT NULL DEFAULT '';
ALTER TABLE transcript_segments ADD COLUMN edited_ms BIGINT; -- NULL = nobody changed its words
UPDATE transcript_segments SET origin = 'imported' WHERE transcript_id IN (SELECT id FROM transcripts WHERE engine = 'import');
UPDATE transcript_segments SET origin = 'machine' WHERE transcript_id IN (SELECT id FROM transcripts WHERE engine <> 'import'
  AND (edited_ms IS NULL OR id IN (SELECT transcript_id FROM transcript_edits)));

-- +goose Down
ALTER TABLE transcript_segments DROP COLUMN edited_ms;
ALTER TABLE transcript_segments DROP COLUMN edited_by;
ALTER TABLE transcript_segments DROP COLUMN origin;
