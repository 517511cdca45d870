-- The queries of the dashboard Stream; ${one} is the key of the stream it is about.

-- name: daily_rate
SELECT now() AS "time", base_currency || ' per day, ' || quality AS metric, rate AS value
FROM report.daily_rate
WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring} AND rate IS NOT NULL

-- name: change
SELECT now() AS "time", 'it was ' || report.written(rate_before) || ' ' || base_currency AS metric, change AS value
FROM report.daily_rate
WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring} AND change IS NOT NULL

-- name: this_month
SELECT now() AS "time",
  currency || ' ' || ${basis:sqlstring} || ', '
    || (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
      max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality))] AS metric,
  sum(amount) AS value
FROM report.income(date_trunc('month', report.today(${tenant:sqlstring})::timestamp) AT TIME ZONE 'UTC',
  report.today(${tenant:sqlstring})::timestamp AT TIME ZONE 'UTC', 'month', ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}
GROUP BY currency

-- name: next_receipt
-- without a rate it is told in its own currency: that nothing is awaited would be wrong
SELECT now() AS "time", CASE WHEN s.next_amount IS NULL THEN e.currency ELSE s.base_currency END || ' around ' || s.next_due AS metric,
  coalesce(s.next_amount, e.amount) AS value
FROM report.stream_state s
LEFT JOIN LATERAL (
  SELECT x.amount, x.currency
  FROM report.expected x
  WHERE x.tenant = s.tenant AND x.stream = ${one:sqlstring} AND x.due = s.next_due AND x.state IN ('due', 'expected')
    AND s.next_amount IS NULL
  ORDER BY x.payer, x.series
  LIMIT 1
) e ON true
WHERE s.tenant = ${tenant:sqlstring} AND s.scope = 'stream' AND s.name = ${one:sqlstring}
  AND coalesce(s.next_amount, e.amount) IS NOT NULL

-- name: next_30_days
SELECT now() AS "time",
  base_currency || ', 80 %: ' || report.written(p10) || ' to ' || report.written(p90)
    || coalesce((
      SELECT CASE WHEN e.health = 'stale' THEN ', stale' END
      FROM report.stream_state e
      WHERE e.tenant = ${tenant:sqlstring} AND e.scope = 'stream' AND e.name = ${one:sqlstring}), (
      SELECT CASE WHEN m.short THEN ', a wide guess' END
      FROM report.projection_model m
      WHERE m.tenant = ${tenant:sqlstring} AND m.scope = 'stream' AND m.name = ${one:sqlstring}), '') AS metric,
  p50 AS value
FROM report.projection_sum
WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND name = ${one:sqlstring} AND horizon = 30

-- name: health
SELECT health FROM report.stream WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}

-- name: trend
SELECT trend FROM report.stream WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}

-- name: share
SELECT share FROM report.stream WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}

-- name: target
-- a month is 30.4375 days: the twelfth part of 365.25
SELECT now() AS "time",
  report.written(r.rate * 30.4375) || ' of ' || report.written(s.target) || ' ' || r.base_currency || ' a month' AS metric,
  r.rate * 30.4375 / s.target AS value
FROM report.stream s
JOIN report.daily_rate r ON r.tenant = s.tenant AND r.stream = s.stream
WHERE s.tenant = ${tenant:sqlstring} AND s.stream = ${one:sqlstring} AND s.target > 0 AND r.rate IS NOT NULL

-- name: tax
SELECT now() AS "time", base_currency || ' since January, ' || trim_scale(round(100 * tax_rate, 2)) || ' %' AS metric,
  tax_reserve AS value
FROM report.stream_state
WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND name = ${one:sqlstring} AND tax_reserve IS NOT NULL

-- name: quality
SELECT quality FROM report.daily_rate WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}

-- name: income
SELECT i."time", i.name AS metric, c.paint, sum(i.amount) AS value
FROM report.income($__timeFrom(), least($__timeTo()::timestamptz, now()),
  report.bucket($__timeFrom(), $__timeTo(), ${granularity:sqlstring}), ${basis:sqlstring}, ${currency:sqlstring}) i
