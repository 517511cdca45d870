-- Panels call these, so that their own SQL stays short. They read report.income as the caller, whose rights they do not
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

-- A bucket without a row is zero from the stream's first bucket on; a bucket whose every day is unknown stays NULL.
-- Holes are found by laying an empty grid over the sums: a join with it was quadratic in the days.
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
                ('1 ' || width.bucket)::interval                             AS step,
                date_trunc(width.bucket, since AT TIME ZONE 'UTC')::date     AS first,
                (until AT TIME ZONE 'UTC')::date                             AS last
            FROM (
                SELECT CASE
                    WHEN income.bucket <> 'auto' THEN income.bucket
                    WHEN until - since <= INTERVAL '100 days' THEN 'day'
                    WHEN until - since <= INTERVAL '800 days' THEN 'week'
                    ELSE 'month'
                END AS bucket
            ) width
        ), sums AS (
            SELECT date_trunc((SELECT b.bucket FROM bounds b), i.day::timestamp) AS at, i.tenant, i.stream, i.name, i.grp,
                CASE WHEN shown = 'base' THEN i.base_currency ELSE i.currency END AS currency,
                sum(worth.amount) AS amount,
                max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], i.quality)) AS worst,
                bool_or(worth.amount IS NULL) AS incomplete
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
            GROUP BY 1, 2, 3, 4, 5, 6
        ), lines AS (
            SELECT s.tenant, s.stream, s.name, s.grp, s.currency, min(s.at) AS began
            FROM sums s
            GROUP BY 1, 2, 3, 4, 5
        ), marks AS (
            SELECT true AS real, s.at, s.tenant, s.stream, s.name, s.grp, s.currency, s.amount,
                greatest(s.worst, CASE WHEN s.incomplete THEN 4 END) AS worst
            FROM sums s
            UNION ALL
            SELECT false, g.at, l.tenant, l.stream, l.name, l.grp, l.currency, NULL, 1
            FROM lines l, bounds b, generate_series(l.began, b.last, b.step) g (at)
        )
        SELECT m.at, m.stream, m.name, m.grp,
            CASE WHEN bool_or(m.real) THEN sum(m.amount) ELSE 0 END,
            m.currency,
            (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[max(m.worst)],
            m.tenant
        FROM marks m
        GROUP BY m.at, m.tenant, m.stream, m.name, m.grp, m.currency
    $$;
COMMENT ON FUNCTION report.income(timestamptz, timestamptz, text, text, text) IS
    'Income per stream and day, week, month, quarter or year (bucket; auto by the length of the time), without holes: whole buckets from the one that since falls in to until.';

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
REVOKE ALL ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.income_shown(text, text) TO flowd_app, flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz)
    TO flowd_app, flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION report.income(timestamptz, timestamptz, text, text, text)
    TO flowd_app, flowd_report, flowd_admin;
