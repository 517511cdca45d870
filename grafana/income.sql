-- The queries of the dashboard Income. They read report.* only (docs/report.md). Every ${…:sqlstring} comes quoted.

-- name: daily_rate
SELECT now() AS "time",
  base_currency || ' per day, '
    || (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
      max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality))] AS metric,
  sum(rate) AS value
FROM report.daily_rate
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring}) AND rate IS NOT NULL
GROUP BY base_currency

-- name: change
-- each view is read once, not for every row of the other
WITH r AS MATERIALIZED (
  SELECT stream, rate, rate_before, until, base_currency
  FROM report.daily_rate
  WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring}) AND rate IS NOT NULL
), s AS MATERIALIZED (
  SELECT stream, first_day FROM report.stream WHERE tenant = ${tenant:sqlstring}
)
SELECT now() AS "time", 'it was ' || report.written(sum(r.rate_before)) || ' ' || r.base_currency AS metric,
  sum(r.rate) / nullif(greatest(sum(r.rate_before), 0), 0) - 1 AS value
FROM r
JOIN s ON s.stream = r.stream
-- what began since then earned nothing before; of what nobody knew then, all of today's rate would look like a rise
WHERE r.rate_before IS NOT NULL OR s.first_day > r.until - 30
GROUP BY r.base_currency
HAVING sum(r.rate_before) > 0

-- name: this_month
SELECT now() AS "time",
  currency || ' ' || ${basis:sqlstring} || ', '
    || (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
      max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality))] AS metric,
  sum(amount) AS value
FROM report.income(date_trunc('month', report.today(${tenant:sqlstring})::timestamp) AT TIME ZONE 'UTC',
  report.today(${tenant:sqlstring})::timestamp AT TIME ZONE 'UTC', 'month', ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY currency

-- name: whole_month
SELECT now() AS "time",
  base_currency || ', 80 %: ' || report.written(p10) || ' to ' || report.written(p90)
    || coalesce((
      SELECT CASE WHEN e.health = 'stale' THEN ', stale' END
      FROM report.stream_state e
      WHERE e.tenant = ${tenant:sqlstring} AND e.scope = 'total' AND e.name = ''), (
      SELECT CASE WHEN m.short THEN ', a wide guess' END
      FROM report.projection_model m
      WHERE m.tenant = ${tenant:sqlstring} AND m.scope = 'total' AND m.name = ''), '') AS metric,
  p50 AS value
FROM report.projection_month
WHERE tenant = ${tenant:sqlstring} AND scope = 'total' AND month = date_trunc('month', report.today(${tenant:sqlstring})::timestamp)::date
  -- before there is any stream nothing is known: that is no income of zero
  AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})

-- name: next_30_days
SELECT now() AS "time",
  base_currency || ', 80 %: ' || report.written(p10) || ' to ' || report.written(p90)
    || coalesce((
      SELECT CASE WHEN e.health = 'stale' THEN ', stale' END
      FROM report.stream_state e
      WHERE e.tenant = ${tenant:sqlstring} AND e.scope = 'total' AND e.name = ''), (
      SELECT CASE WHEN m.short THEN ', a wide guess' END
      FROM report.projection_model m
      WHERE m.tenant = ${tenant:sqlstring} AND m.scope = 'total' AND m.name = ''), '') AS metric,
  p50 AS value
FROM report.projection_sum
WHERE tenant = ${tenant:sqlstring} AND scope = 'total' AND horizon = 30
  AND EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})

-- name: trend
SELECT trend FROM report.stream_state WHERE tenant = ${tenant:sqlstring} AND scope = 'total'

-- name: health
SELECT health FROM report.stream_state WHERE tenant = ${tenant:sqlstring} AND scope = 'total'

-- name: last_month
SELECT now() AS "time",
  currency || ' ' || ${basis:sqlstring} || ', '
    || (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
      max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality))] AS metric,
  sum(amount) AS value
