-- What studies read (whole histories, as columns of bytes, a value after the other in network order) and how their rows
-- are kept. Days travel as ordinals: day 1 is 0001-01-01.

-- name: one_moment
-- All that is read for a study is of one moment, whatever is written meanwhile.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: state
SELECT coalesce(max(revision), 0), max(through) FROM ops.derivation WHERE tenant_id = %(tenant)s

-- name: streams
SELECT s.stream, s.method, s.connection, s.name, s.grp, s.color, s.target, coalesce(c.classes, '{}')
FROM derived.stream s
LEFT JOIN (
    SELECT f.stream, array_agg(DISTINCT f.flow_class ORDER BY f.flow_class) AS classes
    FROM derived.flow f WHERE f.tenant_id = %(tenant)s AND f.stream IS NOT NULL
    GROUP BY f.stream
) c ON c.stream = s.stream
WHERE s.tenant_id = %(tenant)s
ORDER BY s.stream COLLATE "C"

-- name: read_at
SELECT connection, feed, last_success FROM ops.connection_state WHERE tenant_id = %(tenant)s

-- name: told
SELECT (x.connection || '/' || x.account) COLLATE "C", max(x.day)
FROM derived.transaction x
WHERE x.tenant_id = %(tenant)s AND x.day <= %(until)s AND NOT x.pending
GROUP BY x.connection, x.account
ORDER BY 1

-- name: income
SELECT stream, unit,
    string_agg(int4send(day - DATE '0001-01-01' + 1), ''::bytea ORDER BY day, currency),
    string_agg(float8send(coalesce(earned::float8, 'NaN')), ''::bytea ORDER BY day, currency),
    string_agg(float8send(coalesce(received::float8, 'NaN')), ''::bytea ORDER BY day, currency),
    string_agg(boolsend(quality <> 'exact'), ''::bytea ORDER BY day, currency)
FROM (
    SELECT i.stream COLLATE "C" AS stream, i.day, i.currency COLLATE "C" AS currency, i.quality,
        (CASE WHEN %(own)s THEN i.currency ELSE i.base_currency END) COLLATE "C" AS unit,
        CASE WHEN %(own)s THEN i.earned ELSE i.earned_base END AS earned,
        CASE WHEN %(own)s THEN i.received ELSE i.received_base END AS received
    FROM app.income_daily i
    WHERE i.tenant_id = %(tenant)s AND i.day <= %(until)s
) income
GROUP BY stream, unit
ORDER BY stream, unit

-- name: receipts
SELECT stream, day, asset, flow_class, account, payer, sum(amount), bool_or(guessed)
FROM (
    SELECT f.stream COLLATE "C" AS stream, (f.connection || '/' || f.account) COLLATE "C" AS account,
        f.payer COLLATE "C" AS payer, f.flow_class COLLATE "C" AS flow_class, f.asset COLLATE "C" AS asset, f.day,
        f.amount, f.rule LIKE 'sign%%' AS guessed
    FROM derived.flow f
    WHERE f.tenant_id = %(tenant)s AND f.stream IS NOT NULL AND f.day <= %(until)s
) receipt
GROUP BY stream, day, asset, flow_class, account, payer
ORDER BY stream, day, asset, flow_class, account, payer

-- name: expenses
SELECT asset, string_agg(int4send(day - DATE '0001-01-01' + 1), ''::bytea ORDER BY day),
    string_agg(float8send(amount::float8), ''::bytea ORDER BY day)
FROM (
    SELECT f.asset, f.day, sum(-f.amount) AS amount
    FROM derived.flow f
    WHERE f.tenant_id = %(tenant)s AND f.flow_class = 'expense' AND f.day <= %(until)s
    GROUP BY f.asset, f.day
) spent
GROUP BY asset
ORDER BY asset COLLATE "C"

