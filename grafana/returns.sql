-- The queries of the dashboard Returns; ${portfolio} is the scope and the name of what it is about, such as connection|NAME.

-- name: portfolios
SELECT p."__text", p."__value"
FROM (
  SELECT 0 AS place, '' AS name, 'Everything' AS "__text", 'total|' AS "__value"
  FROM report.tenant WHERE tenant = ${tenant:sqlstring}
  UNION ALL
  SELECT DISTINCT array_position(ARRAY['group', 'connection', 'account'], scope), name, scope || ': ' || name,
    scope || '|' || name
  FROM report.return_window
  WHERE tenant = ${tenant:sqlstring} AND scope <> 'total'
) p
ORDER BY p.place, p.name

-- name: worth
SELECT now() AS "time", base_currency || ', ' || to_char(until, 'YYYY-MM-DD') AS metric, closing AS value
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|'))
  AND "window" = 'total' AND closing IS NOT NULL

-- name: gain_month
SELECT now() AS "time", base_currency AS metric, pnl AS value
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|'))
  AND "window" = '30d' AND pnl IS NOT NULL

-- name: return_month
SELECT twr
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND "window" = '30d'

-- name: gain_year
SELECT now() AS "time", base_currency AS metric, pnl AS value
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|'))
  AND "window" = 'ytd' AND pnl IS NOT NULL

-- name: return_year
SELECT twr
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND "window" = 'ytd'

-- name: quality
SELECT quality
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND "window" = '30d'

-- name: windows
SELECT
  (ARRAY['7 days', '30 days', '90 days', '365 days', 'this year', 'all the time'])[
    array_position(ARRAY['7d', '30d', '90d', '365d', 'ytd', 'total'], "window")] AS "Over",
  pnl AS "Gain", base_currency AS "In", pnl_pct AS "Gain %", twr AS "Return (TWR)", twr_annual AS "TWR per year",
  mwr AS "Money-weighted", xirr AS "XIRR per year", flow AS "Came in", to_char(since + 1, 'YYYY-MM-DD') AS "From",
  to_char(until, 'YYYY-MM-DD') AS "To", quality AS "Quality", reason AS "What to know"
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|'))
ORDER BY array_position(ARRAY['7d', '30d', '90d', '365d', 'ytd', 'total'], "window")

-- name: risk
SELECT
  (ARRAY['7 days', '30 days', '90 days', '365 days', 'this year', 'all the time'])[
    array_position(ARRAY['7d', '30d', '90d', '365d', 'ytd', 'total'], "window")] AS "Over",
  volatility AS "Volatility", sharpe AS "Sharpe", sortino AS "Sortino", max_drawdown AS "Deepest fall",
  to_char(peak_day, 'YYYY-MM-DD') AS "Peak", to_char(trough_day, 'YYYY-MM-DD') AS "Bottom",
  to_char(recovered_day, 'YYYY-MM-DD') AS "Made good", drawdown AS "Now"
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|'))
ORDER BY array_position(ARRAY['7d', '30d', '90d', '365d', 'ytd', 'total'], "window")

-- name: twr
-- A chain that began before the shown time starts at 0 with it; one that began in it starts where it began.
SELECT day::timestamp AS "time",
  round(CASE
    WHEN twr_since < min(day) OVER () AND 1 + first_value(twr) OVER since > 0
      THEN (1 + twr) / (1 + first_value(twr) OVER since) - 1
    ELSE twr
  END, 10) AS twr
FROM report.performance
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND $__timeFilter(day)
WINDOW since AS (PARTITION BY twr_since ORDER BY day)
ORDER BY 1

-- name: drawdown
SELECT day::timestamp AS "time", drawdown, min(drawdown) OVER (ORDER BY day) AS deepest
FROM report.performance
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND $__timeFilter(day)
ORDER BY 1

-- name: value
-- What was put in is not known any more from the first day on of which the flows are not.
SELECT d.day::timestamp AS "time", d.value,
  CASE WHEN d.flow IS NOT NULL AND d.lost = 0 THEN d.put_in END AS put_in
FROM (
  SELECT p.day, p.value, p.flow, sum(p.flow) OVER so_far AS put_in,
    count(*) FILTER (WHERE p.flow IS NULL AND p.day > p.began) OVER so_far AS lost
  FROM (
    SELECT day, value, flow, min(day) FILTER (WHERE flow IS NOT NULL) OVER () AS began
    FROM report.performance
    WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
      AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|'))
  ) p
  WINDOW so_far AS (ORDER BY p.day)
) d
WHERE $__timeFilter(d.day)
ORDER BY 1

-- name: attribution
SELECT date_trunc(report.bucket($__timeFrom(), $__timeTo(), ${granularity:sqlstring}), day::timestamp) AS "time",
  sum(income) AS income, sum(price) AS price, sum(fx) AS fx, sum(fees) AS fees, sum(other) AS other,
  sum(pnl - coalesce(income, 0) - coalesce(price, 0) - coalesce(fx, 0) - coalesce(fees, 0) - coalesce(other, 0))
    FILTER (WHERE other IS NULL) AS untold
FROM report.performance
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND $__timeFilter(day)
  AND pnl IS NOT NULL
GROUP BY 1
ORDER BY 1

-- name: flows
SELECT date_trunc(report.bucket($__timeFrom(), $__timeTo(), ${granularity:sqlstring}), day::timestamp) AS "time",
  sum(CASE WHEN flow > 0 THEN flow WHEN flow <= 0 THEN 0 END) AS came,
  sum(CASE WHEN flow < 0 THEN flow WHEN flow >= 0 THEN 0 END) AS went
