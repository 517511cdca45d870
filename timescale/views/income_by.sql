-- Panels call these two, so that their own SQL stays short. Both read report.income as the caller, whose rights they
-- do not widen. The first is inlined by the planner: a filter on day reaches the index below the view.

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
CREATE OR REPLACE FUNCTION report.income_by(
    bucket text, basis text, shown text, since timestamptz, until timestamptz)
    RETURNS TABLE ("time" timestamp, stream text, name text, grp text, amount numeric, currency text, quality text)
    LANGUAGE sql STABLE
    AS $$
        WITH bounds AS (
            SELECT date_trunc(bucket, since AT TIME ZONE 'UTC') AS first, (until AT TIME ZONE 'UTC')::date AS last
        ), sums AS (
            SELECT date_trunc(bucket, i.day::timestamp) AS at, i.stream, i.name, i.grp, i.currency,
                sum(i.amount) AS amount,
                max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], i.quality)) AS worst,
                bool_or(i.amount IS NULL) AS incomplete
            FROM report.income_shown(basis, shown) i
            WHERE i.day >= date_trunc(bucket, since AT TIME ZONE 'UTC')::date
                AND i.day <= (until AT TIME ZONE 'UTC')::date
            GROUP BY 1, 2, 3, 4, 5
        ), lines AS (
            SELECT s.stream, s.name, s.grp, s.currency, min(s.at) AS began
            FROM sums s
            GROUP BY 1, 2, 3, 4
        ), grid AS (
            SELECT b.at, l.stream, l.name, l.grp, l.currency
            FROM lines l, bounds, generate_series(l.began, bounds.last, ('1 ' || bucket)::interval) b (at)
        )
        SELECT g.at, g.stream, g.name, g.grp,
            CASE WHEN s.stream IS NULL THEN 0 ELSE s.amount END,
            g.currency,
            CASE WHEN s.stream IS NULL THEN 'exact'
                ELSE (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
                    greatest(s.worst, CASE WHEN s.incomplete THEN 4 END)]
            END
        FROM grid g
        LEFT JOIN sums s ON s.at = g.at AND s.stream = g.stream AND s.currency = g.currency
    $$;
COMMENT ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz) IS
    'Income per stream and day, week, month, quarter or year (bucket), without holes: whole buckets from the one that since falls in to until.';

REVOKE ALL ON FUNCTION report.income_shown(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.income_shown(text, text) TO flowd_app, flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION report.income_by(text, text, text, timestamptz, timestamptz)
    TO flowd_app, flowd_report, flowd_admin;