-- name: portfolios
SELECT p.scope, p.name, string_agg(int4send(p.day - DATE '0001-01-01' + 1), ''::bytea ORDER BY p.day),
    string_agg(
        float8send(coalesce(p.value::float8, 'NaN')) || float8send(coalesce(p.flow::float8, 'NaN'))
            || float8send(coalesce(p.pnl::float8, 'NaN')) || float8send(coalesce(p.day_return::float8, 'NaN'))
            || float8send(coalesce(p.income::float8, 'NaN')) || float8send(coalesce(p.price::float8, 'NaN'))
            || float8send(coalesce(p.fx::float8, 'NaN')) || float8send(coalesce(p.fees::float8, 'NaN'))
            || float8send(coalesce(p.other::float8, 'NaN')), ''::bytea ORDER BY p.day),
    array_agg(p.quality ORDER BY p.day), array_agg(p.reason ORDER BY p.day)
FROM app.performance p
WHERE p.tenant_id = %(tenant)s AND p.day <= %(until)s
GROUP BY p.scope, p.name
ORDER BY array_position(ARRAY['total', 'group', 'connection', 'account'], p.scope), p.name COLLATE "C"

-- name: holdings
SELECT s.connection, a.kind, s.asset, reading.last, reading.day
FROM raw.series s
LEFT JOIN derived.known_account a
    ON a.tenant_id = s.tenant_id AND a.connection = s.connection AND a.account = s.account
CROSS JOIN LATERAL (
    SELECT d.last, d.day, d.count FROM app.snapshot_daily d
    WHERE d.tenant_id = %(tenant)s AND d.series_id = s.id AND d.day <= %(until)s
    ORDER BY d.day DESC LIMIT 1
) reading
WHERE s.tenant_id = %(tenant)s AND reading.last <> 0
    AND (s.connection, s.account) NOT IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
    -- an account of files that ended counts no more, as in report.account: what is there is known without it
    AND (reading.count > 0 OR reading.day >= %(until)s::date - 100)
ORDER BY s.connection COLLATE "C", s.account COLLATE "C", s.asset COLLATE "C"

-- name: models
SELECT scope, name, as_of, method, reason, history_days, short, origins, digest, error, coverage, confidence, parts,
    candidates, fit
FROM derived.projection_model WHERE tenant_id = %(tenant)s
ORDER BY scope COLLATE "C", name COLLATE "C"

-- name: lock
-- Two processes that study the same tenant at once would do the same work twice.
SELECT pg_advisory_xact_lock(hashtextextended('flowd studies', %(tenant)s))

-- name: made
SELECT study, as_of, digest FROM derived.study WHERE tenant_id = %(tenant)s

-- name: save_made
INSERT INTO derived.study (tenant_id, study, as_of, digest)
VALUES (%(tenant)s, %(study)s, %(as_of)s, %(digest)s)
ON CONFLICT (tenant_id, study) DO UPDATE SET as_of = excluded.as_of, digest = excluded.digest
    WHERE (derived.study.as_of, derived.study.digest) IS DISTINCT FROM (excluded.as_of, excluded.digest)

-- name: forget_study
DELETE FROM derived.study WHERE tenant_id = %(tenant)s AND study = %(study)s

-- name: forget_metrics
DELETE FROM app.metric WHERE tenant_id = %(tenant)s AND analytic = %(study)s

-- name: work
-- This and what follows is filled in for each table that studies write, see flowd/storage/study_rows.py.
CREATE TEMPORARY TABLE work_study ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA

-- name: copy
COPY work_study ({columns}) FROM STDIN

-- name: analyze
ANALYZE work_study

-- name: delete_gone
DELETE FROM {table} kept
WHERE {scope} AND NOT EXISTS (SELECT FROM work_study new WHERE {same_key})

-- name: delete_all
DELETE FROM {table} WHERE {scope}

-- name: upsert
INSERT INTO {table} AS kept ({columns})
SELECT {columns} FROM work_study ORDER BY {key}
ON CONFLICT ({key}) DO UPDATE SET ({others}) = ROW ({excluded})
    WHERE ({compared}) IS DISTINCT FROM ({compared_new})

-- name: drop_work
DROP TABLE work_study
