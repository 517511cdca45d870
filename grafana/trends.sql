-- The queries of the dashboard Trends. ${subject} is everything ('total'), a group ('group:…') or a stream ('stream:…').

-- name: trend
SELECT trend AS "Trend", slope_pct AS "in 30 days"
FROM report.stream_state
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)

-- name: health
SELECT health
FROM report.stream_state
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)

-- name: volatility
SELECT volatility
FROM report.stream_state
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)

-- name: floor
SELECT now() AS "time", base_currency || ' a month' AS metric, floor AS value
FROM report.stream_state
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND floor IS NOT NULL

-- name: tax
SELECT now() AS "time", base_currency || ' since New Year' AS metric, tax_reserve AS value
FROM report.stream_state
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND tax_reserve IS NOT NULL

-- name: effective
SELECT effective_streams AS "streams", hhi_streams AS "HHI"
FROM report.resilience
WHERE tenant = ${tenant:sqlstring} AND latest

-- name: largest
SELECT now() AS "time", label AS metric, share AS value
FROM report.stream_state
WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND share IS NOT NULL
ORDER BY share DESC, name
LIMIT 1

-- name: passive
SELECT covered AS "of what a month costs", to_char(crossover, 'Mon YYYY') AS "all of it from"
FROM report.resilience
WHERE tenant = ${tenant:sqlstring} AND latest

-- name: runway
-- Without a number but with cash and expenses, the floor covers them: report.resilience says so in words.
SELECT
  CASE
    WHEN cash <= 0 THEN 'nothing left'
    WHEN runway IS NOT NULL THEN to_char(round(runway, 1), 'FM999990.0') || ' months'
    WHEN cash > 0 AND expenses IS NOT NULL THEN 'for ever'
  END AS "with floor income",
  CASE WHEN runway_bare IS NOT NULL THEN to_char(round(runway_bare, 1), 'FM999990.0') || ' months' END AS "with none"
FROM report.resilience
WHERE tenant = ${tenant:sqlstring} AND latest

-- name: reasons
SELECT why.of AS "Of", why.what AS "What", why.why AS "Why"
FROM (
  SELECT s.label AS of, said.place, said.what, said.why
  FROM report.stream_state s
  CROSS JOIN LATERAL (VALUES
    (1, 'Trend: ' || s.trend, s.trend_reason),
    (2, 'Health: ' || s.health, s.health_reason)) said (place, what, why)
  WHERE s.tenant = ${tenant:sqlstring} AND s.scope = split_part(${subject:sqlstring}, ':', 1)
    AND s.name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  UNION ALL
  SELECT 'Everything', said.place, said.what, said.why
  FROM report.resilience r
  CROSS JOIN LATERAL (VALUES
    (3, 'Passive income', r.crossover_reason),
    (4, 'How long money lasts', r.runway_reason)) said (place, what, why)
  WHERE r.tenant = ${tenant:sqlstring} AND r.latest AND said.why <> ''
) why
ORDER BY why.place

-- name: days
SELECT as_of::timestamp AS "time", median - mad AS low, median + mad AS high, median, mean
FROM report.statistic
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND "window" = ${window:sqlstring}
  AND as_of BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date
    AND ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY 1

-- name: slopes
SELECT
  s.label || CASE WHEN count(*) OVER (PARTITION BY s.label) > 1 THEN ' (' || s.name || ')' ELSE '' END AS "Stream",
  CASE WHEN s.trend = 'growing' THEN s.slope_pct END AS growing,
  CASE WHEN s.trend NOT IN ('growing', 'declining') THEN s.slope_pct END AS flat,
  CASE WHEN s.trend = 'declining' THEN s.slope_pct END AS declining
FROM (
  SELECT label, name, trend, slope_pct
  FROM report.stream_state
  WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND slope_pct IS NOT NULL
  ORDER BY share DESC NULLS LAST, name
  LIMIT 20
) s
ORDER BY s.slope_pct DESC, s.name

-- name: streams
SELECT
  s.label AS "Stream", s.grp AS "Group", s.health AS "Health", s.health_reason AS "Why", s.trend AS "Trend",
  s.slope_pct AS "In 30 days", s.share AS "Share", s.volatility AS "Months differ by", s.floor AS "Floor a month",
  s.base_currency AS "In", s.cadence AS "Comes", to_char(s.next_due, 'YYYY-MM-DD') AS "Next", s.name AS stream
FROM report.stream_state s
WHERE s.tenant = ${tenant:sqlstring} AND s.scope = 'stream'
ORDER BY
  array_position(ARRAY['stalled', 'stale', 'declining', 'volatile', 'unknown', 'stable', 'growing'], s.health),
  s.share DESC NULLS LAST, s.name

