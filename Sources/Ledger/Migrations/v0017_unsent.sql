-- A call of which no byte has gone out costs nothing, whatever became of whoever was about to make it: a reservation knows
-- whether that is so, and one that was given up before is free at once instead of being in doubt after its deadline.

ALTER TABLE reservations
    -- Certainly nothing of the call was sent yet. False for those of a release that does not say when it sends.
    ADD COLUMN unsent boolean NOT NULL DEFAULT false;

-- Whether nobody will send anything for it any more: its attempt has ended, and nothing was sent. Who stands still and wakes
-- up later is told so when he asks to send.
CREATE FUNCTION is_given_up(r reservations) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT r.state = 'open' AND r.unsent
       AND NOT EXISTS (SELECT FROM attempts a WHERE a.id = r.attempt_id AND a.state = 'running');
$$;

-- As in v0011, and what is asked may say `unsent`: then `send` is called before the first byte. One that was given up is
-- `taken` until a moment in the past, which is to say that it may be released now.
CREATE OR REPLACE FUNCTION reserve_all(asked jsonb, the_day date, video_ceiling bigint, day_ceiling bigint)
RETURNS TABLE (id uuid, outcome text, until timestamptz)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    q             record;
    is_any_paused boolean := EXISTS (SELECT FROM pauses);
    -- what is under way, if the money allows it
    fresh         uuid[];
    jobs_of       bigint[];
    providers_of  text[];
    amounts       bigint[];
    -- what that wants of each counter, in the order in which they are locked
    scopes        text[];
    keys          text[];
    wanted        bigint[];
    ceilings      bigint[];
    -- those of them that had room
    roomy         text[];
    refusals      jsonb := '{}';
    refusal       text;
    turn          timestamptz;
