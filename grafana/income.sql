-- The queries of the dashboard Income. They read report.* only (docs/report.md). Every ${…:sqlstring} comes quoted.

-- name: daily_rate
SELECT now() AS "time", base_currency || ' per day' AS metric, sum(rate) AS value
FROM report.daily_rate
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring}) AND rate IS NOT NULL
GROUP BY base_currency

-- name: change
SELECT sum(rate) / nullif(greatest(sum(rate_before), 0), 0) - 1 AS change
FROM report.daily_rate
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})

-- name: this_month
SELECT now() AS "time", currency || ' ' || ${basis:sqlstring} AS metric, sum(amount) AS value
FROM report.income(date_trunc('month', report.today()::timestamp) AT TIME ZONE 'UTC', now(), 'month',
  ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY currency

-- name: last_month
SELECT now() AS "time", currency || ' ' || ${basis:sqlstring} AS metric, sum(amount) AS value
FROM report.income(
  (date_trunc('month', report.today()::timestamp) - INTERVAL '1 month') AT TIME ZONE 'UTC',
  (date_trunc('month', report.today()::timestamp) - INTERVAL '1 day') AT TIME ZONE 'UTC', 'month',
  ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY currency

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

-- name: by_group
SELECT i."time", i.grp AS metric, c.paint, sum(i.amount) AS value
FROM report.income(
  $__timeFrom(), $__timeTo(), ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring}) i
JOIN report.colour c ON c.tenant = i.tenant AND c.scope = 'group' AND c.name = i.grp
WHERE i.tenant = ${tenant:sqlstring} AND i.grp IN (${grp:sqlstring}) AND i.stream IN (${stream:sqlstring})
GROUP BY 1, 2, 3
ORDER BY 1, 2

-- name: by_weekday
SELECT date_trunc('week', "time") AS "time", to_char("time", 'ID Dy') AS metric, sum(amount) AS value
FROM report.income($__timeFrom(), $__timeTo(), 'day', ${basis:sqlstring}, ${currency:sqlstring})
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
GROUP BY 1, 2
ORDER BY 1, 2

-- name: streams_table
SELECT
  name AS "Stream", grp AS "Group", rate AS "Per day", change AS "Change",
  earned_30d AS "Last 30 days", earned_90d AS "Last 90 days", base_currency AS "In",
  to_char(last_receipt, 'YYYY-MM-DD') AS "Last receipt", quality AS "Quality", stream
FROM report.daily_rate
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring}) AND stream IN (${stream:sqlstring})
ORDER BY rate DESC NULLS LAST, name

-- name: warnings
SELECT severity AS "How bad", subject AS "What", what AS "Why", fix AS "What to do"
FROM report.warning
WHERE tenant = ${tenant:sqlstring}
ORDER BY severity, subject
