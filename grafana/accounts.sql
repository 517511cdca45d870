-- The queries of the dashboard Accounts & net worth: what is where now (report.account), and over time (report.worth).

-- name: connections
SELECT DISTINCT connection FROM report.account WHERE tenant = ${tenant:sqlstring} ORDER BY 1

-- name: worth
SELECT now() AS "time", base_currency || ', ' || count(worth) FILTER (WHERE quantity <> 0) || ' balances' AS metric,
  sum(worth) AS value
FROM report.account
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY base_currency
HAVING sum(worth) IS NOT NULL

-- name: change_month
SELECT now() AS "time",
  base_currency || coalesce(to_char(100 * sum(change_30d) / nullif(greatest(sum(worth - change_30d), 0), 0),
    '" ("FMSG999990.00" %)"'), '') AS metric,
  sum(change_30d) AS value
FROM report.account
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY base_currency
HAVING sum(change_30d) IS NOT NULL

-- name: change_year
SELECT now() AS "time",
  base_currency || coalesce(to_char(100 * sum(change_365d) / nullif(greatest(sum(worth - change_365d), 0), 0),
    '" ("FMSG999990.00" %)"'), '') AS metric,
  sum(change_365d) AS value
FROM report.account
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY base_currency
HAVING sum(change_365d) IS NOT NULL

-- name: oldest
SELECT to_char(a.at AT TIME ZONE t.timezone, 'YYYY-MM-DD') AS oldest
FROM report.account a
JOIN report.tenant t ON t.tenant = a.tenant
WHERE a.tenant = ${tenant:sqlstring} AND a.connection IN (${connection:sqlstring}) AND a.quantity <> 0
  AND a.worth IS NOT NULL
ORDER BY a.at, a.connection, a.account, a.asset
LIMIT 1

-- name: quality
SELECT quality
FROM report.account
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND quality IS NOT NULL
ORDER BY array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality) DESC
LIMIT 1

-- name: over_time
WITH line AS (
  SELECT "time",
    CASE ${by:sqlstring} WHEN 'account' THEN connection || '/' || account WHEN 'kind' THEN kind WHEN 'asset' THEN asset
      ELSE connection END AS key,
    CASE ${by:sqlstring} WHEN 'account' THEN connection || ': ' || name WHEN 'kind' THEN replace(kind, '_', ' ')
      WHEN 'asset' THEN asset ELSE connection END AS shown,
    sum(worth) AS worth
  FROM report.worth($__timeFrom(), $__timeTo())
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
  GROUP BY 1, 2, 3
), ranked AS (
  SELECT key, row_number() OVER (ORDER BY max(abs(worth)) DESC, key) AS place
  FROM line
  GROUP BY key
  HAVING max(abs(worth)) > 0
)
SELECT l."time", CASE WHEN r.place <= 20 THEN l.shown ELSE 'the rest' END AS metric,
  CASE WHEN r.place <= 20 THEN c.paint ELSE '16' END AS paint, sum(l.worth) AS value
FROM line l
JOIN ranked r ON r.key = l.key
JOIN report.account_colour c ON c.tenant = ${tenant:sqlstring} AND c.scope = ${by:sqlstring} AND c.name = l.key
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

-- name: by_kind
SELECT replace(coalesce(kind, 'unknown'), '_', ' ') AS kind, sum(worth) AS worth
FROM report.account
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND quantity <> 0
GROUP BY 1
HAVING sum(worth) IS NOT NULL
ORDER BY 2 DESC, 1

-- name: by_asset
WITH held AS (
  SELECT asset, sum(worth) AS worth, row_number() OVER (ORDER BY abs(sum(worth)) DESC, asset) AS place
  FROM report.account
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND quantity <> 0 AND worth IS NOT NULL
  GROUP BY asset
)
SELECT CASE WHEN place <= 12 THEN asset ELSE 'the rest' END AS asset, sum(worth) AS worth
FROM held
GROUP BY 1
ORDER BY min(place)

