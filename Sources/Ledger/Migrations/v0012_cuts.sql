-- How a channel's videos look and sound, square ones among them; what else a render makes; and the pieces of a render that
-- is not finished.

ALTER TABLE channels
    -- what a person has chosen, and nothing else: see Channel.Look
    ADD COLUMN look jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(look) = 'object'),
    DROP CONSTRAINT channels_orientation_check,
    ADD CONSTRAINT channels_orientation_check CHECK (orientation IN ('landscape', 'portrait', 'square'));

ALTER TABLE job_artifacts
    DROP CONSTRAINT job_artifacts_kind_check,
    ADD CONSTRAINT job_artifacts_kind_check CHECK (kind IN
        ('storyboard', 'narration', 'timings', 'video', 'thumbnail', 'thumbnail-b', 'thumbnail-c', 'thumbnail-vertical',
         'captions', 'captions-vtt', 'cut', 'manifest'));

-- What is finished of a job that is not: an attempt that is killed leaves them to the next one. They are artifacts like
-- any other; these rows keep them for as long as the job is unfinished, and go with its end.
CREATE TABLE job_pieces (
    job_id  bigint NOT NULL REFERENCES jobs,
    -- a digest of all that the piece is made from: another one is asked for by another name
    key     text NOT NULL CHECK (key ~ '^[0-9a-f]{64}$'),
    sha256  bytea NOT NULL REFERENCES artifacts,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, key)
);

CREATE INDEX job_pieces_by_file ON job_pieces (sha256);
