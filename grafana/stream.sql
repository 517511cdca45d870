-- The queries of the dashboard Stream; ${one} is the key of the stream it is about.

-- name: income
SELECT i."time", i.name AS metric, c.paint, sum(i.amount) AS value
FROM report.income(
  $__timeFrom(), $__timeTo(), ${granularity:sqlstring}, ${basis:sqlstring}, ${currency:sqlstring}) i
JOIN report.colour c ON c.tenant = i.tenant AND c.scope = 'stream' AND c.name = i.stream
WHERE i.tenant = ${tenant:sqlstring} AND i.stream = ${one:sqlstring}
GROUP BY 1, 2, 3
ORDER BY 1, 2
