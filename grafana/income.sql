-- The queries of the dashboard Income. They read report.* only (docs/report.md). Every ${…:sqlstring} comes quoted.

-- name: groups
SELECT DISTINCT grp FROM report.stream ORDER BY 1

-- name: streams
SELECT name AS "__text", stream AS "__value" FROM report.stream WHERE grp IN (${grp:sqlstring}) ORDER BY 1, 2

-- name: currencies
SELECT c."__text", c."__value"
FROM (
  SELECT 0 AS place, base_currency || ' (everything converted)' AS "__text", 'base' AS "__value" FROM report.tenant
  UNION ALL
  SELECT DISTINCT 1, 'only what is in ' || currency, currency FROM report.income
) c
ORDER BY c.place, c."__text"

-- name: daily_rate
SELECT now() AS "time", base_currency || ' per day' AS metric, sum(rate) AS value
FROM report.daily_rate
WHERE grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring}) AND rate IS NOT NULL
GROUP BY base_currency

-- name: change
SELECT sum(rate) / nullif(greatest(sum(rate_before), 0), 0) - 1 AS change
FROM report.daily_rate
WHERE grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})

-- name: this_month
SELECT now() AS "time", currency || ' ' || ${basis:sqlstring} AS metric, sum(amount) AS value
FROM report.income_shown(${basis:sqlstring}, ${currency:sqlstring})
WHERE day >= date_trunc('month', report.today()::timestamp)::date
  AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY currency

-- name: last_month
SELECT now() AS "time", currency || ' ' || ${basis:sqlstring} AS metric, sum(amount) AS value
FROM report.income_shown(${basis:sqlstring}, ${currency:sqlstring})
WHERE day >= (date_trunc('month', report.today()::timestamp) - INTERVAL '1 month')::date
  AND day < date_trunc('month', report.today()::timestamp)::date
  AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY currency

-- name: quality
SELECT quality
FROM report.daily_rate
WHERE grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring}) AND quality IS NOT NULL
ORDER BY array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality) DESC
LIMIT 1

-- name: by_stream
SELECT "time", name AS metric, sum(amount) AS value
FROM report.income_by(
  ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring}, $__timeFrom(), $__timeTo())
WHERE grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY 1, 2
ORDER BY 1, 2

-- name: by_group
SELECT "time", grp AS metric, sum(amount) AS value
FROM report.income_by(
  ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring}, $__timeFrom(), $__timeTo())
WHERE grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY 1, 2
ORDER BY 1, 2

-- name: by_weekday
SELECT date_trunc('week', day::timestamp) AS "time", to_char(day, 'ID Dy') AS metric, sum(amount) AS value
FROM report.income_shown(${basis:sqlstring}, ${currency:sqlstring})
WHERE $__timeFilter(day) AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY 1, 2
ORDER BY 1, 2

-- name: streams_table
SELECT
  name AS "Stream", grp AS "Group", rate AS "Per day", change AS "Change",
  earned_30d AS "Last 30 days", earned_90d AS "Last 90 days", base_currency AS "In",
  to_char(last_receipt, 'YYYY-MM-DD') AS "Last receipt", quality AS "Quality"
FROM report.daily_rate
WHERE grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
ORDER BY rate DESC NULLS LAST, name

-- name: warnings
SELECT severity AS "How bad", subject AS "What", what AS "Why", fix AS "What to do"
FROM report.warning
ORDER BY severity, subject
