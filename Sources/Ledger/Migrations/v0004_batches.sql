-- Beginning and ending many attempts in one call: what a worker process has gathered while its last call was under way.
--
-- Both functions work in one order, so that two of them never wait for each other in a circle: jobs by id, artifacts by
-- hash, source items and channels by id, and the counters last. A job whose row somebody else has locked is not waited
-- for: it drops out as `locked`, and is asked for alone, by a call that is `patient`. A stale fence drops out as
-- `refused`. Whatever raises an error, undoes the whole call.
--
-- No plan of theirs may follow statistics that have not seen the tables grow: hence the settings.

-- Opens attempts, as `begin_attempt` does, whose outcomes it has, and tells of the begun ones what a stage has to know.
-- The arrays are parallel. One row for each element, `n` counting from 1.
CREATE FUNCTION begin_attempts(
    ids uuid[], the_jobs bigint[], the_stages text[], the_workers text[], the_incarnations uuid[], epochs text[],
    alones boolean[], lease interval, patient boolean)
RETURNS TABLE (
    n bigint, outcome text, at_fence integer, at_stage text, at_tries integer, until timestamptz,
    user_id bigint, user_name text, channel_fixed boolean, production_day text, kinds text[], hashes bytea[],
    sizes bigint[], channel channels)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    held bigint[];
    is_any_paused boolean;
    item record;
    answer record;
    other_n bigint[] := '{}';
    other_outcome text[] := '{}';
    other_stage text[] := '{}';
    other_until timestamptz[] := '{}';
