-- The queries of the dashboard Positions: what coins and shares cost, are worth and brought (report.position, .realised, .lot).

-- name: connections
SELECT DISTINCT connection FROM report.position WHERE tenant = ${tenant:sqlstring} ORDER BY 1

-- name: worth
SELECT now() AS "time", base_currency || ', ' || count(*) || ' held' AS metric, sum(value_base) AS value
FROM report.position
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring}) AND quantity <> 0
GROUP BY base_currency
HAVING sum(value_base) IS NOT NULL

-- name: unrealised
SELECT now() AS "time",
  base_currency || coalesce(to_char(100 * sum(unrealised_base) / nullif(sum(abs(cost_base)) FILTER (
    WHERE unrealised_base IS NOT NULL), 0), '" ("FMSG999990.00" %)"'), '') AS metric,
  sum(unrealised_base) AS value
FROM report.position
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring}) AND quantity <> 0
GROUP BY base_currency
HAVING sum(unrealised_base) IS NOT NULL

-- name: realised_year
SELECT now() AS "time", r.base_currency || ' since 1 January' AS metric, sum(r.gain_base) AS value
FROM report.realised r
JOIN report.tenant t ON t.tenant = r.tenant
WHERE r.tenant = ${tenant:sqlstring} AND r.method = ${method:sqlstring} AND r.connection IN (${connection:sqlstring})
  AND r.day >= date_trunc('year', t.today::timestamp)::date
GROUP BY r.base_currency
HAVING sum(r.gain_base) IS NOT NULL

-- name: realised
SELECT now() AS "time", base_currency || ', all sales' AS metric, sum(realised_base) AS value
FROM report.position
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY base_currency
HAVING sum(realised_base) IS NOT NULL

-- name: paid
SELECT now() AS "time", base_currency || ', all time' AS metric,
  sum(dividends_base + interest_base + staking_base + other_base) AS value
FROM report.position
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY base_currency

-- name: quality
SELECT quality
FROM report.position
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring})
ORDER BY array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], quality) DESC
LIMIT 1

-- name: over_time
-- Every position has a row at the end of each month; the last point is now.
SELECT "time", sum(value) AS worth, sum(cost) AS cost
FROM (
  SELECT d.day::timestamp AS "time", d.value_base AS value, d.cost_base AS cost
  FROM report.position_day d
  WHERE d.tenant = ${tenant:sqlstring} AND d.method = ${method:sqlstring} AND d.connection IN (${connection:sqlstring})
    AND d.day = (date_trunc('month', d.day::timestamp) + INTERVAL '1 month')::date - 1
    AND d.day BETWEEN $__timeFrom()::date AND $__timeTo()::date
  UNION ALL
  SELECT t.today::timestamp, p.value_base, p.cost_base
  FROM report.position p
  JOIN report.tenant t ON t.tenant = p.tenant
  WHERE p.tenant = ${tenant:sqlstring} AND p.method = ${method:sqlstring} AND p.connection IN (${connection:sqlstring})
    AND p.quantity <> 0 AND t.today BETWEEN $__timeFrom()::date AND $__timeTo()::date
) one
GROUP BY 1
ORDER BY 1

-- name: gains
SELECT date_trunc('month', day::timestamp) AS "time", sum(price) AS price, sum(fx) AS fx
FROM report.realised
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring})
  AND day BETWEEN $__timeFrom()::date AND $__timeTo()::date
GROUP BY 1
ORDER BY 1

-- name: held
SELECT p.asset AS "Asset", p.connection AS "Connection", coalesce(a.name, p.account) AS "Account", p.quantity AS "Quantity",
  p.average_price AS "Cost each", p.price AS "Price", p.quote AS "In", p.cost_base AS "Cost", p.value_base AS "Worth",
  p.unrealised_base AS "Gain", p.unrealised_base / nullif(abs(p.cost_base), 0) AS "Gain %", p.unrealised_fx AS "Of it FX",
  p.base_currency AS "Base", p.quality AS "Quality", p.reason AS "Why"
FROM report.position p
LEFT JOIN (
  SELECT connection AS place, account AS id, min(name) AS name FROM report.account
  WHERE tenant = ${tenant:sqlstring} GROUP BY 1, 2
) a ON a.place = p.connection AND a.id = p.account
WHERE p.tenant = ${tenant:sqlstring} AND p.method = ${method:sqlstring} AND p.connection IN (${connection:sqlstring})
  AND p.quantity <> 0
ORDER BY p.value_base DESC NULLS LAST, p.asset, p.connection, p.account

-- name: brought
SELECT asset AS "Asset", sum(realised_base) AS "Sold with gain", sum(dividends_base) AS "Dividends",
  sum(interest_base + staking_base + other_base) AS "Interest, staking …", sum(unrealised_base) AS "Not sold yet",
  coalesce(sum(realised_base), 0) + sum(dividends_base + interest_base + staking_base + other_base)
    + coalesce(sum(unrealised_base), 0) AS "In all",
  sum(fees_base) AS "Fees in it", base_currency AS "In", sum(trades) AS "Trades"
FROM report.position
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY asset, base_currency
ORDER BY 6 DESC, 1

-- name: years
SELECT extract(year FROM day)::int AS "Year", asset AS "Asset",
  CASE WHEN over_a_year THEN 'over a year' WHEN NOT over_a_year THEN 'up to a year' ELSE 'not known' END AS "Held",
  sum(disposals) AS "Sales", sum(quantity) AS "Quantity", sum(proceeds_base) AS "Proceeds", sum(cost_base) AS "Cost",
  sum(fee_base) AS "Fees", sum(gain_base) AS "Gain", base_currency AS "In",
  count(*) FILTER (WHERE gain_base IS NULL) AS "Not known"
FROM report.realised
WHERE tenant = ${tenant:sqlstring} AND method = ${method:sqlstring} AND connection IN (${connection:sqlstring})
GROUP BY 1, 2, 3, base_currency
ORDER BY 1 DESC, 2, 3

-- name: lots
SELECT l.asset AS "Asset", l.connection AS "Connection", l.acquired::text AS "Came", l.year_over::text AS "Year over",
  CASE WHEN l.year_over IS NULL THEN 'not known' WHEN l.year_over <= t.today THEN 'over a year'
    ELSE 'in ' || (l.year_over - t.today) || ' days' END AS "Held",
  l.quantity AS "Quantity", l.cost AS "Cost", l.quote AS "In", l.quality AS "Quality"
FROM report.lot l
JOIN report.tenant t ON t.tenant = l.tenant
WHERE l.tenant = ${tenant:sqlstring} AND l.connection IN (${connection:sqlstring})
ORDER BY l.year_over > t.today DESC NULLS LAST, l.year_over, l.asset, l.connection, l.account, l.number
LIMIT 200
