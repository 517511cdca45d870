-- What the command line and the daemon's summary read: report views only, as the service, for the session's tenant.

-- name: income
-- One row per period and stream, the newest period last: what is known, and partial where something is not.
SELECT
    date_trunc(%(bucket)s, i.day::timestamp)::date AS period,
    i.stream,
    i.name,
    i.grp AS "group",
    i.currency,
    sum(i.received) AS received,
    sum(i.earned) AS earned,
    sum(i.received_base) AS received_base,
    sum(i.earned_base) AS earned_base,
    i.base_currency,
    (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[greatest(
        max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], i.quality)),
        CASE WHEN bool_or(i.received_base IS NULL OR i.earned_base IS NULL) THEN 4 END)] AS quality
FROM report.income i
WHERE i.day BETWEEN %(since)s AND %(until)s
    AND (%(stream)s::text IS NULL OR i.stream = %(stream)s)
GROUP BY 1, 2, 3, 4, 5, 10
ORDER BY 1, 2, 5

-- name: today
SELECT today, base_currency, timezone FROM report.tenant

-- name: rates
SELECT stream, name, grp AS "group", base_currency, rate, rate_before, change, days, earned_30d, received_30d,
    last_receipt, quality
FROM report.daily_rate
ORDER BY rate DESC NULLS LAST, stream

-- name: connections
SELECT connection, feed, state, since, last_success, next_try, failures, late, reason, expires_at
FROM report.connection
ORDER BY connection, feed

-- name: activity
SELECT run, started_at, connection, feed, outcome, seconds, snapshots, rates, events, revised, unchanged,
    error_class, error
FROM report.activity
WHERE (%(connection)s::text IS NULL OR connection = %(connection)s)
    AND run > %(after)s
ORDER BY run DESC
LIMIT %(limit)s

-- name: missing
SELECT base, quote, first_day, last_day, days FROM report.rate_missing ORDER BY base, quote

-- name: disagreements
SELECT base, quote, sources, disagreement FROM report.rate_disagreement ORDER BY base, quote

-- name: waiting
SELECT count(*) FROM ops.pending
