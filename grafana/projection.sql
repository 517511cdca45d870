-- The queries of the dashboard Projection. ${subject} is everything ('total'), a group ('group:…') or a stream
-- ('stream:…'). All that is foretold is received money, so the past beside it is received money too.

-- name: ahead
-- Once for each tile, which puts its number of days for :days.
SELECT now() AS "time",
  base_currency || ' (' ||
    to_char(p10, CASE WHEN abs(p10) < 100 THEN 'FM990.00' ELSE 'FM999,999,999,990' END) || ' to ' ||
    to_char(p90, CASE WHEN abs(p90) < 100 THEN 'FM990.00' ELSE 'FM999,999,999,990' END) || ')'
    || coalesce((
      SELECT CASE WHEN e.health = 'stale' THEN ', stale' END
      FROM report.stream_state e
      WHERE e.tenant = ${tenant:sqlstring} AND e.scope = split_part(${subject:sqlstring}, ':', 1) AND e.name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)), (
      SELECT CASE WHEN m.short THEN ', a wide guess' END
      FROM report.projection_model m
      WHERE m.tenant = ${tenant:sqlstring} AND m.scope = split_part(${subject:sqlstring}, ':', 1) AND m.name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)), '') AS metric,
  p50 AS value
FROM report.projection_sum
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND horizon = :days
  -- before there is any stream nothing is known: that is no income of zero
  AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})

-- name: confidence
SELECT now() AS "time",
  (parts ->> 'near') || ' of ' || (parts ->> 'projections') AS metric,
  confidence AS value
FROM report.projection_model
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND confidence IS NOT NULL

-- name: fan
-- The past in whole steps, and the bands on the same steps; the bands open from the last of them.
WITH came AS (
  SELECT date_trunc(${step:sqlstring}, i.day::timestamp) AS "time", sum(i.received_base) AS known
  FROM report.income i
  WHERE i.tenant = ${tenant:sqlstring}
    -- in this form the filter on a stream reaches the index
    AND (${subject:sqlstring} = 'total'
      OR ${subject:sqlstring} LIKE 'group:%' AND i.grp = substr(${subject:sqlstring}, 7)
      OR ${subject:sqlstring} LIKE 'stream:%' AND i.stream = substr(${subject:sqlstring}, 8))
    AND i.day >= date_trunc(${step:sqlstring}, $__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date
    AND i.day < date_trunc(${step:sqlstring}, report.today(${tenant:sqlstring})::timestamp)::date
  GROUP BY 1
), known AS (
  SELECT g."time", CASE WHEN c."time" IS NULL THEN 0 ELSE c.known END AS known
  FROM generate_series(
    (SELECT min(f."time") FROM came f),
    date_trunc(${step:sqlstring}, report.today(${tenant:sqlstring})::timestamp) - INTERVAL '1 day',
    ('1 ' || ${step:sqlstring})::interval) g ("time")
  LEFT JOIN came c ON c."time" = g."time"
), band AS (
  SELECT month::timestamp AS "time", p05, p10, p50, p90, p95
  FROM report.projection_month
  WHERE ${step:sqlstring} = 'month' AND tenant = ${tenant:sqlstring}
    AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})
    AND scope = split_part(${subject:sqlstring}, ':', 1)
    AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  UNION ALL
  SELECT day::timestamp, p05, p10, p50, p90, p95
  FROM report.projection
  WHERE ${step:sqlstring} = 'day' AND tenant = ${tenant:sqlstring}
    AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})
    AND scope = split_part(${subject:sqlstring}, ':', 1)
    AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
), last AS (
  SELECT k."time", k.known FROM known k WHERE EXISTS (SELECT FROM band) ORDER BY 1 DESC LIMIT 1
)
SELECT "time", k.known, coalesce(b.p05, l.known) AS p05, coalesce(b.p10, l.known) AS p10,
  coalesce(b.p50, l.known) AS p50, coalesce(b.p90, l.known) AS p90, coalesce(b.p95, l.known) AS p95
FROM known k
FULL JOIN band b USING ("time")
LEFT JOIN last l USING ("time")
ORDER BY 1

-- name: months
SELECT to_char(month, 'Mon YYYY') AS "Month", p10, p50, p90
FROM report.projection_month
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})
ORDER BY month

