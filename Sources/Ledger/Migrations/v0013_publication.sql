-- A publication, step by step: which account it goes through, the upload under way, and what was done after it.

ALTER TABLE publications
    -- never written
    DROP COLUMN account,
    DROP COLUMN session,
    -- chosen before a session is asked for: a video may come of it from then on
    ADD COLUMN account_id        bigint,
    -- where the bytes go; whoever has it can write there, so it is shown nowhere
    ADD COLUMN session_address   text,
    ADD COLUMN session_bytes     bigint CHECK (session_bytes > 0),
    ADD COLUMN session_opened_at timestamptz,
    -- when neither the session nor its video was first found any more: believed after an hour of looks
    ADD COLUMN session_missing_at timestamptz,
    -- what was done once the last byte was acknowledged
    ADD COLUMN steps             text[] NOT NULL DEFAULT '{}'
        CHECK (steps <@ ARRAY['verified', 'thumbnail', 'playlist', 'captions']),
    ADD CHECK ((session_address IS NULL) = (session_bytes IS NULL)
               AND (session_address IS NULL) = (session_opened_at IS NULL)),
    ADD CHECK (session_address IS NULL OR account_id IS NOT NULL);