BEGIN
    -- In a statement before the others, so that those see what whoever held these locks has written.
    IF patient THEN
        held := ARRAY(SELECT id FROM jobs WHERE id = ANY (the_jobs) ORDER BY id FOR NO KEY UPDATE);
    ELSE
        held := ARRAY(SELECT id FROM jobs WHERE id = ANY (the_jobs) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    is_any_paused := EXISTS (SELECT FROM pauses);

    -- Those that nothing stands against, all at once.
    WITH asked AS (
        SELECT DISTINCT ON (a.job) a.*
          FROM unnest(ids, the_jobs, the_stages, the_workers, the_incarnations, epochs, alones)
               WITH ORDINALITY AS a(id, job, stage, worker, incarnation, epoch, alone, n)
         WHERE a.job = ANY (held)
         ORDER BY a.job, a.n),
    opened AS (
        UPDATE jobs AS j SET state = 'running', fence = j.fence + 1, updated_at = now()
          FROM asked a
          JOIN workers w ON w.name = a.worker AND w.incarnation = a.incarnation
         WHERE j.id = a.job AND j.state IN ('queued', 'waiting') AND j.stage = a.stage AND j.due_at <= now()
           AND (a.alone OR NOT j.alone)
           AND (SELECT c.state FROM channels c WHERE c.id = j.channel_id) = 'active'
           AND CASE WHEN is_any_paused THEN NOT is_paused(j.user_id, j.channel_id, j.stage) ELSE true END
           AND NOT EXISTS (SELECT FROM attempts x WHERE x.id = a.id)
     RETURNING a.id, j.id AS job, j.stage, j.fence, a.alone, a.worker, a.incarnation, a.epoch)
    INSERT INTO attempts (id, job_id, stage, fence, alone, worker, incarnation, epoch)
    SELECT o.id, o.job, o.stage, o.fence, o.alone, o.worker, o.incarnation, o.epoch FROM opened o;

    -- Whatever is special, one by one.
    FOR item IN
        SELECT a.*, j.id IS NOT NULL AS is_known
          FROM unnest(ids, the_jobs, the_stages, the_workers, the_incarnations, epochs, alones)
               WITH ORDINALITY AS a(id, job, stage, worker, incarnation, epoch, alone, n)
          LEFT JOIN jobs j ON j.id = a.job
         WHERE (SELECT x.state FROM attempts x WHERE x.id = a.id) IS DISTINCT FROM 'running'
         ORDER BY a.job, a.n
    LOOP
        IF item.is_known AND item.job <> ALL (held) THEN
            SELECT 'locked' AS outcome, NULL::text AS at_stage, NULL::timestamptz AS until INTO answer;
        ELSE
            SELECT b.outcome, b.at_stage, b.until INTO answer
              FROM begin_attempt(item.id, item.job, item.stage, item.worker, item.incarnation, item.epoch, item.alone,
                                 lease) b;
        END IF;
        IF answer.outcome <> 'begun' THEN
            other_n := other_n || item.n;
            other_outcome := other_outcome || answer.outcome;
            other_stage := other_stage || answer.at_stage;
            other_until := other_until || answer.until;
        END IF;
    END LOOP;

    RETURN QUERY
        SELECT o.n, o.outcome, NULL::integer, o.stage, NULL::integer, o.until, NULL::bigint, NULL::text, NULL::boolean,
               NULL::text, NULL::text[], NULL::bytea[], NULL::bigint[], NULL::channels
          FROM unnest(other_n, other_outcome, other_stage, other_until) AS o(n, outcome, stage, until);
    RETURN QUERY
        SELECT a.n, 'begun', x.fence, x.stage, j.tries::integer, NULL::timestamptz, j.user_id, u.name,
               j.channel_fixed, j.production_day::text, m.kinds, m.hashes, m.sizes, c
          FROM unnest(ids) WITH ORDINALITY AS a(id, n)
         CROSS JOIN LATERAL (SELECT * FROM attempts x WHERE x.id = a.id OFFSET 0) x
          JOIN jobs j ON j.id = x.job_id
          JOIN users u ON u.id = j.user_id
          JOIN channels c ON c.id = j.channel_id
         CROSS JOIN LATERAL (
            SELECT array_agg(ja.kind) AS kinds, array_agg(ja.sha256) AS hashes, array_agg(f.bytes) AS sizes
              FROM job_artifacts ja JOIN artifacts f ON f.sha256 = ja.sha256 WHERE ja.job_id = j.id) m
         WHERE x.state = 'running' AND a.n <> ALL (other_n);
END $$;

-- Ends attempts, moves their jobs on, and records what they cost. The first arrays are parallel, one element for each
-- attempt; `made_…` and `cost_…` are parallel among themselves, and refer to the attempt by its place, `…_of`, from 1.
--
-- outcome   done        now, or before by this same attempt; with the job as it stands
--           refused     the fence had risen; what was spent is recorded all the same
--           unkeepable  because of `reason`: nothing is done, the attempt is open as before
--           locked      nothing is done: to be asked again alone
CREATE FUNCTION end_attempts(
    ids uuid[], the_jobs bigint[], fences integer[], the_stages text[], ended_states text[], the_counts boolean[],
    job_states text[], next_stages text[], due_ms bigint[], due_ats timestamptz[], is_done boolean[],
    awaits_review boolean[], errors text[], titles text[], served_channels bigint[], items text[], providers text[],
    the_notes text[],
    made_of bigint[], made_kinds text[], made_hashes bytea[], made_sizes bigint[],
    cost_of bigint[], cost_ids uuid[], cost_providers text[], cost_items text[], cost_quantities bigint[],
    cost_units text[], cost_micros bigint[], cost_per_units bigint[], cost_amounts bigint[],
    zone text, video_ceiling bigint, day_ceiling bigint, patient boolean)
RETURNS TABLE (
    n bigint, outcome text, reason text, id bigint, stage text, priority text, partition bigint, trace bytea, state text,
    due_in_ms bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    today date := (now() AT TIME ZONE zone)::date;
    held bigint[];
    -- places: of the attempts that end now, and of those that can't be kept
    winners bigint[];
    kept bytea[];
    unkeepable bigint[] := '{}';
    reasons text[] := '{}';
    spent_jobs bigint[];
    spent bigint[];
BEGIN
    IF patient THEN
        held := ARRAY(SELECT j.id FROM jobs j WHERE j.id = ANY (the_jobs) ORDER BY j.id FOR NO KEY UPDATE);
    ELSE
        held := ARRAY(SELECT j.id FROM jobs j WHERE j.id = ANY (the_jobs) ORDER BY j.id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    winners := ARRAY(
        SELECT DISTINCT ON (x.attempt) x.n
          FROM unnest(ids, the_jobs, fences) WITH ORDINALITY AS x(attempt, job, fence, n)
          JOIN jobs j ON j.id = x.job AND j.fence = x.fence AND j.state = 'running'
         WHERE x.job = ANY (held)
           AND (SELECT a.state FROM attempts a WHERE a.id = x.attempt AND a.job_id = x.job) = 'running'
         ORDER BY x.attempt, x.n);

    -- What can't be kept drops out before anything is done for it.
    IF made_of && winners THEN
        INSERT INTO artifacts (sha256, bytes)
        SELECT DISTINCT ON (m.sha256) m.sha256, m.bytes FROM unnest(made_of, made_hashes, made_sizes) AS m(n, sha256, bytes)
         WHERE m.n = ANY (winners) ORDER BY m.sha256
        ON CONFLICT (sha256) DO NOTHING;
        -- Shared: retention waits, other ends that made the same bytes do not.
        kept := ARRAY(SELECT f.sha256 FROM artifacts f WHERE f.sha256 = ANY (made_hashes) AND f.doomed_at IS NULL
                       ORDER BY f.sha256 FOR SHARE);
        SELECT array_agg(d.n), array_agg(d.reason) INTO unkeepable, reasons FROM (
            SELECT DISTINCT ON (m.n) m.n, 'artifact ' || encode(m.sha256, 'hex') || ' is marked for deletion' AS reason
              FROM unnest(made_of, made_hashes) AS m(n, sha256)
             WHERE m.n = ANY (winners) AND m.sha256 <> ALL (kept)) d;
        IF unkeepable IS NULL THEN
            unkeepable := '{}'; reasons := '{}';
        ELSE
            winners := ARRAY(SELECT w FROM unnest(winners) w WHERE w <> ALL (unkeepable));
        END IF;
    END IF;
    IF EXISTS (SELECT FROM unnest(items) WITH ORDINALITY AS x(item, n) WHERE x.item IS NOT NULL AND x.n = ANY (winners)) THEN
        INSERT INTO source_items AS s (channel_id, item, job_id)
        SELECT DISTINCT ON (1, 2) COALESCE(x.channel, j.channel_id), x.item, j.id
          FROM unnest(the_jobs, served_channels, items) WITH ORDINALITY AS x(job, channel, item, n)
          JOIN jobs j ON j.id = x.job
         WHERE x.item IS NOT NULL AND x.n = ANY (winners)
         ORDER BY 1, 2, 3
        ON CONFLICT (channel_id, item) DO UPDATE SET used_at = now() WHERE s.job_id = EXCLUDED.job_id;
        WITH used AS (
            SELECT x.n, x.item
              FROM unnest(the_jobs, served_channels, items) WITH ORDINALITY AS x(job, channel, item, n)
              JOIN jobs j ON j.id = x.job
              JOIN source_items s ON s.channel_id = COALESCE(x.channel, j.channel_id) AND s.item = x.item
             WHERE x.item IS NOT NULL AND x.n = ANY (winners) AND s.job_id <> x.job)
        SELECT unkeepable || COALESCE(array_agg(u.n), '{}'),
               reasons || COALESCE(array_agg('another job of the channel has used the source item ' || u.item), '{}')
          INTO unkeepable, reasons FROM used u;
        winners := ARRAY(SELECT w FROM unnest(winners) w WHERE w <> ALL (unkeepable));
        PERFORM FROM channels c WHERE c.id IN (
            SELECT COALESCE(x.channel, j.channel_id)
              FROM unnest(the_jobs, served_channels, items) WITH ORDINALITY AS x(job, channel, item, n)
              JOIN jobs j ON j.id = x.job WHERE x.item IS NOT NULL AND x.n = ANY (winners))
          ORDER BY c.id FOR NO KEY UPDATE;
        UPDATE channels AS c SET last_served_at = clock_timestamp()
          FROM unnest(the_jobs, served_channels, items) WITH ORDINALITY AS x(job, channel, item, n)
          JOIN jobs j ON j.id = x.job
         WHERE x.item IS NOT NULL AND x.n = ANY (winners) AND c.id = COALESCE(x.channel, j.channel_id);
    END IF;

    UPDATE jobs AS j SET
        -- A channel that asks for review holds its video before it is published.
        state = CASE WHEN x.awaits_review AND c.review THEN 'held' ELSE x.state END,
        held_because = CASE WHEN x.awaits_review AND c.review THEN 'review' END,
        stage = x.stage, due_at = COALESCE(x.due_at, now() + x.due_ms * interval '1 millisecond'), updated_at = now(),
        finished_at = CASE WHEN x.state IN ('published', 'dead', 'skipped') THEN now() END,
        tries = CASE WHEN x.is_done THEN 0 ELSE j.tries + x.counts::integer END,
        alone = j.alone AND NOT x.is_done, lonely_deaths = CASE WHEN x.is_done THEN 0 ELSE j.lonely_deaths END,
        error = x.error::jsonb, title = COALESCE(x.title, j.title), channel_id = COALESCE(x.channel, j.channel_id)
      FROM unnest(the_jobs, the_counts, job_states, next_stages, due_ms, due_ats, is_done, awaits_review, errors, titles,
                  served_channels)
           WITH ORDINALITY AS x(job, counts, state, stage, due_ms, due_at, is_done, awaits_review, error, title, channel, n),
           channels c
     WHERE x.n = ANY (winners) AND j.id = x.job AND c.id = j.channel_id;
    UPDATE attempts AS a SET state = x.state, counts = x.counts, ended_at = now(), provider = x.provider,
           notes = x.notes::jsonb, error = x.error::jsonb
      FROM unnest(ids, ended_states, the_counts, errors, providers, the_notes)
           WITH ORDINALITY AS x(id, state, counts, error, provider, notes, n)
     WHERE x.n = ANY (winners) AND a.id = x.id;
    IF made_of && winners THEN
        INSERT INTO job_artifacts (job_id, kind, sha256, attempt_id)
        SELECT the_jobs[m.n], m.kind, m.sha256, ids[m.n] FROM unnest(made_of, made_kinds, made_hashes) AS m(n, kind, sha256)
         WHERE m.n = ANY (winners) ORDER BY 1, 2
        ON CONFLICT (job_id, kind) DO UPDATE SET sha256 = EXCLUDED.sha256, attempt_id = EXCLUDED.attempt_id;
    END IF;

    -- What was spent is recorded, whoever won; twice asked, it is recorded once.
    IF cardinality(cost_of) > 0 THEN
        WITH added AS (
            INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, stage, provider, item, quantity, unit,
                                   price_micros, price_units, amount, money_day)
            SELECT c.id, j.id, j.user_id, j.channel_id, ids[c.n], the_stages[c.n], c.provider, c.item, c.quantity, c.unit,
                   c.micros, c.units, c.amount, today
              FROM unnest(cost_of, cost_ids, cost_providers, cost_items, cost_quantities, cost_units, cost_micros,
                          cost_per_units, cost_amounts)
                   AS c(n, id, provider, item, quantity, unit, micros, units, amount)
              JOIN jobs j ON j.id = the_jobs[c.n]
             WHERE the_jobs[c.n] = ANY (held) AND c.n <> ALL (unkeepable)
            ON CONFLICT (id) DO NOTHING RETURNING job_id, amount),
        sums AS (SELECT job_id, sum(amount)::bigint AS amount FROM added GROUP BY 1 HAVING sum(amount) > 0)
        SELECT array_agg(s.job_id), array_agg(s.amount) INTO spent_jobs, spent FROM sums s;
        IF spent_jobs IS NOT NULL THEN
            -- Never refused; beyond a ceiling it is overrun. The day's row last: it is the fleet's hottest.
            INSERT INTO counters AS c (scope, key, ceiling, spent, overrun)
            SELECT 'video', s.job::text, video_ceiling, s.amount, greatest(0, s.amount - video_ceiling)
              FROM unnest(spent_jobs, spent) AS s(job, amount) ORDER BY s.job
            ON CONFLICT (scope, key) DO UPDATE SET spent = c.spent + EXCLUDED.spent,
                overrun = greatest(0, c.held + c.spent + EXCLUDED.spent - c.ceiling);
            PERFORM record_spending('day', today::text, day_ceiling, (SELECT sum(s)::bigint FROM unnest(spent) s));
        END IF;
    END IF;

    RETURN QUERY
        SELECT x.n,
               CASE WHEN x.n = ANY (winners) THEN 'done'
                    WHEN x.n = ANY (unkeepable) THEN 'unkeepable'
                    WHEN j.id <> ALL (held) THEN 'locked'
                    WHEN a.state = x.state THEN 'done'
                    ELSE 'refused' END,
               reasons[array_position(unkeepable, x.n)],
               j.id, j.stage, j.priority, j.partition::bigint, j.trace, j.state,
               (extract(epoch FROM j.due_at - now()) * 1000)::bigint
          FROM unnest(ids, the_jobs, ended_states) WITH ORDINALITY AS x(attempt, job, state, n)
          LEFT JOIN jobs j ON j.id = x.job
          LEFT JOIN attempts a ON a.id = x.attempt;
END $$;