-- name: month_table
SELECT
  to_char(p.month, 'Mon YYYY') AS "Month", p.p10 AS "Low", p.p50 AS "Median", p.p90 AS "High", p.mean AS "Mean",
  CASE WHEN p.month <= report.today(${tenant:sqlstring}) THEN (
    SELECT coalesce(sum(i.received_base), 0)
    FROM report.income i
    WHERE i.tenant = ${tenant:sqlstring} AND i.day BETWEEN p.month AND report.today(${tenant:sqlstring}) - 1
      -- in this form the filter on a stream reaches the index
      AND (${subject:sqlstring} = 'total'
        OR ${subject:sqlstring} LIKE 'group:%' AND i.grp = substr(${subject:sqlstring}, 7)
        OR ${subject:sqlstring} LIKE 'stream:%' AND i.stream = substr(${subject:sqlstring}, 8))
  ) END AS "Came so far",
  p.base_currency AS "In"
FROM report.projection_month p
WHERE p.tenant = ${tenant:sqlstring} AND p.scope = split_part(${subject:sqlstring}, ':', 1)
  AND p.name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})
ORDER BY p.month

-- name: subjects
SELECT
  p.label AS "Name", p.scope AS "Kind", p.p10 AS "Low", p.p50 AS "Median", p.p90 AS "High", p.mean AS "Mean",
  p.mean / nullif(sum(p.mean) FILTER (WHERE p.scope = 'total') OVER (), 0) AS "Share",
  p.base_currency AS "In", m.confidence AS "Confidence",
  CASE WHEN m.short THEN 'too short: a wide guess' ELSE 'enough' END AS "History",
  CASE p.scope WHEN 'total' THEN 'total' ELSE p.scope || ':' || p.name END AS subject
FROM report.projection_sum p
LEFT JOIN report.projection_model m ON m.tenant = p.tenant AND m.scope = p.scope AND m.name = p.name
WHERE p.tenant = ${tenant:sqlstring} AND p.horizon = ${horizon:sqlstring}::int
  AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})
ORDER BY array_position(ARRAY['total', 'group', 'stream'], p.scope), p.mean DESC, p.name

-- name: sureness
SELECT said.what AS "What", coalesce(said.value, 'not known') AS "How much", said.meaning AS "What it means"
FROM report.projection_model m
CROSS JOIN LATERAL (VALUES
  (1, 'Confidence', to_char(100 * m.confidence, 'FM990') || ' %',
    coalesce((m.parts ->> 'near') || ' of ' || (m.parts ->> 'projections') || ' past sums over '
      || (m.parts ->> 'horizon') || ' days came within 20 % of their median', m.reason)),
  (2, 'Within the 80 % band', to_char(100 * m.coverage, 'FM990') || ' %',
    'of all past sums came between p10 and p90; near 80 % is right'),
  (3, 'Typical miss', to_char(100 * m.error, 'FM999990.0') || ' %',
    'how far medians were off in the mean, as a share of what came'),
  (4, 'Tried from', m.origins || CASE m.origins WHEN 1 THEN ' day' ELSE ' days' END,
    'of the past, knowing nothing of what came after'),
  (5, 'History', m.history_days || CASE m.history_days WHEN 1 THEN ' day' ELSE ' days' END,
    CASE WHEN m.short THEN 'too short to choose by its own past: the bands are a wide guess'
      ELSE 'long enough to choose by its own past' END),
  (6, 'Declared', to_char(100 * (m.parts ->> 'declared')::numeric, 'FM990') || ' %',
    'of a day is declared in flowd.yaml and taken at its word'),
  (7, 'How', m.method, m.reason),
  (8, 'As of', to_char(m.as_of, 'YYYY-MM-DD'), 'it is made anew every night and after corrections')
) said (place, what, value, meaning)
WHERE m.tenant = ${tenant:sqlstring} AND m.scope = split_part(${subject:sqlstring}, ':', 1)
  AND m.name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND (said.place <> 6 OR said.value IS NOT NULL)
ORDER BY said.place