FROM report.income(
  (date_trunc('month', report.today(${tenant:sqlstring})::timestamp) - INTERVAL '1 month') AT TIME ZONE 'UTC',
  (date_trunc('month', report.today(${tenant:sqlstring})::timestamp) - INTERVAL '1 day') AT TIME ZONE 'UTC', 'month',
  ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY currency

-- name: target
-- a month is 30.4375 days: the twelfth part of 365.25; each view is read once, not for every row of the other
WITH r AS MATERIALIZED (
  SELECT stream, rate, base_currency
  FROM report.daily_rate
  WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring}) AND rate IS NOT NULL
), s AS MATERIALIZED (
  SELECT stream, target FROM report.stream WHERE tenant = ${tenant:sqlstring} AND target > 0
)
SELECT now() AS "time",
  report.written(sum(r.rate) * 30.4375) || ' of ' || report.written(sum(s.target)) || ' ' || r.base_currency || ' a month'
    AS metric,
  sum(r.rate) * 30.4375 / sum(s.target) AS value
FROM r
JOIN s ON s.stream = r.stream
GROUP BY r.base_currency

-- name: goal
SELECT now() AS "time", goal || coalesce(' by ' || by_day, ' within two years') AS metric, probability AS value
FROM report.goal
WHERE tenant = ${tenant:sqlstring} AND probability IS NOT NULL AND coalesce(progress, 0) < 1
ORDER BY by_day NULLS LAST, progress DESC NULLS LAST, goal
LIMIT 1

-- name: quality
SELECT quality
FROM report.daily_rate
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
  AND quality IS NOT NULL
ORDER BY array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality) DESC
LIMIT 1

-- name: by_stream
SELECT i."time", i.name AS metric, min(c.paint) AS paint, sum(i.amount) AS value
FROM report.income(
  $__timeFrom(), $__timeTo(), ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring}) i
JOIN report.colour c ON c.tenant = i.tenant AND c.scope = 'stream' AND c.name = i.stream
WHERE i.tenant = ${tenant:sqlstring} AND i.grp IN (${grp:sqlstring}) AND i.stream IN (${stream:sqlstring})
GROUP BY 1, 2
ORDER BY 1, 2

