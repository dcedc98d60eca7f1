-- What the world outside is told: written in the transaction in which it happens, delivered after.

CREATE TABLE notices (
    -- by it a receiver knows what it has had before
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind      text NOT NULL CHECK (kind IN
        ('job.published', 'job.failed', 'job.held', 'budget.warning', 'account.parked', 'webhook.given_up')),
    at        timestamptz NOT NULL DEFAULT now(),
    body      jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object'),
    -- whether each receiver has its delivery
    is_spread boolean NOT NULL DEFAULT false
);
CREATE INDEX notices_by_time ON notices (at);
CREATE INDEX notices_to_spread ON notices (at) WHERE NOT is_spread;

-- One a notice and receiver. Whoever delivers takes it for a minute; should he die, it is anybody's again.
CREATE TABLE webhook_deliveries (
    notice_id uuid NOT NULL REFERENCES notices ON DELETE CASCADE,
    -- the receiver's host and a digest of its URL, which may hold a password
    target    text NOT NULL,
    state     text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'given_up')),
    tries     integer NOT NULL DEFAULT 0,
    next_at   timestamptz NOT NULL DEFAULT now(),
    -- what came back last
    answer    text,
    ended_at  timestamptz,
    PRIMARY KEY (notice_id, target),
    CHECK ((ended_at IS NULL) = (state = 'pending'))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (target, next_at) WHERE state = 'pending';

-- At the end of the transaction: the stage's costs are written by then.
CREATE FUNCTION notice_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notices (kind, body)
    SELECT CASE NEW.state WHEN 'published' THEN 'job.published' WHEN 'dead' THEN 'job.failed' ELSE 'job.held' END,
           jsonb_strip_nulls(jsonb_build_object(
               'job', NEW.id, 'user', u.name, 'channel', c.name, 'title', NEW.title, 'stage', NEW.stage,
               'production_day', NEW.production_day, 'held_because', NEW.held_because, 'error', NEW.error,
               'remote_id', p.remote_id, 'location', p.location,
               'cost_micro_usd', (SELECT k.spent FROM counters k WHERE k.scope = 'video' AND k.key = NEW.id::text)))
      FROM users u, channels c LEFT JOIN publications p ON p.job_id = NEW.id
     WHERE u.id = NEW.user_id AND c.id = NEW.channel_id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER jobs_noticed AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state IS DISTINCT FROM OLD.state AND NEW.state IN ('published', 'dead', 'held'))
    EXECUTE FUNCTION notice_job();

CREATE FUNCTION notice_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notices (kind, body)
    VALUES ('account.parked', jsonb_strip_nulls(jsonb_build_object(
        'account', NEW.name, 'provider', NEW.provider, 'because', NEW.parked_because, 'until', NEW.parked_until)));
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_noticed AFTER UPDATE ON accounts FOR EACH ROW
    WHEN (NEW.state = 'parked' AND OLD.state IS DISTINCT FROM 'parked')
    EXECUTE FUNCTION notice_account();

-- Budgets that warn: once for each time that four fifths of a ceiling are reached, whether spent or held.
ALTER TABLE counters ADD COLUMN warned_at timestamptz;

-- At the end of the transaction: what is held on trial and given back within it (see reserve_all) warns of nothing. The
-- condition is looked at with the row in hand, so that a counter that is far from its ceiling, or was warned of before,
-- costs nothing.
CREATE FUNCTION notice_counter() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    k counters;
BEGIN
    UPDATE counters SET warned_at = now()
     WHERE scope = NEW.scope AND key = NEW.key AND warned_at IS NULL AND held + spent >= ceiling - ceiling / 5
    RETURNING * INTO k;
    IF FOUND THEN
        INSERT INTO notices (kind, body)
        VALUES ('budget.warning', jsonb_build_object(
            'scope', k.scope, 'key', k.key, 'ceiling_micro_usd', k.ceiling, 'held_micro_usd', k.held,
            'spent_micro_usd', k.spent));
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER counters_noticed AFTER INSERT OR UPDATE ON counters DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.warned_at IS NULL AND NEW.held + NEW.spent > 0 AND NEW.held + NEW.spent >= NEW.ceiling - NEW.ceiling / 5)
    EXECUTE FUNCTION notice_counter();

-- A ceiling that was raised may be neared once more.
CREATE OR REPLACE FUNCTION change_ceiling(the_scope text, the_key text, the_ceiling bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO counters AS c (scope, key, ceiling) VALUES (the_scope, the_key, the_ceiling)
    ON CONFLICT (scope, key) DO UPDATE SET ceiling = EXCLUDED.ceiling,
        overrun = greatest(0, c.held + c.spent - EXCLUDED.ceiling),
        warned_at = CASE WHEN c.held + c.spent >= EXCLUDED.ceiling - EXCLUDED.ceiling / 5 THEN c.warned_at END;
$$;
