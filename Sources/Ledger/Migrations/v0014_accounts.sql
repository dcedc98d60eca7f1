-- Through whom videos are published, what providers grant in a day, what a channel wants of those who write and publish for
-- it, and what it has said before.

-- An account of a publisher. One that a person has disconnected keeps its row, without tokens: publications tell of it.
CREATE TABLE accounts (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider       text NOT NULL,
    name           text NOT NULL CHECK (name <> '' AND length(name) <= 100),
    -- the OAuth client that the tokens belong to: no other one can use them
    client         text NOT NULL,
    remote_channel text NOT NULL,
    remote_title   text NOT NULL,
    scopes         text[] NOT NULL,
    -- envelopes, bound to their column and row: see Envelope
    refresh_token  bytea,
    access_token   bytea,
    access_expires timestamptz,
    state          text NOT NULL CHECK (state IN ('connected', 'parked', 'revoked')),
    -- null: until a person connects it again
    parked_until   timestamptz,
    parked_because text,
    -- who gets a new access token just now; a dead one's turn ends by itself
    refreshing_by    uuid,
    refreshing_until timestamptz,
    connected_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, name),
    CHECK ((state = 'revoked') = (refresh_token IS NULL)),
    CHECK ((access_token IS NULL) = (access_expires IS NULL)),
    CHECK (state <> 'revoked' OR access_token IS NULL),
    CHECK ((parked_because IS NOT NULL) = (state = 'parked')),
    CHECK (state = 'parked' OR parked_until IS NULL),
    CHECK ((refreshing_by IS NULL) = (refreshing_until IS NULL))
);

-- Which of our channels an account may publish for.
CREATE TABLE account_channels (
    account_id bigint NOT NULL REFERENCES accounts,
    channel_id bigint NOT NULL REFERENCES channels,
    PRIMARY KEY (account_id, channel_id)
);
CREATE INDEX account_channels_by_channel ON account_channels (channel_id);

ALTER TABLE publications ADD FOREIGN KEY (account_id) REFERENCES accounts;
-- What an account was used for today.
CREATE INDEX publications_by_account ON publications (account_id, started_at) WHERE account_id IS NOT NULL;

-- A provider's day. YouTube's quotas are filled again at midnight in California, so its days have 23 or 25 hours twice a year.
CREATE FUNCTION quota_day(at timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (at AT TIME ZONE 'America/Los_Angeles')::date;
$$;
CREATE FUNCTION quota_day_begins(day date) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT day::timestamp AT TIME ZONE 'America/Los_Angeles';
$$;

CREATE TABLE quota_uses (
    provider        text NOT NULL,
    -- whose: a project's number, an account's
    owner           text NOT NULL,
    -- uploads, searches, units
    bucket          text NOT NULL,
    day             date NOT NULL,
    used            bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    -- as it was configured when it was last asked for
    ceiling         bigint NOT NULL CHECK (ceiling >= 0),
    -- the provider says that it is used up, whatever was counted here
    exhausted_until timestamptz,
    PRIMARY KEY (provider, owner, bucket, day)
);

-- Takes some of a day's quota: nothing, or null where there is not so much left, and `opens` tells when there is again.
CREATE FUNCTION take_quota(
    the_provider text, the_owner text, the_bucket text, amount bigint, the_ceiling bigint, at timestamptz,
    OUT taken bigint, OUT opens timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    today date := quota_day(at);
BEGIN
    SELECT max(q.exhausted_until) INTO opens FROM quota_uses q
     WHERE q.provider = the_provider AND q.owner = the_owner AND q.bucket = the_bucket AND q.day > today - 8
       AND q.exhausted_until > at;
    IF opens IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO quota_uses AS q (provider, owner, bucket, day, used, ceiling)
    SELECT the_provider, the_owner, the_bucket, today, amount, the_ceiling WHERE amount <= the_ceiling
    ON CONFLICT (provider, owner, bucket, day) DO UPDATE SET used = q.used + amount, ceiling = the_ceiling
     WHERE q.used + amount <= the_ceiling AND (q.exhausted_until IS NULL OR q.exhausted_until <= at)
    RETURNING q.used INTO taken;
    IF NOT FOUND THEN
        opens := quota_day_begins(today + 1);
    END IF;
END $$;

ALTER TABLE channels
    -- for whoever writes: see Channel.Brief
    ADD COLUMN brief      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(brief) = 'object'),
    -- when there is no money for the next call
    ADD COLUMN when_short text  NOT NULL DEFAULT 'hold' CHECK (when_short IN ('cheaper', 'hold', 'stop')),
    -- what a person has chosen of Channel.Publishing, and nothing else
    ADD COLUMN publishing jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(publishing) = 'object');

-- What a channel's scripts have said, so that the next one says something else.
CREATE TABLE past_scripts (
    job_id     bigint PRIMARY KEY REFERENCES jobs,
    channel_id bigint NOT NULL REFERENCES channels,
    title      text NOT NULL,
    -- of Shingles: 8 bytes each, the highest byte first
    shingles   bytea NOT NULL CHECK (octet_length(shingles) % 8 = 0),
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX past_scripts_by_channel ON past_scripts (channel_id, written_at DESC);
