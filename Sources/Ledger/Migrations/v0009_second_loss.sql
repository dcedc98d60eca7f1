-- A job runs alone only from its second loss on. One loss says little: whoever ran beside it in a process that died is
-- lost as well, and if each of them had to run alone, they would run one after the other, and behind whatever another
-- worker has in hand. A job that kills its worker does so again, and is found out one death later.

-- Ends an open attempt whose worker is dead. It counts to none of the job's tries. From the second loss since a stage
-- was last completed the job runs alone in its process, and the third loss suffered alone, in a life of Redis that
-- still stands, buries it.
-- The caller has locked the job.
CREATE OR REPLACE FUNCTION end_lost(the_attempt uuid, current_epoch text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a attempts;
    lonely integer;
    dangerous boolean;
    story jsonb;
    next_step text;
BEGIN
    UPDATE attempts SET state = 'lost', ended_at = now()
     WHERE id = the_attempt AND state = 'running' RETURNING * INTO a;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    lonely := CASE WHEN a.alone AND a.epoch = current_epoch THEN 1 ELSE 0 END;
    dangerous := a.alone OR EXISTS (
        SELECT FROM attempts p
         WHERE p.job_id = a.job_id AND p.state = 'lost' AND p.fence < a.fence
           AND NOT EXISTS (SELECT FROM attempts s
                            WHERE s.job_id = a.job_id AND s.state = 'succeeded' AND s.fence > p.fence));
    next_step := CASE WHEN dangerous THEN 'run again, alone in its process' ELSE 'run again' END;
    story := jsonb_build_object('stage', a.stage, 'provider', 'own', 'asked', 'to be run by worker ' || a.worker,
        'answer', 'the worker died, or was cut off for longer than the lease');
    UPDATE attempts SET error = story || jsonb_build_object('next', next_step) WHERE id = a.id;
    UPDATE jobs SET fence = fence + 1, alone = alone OR dangerous, lonely_deaths = lonely_deaths + lonely,
           updated_at = now(), due_at = now(),
           state = CASE WHEN lonely_deaths + lonely >= 3 THEN 'dead' ELSE 'queued' END,
           finished_at = CASE WHEN lonely_deaths + lonely >= 3 THEN now() END,
           error = CASE WHEN lonely_deaths + lonely >= 3
                        THEN story || jsonb_build_object('next', 'nothing: it killed three workers it had for itself')
                        ELSE story || jsonb_build_object('next', next_step) END
     WHERE id = a.job_id AND state = 'running';
END $$;
