-- Stock libraries: what they answered, how much they still answer to a key, which files are kept, and which video shows what
-- from whom.

-- Their terms ask for answers to be kept for a day instead of being asked for again.
CREATE TABLE stock_answers (
    provider text NOT NULL,
    -- the address that was asked, without the key
    request  text NOT NULL,
    body     bytea NOT NULL,
    kept_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, request)
);

CREATE INDEX stock_answers_by_age ON stock_answers (kept_at);

CREATE TABLE stock_keys (
    provider     text NOT NULL,
    -- the beginning of a digest: it tells keys apart, not what they are
    fingerprint  text NOT NULL,
    period_began timestamptz NOT NULL DEFAULT now(),
    -- made in the period, by all workers
    calls        integer NOT NULL DEFAULT 0 CHECK (calls >= 0),
    -- as the library said last
    remaining    integer,
    resets_at    timestamptz,
    closed_until timestamptz,
    PRIMARY KEY (provider, fingerprint)
);

-- Files of items, by the size that was chosen. They are artifacts like any other; a row keeps one for as long as retention
-- says, counted from its last use.
CREATE TABLE stock_files (
    provider text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('film', 'photo')),
    id       text NOT NULL,
    width    integer NOT NULL CHECK (width > 0),
    height   integer NOT NULL CHECK (height > 0),
    sha256   bytea NOT NULL REFERENCES artifacts,
    -- the whole item: author, page, licence
    item     jsonb NOT NULL CHECK (jsonb_typeof(item) = 'object'),
    kept_at  timestamptz NOT NULL DEFAULT now(),
    used_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, kind, id, width, height)
);

CREATE INDEX stock_files_by_file ON stock_files (sha256);

-- What a job's video shows. Kept when the files are gone: who made it must still be known then.
CREATE TABLE stock_uses (
    job_id     bigint NOT NULL REFERENCES jobs,
    scene      integer NOT NULL CHECK (scene >= 0),
    part       integer NOT NULL CHECK (part >= 0),
    -- what was wanted there: a storyboard that is written anew wants something else
    about      text NOT NULL,
    channel_id bigint NOT NULL REFERENCES channels,
    provider   text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('film', 'photo')),
    id         text NOT NULL,
    item       jsonb NOT NULL CHECK (jsonb_typeof(item) = 'object'),
    sha256     bytea NOT NULL CHECK (length(sha256) = 32),
    used_at    timestamptz NOT NULL DEFAULT now(),
    -- the library was told of this use; null where it does not want to know, or does not yet
    told_at    timestamptz,
    PRIMARY KEY (job_id, scene, part)
);

CREATE INDEX stock_uses_by_channel ON stock_uses (channel_id, used_at);
CREATE INDEX stock_uses_by_item ON stock_uses (provider, kind, id);

-- What was asked of the libraries, and what was had without asking.
CREATE TABLE stock_tally (
    day      date NOT NULL,
    provider text NOT NULL,
    what     text NOT NULL CHECK (what IN ('search', 'download')),
    made     bigint NOT NULL DEFAULT 0 CHECK (made >= 0),
    spared   bigint NOT NULL DEFAULT 0 CHECK (spared >= 0),
    PRIMARY KEY (day, provider, what)
);
