-- Beginning and losing attempts: the guards that make a duplicate delivery harmless.

-- Whether a person's pause covers a job at a stage. A removed channel is not paused: its jobs end.
CREATE FUNCTION is_paused(the_user bigint, the_channel bigint, the_stage text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pauses WHERE scope = 'fleet'
                   OR scope = 'stage' AND key = the_stage
                   OR scope = 'user' AND key = the_user::text)
        OR EXISTS (SELECT FROM channels WHERE id = the_channel AND state = 'paused');
$$;

-- Cancels an unfinished job and takes its fence, unless its video may be going out already: publication wins then, and
-- the answer is false. The caller has locked the job in a statement before this one, so that this one sees what
-- whoever held that lock has written.
CREATE FUNCTION cancel_job(the_job bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jobs SET state = 'cancelled', held_because = NULL, fence = fence + 1, updated_at = now(),
           finished_at = now()
     WHERE id = the_job AND finished_at IS NULL
       AND NOT EXISTS (SELECT FROM publications WHERE job_id = the_job AND sending_at IS NOT NULL);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE attempts SET state = 'cancelled', ended_at = now() WHERE job_id = the_job AND state = 'running';
    RETURN true;
END $$;

-- Ends an open attempt whose worker is dead. It counts to none of the job's tries; from now on the job runs alone in
-- its process, and the third loss suffered alone, in a life of Redis that still stands, buries it.
-- The caller has locked the job.
CREATE FUNCTION end_lost(the_attempt uuid, current_epoch text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a attempts;
    lonely integer;
    story jsonb;
BEGIN
    UPDATE attempts SET state = 'lost', ended_at = now()
     WHERE id = the_attempt AND state = 'running' RETURNING * INTO a;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    lonely := CASE WHEN a.alone AND a.epoch = current_epoch THEN 1 ELSE 0 END;
    story := jsonb_build_object('stage', a.stage, 'provider', 'own', 'asked', 'to be run by worker ' || a.worker,
        'answer', 'the worker died, or was cut off for longer than the lease');
    UPDATE attempts SET error = story || jsonb_build_object('next', 'run again, alone in its process')
     WHERE id = a.id;
    UPDATE jobs SET fence = fence + 1, alone = true, lonely_deaths = lonely_deaths + lonely, updated_at = now(),
           due_at = now(),
           state = CASE WHEN lonely_deaths + lonely >= 3 THEN 'dead' ELSE 'queued' END,
           finished_at = CASE WHEN lonely_deaths + lonely >= 3 THEN now() END,
           error = CASE WHEN lonely_deaths + lonely >= 3
                        THEN story || jsonb_build_object('next', 'nothing: it killed three workers it had for itself')
                        ELSE story || jsonb_build_object('next', 'run again, alone in its process') END
     WHERE id = a.job_id AND state = 'running';
END $$;

-- Opens an attempt, if the job stands at that stage, is due, not paused, cancelled or finished, and no attempt of a
-- living worker is open. Asking again with the same attempt id answers the same.
--
-- outcome    begun      the attempt is open under `fence`
--            alone      ask again with `run_alone`, once nothing else runs in the process
--            busy       a living worker has it; its lease ends at `until`
--            not_due    due at `until`; or this attempt has ended already, and another may be opened now
--            elsewhere  it stands at stage `at_stage`
--            paused, held, finished, unknown; a job whose channel was removed is cancelled here, and so finished
--            impostor   this incarnation is not the worker of that name any more
CREATE FUNCTION begin_attempt(
    the_attempt uuid, the_job bigint, the_stage text, the_worker text, the_incarnation uuid, current_epoch text,
    run_alone boolean, lease interval,
    OUT outcome text, OUT at_fence integer, OUT at_stage text, OUT at_tries integer,
    OUT until timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
    a attempts;
    last_beat timestamptz;
BEGIN
    SELECT * INTO j FROM jobs WHERE id = the_job FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'unknown';
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM workers WHERE name = the_worker AND incarnation = the_incarnation) THEN
        outcome := 'impostor';
        RETURN;
    END IF;
    IF j.state = 'running' THEN
        SELECT * INTO a FROM attempts WHERE job_id = j.id AND state = 'running';
        IF a.id = the_attempt THEN
            outcome := 'begun'; at_fence := a.fence; at_stage := a.stage; at_tries := j.tries;
            RETURN;
        END IF;
        SELECT beat_at INTO last_beat FROM workers
         WHERE name = a.worker AND incarnation = a.incarnation AND stopped_at IS NULL;
        IF last_beat > now() - lease THEN
            outcome := 'busy'; at_stage := j.stage; until := last_beat + lease;
            RETURN;
        END IF;
        PERFORM end_lost(a.id, current_epoch);
        SELECT * INTO j FROM jobs WHERE id = the_job;
    END IF;
    IF j.finished_at IS NULL AND EXISTS (SELECT FROM channels WHERE id = j.channel_id AND state = 'removed')
       AND cancel_job(j.id) THEN
        SELECT * INTO j FROM jobs WHERE id = the_job;
    END IF;
    at_stage := j.stage;
    at_tries := j.tries;
    outcome := CASE
        WHEN j.finished_at IS NOT NULL THEN 'finished'
        WHEN j.state = 'held' THEN 'held'
        WHEN j.stage <> the_stage THEN 'elsewhere'
        WHEN is_paused(j.user_id, j.channel_id, j.stage) THEN 'paused'
        WHEN j.due_at > now() THEN 'not_due'
        WHEN j.alone AND NOT run_alone THEN 'alone'
        ELSE 'begun' END;
    until := j.due_at;
    IF outcome = 'begun' AND EXISTS (SELECT FROM attempts WHERE id = the_attempt) THEN
        outcome := 'not_due'; until := now();  -- begun before, its answer lost, and taken for lost since
    END IF;
    IF outcome = 'begun' THEN
        at_fence := j.fence + 1;
        UPDATE jobs SET state = 'running', fence = at_fence, updated_at = now() WHERE id = j.id;
        INSERT INTO attempts (id, job_id, stage, fence, alone, worker, incarnation, epoch)
        VALUES (the_attempt, j.id, j.stage, at_fence, run_alone, the_worker, the_incarnation, current_epoch);
    END IF;
END $$;

-- Registers a worker under a name it holds by session lock: its predecessor of that name is dead or cut off, so what
-- that one had open is lost at once. Answers the jobs that are free again.
CREATE FUNCTION register_worker(
    the_name text, the_incarnation uuid, the_stage text, the_host text, the_pid integer, the_version text,
    the_slots integer, current_epoch text)
RETURNS TABLE (job_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
    orphan record;
BEGIN
    INSERT INTO workers (name, incarnation, stage, host, pid, version, slots)
    VALUES (the_name, the_incarnation, the_stage, the_host, the_pid, the_version, the_slots)
    ON CONFLICT (name) DO UPDATE SET incarnation = EXCLUDED.incarnation, stage = EXCLUDED.stage,
        host = EXCLUDED.host, pid = EXCLUDED.pid, version = EXCLUDED.version, slots = EXCLUDED.slots,
        started_at = now(), beat_at = now(), stopped_at = NULL;
    FOR orphan IN
        SELECT j.id AS job, a.id AS attempt
          FROM attempts a JOIN jobs j ON j.id = a.job_id
         WHERE a.worker = the_name AND a.incarnation <> the_incarnation AND a.state = 'running'
         ORDER BY j.id FOR UPDATE OF j
    LOOP
        PERFORM end_lost(orphan.attempt, current_epoch);
        job_id := orphan.job;
        RETURN NEXT;
    END LOOP;
END $$;
