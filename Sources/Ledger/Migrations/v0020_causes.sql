-- As in v0007, but a status (HTTP 401, status 403, or 401 and a word at the beginning) and the digits of a name (gpt-5-mini) stay:
-- they tell what is wrong, and do not differ between two of one cause. OpenAI's ids of requests are no names.
CREATE OR REPLACE FUNCTION error_pattern(answer text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(COALESCE(answer, ''),
        '\m([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}|req_\w+)\M', 'ID', 'g'),
        '\m(?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{12,}\M', 'ID', 'g'),
        '(?<!\m[[:alpha:]][[:alnum:]_.-]*|[0-9]|\m(?:HTTP|status) )(?!^[45][0-9]{2} [[:alpha:]])[0-9]+([.,:][0-9]+)*',
        'N', 'g');
$$;