JOIN report.colour c ON c.tenant = i.tenant AND c.scope = 'stream' AND c.name = i.stream
WHERE i.tenant = ${tenant:sqlstring} AND i.stream = ${one:sqlstring}
GROUP BY 1, 2, 3
ORDER BY 1, 2

-- name: rolling
-- as report.daily_rate counts days: of an account those that are known, of a declared income those since it began
WITH line AS (
  SELECT stream, tenant, method, first_day, ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date AS since,
    least(($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date, report.today(${tenant:sqlstring}) - 1) AS until
  FROM report.stream
  WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}
), daily AS (
  SELECT i.day, CASE WHEN bool_and(i.earned_base IS NOT NULL) THEN sum(i.earned_base) END AS earned
  FROM report.income i
  WHERE i.tenant = ${tenant:sqlstring} AND i.stream = ${one:sqlstring}
    AND i.day > (SELECT since - 30 FROM line) AND i.day <= (SELECT until FROM line)
  GROUP BY i.day
), counted AS (
  SELECT l.method, l.first_day, l.since, g.day::date AS day, sum(d.earned) OVER w AS earned, count(d.earned) OVER w AS known,
    count(d.day) OVER w - count(d.earned) OVER w AS unknown
  FROM line l
  CROSS JOIN generate_series(greatest(l.first_day, l.since - 29)::timestamp, l.until::timestamp, INTERVAL '1 day') g (day)
  LEFT JOIN daily d ON d.day = g.day::date
  WINDOW w AS (ORDER BY g.day ROWS 29 PRECEDING)
)
SELECT day::timestamp AS "time", round(CASE
    WHEN method = 'value' THEN earned / nullif(known, 0)
    WHEN earned IS NULL AND unknown > 0 THEN NULL
    WHEN method = 'schedule' THEN coalesce(earned, 0) / nullif(least(30, day - first_day + 1) - unknown, 0)
    ELSE coalesce(earned, 0) / nullif(30 - unknown, 0)
  END, 8) AS "Daily rate"
FROM counted
WHERE day >= since
ORDER BY 1

-- name: months
WITH present AS (
  SELECT date_trunc('month', report.today(${tenant:sqlstring})::timestamp) AS month
), told AS (
  SELECT "time", sum(amount) AS known
  -- a query in place of the second moment would keep the filter on the stream from the index
  FROM report.income($__timeFrom(), (date_trunc('month', report.today(${tenant:sqlstring})::timestamp) - INTERVAL '1 day') AT TIME ZONE 'UTC',
    'month', 'received', 'base')
  WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}
  GROUP BY 1
)
-- the bands open from the last month that is known
SELECT "time", known, CASE WHEN last THEN known END AS p05, CASE WHEN last THEN known END AS p10,
  CASE WHEN last THEN known END AS p50, CASE WHEN last THEN known END AS p90, CASE WHEN last THEN known END AS p95
FROM (SELECT "time", known, "time" = (SELECT month - INTERVAL '1 month' FROM present) AS last FROM told) past
UNION ALL
SELECT month::timestamp, NULL, p05, p10, p50, p90, p95
FROM report.projection_month
WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND name = ${one:sqlstring}
  AND month >= (SELECT month FROM present) AND month <= ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY 1

-- name: days
SELECT day::timestamp AS "time", max(known) AS known, max(p05) AS p05, max(p10) AS p10, max(p50) AS p50, max(p90) AS p90,
  max(p95) AS p95
FROM (
  SELECT "time"::date AS day, sum(amount) AS known, NULL::numeric AS p05, NULL::numeric AS p10, NULL::numeric AS p50,
    NULL::numeric AS p90, NULL::numeric AS p95
  FROM report.income($__timeFrom(),
    least($__timeTo()::timestamptz, (report.today(${tenant:sqlstring}) - 1)::timestamp AT TIME ZONE 'UTC'), 'day', 'received', 'base')
  WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}
  GROUP BY 1
  UNION ALL
  SELECT day, NULL, p05, p10, p50, p90, p95
  FROM report.projection
  WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND name = ${one:sqlstring}
    AND day >= report.today(${tenant:sqlstring}) AND day <= ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
) told
GROUP BY day
ORDER BY 1

