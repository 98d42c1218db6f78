-- How a name is compared, whatever alphabet, spelling or order it was typed in, and the keys by which
-- two profiles of one child come together (registry/identity/alike.py). Kept by triggers of
-- registry_pupil in registry_pupiltrace; asked with the same functions when a child is entered.

-- One spelling of a word of a name: Latin letters by sound. Apostrophes, hyphens and soft signs go;
-- г, ґ and х are one, и, і, ї and й, ж and з, ц and ч, ш, щ and с; Latin spellings of passports meet
-- the Ukrainian ones («Shcherbak», «Щербак»); «ія» and «я» are one.
CREATE FUNCTION name_code(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        replace(replace(replace(replace(replace(replace(replace(replace(replace(translate(
            replace(replace(replace(replace(
                -- Latin letters that look Ukrainian: beside Ukrainian ones, or nothing but such («Tapac»).
                CASE WHEN w ~ '[а-яґєії]' OR w ~ '[pcx]' AND w ~ '^[abcehikmoptxyï]+$' AND w !~ '[ck]h'
                    THEN translate(w, 'bcnpxyhï013', 'вспрхунїоіз') ELSE w END,
                'я', 'іа'), 'ю', 'іу'), 'є', 'іе'), 'ё', 'іо'),
            'абвгґдежзиіїйклмнопрстуфхцчшщыэ' || 'gwyjqščžćłńśźżóęąéáíý' || 'ьъ''`’ʼ‘′ʹ -‐‑‒–—.',
            'abvhhdezziiiiklmnoprstufhccssie' || 'hviiksczclnszzoeaeaii'),
            'kh', 'h'), 'zhh', 'zh'), 'zh', 'z'), 'shch', 's'), 'sch', 's'), 'sh', 's'), 'ch', 'c'),
            'ts', 'c'), 'tz', 'c'),
        '(.)\1+', '\1', 'g')
    FROM (SELECT lower(word)) AS x(w)
$$;

-- One slip of the finger: a letter more, less or other, or two letters changed about; in a long word two.
CREATE FUNCTION one_slip(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT levenshtein_less_equal(a, b, 2) <= CASE WHEN least(length(a), length(b)) > 8 THEN 2 ELSE 1 END
        OR (length(a) = length(b) AND levenshtein_less_equal(a, b, 2) = 2
            AND translate(a, b, '') = '' AND translate(b, a, '') = '')
$$;

-- A date as eight digits, whatever the session writes dates like.
CREATE FUNCTION date_digits(day date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lpad((extract(year FROM day)::int * 10000 + extract(month FROM day)::int * 100
                 + extract(day FROM day)::int)::text, 8, '0')
$$;

-- Two dates that one slip takes for each other: a digit, two digits changed about, day and month.
CREATE FUNCTION dates_slip(a date, b date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT one_slip(x, y) OR x = left(y, 4) || right(y, 2) || substr(y, 5, 2)
    FROM (SELECT date_digits(a), date_digits(b)) AS v(x, y)
$$;

-- Keys of which two profiles of one child share at least one, when at most two of surname, name,
-- patronymic and birth date were typed wrong: a word with the whole date; two words with the year or
-- with the day and month (of name and patronymic, which many share, with the month or day as well).
-- The order of words does not matter. What else shares a key is sorted out by the score.
CREATE FUNCTION child_keys(s text, g text, p text, born date) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT DISTINCT hashtext(key) FROM unnest(ARRAY[
            'd' || nullif(s, '') || n,
            'd' || nullif(g, '') || n,
            'd' || nullif(p, '') || n,
            'y' || sg || left(n, 4),
            'y' || sp || left(n, 4),
            'm' || sg || right(n, 4),
            'm' || sp || right(n, 4),
            'm' || gp || right(n, 4),
            'n' || gp || left(n, 6),
            'o' || gp || left(n, 4) || right(n, 2)
        ]) AS k(key) WHERE key IS NOT NULL
    )
    FROM (SELECT date_digits(born),
                 nullif(least(s, g), '') || '|' || greatest(s, g),
                 nullif(least(s, p), '') || '|' || greatest(s, p),
                 nullif(least(g, p), '') || '|' || greatest(g, p)) AS v(n, sg, sp, gp)
$$;
