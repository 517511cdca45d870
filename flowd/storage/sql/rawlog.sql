The raw log's writes. Rows come as columns (see arrays.py), one array per parameter; every statement runs for one tenant and
one connection, behind that connection's lock, so what a statement reads cannot change before it writes.

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended(format('flowd.raw/%%s/%%s', %(tenant)s::int, %(connection)s::text), 0))

-- name: series
INSERT INTO raw.series (tenant_id, connection, account, asset)
SELECT %(tenant)s, %(connection)s, given.account, given.asset
FROM unnest(%(first)s, %(second)s) AS given (account, asset)
WHERE NOT EXISTS (
    SELECT FROM raw.series known
    WHERE known.tenant_id = %(tenant)s AND known.connection = %(connection)s
      AND known.account = given.account AND known.asset = given.asset)
ON CONFLICT DO NOTHING

-- name: snapshots
-- New rows are inserted plainly: ON CONFLICT costs twice as much, and the lock makes it needless. Changed ones, which are
-- few, go through it, because an UPDATE might be planned to read the whole table.
WITH numbers AS MATERIALIZED (
    SELECT array_agg(known.id ORDER BY given.ord) AS ids
    FROM unnest(%(first)s, %(second)s) WITH ORDINALITY AS given (account, asset, ord)
    LEFT JOIN raw.series known
      ON known.tenant_id = %(tenant)s AND known.connection = %(connection)s
     AND known.account = given.account AND known.asset = given.asset
), given AS (
    SELECT DISTINCT ON (series_id, at) (SELECT ids FROM numbers)[row.pair] AS series_id, row.at, row.value::numeric AS quantity
    FROM unnest(%(pair)s, %(at)s, %(value)s) WITH ORDINALITY AS row (pair, at, value, ord)
    ORDER BY series_id, at, row.ord DESC
), /*compared*/, added AS (
    INSERT INTO app.snapshot (tenant_id, series_id, at, quantity, inferred)
    SELECT %(tenant)s, series_id, at, quantity, false
    FROM compared
    WHERE old_quantity IS NULL
    RETURNING at
), changed AS (
    INSERT INTO app.snapshot (tenant_id, series_id, at, quantity, inferred)
    SELECT %(tenant)s, series_id, at, quantity, false
    FROM compared
    WHERE old_quantity <> quantity OR old_inferred
    ON CONFLICT (tenant_id, series_id, at) DO UPDATE SET quantity = excluded.quantity, inferred = false
    RETURNING at
), touched AS (
    SELECT at FROM added UNION ALL SELECT at FROM changed
)
SELECT count(*), min(at), max(at), max(at) > coalesce(%(now)s::timestamptz, now()) + interval '5 minutes',
       (SELECT ids FROM numbers)
FROM touched

-- name: snapshots_walked
-- One walk along the key, where the readings are about as many as their series times their moments.
old AS MATERIALIZED (
    SELECT known.series_id, known.at, known.quantity, known.inferred
    FROM app.snapshot known
    WHERE known.tenant_id = %(tenant)s
      AND known.series_id = ANY ((SELECT ids FROM numbers)::int[]) AND known.at = ANY (%(at)s::timestamptz[])
), compared AS MATERIALIZED (
    SELECT given.*, old.quantity AS old_quantity, old.inferred AS old_inferred
    FROM given
    LEFT JOIN old ON old.series_id = given.series_id AND old.at = given.at
)

-- name: snapshots_looked_up
-- OFFSET 0 keeps the planner from joining the guarded view as a whole: it looks each row up instead.
compared AS MATERIALIZED (
    SELECT given.*, old.quantity AS old_quantity, old.inferred AS old_inferred
    FROM given
    LEFT JOIN LATERAL (
        SELECT known.quantity, known.inferred
        FROM app.snapshot known
        WHERE known.tenant_id = %(tenant)s AND known.series_id = given.series_id AND known.at = given.at
        OFFSET 0
    ) old ON true
)

