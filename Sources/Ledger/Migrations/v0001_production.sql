-- Who makes what: users, channels, jobs, the tries to make them, and who is alive to try.
-- The words are those of the domain; the invariants stand here as constraints.

CREATE TABLE users (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name <> '' AND length(name) <= 100),
    -- IANA name; null means the fleet's zone
    time_zone  text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE channels (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id        bigint NOT NULL REFERENCES users,
    name           text NOT NULL CHECK (name <> '' AND length(name) <= 100),
    slug           text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]*$'),
    source         text NOT NULL CHECK (source <> ''),
    language       text NOT NULL,
    voice          text,
    orientation    text NOT NULL CHECK (orientation IN ('landscape', 'portrait')),
    palette        text NOT NULL,
    length_seconds integer NOT NULL CHECK (length_seconds BETWEEN 15 AND 600),
    daily_at       time NOT NULL,
    review         boolean NOT NULL DEFAULT false,
    state          text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'removed')),
    last_served_at timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, name)
);

-- Whose turn it is: see ChannelRotation.
CREATE INDEX channels_rotation ON channels (user_id, last_served_at NULLS FIRST, id) WHERE state = 'active';

CREATE TABLE jobs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id        bigint NOT NULL REFERENCES users,
    channel_id     bigint NOT NULL REFERENCES channels,
    -- a person chose the channel: the script stage may not turn to another
    channel_fixed  boolean NOT NULL DEFAULT false,
    kind           text NOT NULL CHECK (kind IN ('daily', 'extra')),
    production_day date NOT NULL,
    priority       text NOT NULL CHECK (priority IN ('interactive', 'daily')),
    state          text NOT NULL DEFAULT 'queued' CHECK (state IN
        ('queued', 'running', 'waiting', 'held', 'published', 'dead', 'cancelled', 'skipped')),
    stage          text NOT NULL DEFAULT 'script' CHECK (stage IN ('script', 'voice', 'render', 'upload')),
    -- rises at every begin, loss, cancel and manual retry; what commits must still hold it
    fence          integer NOT NULL DEFAULT 0,
    -- not to be begun before
    due_at         timestamptz NOT NULL DEFAULT now(),
    held_because   text CHECK (held_because IN ('review', 'money', 'pause')),
    -- tries of this stage that count towards the eight
    tries          smallint NOT NULL DEFAULT 0,
    -- after one lost attempt a delivery runs alone in its process; three losses suffered alone bury it
    alone          boolean NOT NULL DEFAULT false,
    lonely_deaths  smallint NOT NULL DEFAULT 0,
    partition      smallint NOT NULL DEFAULT 0,
    -- 16 bytes trace id, 8 bytes span id
    trace          bytea NOT NULL CHECK (octet_length(trace) = 24),
    -- what went wrong last, as JobError
    error          jsonb,
    title          text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    finished_at    timestamptz,
    CHECK ((finished_at IS NOT NULL) = (state IN ('published', 'dead', 'cancelled', 'skipped'))),
    CHECK ((held_because IS NOT NULL) = (state = 'held'))
);

-- One daily job per user and production day.
CREATE UNIQUE INDEX jobs_daily ON jobs (user_id, production_day) WHERE kind = 'daily';
-- What reconcile pages through: its size follows the work at hand, not history.
CREATE INDEX jobs_unfinished ON jobs (id) WHERE finished_at IS NULL;
CREATE INDEX jobs_by_day ON jobs (production_day, id);
CREATE INDEX jobs_by_user ON jobs (user_id, id);
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';

-- One row a worker process. It lives as long as its beat is younger than the lease.
CREATE TABLE workers (
    name        text PRIMARY KEY,
    -- drawn at start: the same name, started again, is another incarnation
    incarnation uuid NOT NULL,
    stage       text NOT NULL CHECK (stage IN ('script', 'voice', 'render', 'upload')),
    host        text NOT NULL,
    pid         integer NOT NULL,
    version     text NOT NULL,
    slots       integer NOT NULL CHECK (slots > 0),
    started_at  timestamptz NOT NULL DEFAULT now(),
    beat_at     timestamptz NOT NULL DEFAULT now(),
    stopped_at  timestamptz
);

CREATE TABLE attempts (
    -- made by the worker before it begins, so that a begin whose answer was lost can be asked again
    id          uuid PRIMARY KEY,
    job_id      bigint NOT NULL REFERENCES jobs,
    stage       text NOT NULL CHECK (stage IN ('script', 'voice', 'render', 'upload')),
    fence       integer NOT NULL,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN
        ('running', 'succeeded', 'retried', 'limited', 'failed', 'cancelled', 'released', 'lost')),
    counts      boolean NOT NULL DEFAULT false,
    alone       boolean NOT NULL,
    worker      text NOT NULL,
    incarnation uuid NOT NULL,
    -- which life of Redis it began in; a loss counts as a lonely death only while that one stood
    epoch       text NOT NULL,
    provider    text,
    -- what the stage has to tell: encoder, driver's words, speed, voice …
    notes       jsonb NOT NULL DEFAULT '{}',
    error       jsonb,
    started_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    UNIQUE (job_id, fence),
    CHECK ((ended_at IS NULL) = (state = 'running'))
);

CREATE UNIQUE INDEX attempts_open ON attempts (job_id) WHERE state = 'running';
CREATE INDEX attempts_open_of_worker ON attempts (worker) WHERE state = 'running';

CREATE TABLE artifacts (
    sha256     bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    bytes      bigint NOT NULL CHECK (bytes >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- to be deleted once every stage that may have seen it undoomed has ended
    doomed_at  timestamptz
);

CREATE INDEX artifacts_doomed ON artifacts (doomed_at) WHERE doomed_at IS NOT NULL;

CREATE TABLE job_artifacts (
    job_id     bigint NOT NULL REFERENCES jobs,
    kind       text NOT NULL CHECK (kind IN
        ('storyboard', 'narration', 'timings', 'video', 'thumbnail', 'captions', 'manifest')),
    sha256     bytea NOT NULL REFERENCES artifacts,
    attempt_id uuid NOT NULL REFERENCES attempts,
    PRIMARY KEY (job_id, kind)
);

CREATE INDEX job_artifacts_by_file ON job_artifacts (sha256);

-- The items of its source that a channel has used. One item makes one video.
CREATE TABLE source_items (
    channel_id bigint NOT NULL REFERENCES channels,
    item       text NOT NULL,
    job_id     bigint NOT NULL REFERENCES jobs,
    used_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel_id, item)
);

-- One row a job: each step is committed before the next byte goes out.
CREATE TABLE publications (
    job_id       bigint PRIMARY KEY REFERENCES jobs,
    marker       text NOT NULL UNIQUE,
    provider     text NOT NULL,
    account      text,
    session      text,
    remote_id    text,
    location     text,
    fence        integer NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    -- the first byte may have gone out
    sending_at   timestamptz,
    published_at timestamptz,
    CHECK ((published_at IS NOT NULL) = (remote_id IS NOT NULL AND location IS NOT NULL))
);

-- What a person has stopped. Redis' `paused` set is a copy of the stages among them.
CREATE TABLE pauses (
    scope     text NOT NULL CHECK (scope IN ('fleet', 'stage', 'user')),
    key       text NOT NULL,
    reason    text NOT NULL DEFAULT '',
    paused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key),
    CHECK ((scope = 'fleet') = (key = ''))
);

-- When a duty that the fleet shares was last done: one worker a minute reconciles.
CREATE TABLE duties (
    name    text PRIMARY KEY,
    done_at timestamptz NOT NULL
);
