-- Upload addresses are sealed from now on: whoever has one can write to the upload, for a week. Workers seal those of open uploads
-- when they next take them up, `ytempire secret rotate` the rest at once. Those of finished uploads are of no use to anybody.

UPDATE publications
   SET session_address = NULL, session_bytes = NULL, session_opened_at = NULL, session_missing_at = NULL
 WHERE published_at IS NOT NULL AND session_address IS NOT NULL;
