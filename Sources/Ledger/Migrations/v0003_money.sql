-- Ceilings, reservations and the ledger. All money is bigint micro-dollars.

CREATE TABLE counters (
    -- per video (key: job id), per provider and money day (`openai 2026-11-21`), per money day (`2026-11-21`)
    scope   text NOT NULL CHECK (scope IN ('video', 'provider', 'day')),
    key     text NOT NULL,
    ceiling bigint NOT NULL CHECK (ceiling >= 0),
    held    bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    spent   bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    -- how far held + spent lies above the ceiling: settling and lowering a ceiling are never refused
    overrun bigint NOT NULL DEFAULT 0 CHECK (overrun >= 0),
    PRIMARY KEY (scope, key),
    CHECK (held + spent - overrun <= ceiling)
);

CREATE TABLE reservations (
    id           uuid PRIMARY KEY,
    job_id       bigint NOT NULL REFERENCES jobs,
    attempt_id   uuid NOT NULL REFERENCES attempts,
    stage        text NOT NULL,
    provider     text NOT NULL,
    item         text NOT NULL,
    -- the upper bound of what the call can cost
    amount       bigint NOT NULL CHECK (amount > 0),
    actual       bigint CHECK (actual >= 0),
    -- covers provider, model, the whole body, and the ordinal within the stage
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'released', 'in_doubt')),
    -- the fleet's calendar day on which it was made; its settlement belongs there too
    money_day    date NOT NULL,
    -- when the call can't be under way any more
    deadline     timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    CHECK ((ended_at IS NULL) = (state = 'open'))
);

-- One open reservation a request: a second asker waits for the first.
CREATE UNIQUE INDEX reservations_open ON reservations (request_hash) WHERE state = 'open';
CREATE INDEX reservations_overdue ON reservations (deadline) WHERE state = 'open';