-- name: by_horizon
SELECT
  h.key::int AS "Days", (h.value ->> 'projections')::int AS "Past projections",
  round((h.value ->> 'near')::numeric / nullif((h.value ->> 'projections')::int, 0), 4) AS "Within 20 %",
  round((h.value ->> 'inside_80')::numeric / nullif((h.value ->> 'projections')::int, 0), 4) AS "Within the band"
FROM report.projection_model m
CROSS JOIN LATERAL jsonb_each(m.parts -> 'by_horizon') h
WHERE m.tenant = ${tenant:sqlstring} AND m.scope = split_part(${subject:sqlstring}, ':', 1)
  AND m.name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
ORDER BY 1

-- name: models
SELECT
  m.label AS "Stream", m.method AS "How", m.history_days AS "Days of history",
  CASE WHEN m.short THEN 'too short' ELSE 'enough' END AS "History", m.confidence AS "Confidence",
  m.coverage AS "Within the band", m.error AS "Typical miss", tried.methods AS "Methods tried, best first",
  m.reason AS "Why", m.name AS stream
FROM report.projection_model m
LEFT JOIN report.stream s ON s.tenant = m.tenant AND s.stream = m.name
LEFT JOIN LATERAL (
  SELECT string_agg(method.key, ', ' ORDER BY method.value::numeric, method.key) AS methods
  FROM jsonb_each(m.candidates) part
  CROSS JOIN LATERAL jsonb_each_text(
    CASE jsonb_typeof(part.value) WHEN 'object' THEN part.value END) method
) tried ON true
WHERE m.tenant = ${tenant:sqlstring} AND m.scope = 'stream'
  AND ${subject:sqlstring} IN ('total', 'group:' || s.grp, 'stream:' || m.name)
ORDER BY m.confidence NULLS FIRST, m.label, m.name

-- name: goals
SELECT
  goal AS "Goal",
  CASE kind WHEN 'monthly' THEN 'a month' WHEN 'saved' THEN 'saved up' ELSE 'net worth' END AS "Kind",
  label AS "Of", amount AS "Amount", current AS "Now", currency AS "In",
  CASE WHEN current IS NOT NULL THEN progress END AS "Reached",
  to_char(by_day, 'YYYY-MM-DD') AS "By", probability AS "Probability",
  to_char(reached_p50, 'YYYY-MM-DD') AS "Likely on", to_char(reached_p10, 'YYYY-MM-DD') AS "At best",
  to_char(reached_p90, 'YYYY-MM-DD') AS "At worst", needed AS "Needed a month", reason AS "How this was found"
FROM report.goal
WHERE tenant = ${tenant:sqlstring}
ORDER BY goal

-- name: said
SELECT for_day::timestamp AS "time", actual AS known, p05, p10, p50, p90, p95
FROM report.projection_said
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND horizon = ${horizon:sqlstring}::int
  AND for_day BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date
    AND ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY 1

-- name: accuracy
-- Over all months: each weighs as much as was scored in it.
SELECT
  horizon AS "Days", sum(scored)::int AS "Scored",
  sum(coverage_50 * scored) / nullif(sum(scored) FILTER (WHERE coverage_50 IS NOT NULL), 0) AS "In the 50 %",
  sum(coverage_80 * scored) / nullif(sum(scored) FILTER (WHERE coverage_80 IS NOT NULL), 0) AS "In the 80 %",
  sum(coverage_90 * scored) / nullif(sum(scored) FILTER (WHERE coverage_90 IS NOT NULL), 0) AS "In the 90 %",
  sum(within_20 * scored) / nullif(sum(scored) FILTER (WHERE within_20 IS NOT NULL), 0) AS "Within 20 %",
  sum(mape * scored) / nullif(sum(scored) FILTER (WHERE mape IS NOT NULL), 0) AS "Mean error",
  sum(bias * scored) / nullif(sum(scored) FILTER (WHERE bias IS NOT NULL), 0) AS "Bias",
  to_char(min(month), 'Mon YYYY') AS "Since"
FROM report.projection_accuracy
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
GROUP BY horizon
HAVING sum(scored) > 0
ORDER BY horizon

-- name: coverage
SELECT month::timestamp AS "time", coverage_80, within_20, mape
FROM report.projection_accuracy
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND horizon = ${horizon:sqlstring}::int
ORDER BY 1
