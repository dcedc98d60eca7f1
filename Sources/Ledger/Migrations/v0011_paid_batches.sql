-- Many paid calls in one transaction cost little more than one: what all of them want is taken at once where it fits, and
-- call by call only where it does not. The functions answer as before; what they ask and answer stands in v0005.
--
-- No plan of theirs may follow statistics that have not seen the tables grow: hence the settings.

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
                   (id uuid, attempt uuid, provider text, item text, amount bigint, hash text, limit_ms bigint))
               WITH ORDINALITY AS c(id, attempt, provider, item, amount, hash, limit_ms, place)
    ), made AS (
        INSERT INTO reservations
            (id, job_id, attempt_id, stage, provider, item, amount, request_hash, money_day, deadline)
        SELECT c.id, a.job_id, a.id, a.stage, c.provider, c.item, c.amount, c.request, the_day,
               now() + c.limit_ms * interval '1 millisecond'
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
                    ELSE coalesce(other.deadline, now()) END
          FROM jsonb_array_elements(asked) WITH ORDINALITY AS e(body, place),
               jsonb_to_record(e.body) AS c(id uuid, attempt uuid, hash text)
          LEFT JOIN reservations own ON own.id = c.id
          LEFT JOIN attempts a ON a.id = c.attempt
          LEFT JOIN jobs j ON j.id = a.job_id
          LEFT JOIN reservations other ON other.request_hash = decode(c.hash, 'hex') AND other.state = 'open'
         ORDER BY e.place;
END $$;

CREATE OR REPLACE FUNCTION end_reservations(ends jsonb) RETURNS TABLE (id uuid)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    ended        uuid[];
    jobs_of      bigint[];
    providers_of text[];
    days         date[];
    amounts      bigint[];
    actuals      bigint[];
    -- what that moves on each counter, in the order in which they are locked
    scopes       text[];
    keys         text[];
    freed        bigint[];
    added        bigint[];
BEGIN
    PERFORM FROM reservations r
      WHERE r.id IN (SELECT e.id FROM jsonb_to_recordset(ends) AS e(id uuid)) ORDER BY r.id FOR UPDATE;
    WITH moved AS (
        UPDATE reservations r SET state = e.state, ended_at = now(),
               actual = CASE e.state
                   WHEN 'settled' THEN (
                       SELECT coalesce(sum(c.amount), 0)::bigint FROM jsonb_to_recordset(e.costs) AS c(amount bigint))
                   WHEN 'in_doubt' THEN r.amount ELSE 0 END
          FROM jsonb_to_recordset(ends) AS e(id uuid, state text, costs jsonb)
         WHERE r.id = e.id AND r.state = 'open'
        RETURNING r.id, r.job_id, r.provider, r.money_day, r.amount, r.actual
    ) SELECT coalesce(array_agg(m.id), '{}'), array_agg(m.job_id), array_agg(m.provider), array_agg(m.money_day),
             array_agg(m.amount), array_agg(m.actual)
        INTO ended, jobs_of, providers_of, days, amounts, actuals FROM moved m;

    INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, reservation_id, stage, provider, item,
                           quantity, unit, price_micros, price_units, amount, money_day)
    SELECT c.id, r.job_id, j.user_id, j.channel_id, r.attempt_id, r.id, r.stage, r.provider, c.item, c.quantity,
           c.unit, c.micros, c.units, c.amount, r.money_day
      FROM jsonb_to_recordset(ends) AS e(id uuid, costs jsonb) JOIN reservations r ON r.id = e.id
           JOIN jobs j ON j.id = r.job_id,
           jsonb_to_recordset(e.costs)
               AS c(id uuid, item text, quantity bigint, unit text, micros bigint, units bigint, amount bigint)
     WHERE r.id = ANY (ended) AND r.state = 'settled';
    INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, reservation_id, stage, provider, item,
                           quantity, unit, price_micros, price_units, amount, in_doubt, money_day)
    SELECT gen_random_uuid(), r.job_id, j.user_id, j.channel_id, r.attempt_id, r.id, r.stage, r.provider, r.item, 1,
           'call', r.amount, 1, r.amount, true, r.money_day
      FROM reservations r JOIN jobs j ON j.id = r.job_id
     WHERE r.id = ANY (ended) AND r.state = 'in_doubt';
    INSERT INTO responses (request_hash, provider, amount, job_id)
    SELECT r.request_hash, r.provider, r.actual, r.job_id
      FROM jsonb_to_recordset(ends) AS e(id uuid, kept boolean) JOIN reservations r ON r.id = e.id
     WHERE r.id = ANY (ended) AND r.state = 'settled' AND e.kept
     ORDER BY r.request_hash
    ON CONFLICT (request_hash) DO NOTHING;

    SELECT array_agg(w.scope), array_agg(w.key), array_agg(w.held), array_agg(w.spent)
      INTO scopes, keys, freed, added FROM (
        SELECT v.scope, v.key, sum(f.amount)::bigint AS held, sum(f.actual)::bigint AS spent
          FROM unnest(jobs_of, providers_of, days, amounts, actuals) AS f(job, provider, day, amount, actual),
               LATERAL (VALUES ('video', f.job::text), ('provider', f.provider || ' ' || f.day),
                               ('day', f.day::text)) AS v(scope, key)
         GROUP BY v.scope, v.key ORDER BY counter_rank(v.scope), length(v.key), v.key) w;
    PERFORM FROM unnest(scopes, keys) WITH ORDINALITY AS w(scope, key, place)
       JOIN counters k ON k.scope = w.scope AND k.key = w.key ORDER BY w.place FOR UPDATE OF k;
    UPDATE counters k SET held = k.held - w.held, spent = k.spent + w.spent,
           overrun = greatest(0, k.held - w.held + k.spent + w.spent - k.ceiling)
      FROM unnest(scopes, keys, freed, added) AS w(scope, key, held, spent)
     WHERE k.scope = w.scope AND k.key = w.key;
    RETURN QUERY SELECT unnest(ended);
END $$;
