-- The queries of the dashboard Activity & health. A feed is one thing that a connection reads on an interval of its own.

-- name: connections
SELECT DISTINCT connection FROM report.connection WHERE tenant = ${tenant:sqlstring} ORDER BY 1

-- name: feeds_well
SELECT count(*) FILTER (WHERE state = 'healthy' AND NOT late) || ' of ' || count(*) AS "Feeds"
FROM report.connection
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
HAVING count(*) > 0

-- name: need_you
SELECT now() AS "time",
  coalesce(string_agg(DISTINCT connection, ', ') FILTER (WHERE state IN ('needs_reauth', 'misconfigured')),
    'nothing to do') AS metric,
  count(*) FILTER (WHERE state IN ('needs_reauth', 'misconfigured')) AS value
FROM report.connection
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
HAVING count(*) > 0

-- name: at_stake
-- A loss counts as its size: it is what the daily rate may be wrong by. Nothing late is a zero; a rate nobody knows is not.
WITH rate AS MATERIALIZED (
  SELECT stream, base_currency, abs(rate) AS rate FROM report.daily_rate WHERE tenant = ${tenant:sqlstring}
), feed AS (
  SELECT connection, bool_or(late) AS late
  FROM report.connection
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
  GROUP BY connection
)
SELECT now() AS "time", r.base_currency || ' per day' AS metric,
  CASE WHEN bool_or(f.late) THEN sum(r.rate) FILTER (WHERE f.late) ELSE 0 END AS value
FROM rate r
JOIN report.stream s ON s.tenant = ${tenant:sqlstring} AND s.stream = r.stream
JOIN feed f ON f.connection = s.connection
GROUP BY r.base_currency

-- name: worked_out
SELECT CASE
    WHEN d.behind THEN 'only to ' || d.through
    WHEN d.waiting > 100 THEN 'catching up'
    WHEN s.oldest IS NOT NULL THEN 'some only to ' || s.oldest
    ELSE 'up to date'
  END AS "Numbers"
FROM report.derivation d
CROSS JOIN (
  SELECT min(as_of) AS oldest FROM report.study WHERE tenant = ${tenant:sqlstring} AND outdated
) s
WHERE d.tenant = ${tenant:sqlstring}

-- name: next_expiry
SELECT now() AS "time", connection AS metric, floor(extract(epoch FROM min(expires_at) - now()) / 86400) AS value
FROM report.connection
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND expires_at IS NOT NULL
GROUP BY connection
ORDER BY 3, 2
LIMIT 1

