-- A day is opened for a million users in a minute.

-- At once for all of it: who writes to `jobs` locks it weakly before, and would wait for one half and hold up the other.
LOCK TABLE jobs, channels, users IN ACCESS EXCLUSIVE MODE;

-- By day first: the day at hand lies in one place, however many days its users have had.
CREATE UNIQUE INDEX jobs_daily_of_day ON jobs (production_day, user_id) WHERE kind = 'daily';
DROP INDEX jobs_daily;
ALTER INDEX jobs_daily_of_day RENAME TO jobs_daily;

-- A job's channel is one of its user's: that says more than two references, and is looked for once a job instead of twice.
ALTER TABLE channels ADD CONSTRAINT channels_of_user UNIQUE (user_id, id);
ALTER TABLE jobs ADD CONSTRAINT jobs_channel_fkey FOREIGN KEY (user_id, channel_id) REFERENCES channels (user_id, id),
    DROP CONSTRAINT jobs_user_id_fkey, DROP CONSTRAINT jobs_channel_id_fkey;

-- Users with numbers after one and up to another who are due, and the channel whose turn it is. At most `at_most` of them.
--
-- A user's day opens at the daily time of that channel, in the user's zone, or else the fleet's. At a doubled hour the
-- first one counts, at a missing one the first instant after it, because local times are compared. Yesterday is still
-- opened if it came due less than `catch_up` ago, and the channel was there by then. With a day given, that day is open
-- for everyone.
--
-- Read as one stretch of each index, and then put together: neither users whose day is open already, nor statistics that
-- have not seen the tables grow, make it look for each user by itself, or through all users.
CREATE FUNCTION due_users(
    the_day date, zone text, catch_up interval, after bigint, through bigint, at_most bigint)
RETURNS TABLE (user_id bigint, user_name text, channel_id bigint, channel_name text, day date)
LANGUAGE sql STABLE ROWS 5000
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off SET enable_mergejoin = off AS $$
    WITH turn AS (
        SELECT DISTINCT ON (user_id) user_id, id, name, daily_at, created_at FROM channels
         WHERE user_id > after AND user_id <= through AND state = 'active'
         ORDER BY user_id, last_served_at NULLS FIRST, id),
    clock AS (
        SELECT u.id AS user_id, u.name AS user_name, c.id AS channel_id, c.name AS channel_name, c.daily_at,
               now() AT TIME ZONE COALESCE(u.time_zone, zone) AS local,
               c.created_at AT TIME ZONE COALESCE(u.time_zone, zone) AS since
          FROM users u JOIN turn c ON c.user_id = u.id
         WHERE u.id > after AND u.id <= through),
    candidate AS (
        SELECT user_id, user_name, channel_id, channel_name, CASE
                WHEN the_day IS NOT NULL THEN the_day
                WHEN local::time >= daily_at THEN local::date
                WHEN local - (local::date - 1 + daily_at) <= catch_up AND since <= local::date - 1 + daily_at
                THEN local::date - 1 END AS day
          FROM clock)
    SELECT d.user_id, d.user_name, d.channel_id, d.channel_name, d.day FROM candidate d
     WHERE d.day IS NOT NULL
       AND (SELECT j.id FROM jobs j
             WHERE j.production_day = d.day AND j.user_id = d.user_id AND j.kind = 'daily') IS NULL
     ORDER BY d.user_id LIMIT at_most
$$;
