-- Panels call these, so that their own SQL stays short. They read report.* as the caller, whose rights they do not
-- widen. The first is inlined by the planner: a filter on day reaches the index below the view.

CREATE OR REPLACE FUNCTION report.income_shown(basis text, shown text)
    RETURNS TABLE (day date, stream text, name text, grp text, amount numeric, currency text, quality text)
    LANGUAGE sql STABLE
    AS $$
        SELECT i.day, i.stream, i.name, i.grp,
            CASE WHEN shown = 'base'
                THEN CASE WHEN basis = 'received' THEN i.received_base ELSE i.earned_base END
                ELSE CASE WHEN basis = 'received' THEN i.received ELSE i.earned END
            END,
            CASE WHEN shown = 'base' THEN i.base_currency ELSE i.currency END,
            i.quality
        FROM report.income i
        WHERE shown = 'base' OR i.currency = shown
    $$;
COMMENT ON FUNCTION report.income_shown(text, text) IS
    'Income per stream and day on one basis (received or earned), in base currency (shown = ''base'') or only what is in one currency (shown = ''USD'').';

CREATE OR REPLACE FUNCTION report.bucket(since timestamptz, until timestamptz, bucket text)
    RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT CASE
            WHEN bucket <> 'auto' THEN bucket
            WHEN until - since <= INTERVAL '100 days' THEN 'day'
            WHEN until - since <= INTERVAL '800 days' THEN 'week'
            ELSE 'month'
        END
    $$;
COMMENT ON FUNCTION report.bucket(timestamptz, timestamptz, text) IS
    'How wide a step is: as asked for, or, for auto, by the length of the time.';