-- name: in_words
SELECT f.what AS "What", f.says AS "It is"
FROM report.stream s
LEFT JOIN report.stream_state e ON e.tenant = s.tenant AND e.scope = 'stream' AND e.name = s.stream
CROSS JOIN LATERAL (VALUES
  (1, 'Health', e.health || ': ' || e.health_reason),
  (2, 'Trend', e.trend || ': ' || e.trend_reason),
  (3, 'Trend in numbers', to_char(100 * e.slope_pct, 'FMS999,990.0') || ' % of its level in 30 days ('
    || CASE WHEN e.slope < 0 THEN '-' ELSE '+' END || report.written(abs(e.slope)) || ' ' || e.base_currency
    || ' from day to day); by chance alone in ' || to_char(100 * e.p_value, 'FM990.0') || ' of 100 cases'),
  (4, 'Rhythm', coalesce(e.cadence, CASE WHEN e.health IS NOT NULL THEN 'none that could be found' END)),
  (5, 'Next receipt', report.written(e.next_amount) || ' ' || e.base_currency || ' around ' || e.next_due),
  (6, 'Last receipt', s.last_receipt::text),
  (7, 'A poor month', report.written(e.floor) || ' ' || e.base_currency || ': nine of ten past months reached it'),
  (8, 'Months differ by', to_char(100 * e.volatility, 'FM999,990') || ' % of their mean'),
  (9, 'Tax', 'set aside ' || trim_scale(round(100 * s.tax_rate, 2)) || ' %, as flowd.yaml says'),
  (10, 'Work', CASE WHEN s.passive THEN 'passive: it comes in without work' WHEN NOT s.passive THEN 'it takes work' END),
  (11, 'Computed from', CASE s.method
    WHEN 'value' THEN 'the change in value of an account, less what was paid in'
    WHEN 'transactions' THEN 'the payments that came in'
    ELSE 'what flowd.yaml declares, and what came of it' END),
  (12, 'Group, connection', s.grp || ', ' || s.connection),
  (13, 'Known since', s.first_day::text)
) f (place, what, says)
WHERE s.tenant = ${tenant:sqlstring} AND s.stream = ${one:sqlstring} AND f.says IS NOT NULL
ORDER BY f.place

-- name: foretold
WITH model AS (
  SELECT *
  FROM report.projection_model
  WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND name = ${one:sqlstring}
)
SELECT f.what AS "What", f.says AS "It is"
FROM (
  SELECT v.place, v.what, v.says
  FROM model m
  CROSS JOIN LATERAL (VALUES
    (1, 'Method', m.method),
    (2, 'Why', m.reason),
    (3, 'Confidence', CASE
      WHEN m.parts -> 'declared' IS NOT NULL THEN 'none: what is declared is taken at its word'
      WHEN m.confidence IS NULL THEN 'not known: too little of the past could be foretold'
      ELSE to_char(100 * m.confidence, 'FM990') || ' %: so often past projections came within a fifth of their median' END),
    (4, 'Bands', to_char(100 * m.coverage, 'FM990') || ' % came within the 80 % band; near 80 it is honest'),
    (5, 'Usual error', to_char(100 * m.error, 'FM999,990') || ' % of what came'),
    (6, 'History', m.history_days || ' days' || CASE WHEN m.short
      THEN ': too short to choose by its own past, so the bands are a wide guess' ELSE '' END),
    (7, 'Tried from', m.origins || ' past days'),
    (50, 'Chosen on', m.as_of::text)
  ) v (place, what, says)
  UNION ALL
  SELECT 10, 'Confidence over ' || p.key || ' days', (p.value ->> 'near') || ' of ' || (p.value ->> 'projections')
    || ' came within a fifth of their median, ' || (p.value ->> 'inside_80') || ' within the 80 % band'
  FROM model m
  CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(m.parts -> 'by_horizon')
    WHEN 'object' THEN m.parts -> 'by_horizon' ELSE '{}' END) p (key, value)
  UNION ALL
  SELECT 20, 'Tried', CASE jsonb_typeof(c.value)
    WHEN 'object' THEN c.key || ': ' || (
      SELECT string_agg(t.key || ' ' || t.value, ', ' ORDER BY t.value::float8, t.key) FROM jsonb_each_text(c.value) t)
    ELSE c.key || ' ' || (c.value #>> '{}') END
  FROM model m
  CROSS JOIN LATERAL jsonb_each(m.candidates) c (key, value)
) f
WHERE f.says IS NOT NULL
ORDER BY f.place, length(f.what), f.what, f.says

