Since when connections are read, where somebody asked for more history. Every statement runs for one tenant.

-- name: load
SELECT connection, since, asked_at, through, read_at FROM ops.backfill
WHERE tenant_id = %(tenant)s
ORDER BY connection

-- name: ask
INSERT INTO ops.backfill (tenant_id, connection, since, asked_at)
VALUES (%(tenant)s, %(connection)s, %(since)s, %(asked_at)s)
ON CONFLICT (tenant_id, connection) DO UPDATE
SET since = excluded.since, asked_at = excluded.asked_at, through = '{}', read_at = NULL

-- name: through
-- A feed that got through what was asked for before is not through what is asked for now.
UPDATE ops.backfill b
SET through = n.through, read_at = CASE WHEN n.through @> %(feeds)s::text[] THEN %(now)s END
FROM (
    SELECT array(SELECT DISTINCT feed FROM unnest(through || %(feed)s::text) AS feed ORDER BY 1) AS through
    FROM ops.backfill
    WHERE tenant_id = %(tenant)s AND connection = %(connection)s
) n
WHERE b.tenant_id = %(tenant)s AND b.connection = %(connection)s AND b.asked_at = %(asked_at)s AND b.read_at IS NULL

-- name: forget
DELETE FROM ops.backfill WHERE tenant_id = %(tenant)s AND connection = %(connection)s

-- name: oldest
-- The oldest day there is a transaction, a trade or a rate of, and when it was first run as far as that is known.
SELECT least(
        (SELECT min(day) FROM derived.transaction WHERE tenant_id = %(tenant)s AND connection = %(connection)s),
        (SELECT min(day) FROM derived.flow WHERE tenant_id = %(tenant)s AND connection = %(connection)s),
        (SELECT (min(at) AT TIME ZONE t.timezone)::date FROM derived.trade
            WHERE tenant_id = %(tenant)s AND connection = %(connection)s),
        (SELECT (min(at) AT TIME ZONE t.timezone)::date FROM app.rate
            WHERE tenant_id = %(tenant)s AND source = %(connection)s)) AS day,
    (SELECT min(started_at) FROM ops.run
        WHERE tenant_id = %(tenant)s AND connection = %(connection)s AND outcome IN ('done', 'partial')) AS first_run
FROM ops.tenant t
WHERE t.id = %(tenant)s