FROM report.performance
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND $__timeFilter(day)
GROUP BY 1
ORDER BY 1

-- name: steps
SELECT to_char(date_trunc(report.bucket($__timeFrom(), $__timeTo(), ${granularity:sqlstring}), day::timestamp), 'YYYY-MM-DD')
    AS "From",
  sum(flow) AS "Came in", sum(pnl) AS "Gain", base_currency AS "In", sum(income) AS "Income", sum(price) AS "Price",
  sum(fx) AS "Currencies", sum(fees) AS "Fees", sum(other) AS "Other",
  sum(pnl - coalesce(income, 0) - coalesce(price, 0) - coalesce(fx, 0) - coalesce(fees, 0) - coalesce(other, 0))
    FILTER (WHERE other IS NULL) AS "Not told apart",
  (array_agg(value ORDER BY day DESC))[1] AS "Value at the end",
  (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[
    max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality))] AS "Quality",
  count(*) FILTER (WHERE pnl IS NULL) AS "Days not known"
FROM report.performance
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND $__timeFilter(day)
GROUP BY 1, base_currency
ORDER BY 1 DESC, base_currency
LIMIT 500

-- name: parts
SELECT
  (ARRAY['7 days', '30 days', '90 days', '365 days', 'this year', 'all the time'])[
    array_position(ARRAY['7d', '30d', '90d', '365d', 'ytd', 'total'], "window")] AS "Over",
  pnl AS "Gain", base_currency AS "In", income AS "Income", price AS "Price", fx AS "Currencies", fees AS "Fees",
  other AS "Other",
  CASE WHEN other IS NULL
    THEN pnl - coalesce(income, 0) - coalesce(price, 0) - coalesce(fx, 0) - coalesce(fees, 0) END AS "Not told apart"
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
  AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|'))
ORDER BY array_position(ARRAY['7d', '30d', '90d', '365d', 'ytd', 'total'], "window")

-- name: gain_days
-- Every day that is known, so that weeks lie where they belong; nothing at all where nothing was gained.
SELECT date_trunc('week', day::timestamp) + INTERVAL '7 days' AS "time", to_char(day, 'ID Dy') AS metric, greatest(pnl, 0) AS value
FROM (
  SELECT day, pnl, min(pnl) OVER () AS lowest, max(pnl) OVER () AS highest
  FROM report.performance_day
  WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
    AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND $__timeFilter(day)
    AND pnl IS NOT NULL
) daily
WHERE highest > 0
ORDER BY 1, 2

-- name: loss_days
-- The same of losses.
SELECT date_trunc('week', day::timestamp) + INTERVAL '7 days' AS "time", to_char(day, 'ID Dy') AS metric, greatest(-pnl, 0) AS value
FROM (
  SELECT day, pnl, min(pnl) OVER () AS lowest, max(pnl) OVER () AS highest
  FROM report.performance_day
  WHERE tenant = ${tenant:sqlstring} AND scope = split_part(${portfolio:sqlstring}, '|', 1)
    AND name = substr(${portfolio:sqlstring}, 1 + strpos(${portfolio:sqlstring}, '|')) AND $__timeFilter(day)
    AND pnl IS NOT NULL
) daily
WHERE lowest < 0
ORDER BY 1, 2

-- name: gains
SELECT label, pnl AS gain
FROM (
  SELECT label, pnl
  FROM report.return_window
  WHERE tenant = ${tenant:sqlstring} AND scope = 'connection' AND "window" = ${over:sqlstring} AND pnl IS NOT NULL
  ORDER BY abs(pnl) DESC, name
  LIMIT 20
) largest
ORDER BY pnl DESC, label

-- name: compared
SELECT label AS "What", scope AS "Kind", closing AS "Worth", base_currency AS "In", pnl AS "Gain", pnl_pct AS "Gain %",
  twr AS "Return (TWR)", mwr AS "Money-weighted", max_drawdown AS "Deepest fall", volatility AS "Volatility",
  quality AS "Quality", reason AS "What to know", scope || '|' || name AS portfolio
FROM report.return_window
WHERE tenant = ${tenant:sqlstring} AND "window" = ${over:sqlstring}
ORDER BY array_position(ARRAY['total', 'group', 'connection', 'account'], scope), pnl DESC NULLS LAST, name

-- name: held
SELECT a.asset AS "Asset", a.quantity AS "Quantity", a.worth AS "Worth", a.base_currency AS "In",
  a.worth / nullif(greatest(sum(a.worth) OVER (), 0), 0) AS "Share", a.name AS "Account", a.connection AS "Connection",
  to_char(a.at AT TIME ZONE t.timezone, 'YYYY-MM-DD HH24:MI') AS "Read", a.quality AS "Quality",
  a.reason AS "What to know"
FROM report.account a
JOIN report.tenant t ON t.tenant = a.tenant
WHERE a.tenant = ${tenant:sqlstring} AND a.quantity <> 0
  AND EXISTS (
    SELECT FROM report.return_window w
    WHERE w.tenant = a.tenant AND w.scope = 'account' AND w.name = a.connection || '/' || a.account)
  AND CASE split_part(${portfolio:sqlstring}, '|', 1)
    WHEN 'total' THEN true
    WHEN 'connection' THEN 'connection|' || a.connection = ${portfolio:sqlstring}
    WHEN 'account' THEN 'account|' || a.connection || '/' || a.account = ${portfolio:sqlstring}
    ELSE EXISTS (
      SELECT FROM report.stream s
      WHERE s.tenant = a.tenant AND s.connection = a.connection AND 'group|' || s.grp = ${portfolio:sqlstring})
  END
ORDER BY a.worth DESC NULLS LAST, a.connection, a.account, a.asset