BEGIN
    -- What may be under way. Sorted by hash: who meets the same request in another transaction waits in one order.
    WITH calls AS (
        SELECT c.*, decode(c.hash, 'hex') AS request
          FROM ROWS FROM (jsonb_to_recordset(asked) AS
                   (id uuid, attempt uuid, provider text, item text, amount bigint, hash text, limit_ms bigint,
                    unsent boolean))
               WITH ORDINALITY AS c(id, attempt, provider, item, amount, hash, limit_ms, unsent, place)
    ), made AS (
        INSERT INTO reservations
            (id, job_id, attempt_id, stage, provider, item, amount, request_hash, money_day, deadline, unsent)
        SELECT c.id, a.job_id, a.id, a.stage, c.provider, c.item, c.amount, c.request, the_day,
               now() + c.limit_ms * interval '1 millisecond', coalesce(c.unsent, false)
          FROM calls c JOIN attempts a ON a.id = c.attempt JOIN jobs j ON j.id = a.job_id
          JOIN channels h ON h.id = j.channel_id
         WHERE a.state = 'running'
           AND CASE WHEN is_any_paused THEN NOT is_paused(j.user_id, j.channel_id, a.stage) ELSE h.state <> 'paused' END
           AND NOT EXISTS (SELECT FROM reservations r WHERE r.id = c.id)
         ORDER BY c.request, c.place
        ON CONFLICT DO NOTHING RETURNING id, job_id, provider, amount
    ) SELECT coalesce(array_agg(m.id), '{}'), array_agg(m.job_id), array_agg(m.provider), array_agg(m.amount)
        INTO fresh, jobs_of, providers_of, amounts FROM made m;

    SELECT array_agg(w.scope), array_agg(w.key), array_agg(w.amount), array_agg(w.ceiling)
      INTO scopes, keys, wanted, ceilings FROM (
        SELECT v.scope, v.key, sum(f.amount)::bigint AS amount, min(v.ceiling) AS ceiling
          FROM unnest(jobs_of, providers_of, amounts) AS f(job, provider, amount),
               LATERAL (VALUES ('video', f.job::text, video_ceiling),
                               ('provider', f.provider || ' ' || the_day, NULL),
                               ('day', the_day::text, day_ceiling)) AS v(scope, key, ceiling)
         GROUP BY v.scope, v.key ORDER BY counter_rank(v.scope), length(v.key), v.key) w;
    ceilings := ARRAY(
        SELECT coalesce(w.ceiling, (
                   SELECT min(c.provider_ceiling) FROM jsonb_to_recordset(asked) AS c(provider text, provider_ceiling bigint)
                    WHERE c.provider || ' ' || the_day = w.key))
          FROM unnest(keys, ceilings) WITH ORDINALITY AS w(key, ceiling, place) ORDER BY w.place);

    -- All at once, if all of it fits: one row of each counter is written, and locked in the one order.
    IF cardinality(fresh) > 0
       AND NOT EXISTS (SELECT FROM unnest(wanted, ceilings) AS w(amount, ceiling) WHERE w.amount > w.ceiling)
       AND NOT EXISTS (SELECT FROM jsonb_to_recordset(asked) AS c(per_minute integer) WHERE c.per_minute IS NOT NULL)
    THEN
        WITH taken AS (
            INSERT INTO counters AS k (scope, key, ceiling, held)
            SELECT w.scope, w.key, w.ceiling, w.amount
              FROM unnest(scopes, keys, ceilings, wanted) WITH ORDINALITY AS w(scope, key, ceiling, amount, place)
             ORDER BY w.place
            ON CONFLICT (scope, key) DO UPDATE SET held = k.held + EXCLUDED.held
             WHERE EXCLUDED.held <= k.ceiling - k.held - k.spent
            RETURNING k.scope, k.key
        ) SELECT array_agg(t.scope || ' ' || t.key) INTO roomy FROM taken t;
        -- The provider's counter is locked by now, and so nobody else begins or ends a call of its.
        IF cardinality(roomy) = cardinality(keys) AND NOT EXISTS (
            SELECT FROM jsonb_to_recordset(asked) AS c(provider text, at_once integer)
             WHERE c.at_once IS NOT NULL AND c.provider = ANY (providers_of)
             GROUP BY c.provider HAVING min(c.at_once) < (
                SELECT count(*) FROM reservations r WHERE r.provider = c.provider AND r.state = 'open'))
        THEN
            fresh := '{}';  -- all are admitted
        ELSE
            UPDATE counters k SET held = k.held - w.amount FROM unnest(scopes, keys, wanted) AS w(scope, key, amount)
             WHERE k.scope = w.scope AND k.key = w.key AND w.scope || ' ' || w.key = ANY (roomy);
        END IF;
    END IF;

    FOR q IN SELECT w.* FROM unnest(scopes, keys, ceilings) WITH ORDINALITY AS w(scope, key, ceiling, place)
              WHERE cardinality(fresh) > 0 ORDER BY w.place
    LOOP
        PERFORM lock_counter(q.scope, q.key, q.ceiling);
    END LOOP;

    -- In the order in which they were asked.
    FOR q IN
        SELECT r.id, r.job_id, r.provider, r.amount, c.at_once, c.per_minute
          FROM jsonb_array_elements(asked) WITH ORDINALITY AS e(body, place),
               jsonb_to_record(e.body) AS c(id uuid, at_once integer, per_minute integer)
          JOIN reservations r ON r.id = c.id
         WHERE r.id = ANY (fresh) ORDER BY e.place
    LOOP
        turn := NULL;
        SELECT k.scope INTO refusal FROM counters k
         WHERE (k.scope, k.key) IN (('video', q.job_id::text), ('provider', q.provider || ' ' || the_day),
                                    ('day', the_day::text))
           AND q.amount > k.ceiling - k.held - k.spent
         ORDER BY counter_rank(k.scope) LIMIT 1;
        IF refusal IS NULL AND q.at_once IS NOT NULL AND q.at_once <= (
            SELECT count(*) FROM reservations r
             WHERE r.provider = q.provider AND r.state = 'open' AND NOT r.id = ANY (fresh)) THEN
            refusal := 'at_once';
        END IF;
        IF refusal IS NULL THEN
            SELECT t.free_at INTO turn FROM take_turn(q.provider, q.per_minute) t;
            IF turn IS NOT NULL THEN
                refusal := 'rate';
            END IF;
        END IF;
        IF refusal IS NULL THEN
            UPDATE counters k SET held = k.held + q.amount
             WHERE (k.scope, k.key) IN (('video', q.job_id::text), ('provider', q.provider || ' ' || the_day),
                                        ('day', the_day::text));
        ELSE
            DELETE FROM reservations r WHERE r.id = q.id;
            refusals := refusals || jsonb_build_object(q.id::text, jsonb_build_array(refusal, turn));
        END IF;
        fresh := array_remove(fresh, q.id);  -- admitted, or gone: decided
    END LOOP;

    RETURN QUERY
        SELECT c.id,
               CASE WHEN refusals ? c.id::text THEN refusals -> c.id::text ->> 0
                    WHEN own.state = 'open' THEN 'reserved'
                    WHEN own.id IS NOT NULL THEN 'ended'
                    WHEN a.state IS DISTINCT FROM 'running' THEN 'attempt'
                    WHEN is_paused(j.user_id, j.channel_id, a.stage) THEN 'pause'
                    ELSE 'taken' END,
               -- Who took it may have ended since: then it is free now.
               CASE WHEN refusals ? c.id::text THEN (refusals -> c.id::text ->> 1)::timestamptz
                    WHEN is_given_up(other) THEN other.created_at
                    ELSE coalesce(other.deadline, now()) END
          FROM jsonb_array_elements(asked) WITH ORDINALITY AS e(body, place),
               jsonb_to_record(e.body) AS c(id uuid, attempt uuid, hash text)
          LEFT JOIN reservations own ON own.id = c.id
          LEFT JOIN attempts a ON a.id = c.attempt
          LEFT JOIN jobs j ON j.id = a.job_id
          LEFT JOIN reservations other ON other.request_hash = decode(c.hash, 'hex') AND other.state = 'open'
         ORDER BY e.place;
END $$;

-- Notes that calls are about to be sent.
--
-- ids     of those that may be: still held, and for attempts that still run. Of the others nothing may be sent.
CREATE FUNCTION send_reserved(asked uuid[]) RETURNS TABLE (id uuid)
LANGUAGE sql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    UPDATE reservations r SET unsent = false
     WHERE r.id = ANY (asked) AND r.state = 'open'
       AND EXISTS (SELECT FROM attempts a WHERE a.id = r.attempt_id AND a.state = 'running')
    RETURNING r.id;
$$;

-- Releases what was given up, and what is past its deadline, if nothing of it was sent. Rows are locked before they are
-- believed: who is about to send is waited for by nobody and released by nobody.
CREATE FUNCTION release_unsent(at_most bigint) RETURNS TABLE (id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    given_up uuid[];
BEGIN
    given_up := ARRAY(
        SELECT r.id FROM reservations r
         WHERE r.state = 'open' AND r.unsent AND (r.deadline < now() OR is_given_up(r))
         ORDER BY r.id LIMIT at_most FOR UPDATE OF r SKIP LOCKED);
    RETURN QUERY
        SELECT e.id FROM end_reservations((
            SELECT coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'state', 'released', 'kept', false, 'costs', '[]'::jsonb)), '[]')
              FROM unnest(given_up) AS g(id))) e;
END $$;
