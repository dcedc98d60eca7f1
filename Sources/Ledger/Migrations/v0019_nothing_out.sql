-- A publisher that sends in sessions has sent nothing before it keeps one. A job that waits for such a publisher's quota can be
-- cancelled, though sending was announced.

ALTER TABLE publications ADD COLUMN in_sessions boolean NOT NULL DEFAULT false;
UPDATE publications SET in_sessions = true WHERE provider = 'youtube';

-- Whether a byte of a job's video may have gone out that a video could still come of.
CREATE FUNCTION may_be_out(the_job bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM publications WHERE job_id = the_job AND sending_at IS NOT NULL
                      AND (NOT in_sessions OR session_address IS NOT NULL OR published_at IS NOT NULL));
$$;

-- As in v0002, by that rule.
CREATE OR REPLACE FUNCTION cancel_job(the_job bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jobs SET state = 'cancelled', held_because = NULL, fence = fence + 1, updated_at = now(),
           finished_at = now()
     WHERE id = the_job AND finished_at IS NULL AND NOT may_be_out(the_job);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE attempts SET state = 'cancelled', ended_at = now() WHERE job_id = the_job AND state = 'running';
    RETURN true;
END $$;