-- name: feeds
WITH rate AS MATERIALIZED (
  SELECT stream, name, base_currency, abs(rate) AS rate FROM report.daily_rate WHERE tenant = ${tenant:sqlstring}
), behind AS MATERIALIZED (
  SELECT s.connection, sum(r.rate) AS rate, r.base_currency, string_agg(r.name, ', ' ORDER BY r.name, r.stream) AS streams
  FROM rate r
  JOIN report.stream s ON s.tenant = ${tenant:sqlstring} AND s.stream = r.stream
  GROUP BY s.connection, r.base_currency
)
SELECT
  c.connection || '/' || c.feed AS "Feed",
  CASE WHEN c.late AND c.state IN ('new', 'healthy', 'partial') THEN 'late' ELSE c.state END AS "State",
  b.rate AS "Money per day", b.base_currency AS "In",
  c.age_s,
  c.every_s AS "Every",
  c.age_s / greatest(3 * c.every_s, 60) AS used_up,
  c.reason AS "Why", c.fix AS "What to do",
  to_char(c.since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS "Since (UTC)",
  b.streams AS "Streams behind it"
FROM (
  SELECT * FROM report.connection WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
) c
LEFT JOIN behind b ON b.connection = c.connection
ORDER BY c.state = 'healthy' AND NOT c.late, b.rate DESC NULLS LAST, c.connection, c.feed

-- name: warnings
SELECT severity AS "How bad", subject AS "What", what AS "Why", fix AS "What to do"
FROM report.warning
WHERE tenant = ${tenant:sqlstring}
ORDER BY severity, subject, what

-- name: runs
-- The log of a busy year holds millions of runs. These queries look at the newest 40,000 or so of the time range, told by
-- how often feeds are read, so that they stay quick; a calm installation sees its whole year.
SELECT r."time", r.metric, count(*) AS value
FROM (
  SELECT date_bin(
      CASE WHEN $__timeTo()::timestamptz - $__timeFrom()::timestamptz <= INTERVAL '8 days' THEN INTERVAL '1 hour'
        ELSE INTERVAL '1 day' END, started_at, timestamptz '2001-01-01Z') AS "time", outcome AS metric
  FROM report.activity
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND $__timeFilter(started_at)
    AND started_at > $__timeTo()::timestamptz - (
      SELECT least(365, 40000 / greatest(1, sum(86400 / every_s))) * INTERVAL '1 day'
      FROM report.connection WHERE tenant = ${tenant:sqlstring} AND every_s > 0)
) r
GROUP BY 1, 2
ORDER BY 1, 2

-- name: records
SELECT r."time", sum(r.snapshots) AS "Readings", sum(r.rates) AS "Exchange rates", sum(r.events) AS "Events",
  sum(r.revised) AS "Corrections"
FROM (
  SELECT date_bin(
      CASE WHEN $__timeTo()::timestamptz - $__timeFrom()::timestamptz <= INTERVAL '8 days' THEN INTERVAL '1 hour'
        ELSE INTERVAL '1 day' END, started_at, timestamptz '2001-01-01Z') AS "time", snapshots, rates, events, revised
  FROM report.activity
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND $__timeFilter(started_at)
    AND started_at > $__timeTo()::timestamptz - (
      SELECT least(365, 40000 / greatest(1, sum(86400 / every_s))) * INTERVAL '1 day'
      FROM report.connection WHERE tenant = ${tenant:sqlstring} AND every_s > 0)
) r
GROUP BY 1
ORDER BY 1

-- name: log
SELECT
  r.started_at AS "When (UTC)", r.connection || '/' || r.feed AS "Feed", r.outcome AS "Outcome", r.seconds AS "Took",
  r.snapshots + r.rates + r.events AS "New", r.revised AS "Corrected", r.unchanged AS "Known already",
  concat_ws(': ', r.error_class, r.error) AS "What went wrong"
FROM (
  SELECT *
  FROM report.activity
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND $__timeFilter(started_at)
    AND (${shown:sqlstring} = 'all' OR outcome <> 'done' OR snapshots + rates + events + revised > 0)
    AND started_at > $__timeTo()::timestamptz - (
      SELECT least(365, 40000 / greatest(1, sum(86400 / every_s))) * INTERVAL '1 day'
      FROM report.connection WHERE tenant = ${tenant:sqlstring} AND every_s > 0)
  ORDER BY started_at DESC, run DESC
  LIMIT 200
) r
ORDER BY r.started_at DESC, r.run DESC

-- name: errors
SELECT
  connection || '/' || feed AS "Feed", coalesce(error_class, outcome) AS "Error", count(*) AS "Times",
  max(started_at) AS "Last (UTC)", (array_agg(error ORDER BY started_at DESC, run DESC))[1] AS "In words"
FROM report.activity
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND $__timeFilter(started_at)
  AND started_at > $__timeTo()::timestamptz - (
      SELECT least(365, 40000 / greatest(1, sum(86400 / every_s))) * INTERVAL '1 day'
      FROM report.connection WHERE tenant = ${tenant:sqlstring} AND every_s > 0) AND outcome NOT IN ('running', 'done')
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2

-- name: durations
SELECT
  d.connection || '/' || d.feed AS "Feed", d.runs AS "Runs", d.half AS "Half took less", d.most AS "95 % took less",
  d.longest AS "Longest"
FROM (
  SELECT connection, feed, count(*) AS runs, max(seconds) AS longest,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS half,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY seconds) AS most
  FROM report.activity
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND $__timeFilter(started_at)
    AND started_at > $__timeTo()::timestamptz - (
      SELECT least(365, 40000 / greatest(1, sum(86400 / every_s))) * INTERVAL '1 day'
      FROM report.connection WHERE tenant = ${tenant:sqlstring} AND every_s > 0) AND seconds IS NOT NULL
  GROUP BY connection, feed
) d
ORDER BY d.most DESC, d.connection, d.feed

-- name: expiries
SELECT
  connection AS "Connection", to_char(min(expires_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS "Ends (UTC)",
  floor(extract(epoch FROM min(expires_at) - now()) / 86400) AS "Days left",
  'Before then: flowd link ' || connection || ', or a new key at the source' AS "What to do"
FROM report.connection
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND expires_at IS NOT NULL
GROUP BY connection
ORDER BY min(expires_at), connection

-- name: studies
SELECT w.what AS "What", w.as_of AS "Up to", w.state AS "State"
FROM (
  SELECT 0 AS place, 'income' AS what, to_char(through, 'YYYY-MM-DD') AS as_of,
    CASE WHEN behind THEN 'behind' WHEN waiting > 0 THEN 'changes wait' ELSE 'up to date' END AS state
  FROM report.derivation WHERE tenant = ${tenant:sqlstring}
  UNION ALL
  SELECT 1, study, to_char(as_of, 'YYYY-MM-DD'), CASE WHEN outdated THEN 'behind' ELSE 'up to date' END
  FROM report.study WHERE tenant = ${tenant:sqlstring}
) w
ORDER BY w.place, w.what

-- name: storage
SELECT s.what AS "What", s.bytes AS "Size", s.rows AS "Rows"
FROM report.storage s
WHERE s.tenant = ${tenant:sqlstring} AND EXISTS (SELECT FROM report.connection WHERE tenant = ${tenant:sqlstring})
ORDER BY s.bytes DESC NULLS LAST, s.what

-- name: rates_missing
SELECT base AS "One", quote AS "In", days AS "Days without a rate", to_char(first_day, 'YYYY-MM-DD') AS "From",
  to_char(last_day, 'YYYY-MM-DD') AS "To", 'Add a connection that knows it, such as ecb or an exchange' AS "What to do"
FROM report.rate_missing
WHERE tenant = ${tenant:sqlstring}
ORDER BY days DESC, base, quote