-- A bucket without a row is zero from the stream's first bucket on; a bucket whose every day is unknown stays NULL.
-- Each sum is drawn out to the next one of its line: a grid laid over them, or a join with one, took twice as long or
-- was quadratic. Nothing is read twice, so a filter on stream or tenant reaches the index; names come last.
CREATE OR REPLACE FUNCTION report.income(
    since timestamptz, until timestamptz, bucket text DEFAULT 'auto', basis text DEFAULT 'earned',
    shown text DEFAULT 'base')
    RETURNS TABLE (
        "time" timestamp, stream text, name text, grp text, amount numeric, currency text, quality text, tenant text)
    LANGUAGE sql STABLE
    AS $$
        WITH bounds AS (
            SELECT
                width.bucket,
                -- a quarter is no unit of an interval
                (CASE width.bucket WHEN 'quarter' THEN '3 months' ELSE '1 ' || width.bucket END)::interval AS step,
                date_trunc(width.bucket, since AT TIME ZONE 'UTC')::date     AS first,
                -- what is to come is not known, and no zero: a chart of this whole month ends today
                least((until AT TIME ZONE 'UTC')::date, report.today())      AS last
            FROM (SELECT report.bucket(since, until, income.bucket) AS bucket) width
        )
        SELECT f.at, f.stream, coalesce(s.name, f.stream), coalesce(s.grp, 'other'),
            CASE WHEN f.at = f.began THEN f.amount ELSE 0 END,
            f.currency,
            (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[CASE WHEN f.at = f.began THEN f.worst ELSE 1 END],
            f.tenant
        FROM (
            SELECT n.*, generate_series(n.began, n.ended, (SELECT b.step FROM bounds b)) AS at
            FROM (
                SELECT m.*,
                    lead(m.began - (SELECT b.step FROM bounds b), 1, (SELECT b.last FROM bounds b)::timestamp)
                        OVER (PARTITION BY m.tenant, m.stream, m.currency ORDER BY m.began) AS ended
                FROM (
                    SELECT
                        date_trunc((SELECT b.bucket FROM bounds b), i.day::timestamp) AS began, i.tenant, i.stream,
                        CASE WHEN shown = 'base' THEN i.base_currency ELSE i.currency END AS currency,
                        sum(worth.amount) AS amount,
                        greatest(
                            max(CASE i.quality WHEN 'exact' THEN 1 WHEN 'estimated' THEN 2 WHEN 'spread' THEN 3
                                WHEN 'partial' THEN 4 ELSE 5 END),
                            CASE WHEN bool_or(worth.amount IS NULL) THEN 4 END) AS worst
                    FROM report.income i
                    CROSS JOIN LATERAL (
                        SELECT CASE
                            WHEN shown = 'base' THEN CASE WHEN basis = 'received' THEN i.received_base ELSE i.earned_base END
                            WHEN basis = 'received' THEN i.received
                            ELSE i.earned
                        END AS amount
                    ) worth
                    WHERE i.day >= (SELECT b.first FROM bounds b)
                        AND i.day <= (SELECT b.last FROM bounds b)
                        AND (shown = 'base' OR i.currency = shown)
                    GROUP BY 1, 2, 3, 4
                ) m
            ) n
        ) f
        LEFT JOIN report.stream s ON s.tenant = f.tenant AND s.stream = f.stream
    $$;
COMMENT ON FUNCTION report.income(timestamptz, timestamptz, text, text, text) IS
    'Income per stream and day, week, month, quarter or year (bucket; auto by the length of the time), without holes: whole buckets from the one that since falls in to until, and not past today.';

-- As many whole buckets as the time shows, from those before it, moved onto it: a month is laid on the month before.
CREATE OR REPLACE FUNCTION report.income_before(
    since timestamptz, until timestamptz, bucket text DEFAULT 'auto', basis text DEFAULT 'earned',
    shown text DEFAULT 'base')
    RETURNS TABLE (
        "time" timestamp, stream text, name text, grp text, amount numeric, currency text, quality text, tenant text)
    LANGUAGE sql STABLE
    AS $$
        WITH width AS (
            SELECT w.bucket,
                date_trunc(w.bucket, since AT TIME ZONE 'UTC') AS first,
                date_trunc(w.bucket, until AT TIME ZONE 'UTC') AS last
            FROM (SELECT report.bucket(since, until, income_before.bucket) AS bucket) w
        ), shift AS (
            SELECT w.bucket, w.first,
                CASE
                    WHEN w.bucket IN ('day', 'week')
                        THEN (w.last::date - w.first::date + CASE w.bucket WHEN 'week' THEN 7 ELSE 1 END) * INTERVAL '1 day'
                    ELSE (extract(year FROM age(w.last, w.first)) * 12 + extract(month FROM age(w.last, w.first))
                        + CASE w.bucket WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END)::int * INTERVAL '1 month'
                END AS width
            FROM width w
        )
        SELECT i."time" + s.width, i.stream, i.name, i.grp, i.amount, i.currency, i.quality, i.tenant
        FROM shift s
        CROSS JOIN LATERAL report.income(
            (s.first - s.width) AT TIME ZONE 'UTC', (s.first - INTERVAL '1 day') AT TIME ZONE 'UTC', s.bucket, basis, shown) i
    $$;
COMMENT ON FUNCTION report.income_before(timestamptz, timestamptz, text, text, text) IS
    'The same of the time before, as long and moved onto this one: what a chart draws for comparison.';

-- The same under its first name, whose shape other people's panels know.
CREATE OR REPLACE FUNCTION report.income_by(
    bucket text, basis text, shown text, since timestamptz, until timestamptz)
    RETURNS TABLE ("time" timestamp, stream text, name text, grp text, amount numeric, currency text, quality text)
    LANGUAGE sql STABLE
    AS $$
        SELECT i."time", i.stream, i.name, i.grp, i.amount, i.currency, i.quality
        FROM report.income(since, until, bucket, basis, shown) i
    $$;
COMMENT ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz) IS
    'Income per stream and day, week, month, quarter or year (bucket), without holes: whole buckets from the one that since falls in to until.';

REVOKE ALL ON FUNCTION report.income_shown(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION report.income(timestamptz, timestamptz, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION report.income_before(timestamptz, timestamptz, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION report.bucket(timestamptz, timestamptz, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.income_shown(text, text) TO flowd_app, flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz)
    TO flowd_app, flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION report.income(timestamptz, timestamptz, text, text, text)
    TO flowd_app, flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION report.income_before(timestamptz, timestamptz, text, text, text)
    TO flowd_app, flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION report.bucket(timestamptz, timestamptz, text) TO flowd_app, flowd_report, flowd_admin;
