-- Paid calls, many at a time: one transaction holds or ends the money of all calls that a process has waiting.

-- A call may be billed by several items: input tokens, output tokens.
ALTER TABLE cost_rows DROP CONSTRAINT cost_rows_reservation_id_key;
CREATE INDEX cost_rows_by_reservation ON cost_rows (reservation_id) WHERE reservation_id IS NOT NULL;
-- How many calls a provider has under way.
CREATE INDEX reservations_open_by_provider ON reservations (provider) WHERE state = 'open';

-- Answers of providers, which lie in the shared store under the hash of their request. The row comes after the file: a
-- file without one is an answer whose keeper died, and is settled from its file.
CREATE TABLE responses (
    request_hash   bytea PRIMARY KEY CHECK (octet_length(request_hash) = 32),
    provider       text NOT NULL,
    -- what the call cost when it was made
    amount         bigint NOT NULL CHECK (amount >= 0),
    -- how often it was read instead of asked for again
    uses           integer NOT NULL DEFAULT 0,
    job_id         bigint NOT NULL REFERENCES jobs,
    kept_at        timestamptz NOT NULL DEFAULT now(),
    used_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX responses_by_job ON responses (job_id);
CREATE INDEX responses_by_use ON responses (used_at);

-- A token bucket a provider: `tokens` calls may be made at once as of `refilled_at`.
CREATE TABLE provider_rates (
    provider    text PRIMARY KEY,
    tokens      double precision NOT NULL,
    refilled_at timestamptz NOT NULL
);

-- `reserve` and `end_reservation` of the release before stay: its workers may still run while this one starts.

-- The order in which counters are locked, by everyone: videos by number, providers, days. Then deadlocks can't be.
CREATE FUNCTION counter_rank(the_scope text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE the_scope WHEN 'video' THEN 1 WHEN 'provider' THEN 2 ELSE 3 END;
$$;

-- Locks a counter, making it if need be.
CREATE FUNCTION lock_counter(the_scope text, the_key text, the_ceiling bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM counters WHERE scope = the_scope AND key = the_key FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO counters (scope, key, ceiling) VALUES (the_scope, the_key, the_ceiling) ON CONFLICT DO NOTHING;
        PERFORM FROM counters WHERE scope = the_scope AND key = the_key FOR UPDATE;
    END IF;
END $$;

-- Takes a call's turn out of the provider's rate, or says when there is one. The caller has locked the provider's counter.
-- A bucket holds five seconds' worth of calls, and one at least.
CREATE FUNCTION take_turn(the_provider text, per_minute integer, OUT free_at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    room   double precision := greatest(1, per_minute / 12.0);
    had    double precision;
BEGIN
    IF per_minute IS NULL THEN
        RETURN;
    END IF;
    SELECT least(room, tokens + greatest(0, extract(epoch FROM moment - refilled_at)) * per_minute / 60.0)
      INTO had FROM provider_rates WHERE provider = the_provider;
    had := coalesce(had, room);
    IF had < 1 THEN
        free_at := moment + (1 - had) * 60.0 / per_minute * interval '1 second';
    ELSE
        INSERT INTO provider_rates (provider, tokens, refilled_at) VALUES (the_provider, had - 1, moment)
        ON CONFLICT (provider) DO UPDATE SET tokens = EXCLUDED.tokens, refilled_at = EXCLUDED.refilled_at;
    END IF;
END $$;

-- Holds an amount below three ceilings for each of the calls asked for, or nothing at all for those that don't fit. Asking
-- again with the same id answers the same. One refusal leaves the others alone.
--
-- asked      an array of {id, attempt, provider, item, amount, hash (hex), limit_ms, provider_ceiling,
--            at_once (or null), per_minute (or null)}
-- outcome    reserved
--            taken      another reservation for the same request is open, until `until`
--            video, provider, day   that ceiling has no room
--            rate       the provider's calls a minute are used up until `until`
--            at_once    the provider has as many calls under way as it may
--            attempt    it has ended, or was cancelled or lost: nothing more may be spent for it
--            pause      a person has stopped the fleet, the stage, the user or the channel
--            ended      this reservation was made before and has ended since
CREATE FUNCTION reserve_all(asked jsonb, the_day date, video_ceiling bigint, day_ceiling bigint)
RETURNS TABLE (id uuid, outcome text, until timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    q        record;
    fresh    uuid[];
    refusals jsonb := '{}';
    refusal  text;
    turn     timestamptz;
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
         WHERE a.state = 'running' AND NOT is_paused(j.user_id, j.channel_id, a.stage)
           AND NOT EXISTS (SELECT FROM reservations r WHERE r.id = c.id)
         ORDER BY c.request, c.place
        ON CONFLICT DO NOTHING RETURNING id
    ) SELECT coalesce(array_agg(made.id), '{}') INTO fresh FROM made;

    FOR q IN
        SELECT k.scope, k.key, min(k.ceiling) AS ceiling FROM (
            SELECT v.* FROM reservations r
              JOIN jsonb_to_recordset(asked) AS c(id uuid, provider_ceiling bigint) ON c.id = r.id,
                   LATERAL (VALUES ('video', r.job_id::text, video_ceiling),
                                   ('provider', r.provider || ' ' || the_day, c.provider_ceiling),
                                   ('day', the_day::text, day_ceiling)) AS v(scope, key, ceiling)
             WHERE r.id = ANY (fresh)) k
         GROUP BY k.scope, k.key ORDER BY counter_rank(k.scope), length(k.key), k.key
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

-- Ends open reservations, writes their cost rows, notes the answers that were kept, and moves the counters, once each
-- and in the one order. Never refused for money. Answers those that were open; the others had ended before, and nothing
-- is done for them.
--
-- ends       an array of {id, state, kept (whether its answer lies in the store),
--            costs: [{id, item, quantity, unit, micros, units, amount}]}
-- state      settled    at the sum of its costs
--            released   no byte of the call was sent, or its provider answered that it did nothing
--            in_doubt   nobody knows whether it was billed: one row at the full amount
CREATE FUNCTION end_reservations(ends jsonb) RETURNS TABLE (id uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    ended uuid[];
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
         WHERE r.id = e.id AND r.state = 'open' RETURNING r.id
    ) SELECT coalesce(array_agg(moved.id), '{}') INTO ended FROM moved;

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

    PERFORM lock_counter(o.scope, o.key, 0) FROM (
        SELECT k.scope, k.key FROM (SELECT DISTINCT v.scope, v.key FROM reservations r,
               LATERAL (VALUES ('video', r.job_id::text), ('provider', r.provider || ' ' || r.money_day),
                               ('day', r.money_day::text)) AS v(scope, key)
         WHERE r.id = ANY (ended)) k
        ORDER BY counter_rank(k.scope), length(k.key), k.key) o;
    UPDATE counters k SET held = k.held - s.held, spent = k.spent + s.spent,
           overrun = greatest(0, k.held - s.held + k.spent + s.spent - k.ceiling)
      FROM (SELECT v.scope, v.key, sum(r.amount) AS held, sum(r.actual) AS spent FROM reservations r,
                   LATERAL (VALUES ('video', r.job_id::text), ('provider', r.provider || ' ' || r.money_day),
                                   ('day', r.money_day::text)) AS v(scope, key)
             WHERE r.id = ANY (ended) GROUP BY v.scope, v.key) s
     WHERE k.scope = s.scope AND k.key = s.key;
    RETURN QUERY SELECT unnest(ended);
END $$;