-- name: total
SELECT "time", sum(amount) AS "Total"
FROM report.income($__timeFrom(), $__timeTo(), ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY 1
ORDER BY 1

-- name: total_before
SELECT "time", sum(amount) AS "The time before"
FROM report.income_before($__timeFrom(), $__timeTo(), ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY 1
ORDER BY 1

-- name: awaited
-- days that a regular payment is awaited for: not known yet, and no fall
SELECT date_trunc(report.bucket($__timeFrom(), $__timeTo(), ${granularity:sqlstring}), g.day) AS "time",
  sum(r.rate) AS "Awaited"
FROM generate_series(
  greatest(
    date_trunc(report.bucket($__timeFrom(), $__timeTo(), ${granularity:sqlstring}),
      $__timeFrom()::timestamptz AT TIME ZONE 'UTC'),
    report.today(${tenant:sqlstring}) - 400),
  least(date_trunc('day', $__timeTo()::timestamptz AT TIME ZONE 'UTC'), report.today(${tenant:sqlstring})), INTERVAL '1 day') g (day)
LEFT JOIN (
  SELECT until, rate
  FROM report.daily_rate
  WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
    AND until < report.today(${tenant:sqlstring}) - 1 AND ${basis:sqlstring} = 'earned' AND ${currency:sqlstring} = 'base'
) r ON r.until < g.day::date
WHERE EXISTS (SELECT FROM report.stream WHERE tenant = ${tenant:sqlstring})
GROUP BY 1
ORDER BY 1

-- name: by_group
SELECT i."time", i.grp AS metric, c.paint, sum(i.amount) AS value
FROM report.income(
  $__timeFrom(), $__timeTo(), ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring}) i
JOIN report.colour c ON c.tenant = i.tenant AND c.scope = 'group' AND c.name = i.grp
WHERE i.tenant = ${tenant:sqlstring} AND i.grp IN (${grp:sqlstring}) AND i.stream IN (${stream:sqlstring})
GROUP BY 1, 2, 3
ORDER BY 1, 2

-- name: months
WITH span AS (
  SELECT report.today(${tenant:sqlstring}) AS today, date_trunc('month', report.today(${tenant:sqlstring})::timestamp) AS this,
    date_trunc('month', report.today(${tenant:sqlstring})::timestamp) - INTERVAL '1 month' AS last
), daily AS (
  SELECT date_trunc('month', i."time") AS month, extract(day FROM i."time")::int AS day, sum(i.amount) AS amount
  FROM span s
  CROSS JOIN LATERAL report.income(s.last AT TIME ZONE 'UTC', s.today::timestamp AT TIME ZONE 'UTC', 'day',
    ${basis:sqlstring}, ${currency:sqlstring}) i
  WHERE i.tenant = ${tenant:sqlstring} AND i.grp IN (${grp:sqlstring}) AND i.stream IN (${stream:sqlstring})
  GROUP BY 1, 2
)
SELECT to_char(g.day, 'FM00') AS "Day",
  CASE WHEN g.day <= extract(day FROM s.today)
    THEN sum(sum(d.amount) FILTER (WHERE d.month = s.this)) OVER (ORDER BY g.day) END AS "This month",
  CASE WHEN g.day <= s.this::date - s.last::date
    THEN sum(sum(d.amount) FILTER (WHERE d.month = s.last)) OVER (ORDER BY g.day) END AS "Last month"
FROM span s
CROSS JOIN generate_series(1, 31) g (day)
LEFT JOIN daily d ON d.day = g.day
WHERE EXISTS (SELECT FROM daily)
GROUP BY g.day, s.today, s.this, s.last
ORDER BY g.day

-- name: by_weekday
-- five years are read at once here, whatever the step: so no stream gets a grid of its own. A week is named by its
-- end, for Grafana draws a square up to its time.
WITH span AS (
  SELECT ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date AS first,
    least(($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date, report.today(${tenant:sqlstring})) AS last
), daily AS (
  SELECT day, sum(CASE ${basis:sqlstring} || ' ' || (${currency:sqlstring} = 'base')
    WHEN 'earned true' THEN earned_base WHEN 'earned false' THEN earned
    WHEN 'received true' THEN received_base ELSE received END) AS amount
  FROM report.income
  WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
    AND day BETWEEN (SELECT first FROM span) AND (SELECT last FROM span) AND ${currency:sqlstring} IN ('base', currency)
  GROUP BY day
)
SELECT date_trunc('week', g.day) + INTERVAL '7 days' AS "time", to_char(g.day, 'ID Dy') AS metric,
  CASE WHEN d.day IS NULL THEN 0 ELSE d.amount END AS value
FROM generate_series((SELECT min(day) FROM daily)::timestamp, (SELECT last FROM span)::timestamp, INTERVAL '1 day') g (day)
LEFT JOIN daily d ON d.day = g.day::date
ORDER BY 1, 2

-- name: expected
SELECT to_char(due, 'YYYY-MM-DD') AS "Due", name AS "Stream", state AS "State", amount AS "Amount", currency AS "In",
  CASE WHEN payer <> '' THEN payer END AS "From", stream
FROM report.expected
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
  AND state IN ('late', 'due', 'expected') AND due <= report.today(${tenant:sqlstring}) + 45
ORDER BY due, name, payer, series
LIMIT 100

-- name: streams_table
-- each view is read once, not for every row of the others
WITH r AS MATERIALIZED (
  SELECT stream, name, rate, base_currency, change, last_receipt, quality
  FROM report.daily_rate
  WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
), s AS MATERIALIZED (
  SELECT stream, trend, health, health_reason, share FROM report.stream WHERE tenant = ${tenant:sqlstring}
), k AS MATERIALIZED (
  SELECT stream, weeks
  FROM report.sparkline
  WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
), e AS MATERIALIZED (
  SELECT name, next_due, next_amount FROM report.stream_state WHERE tenant = ${tenant:sqlstring} AND scope = 'stream'
)
SELECT
  r.name AS "Stream", r.rate AS "Per day", r.base_currency AS "In", r.change AS "Change", k.weeks AS "12 weeks",
  s.trend AS "Trend", s.health AS "Health", s.health_reason AS "Why", s.share AS "Share",
  e.next_due || coalesce(': ' || report.written(e.next_amount), '') AS "Next receipt",
  to_char(r.last_receipt, 'YYYY-MM-DD') AS "Last receipt", r.quality AS "Quality", r.stream
FROM r
JOIN s ON s.stream = r.stream
LEFT JOIN k ON k.stream = r.stream
LEFT JOIN e ON e.name = r.stream
ORDER BY r.rate DESC NULLS LAST, r.name, r.stream

-- name: warnings
SELECT severity AS "How bad", subject AS "What", what AS "Why", fix AS "What to do"
FROM report.warning
WHERE tenant = ${tenant:sqlstring}
ORDER BY severity, subject, what