-- name: by_connection
SELECT connection AS "Connection", sum(worth) AS "Worth", base_currency AS "In",
  sum(worth) / nullif(greatest(sum(sum(worth)) OVER (), 0), 0) AS "Share",
  sum(change_30d) AS "30 days", sum(change_365d) AS "365 days",
  (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
    max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality))] AS "Quality",
  'connection|' || connection AS portfolio
FROM report.account
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY connection, base_currency
HAVING count(quantity) > 0
ORDER BY 2 DESC NULLS LAST, 1

-- name: accounts
WITH weeks AS (
  SELECT connection AS of_connection, account AS of_account, asset AS of_asset,
    report.spark(array_agg(worth ORDER BY day)) AS spark
  FROM report.worth
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND step = 'week'
    AND first_day > report.today(${tenant:sqlstring}) - 84
  GROUP BY 1, 2, 3
)
SELECT a.name AS "Account", a.connection AS "Connection", replace(coalesce(a.kind, 'unknown'), '_', ' ') AS "Kind",
  a.asset AS "Asset", a.quantity AS "Quantity", a.worth AS "Worth", a.base_currency AS "In",
  a.worth / nullif(greatest(sum(a.worth) OVER (), 0), 0) AS "Share", a.change_30d AS "30 days", w.spark AS "12 weeks",
  to_char(a.at AT TIME ZONE t.timezone, 'YYYY-MM-DD HH24:MI') AS "Read",
  t.today - (a.at AT TIME ZONE t.timezone)::date AS "Days old", a.quality AS "Quality", a.reason AS "What to know",
  'account|' || a.connection || '/' || a.account AS portfolio
FROM report.account a
JOIN report.tenant t ON t.tenant = a.tenant
LEFT JOIN weeks w ON w.of_connection = a.connection AND w.of_account = a.account AND w.of_asset = a.asset
WHERE a.tenant = ${tenant:sqlstring} AND a.connection IN (${connection:sqlstring}) AND a.quantity IS DISTINCT FROM 0
ORDER BY a.worth DESC NULLS LAST, a.connection, a.account, a.asset

-- name: moved
SELECT date_trunc(report.bucket($__timeFrom(), $__timeTo(), 'auto'), day::timestamp) AS "time",
  sum(CASE WHEN flow > 0 THEN flow WHEN flow <= 0 THEN 0 END) AS came,
  sum(CASE WHEN flow < 0 THEN flow WHEN flow >= 0 THEN 0 END) AS went
FROM (
  SELECT day, sum(flow) AS flow
  FROM (SELECT day, tenant, name AS connection, flow FROM report.performance_day WHERE scope = 'connection') p
  WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND $__timeFilter(day)
  GROUP BY day
) daily
GROUP BY 1
ORDER BY 1

-- name: movements
SELECT to_char(day, 'YYYY-MM-DD') AS "Day", amount AS "Amount", asset AS "In", flow_class AS "What",
  connection AS "Connection", account AS "Account",
  CASE WHEN counterparty <> '' THEN counterparty ELSE description END AS "From or to"
FROM report.transaction
WHERE tenant = ${tenant:sqlstring} AND connection IN (${connection:sqlstring}) AND $__timeFilter(day)
  AND flow_class IN ('deposit', 'withdrawal', 'transfer', 'loan')
ORDER BY booked_at DESC, subject
LIMIT 100

-- name: rates_missing
SELECT base AS "Rate of", quote AS "In", to_char(first_day, 'YYYY-MM-DD') AS "From", to_char(last_day, 'YYYY-MM-DD') AS "To",
  days AS "Days", 'add a connection that knows it, such as ecb or an exchange' AS "What to do"
FROM report.rate_missing
WHERE tenant = ${tenant:sqlstring}
ORDER BY last_day DESC, base, quote

-- name: rates_disagree
SELECT base AS "Rate of", quote AS "In", sources AS "Sources", lowest AS "Lowest", highest AS "Highest",
  disagreement AS "Apart", to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS "Stated (UTC)"
FROM report.rate_disagreement
WHERE tenant = ${tenant:sqlstring}
ORDER BY disagreement DESC, base, quote
