-- As in v0020, but the numbers in paths, in the markers of publications (ytempire-42.mp4) and in workers' names are no names': two
-- jobs of one cause differ in them.
CREATE OR REPLACE FUNCTION error_pattern(answer text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(COALESCE(answer, ''),
        '\m([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}|req_\w+)\M', 'ID', 'g'),
        '\m(?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{12,}\M', 'ID', 'g'),
        '(?<!(?:^|[^/[:alnum:]_.-])(?!(?:ytempire|script|voice|render|upload)-)[[:alpha:]][[:alnum:]_.-]*|[0-9]|\m(?:HTTP|status) )'
        || '(?!^[45][0-9]{2} [[:alpha:]])[0-9]+([.,:][0-9]+)*',
        'N', 'g');
$$;
