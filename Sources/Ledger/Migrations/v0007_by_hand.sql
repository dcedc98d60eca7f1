-- What people do by hand: an audit of it, dead letters by cause, workers asked to drain, and who each worker was.

-- One row each time that a person changed something.
CREATE TABLE audits (
    -- made before it is sent, so that a lost COMMIT can be repeated
    id      uuid PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    -- login, and through whom: `root (sudo of anna)`
    who     text NOT NULL CHECK (who <> ''),
    host    text NOT NULL,
    -- the command's words: `job retry`, `queue pause`
    action  text NOT NULL CHECK (action <> ''),
    -- what it was asked for, as it was typed: `--state dead --user anna`, `render`
    subject text NOT NULL DEFAULT '',
    reason  text NOT NULL DEFAULT ''
);

CREATE INDEX audits_by_time ON audits (at);

-- The jobs it changed, as they stood before: a dead letter that is tried again keeps the story of its death.
CREATE TABLE audit_jobs (
    audit_id uuid NOT NULL REFERENCES audits,
    job_id   bigint NOT NULL,
    state    text NOT NULL,
    stage    text NOT NULL,
    error    jsonb,
    PRIMARY KEY (audit_id, job_id)
);

CREATE INDEX audit_jobs_by_job ON audit_jobs (job_id);

-- An answer without what differs between two of one cause: ids, long hexadecimal numbers, numbers.
CREATE FUNCTION error_pattern(answer text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(COALESCE(answer, ''),
        '\m[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\M', 'ID', 'g'),
        '\m(?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{12,}\M', 'ID', 'g'),
        '[0-9]+([.,:][0-9]+)*', 'N', 'g');
$$;

-- The short name of a cause: jobs that died of one at one stage have the same.
CREATE FUNCTION error_cause(error jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT left(md5(concat_ws('|', error->>'stage', error->>'provider', error_pattern(error->>'answer'))), 6);
$$;

-- The incarnation that a person has asked to drain; another one that takes the name is not meant.
ALTER TABLE workers ADD COLUMN drain_asked uuid;

-- Every life of every worker, so that an attempt of long ago still has its host.
CREATE TABLE worker_lives (
    incarnation uuid PRIMARY KEY,
    name        text NOT NULL,
    host        text NOT NULL,
    pid         integer NOT NULL,
    version     text NOT NULL,
    started_at  timestamptz NOT NULL
);

CREATE FUNCTION note_worker_life() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO worker_lives (incarnation, name, host, pid, version, started_at)
    VALUES (NEW.incarnation, NEW.name, NEW.host, NEW.pid, NEW.version, NEW.started_at) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER worker_lives_noted AFTER INSERT OR UPDATE OF incarnation ON workers
    FOR EACH ROW EXECUTE FUNCTION note_worker_life();

INSERT INTO worker_lives (incarnation, name, host, pid, version, started_at)
SELECT incarnation, name, host, pid, version, started_at FROM workers;

-- Which store of artifacts each host sees: those of one fleet must see one.
CREATE TABLE store_sightings (
    host    text PRIMARY KEY,
    path    text NOT NULL,
    store   uuid NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);

-- How much each stage did lately, found by when an attempt began: that never changes, so no index is written at its end.
CREATE INDEX attempts_by_start ON attempts USING brin (started_at) WITH (pages_per_range = 32);