CREATE TABLE cost_rows (
    id             uuid PRIMARY KEY,
    job_id         bigint NOT NULL REFERENCES jobs,
    user_id        bigint NOT NULL REFERENCES users,
    channel_id     bigint NOT NULL REFERENCES channels,
    attempt_id     uuid NOT NULL REFERENCES attempts,
    reservation_id uuid UNIQUE REFERENCES reservations,
    stage          text NOT NULL,
    provider       text NOT NULL,
    item           text NOT NULL,
    quantity       bigint NOT NULL CHECK (quantity >= 0),
    unit           text NOT NULL,
    -- the price that was used: price_micros for price_units units
    price_micros   bigint NOT NULL CHECK (price_micros >= 0),
    price_units    bigint NOT NULL CHECK (price_units >= 1),
    amount         bigint NOT NULL CHECK (amount >= 0),
    -- the answer was lost to a crash: it may or may not have been billed
    in_doubt       boolean NOT NULL DEFAULT false,
    money_day      date NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX cost_rows_by_job ON cost_rows (job_id);
CREATE INDEX cost_rows_by_day ON cost_rows (money_day);
CREATE INDEX cost_rows_by_user ON cost_rows (user_id, money_day);

-- Rows of the ledger are never changed or deleted.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
END $$;
CREATE TRIGGER cost_rows_are_final BEFORE UPDATE OR DELETE ON cost_rows
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cost_rows_stay BEFORE TRUNCATE ON cost_rows
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Records what was spent without a reservation (our own compute). Never refused; beyond the ceiling it is overrun.
CREATE FUNCTION record_spending(the_scope text, the_key text, the_ceiling bigint, amount bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO counters AS c (scope, key, ceiling, spent, overrun)
    VALUES (the_scope, the_key, the_ceiling, amount, greatest(0, amount - the_ceiling))
    ON CONFLICT (scope, key) DO UPDATE
        SET spent = c.spent + EXCLUDED.spent,
            overrun = greatest(0, c.held + c.spent + EXCLUDED.spent - c.ceiling);
$$;

-- Holds an amount below three ceilings, or nothing at all. Rows are touched in one order, the coldest first: video,
-- provider, day. Asking again with the same id answers the same.
--
-- outcome   reserved
--           taken      another reservation for the same request is open, until `until`
--           video, provider, day   that ceiling has no room
--           attempt    it has ended, or was cancelled or lost: nothing more may be spent for it
--           pause      a person has stopped the fleet, the stage, the user or the channel
CREATE FUNCTION reserve(
    the_id uuid, the_attempt uuid, the_provider text, the_item text, the_amount bigint, the_hash bytea,
    the_day date, the_deadline timestamptz, video_ceiling bigint, provider_ceiling bigint, day_ceiling bigint,
    OUT outcome text, OUT until timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    a attempts;
    full_scope text;
    other uuid;
BEGIN
    IF EXISTS (SELECT FROM reservations WHERE id = the_id) THEN
        outcome := 'reserved';
        RETURN;
    END IF;
    SELECT * INTO STRICT a FROM attempts WHERE id = the_attempt;
    IF a.state <> 'running' THEN
        outcome := 'attempt';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM jobs WHERE id = a.job_id AND is_paused(user_id, channel_id, stage)) THEN
        outcome := 'pause';
        RETURN;
    END IF;
    INSERT INTO counters (scope, key, ceiling) VALUES
        ('video', a.job_id::text, video_ceiling),
        ('provider', the_provider || ' ' || the_day, provider_ceiling),
        ('day', the_day::text, day_ceiling)
    ON CONFLICT DO NOTHING;
    BEGIN
        LOOP
            INSERT INTO reservations
                (id, job_id, attempt_id, stage, provider, item, amount, request_hash, money_day, deadline)
            VALUES (the_id, a.job_id, a.id, a.stage, the_provider, the_item, the_amount, the_hash, the_day, the_deadline)
            ON CONFLICT (request_hash) WHERE state = 'open' DO NOTHING;
            EXIT WHEN FOUND;
            SELECT id, deadline INTO other, until FROM reservations WHERE request_hash = the_hash AND state = 'open';
            IF FOUND THEN
                outcome := CASE WHEN other = the_id THEN 'reserved' ELSE 'taken' END;
                RETURN;
            END IF;
            -- It ended between the two statements: this request's turn after all.
        END LOOP;
        full_scope := 'video';
        UPDATE counters SET held = held + the_amount
         WHERE scope = 'video' AND key = a.job_id::text AND the_amount <= ceiling - held - spent;
        IF FOUND THEN
            full_scope := 'provider';
            UPDATE counters SET held = held + the_amount
             WHERE scope = 'provider' AND key = the_provider || ' ' || the_day AND the_amount <= ceiling - held - spent;
        END IF;
        IF FOUND THEN
            full_scope := 'day';
            UPDATE counters SET held = held + the_amount
             WHERE scope = 'day' AND key = the_day::text AND the_amount <= ceiling - held - spent;
        END IF;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'YT001';
        END IF;
        outcome := 'reserved';
    EXCEPTION WHEN SQLSTATE 'YT001' THEN
        outcome := full_scope;  -- the block's writes are undone: nothing is held
    END;
END $$;

-- Ends an open reservation: `settled` at what the call really cost, `released` when no byte of it was sent, `in_doubt`
-- (at its full amount) when nobody knows. Never refused for money. False if it was not open any more.
CREATE FUNCTION end_reservation(the_id uuid, the_state text, the_actual bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    r reservations;
BEGIN
    UPDATE reservations SET state = the_state, ended_at = now(),
           actual = CASE the_state WHEN 'settled' THEN the_actual WHEN 'in_doubt' THEN amount ELSE 0 END
     WHERE id = the_id AND state = 'open' RETURNING * INTO r;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE counters SET held = held - r.amount, spent = spent + r.actual,
           overrun = greatest(0, held - r.amount + spent + r.actual - ceiling)
     WHERE scope = 'video' AND key = r.job_id::text;
    UPDATE counters SET held = held - r.amount, spent = spent + r.actual,
           overrun = greatest(0, held - r.amount + spent + r.actual - ceiling)
     WHERE scope = 'provider' AND key = r.provider || ' ' || r.money_day;
    UPDATE counters SET held = held - r.amount, spent = spent + r.actual,
           overrun = greatest(0, held - r.amount + spent + r.actual - ceiling)
     WHERE scope = 'day' AND key = r.money_day::text;
    RETURN true;
END $$;

-- Changes a ceiling. Never refused: what already lies above is overrun.
CREATE FUNCTION change_ceiling(the_scope text, the_key text, the_ceiling bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO counters AS c (scope, key, ceiling) VALUES (the_scope, the_key, the_ceiling)
    ON CONFLICT (scope, key) DO UPDATE SET ceiling = EXCLUDED.ceiling,
        overrun = greatest(0, c.held + c.spent - EXCLUDED.ceiling);
$$;
