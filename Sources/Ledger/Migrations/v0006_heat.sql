-- What every attempt touches is made cheap to touch.

-- An index whose condition names `state` makes Postgres write every index of a job anew whenever its state changes. With
-- this column, which changes only when a job dies or is retried, most moves of a job stay within their page.
ALTER TABLE jobs ADD COLUMN is_dead boolean NOT NULL GENERATED ALWAYS AS (state = 'dead') STORED;
DROP INDEX jobs_dead;
CREATE INDEX jobs_dead ON jobs (id) WHERE is_dead;
-- Room in the page for that.
ALTER TABLE jobs SET (fillfactor = 75);
ALTER TABLE counters SET (fillfactor = 70);

-- A cost row's user and channel are copied from its job in the statement that makes it, and the job's own references keep
-- them there: to look for them again at each row proves nothing.
ALTER TABLE cost_rows DROP CONSTRAINT cost_rows_user_id_fkey, DROP CONSTRAINT cost_rows_channel_id_fkey;

-- A user has a handful of channels, which the unique (user_id, name) finds; an index that holds `last_served_at` was
-- written anew, with all the others, at every video.
DROP INDEX channels_rotation;
ALTER TABLE channels SET (fillfactor = 85);

-- Retention and reports look at what ended lately, or at what is old and still kept, and never at all history.
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX artifacts_kept ON artifacts (created_at) WHERE doomed_at IS NULL;

-- Where a duty that goes round in turns has stopped.
ALTER TABLE duties ADD COLUMN stands_at bigint NOT NULL DEFAULT 0;

-- The next unfinished jobs, as reconcile pages through them: by their own index, in its order, whatever the statistics say
-- of a backlog that has grown since they were made.
CREATE FUNCTION unfinished_jobs(after bigint, page_size bigint) RETURNS SETOF jobs
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
    SELECT * FROM jobs WHERE finished_at IS NULL AND id > after ORDER BY id LIMIT page_size;
$$;
