-- Who stopped what, when it ended, and which number a hand took: so that a job's log tells why it waited, without a gap.

ALTER TABLE pauses ADD COLUMN who text NOT NULL DEFAULT '';

-- What was stopped once and goes on again.
CREATE TABLE past_pauses (
    scope     text NOT NULL,
    key       text NOT NULL,
    reason    text NOT NULL,
    who       text NOT NULL,
    paused_at timestamptz NOT NULL,
    ended_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX past_pauses_by_end ON past_pauses (ended_at);

CREATE FUNCTION keep_past_pause() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO past_pauses (scope, key, reason, who, paused_at)
    VALUES (OLD.scope, OLD.key, OLD.reason, OLD.who, OLD.paused_at);
    RETURN NULL;
END $$;

CREATE TRIGGER past_pauses_kept AFTER DELETE ON pauses FOR EACH ROW EXECUTE FUNCTION keep_past_pause();

-- The fence that a person's action took: attempts' numbers have a gap there. None before this version.
ALTER TABLE audit_jobs ADD COLUMN fence bigint;