-- name: rates
WITH given AS (
    SELECT DISTINCT ON (base, quote, at)
        (%(first)s::text[])[row.pair] AS base, (%(second)s::text[])[row.pair] AS quote, row.at, row.value::numeric AS value
    FROM unnest(%(pair)s, %(at)s, %(value)s) WITH ORDINALITY AS row (pair, at, value, ord)
    ORDER BY base, quote, at, row.ord DESC
), compared AS MATERIALIZED (
    SELECT given.*, old.value AS old_value
    FROM given
    LEFT JOIN LATERAL (
        SELECT known.value
        FROM app.rate known
        WHERE known.tenant_id = %(tenant)s AND known.base = given.base AND known.quote = given.quote
          AND known.source = %(connection)s AND known.at = given.at
        OFFSET 0
    ) old ON true
), added AS (
    INSERT INTO app.rate (tenant_id, base, quote, source, at, value)
    SELECT %(tenant)s, base, quote, %(connection)s, at, value
    FROM compared
    WHERE old_value IS NULL
    RETURNING at
), changed AS (
    INSERT INTO app.rate (tenant_id, base, quote, source, at, value)
    SELECT %(tenant)s, base, quote, %(connection)s, at, value
    FROM compared
    WHERE old_value <> value
    ON CONFLICT (tenant_id, base, quote, source, at) DO UPDATE SET value = excluded.value
    RETURNING at
), touched AS (
    SELECT at FROM added UNION ALL SELECT at FROM changed
)
SELECT count(*), min(at), max(at), max(at) > coalesce(%(now)s::timestamptz, now()) + interval '5 minutes', NULL::int[]
FROM touched

-- name: zeros
INSERT INTO app.snapshot (tenant_id, series_id, at, quantity, inferred)
SELECT %(tenant)s, series.id, %(tick)s, 0, true
FROM raw.series series
CROSS JOIN LATERAL (
    SELECT known.quantity, known.at
    FROM app.snapshot known
    WHERE known.tenant_id = %(tenant)s AND known.series_id = series.id AND known.at <= %(tick)s
    ORDER BY known.at DESC
    LIMIT 1
) last
WHERE series.tenant_id = %(tenant)s AND series.connection = %(connection)s
  AND (%(accounts)s::text[] IS NULL OR series.account = ANY (%(accounts)s::text[]))
  AND series.id <> ALL (%(stated)s::int[])
  AND last.quantity <> 0 AND last.at < %(tick)s

-- name: events_distinct
-- No subject comes twice in this frame, which is what the packing says; were it wrong, the log's key would refuse it.
given AS (
    SELECT row.ord, (%(types)s::text[])[row.type] AS type, row.subject, row.key, row.numbered,
           NULLIF(row.at, '-infinity') AS occurred_at, row.data
    FROM unnest(%(type)s, %(subject)s, %(key)s, %(at)s, %(data)s, %(numbered)s)
        WITH ORDINALITY AS row (type, subject, key, at, data, numbered, ord)
), old AS MATERIALIZED (
    -- all subjects in one walk along the key: a look-up each costs three times as much under row security
    SELECT DISTINCT ON (known.subject) known.subject, known.version, known.key
    FROM raw.event known
    WHERE known.tenant_id = %(tenant)s AND known.subject = ANY (%(subject)s::uuid[])
    ORDER BY known.subject, known.version DESC
), compared AS (
    SELECT given.*, coalesce(old.version, 0) + 1 AS version, given.key IS DISTINCT FROM old.key AS differs
    FROM given
    LEFT JOIN old ON old.subject = given.subject
)

-- name: events_mixed
-- A subject may come several times: its versions in order. Rows without a name of their own are told apart by counting:
-- the n-th equal row of the batch is a fact of its own.
counted AS (
    SELECT row.*, CASE WHEN row.numbered
        THEN row_number() OVER (PARTITION BY row.subject ORDER BY row.ord) + /*before*/0 ELSE 1 END AS n
    FROM unnest(%(type)s, %(subject)s, %(key)s, %(at)s, %(data)s, %(numbered)s)
        WITH ORDINALITY AS row (type, subject, key, at, data, numbered, ord)
), given AS (
    SELECT ord, (%(types)s::text[])[type] AS type, numbered,
           CASE WHEN n = 1 THEN subject ELSE md5(subject::text || '/' || n)::uuid END AS subject,
           CASE WHEN n = 1 THEN key ELSE md5(key::text || '/' || n)::uuid END AS key,
           NULLIF(at, '-infinity') AS occurred_at, data
    FROM counted
), old AS MATERIALIZED (
    SELECT DISTINCT ON (known.subject) known.subject, known.version, known.key
    FROM raw.event known
    WHERE known.tenant_id = %(tenant)s AND known.subject = ANY (ARRAY(SELECT subject FROM given))
    ORDER BY known.subject, known.version DESC
), ordered AS (
    SELECT given.*, old.version AS old_version,
           given.key IS DISTINCT FROM lag(given.key, 1, old.key) OVER (PARTITION BY given.subject ORDER BY given.ord) AS differs
    FROM given
    LEFT JOIN old ON old.subject = given.subject
), compared AS (
    SELECT ordered.*, coalesce(old_version, 0) + count(*) FILTER (WHERE differs) OVER (
        PARTITION BY subject ORDER BY ord ROWS UNBOUNDED PRECEDING) AS version
    FROM ordered
)