-- name: statistics
SELECT replace("window", 'd', ' days') AS "Over the last", mean AS "Mean", median AS "Median", std AS "Deviation",
  mad AS "Usual distance", min AS "Least", max AS "Most", cv AS "Deviation / mean", unit AS "In", days AS "Days",
  unknown_days AS "Not known", tax_reserve AS "For tax"
FROM report.statistic
WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND name = ${one:sqlstring} AND latest
ORDER BY replace("window", 'd', '')::int

-- name: expected
SELECT to_char(due, 'YYYY-MM-DD') AS "Due", state AS "State", amount AS "Expected", received AS "Received", currency AS "In",
  to_char(received_on, 'YYYY-MM-DD') AS "Came on", days_late AS "Days late", difference AS "Difference",
  CASE WHEN payer <> '' THEN payer END AS "From", source AS "Rhythm", reason AS "Why"
FROM report.expected
WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}
  AND due >= ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date AND due <= ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
  AND due <= report.today(${tenant:sqlstring}) + 62
ORDER BY state IN ('late', 'missed', 'short') DESC, due DESC, payer, series
LIMIT 300

-- name: transactions
SELECT to_char(day, 'YYYY-MM-DD') AS "Day", amount AS "Amount", asset AS "In", counterparty AS "From", description AS "Text",
  flow_class AS "Taken for", rule AS "By the rule", connection AS "Connection", account AS "Account"
FROM report.transaction
WHERE tenant = ${tenant:sqlstring} AND stream = ${one:sqlstring}
  AND day >= ($__timeFrom()::timestamptz AT TIME ZONE 'UTC')::date AND day <= ($__timeTo()::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY day DESC, booked_at DESC, subject
LIMIT 300

-- name: scores
SELECT to_char(made_on, 'YYYY-MM-DD') AS "Said on", horizon AS "For days", to_char(for_day, 'YYYY-MM-DD') AS "Until",
  p50 AS "Said", actual AS "Came", base_currency AS "In", error AS "Off by", ape AS "Off by %",
  CASE WHEN inside_80 THEN 'yes' WHEN NOT inside_80 THEN 'no' END AS "In the 80 % band",
  CASE WHEN within_20 THEN 'yes' WHEN NOT within_20 THEN 'no' END AS "Within a fifth"
FROM report.projection_score
WHERE tenant = ${tenant:sqlstring} AND scope = 'stream' AND name = ${one:sqlstring}
ORDER BY for_day DESC, horizon
LIMIT 200

-- name: connection
SELECT c.connection AS "Connection", c.feed AS "Feed", c.state AS "State", c.last_success, c.age_s,
  CASE WHEN c.late THEN 'late' ELSE 'in time' END AS "Fresh", c.every_s AS "Every", c.next_try AS "Next try",
  c.expires_at AS "Login ends", c.reason AS "Why"
FROM report.connection c
JOIN report.stream s ON s.tenant = c.tenant AND s.connection = c.connection
WHERE c.tenant = ${tenant:sqlstring} AND s.stream = ${one:sqlstring}
ORDER BY c.feed
