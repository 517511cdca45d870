-- What the choices at the top of every dashboard offer. Text is shown, value is what queries get.

-- name: tenants
SELECT tenant AS "__text", tenant AS "__value" FROM report.tenant ORDER BY 1

-- name: groups
SELECT DISTINCT grp FROM report.stream WHERE tenant = ${tenant:sqlstring} ORDER BY 1

-- name: streams
SELECT name AS "__text", stream AS "__value"
FROM report.stream
WHERE tenant = ${tenant:sqlstring} AND grp IN (${grp:sqlstring})
ORDER BY 1, 2

-- name: one_stream
SELECT name AS "__text", stream AS "__value" FROM report.stream WHERE tenant = ${tenant:sqlstring} ORDER BY 1, 2

-- name: currencies
SELECT c."__text", c."__value"
FROM (
  SELECT 0 AS place, base_currency || ' (everything converted)' AS "__text", 'base' AS "__value"
  FROM report.tenant WHERE tenant = ${tenant:sqlstring}
  UNION ALL
  SELECT DISTINCT 1, 'only what is in ' || currency, currency FROM report.income WHERE tenant = ${tenant:sqlstring}
) c
ORDER BY c.place, c."__text"

-- name: subjects
SELECT c."__text", c."__value"
FROM (
  SELECT 0 AS place, 'Everything' AS "__text", 'total' AS "__value" FROM report.tenant WHERE tenant = ${tenant:sqlstring}
  UNION ALL
  SELECT DISTINCT 1, 'Group: ' || grp, 'group:' || grp FROM report.stream WHERE tenant = ${tenant:sqlstring}
  UNION ALL
  SELECT 2, name, 'stream:' || stream FROM report.stream WHERE tenant = ${tenant:sqlstring}
) c
ORDER BY c.place, c."__text", c."__value"

-- name: base
SELECT base_currency FROM report.tenant WHERE tenant = ${tenant:sqlstring}
