-- name: TranscriptPiece :one
SELECT result FROM transcript_pieces WHERE clip_id = $1 AND key = $2;

-- name: PutTranscriptPiece :exec
INSERT INTO transcript_pieces (clip_id, key, result) VALUES ($1, $2, $3) ON CONFLICT (clip_id, key) DO UPDATE SET result = excluded.result;

-- name: DropTranscriptPieces :exec
DELETE FROM transcript_pieces WHERE clip_id = $1;

-- name: SetRefinement :exec
UPDATE transcripts SET refinement = $3 WHERE clip_id = $1 AND attempt = $2;