-- name: events_before
-- How often such a row came in earlier frames: among the repeats, and as the first of its kind, added or found unchanged.
coalesce((SELECT repeated.n FROM pg_temp.flowd_repeated repeated WHERE repeated.subject = row.subject), 0)
    + CASE WHEN EXISTS (
          SELECT FROM raw.event known
          WHERE known.tenant_id = %(tenant)s AND known.subject = row.subject AND known.xmin = pg_current_xact_id()::xid)
        OR EXISTS (SELECT FROM pg_temp.flowd_matched matched WHERE matched.subject = row.subject)
      THEN 1 ELSE 0 END

-- name: make_repeated
CREATE TEMP TABLE flowd_repeated (subject uuid PRIMARY KEY, n int NOT NULL) ON COMMIT DROP

-- name: make_matched
CREATE TEMP TABLE flowd_matched (subject uuid NOT NULL) ON COMMIT DROP

-- name: events_matched
matched AS (
    INSERT INTO pg_temp.flowd_matched (subject)
    SELECT subject FROM compared WHERE numbered AND NOT differs
)

-- name: remember_repeats
INSERT INTO pg_temp.flowd_repeated AS repeated (subject, n)
SELECT row.subject, count(*)
FROM unnest(%(subject)s) AS row (subject)
GROUP BY row.subject
ON CONFLICT (subject) DO UPDATE SET n = repeated.n + excluded.n

-- name: index_matched
CREATE INDEX IF NOT EXISTS flowd_matched_subject ON pg_temp.flowd_matched (subject)

-- name: events_added
added AS (
    INSERT INTO raw.event (tenant_id, subject, version, type, connection, key, data, occurred_at)
    SELECT %(tenant)s, subject, version, type, %(connection)s, key, data, occurred_at
    FROM compared
    WHERE differs
    ORDER BY subject, ord
    RETURNING tenant_id, subject, version, type, connection, data, occurred_at, position
)

-- name: events_counted
SELECT added.type,
       count(*) FILTER (WHERE added.version = 1),
       count(*) FILTER (WHERE added.version > 1),
       min(least(added.occurred_at, before.occurred_at)),
       max(greatest(added.occurred_at, before.occurred_at)),
       coalesce(bool_or(before.connection <> added.connection), false)
FROM added
LEFT JOIN LATERAL (
    SELECT known.occurred_at, known.connection
    FROM raw.event known
    WHERE added.version > 1
      AND known.tenant_id = added.tenant_id AND known.subject = added.subject AND known.version = added.version - 1
    OFFSET 0
) before ON true
GROUP BY added.type

-- name: save_cursor
INSERT INTO ops.cursor (tenant_id, connection, feed, data, version)
VALUES (%(tenant)s, %(connection)s, %(feed)s, %(data)s, %(version)s)
ON CONFLICT (tenant_id, connection, feed)
DO UPDATE SET data = excluded.data, version = excluded.version, updated_at = now()

-- name: count_run
UPDATE ops.run
SET snapshots = snapshots + %(snapshots)s, rates = rates + %(rates)s, events = events + %(events)s,
    revised = revised + %(revised)s, unchanged = unchanged + %(unchanged)s
WHERE tenant_id = %(tenant)s AND id = %(run)s

-- name: leave_pending
INSERT INTO ops.pending (tenant_id, connection, what, since, until)
SELECT %(tenant)s, %(connection)s, row.what, row.since, row.until
FROM unnest(%(what)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS row (what, since, until)
ORDER BY row.what

-- name: notify
SELECT pg_notify('flowd_raw', %(tenant)s::text),
       (SELECT (%(first)s::timestamptz AT TIME ZONE tenant.timezone)::date),
       (SELECT (%(last)s::timestamptz AT TIME ZONE tenant.timezone)::date)
FROM ops.tenant tenant
WHERE tenant.id = %(tenant)s