-- name: expected
-- A due day that nobody could look at says nothing of what came, and a payer's first receipt was not expected.
SELECT date_trunc('month', e.due::timestamp) AS "time", said.what || ', ' || e.currency AS metric,
  sum(said.amount) AS value
FROM report.expected e
CROSS JOIN LATERAL (VALUES
  ('expected', e.amount),
  ('received', CASE WHEN e.state <> 'expected' THEN coalesce(e.received, 0) END)) said (what, amount)
WHERE e.tenant = ${tenant:sqlstring} AND e.state <> 'unknown' AND e.amount IS NOT NULL
  AND ${subject:sqlstring} IN ('total', 'group:' || e.grp, 'stream:' || e.stream)
  AND e.due >= date_trunc('month', $__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date
  AND e.due < date_trunc('month', $__timeTo()::timestamptz AT TIME ZONE 'UTC')::date + INTERVAL '1 month'
GROUP BY 1, 2
ORDER BY 1, 2

-- name: lacking
SELECT
  state AS "State", name AS "Stream", payer AS "From", to_char(due, 'YYYY-MM-DD') AS "Due", amount AS "Expected",
  received AS "Came", amount - coalesce(received, 0) AS "Lacks", currency AS "In", reason AS "Why", stream
FROM report.expected
WHERE tenant = ${tenant:sqlstring} AND state IN ('late', 'short', 'missed')
  AND ${subject:sqlstring} IN ('total', 'group:' || grp, 'stream:' || stream)
  AND due BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date
    AND ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY due DESC, name, payer, series, currency
LIMIT 200

-- name: coming
SELECT
  to_char(due, 'YYYY-MM-DD') AS "Due", due - report.today(${tenant:sqlstring}) AS "Days", name AS "Stream", payer AS "From",
  amount AS "Amount", currency AS "In", state AS "State", reason AS "Rhythm", stream
FROM report.expected
WHERE tenant = ${tenant:sqlstring} AND state IN ('expected', 'due')
  AND ${subject:sqlstring} IN ('total', 'group:' || grp, 'stream:' || stream)
  AND due <= report.today(${tenant:sqlstring}) + 30
ORDER BY due, name, payer, series, currency
LIMIT 200

-- name: concentration
SELECT as_of::timestamp AS "time", hhi_streams, largest_stream, largest_group
FROM report.resilience
WHERE tenant = ${tenant:sqlstring}
  AND as_of BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date
    AND ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY 1

-- name: resilience
SELECT r.as_of::timestamp AS "time", said.what || ', ' || r.unit AS metric, said.amount AS value
FROM report.resilience r
CROSS JOIN LATERAL (VALUES
  ('floor', r.floor), ('expenses', r.expenses), ('passive', r.passive)) said (what, amount)
WHERE r.tenant = ${tenant:sqlstring} AND said.amount IS NOT NULL
  AND r.as_of BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date
    AND ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY 1, 2

-- name: weekdays
-- A day without a row brought nothing. Days of which nothing is known are not counted.
WITH came AS (
  SELECT i.day, sum(CASE WHEN ${basis:sqlstring} = 'received' THEN i.received_base ELSE i.earned_base END) AS amount
  FROM report.income i
  WHERE i.tenant = ${tenant:sqlstring} AND i.day BETWEEN report.today(${tenant:sqlstring}) - 364 AND report.today(${tenant:sqlstring}) - 1
    -- in this form the filter on a stream reaches the index
    AND (${subject:sqlstring} = 'total'
      OR ${subject:sqlstring} LIKE 'group:%' AND i.grp = substr(${subject:sqlstring}, 7)
      OR ${subject:sqlstring} LIKE 'stream:%' AND i.stream = substr(${subject:sqlstring}, 8))
  GROUP BY i.day
), days AS (
  SELECT d.day::date AS day
  FROM generate_series((SELECT min(c.day) FROM came c), report.today(${tenant:sqlstring}) - 1, INTERVAL '1 day') d (day)
)
SELECT to_char(d.day, 'Dy') AS "Day",
  avg(CASE WHEN c.day IS NULL THEN 0 ELSE c.amount END) AS "a day"
FROM days d
LEFT JOIN came c ON c.day = d.day
GROUP BY 1, extract(isodow FROM d.day)
ORDER BY extract(isodow FROM d.day)

-- name: months
SELECT to_char(as_of, 'Mon') AS "Month", avg(mean) AS "a day"
FROM report.statistic
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${subject:sqlstring}, ':', 1)
  AND name = substr(${subject:sqlstring}, strpos(${subject:sqlstring} || ':', ':') + 1)
  AND "window" = '30d' AND as_of = (date_trunc('month', as_of::timestamp) + INTERVAL '1 month - 1 day')::date
GROUP BY 1, extract(month FROM as_of)
ORDER BY extract(month FROM as_of)
