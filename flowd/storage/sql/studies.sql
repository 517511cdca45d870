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
LEFT JOIN derived.account a
    ON a.tenant_id = s.tenant_id AND a.connection = s.connection AND a.account = s.account
CROSS JOIN LATERAL (
    SELECT d.last, d.day FROM app.snapshot_daily d
    WHERE d.tenant_id = %(tenant)s AND d.series_id = s.id AND d.day <= %(until)s
    ORDER BY d.day DESC LIMIT 1
) reading
WHERE s.tenant_id = %(tenant)s AND reading.last <> 0
ORDER BY s.connection COLLATE "C", s.account COLLATE "C", s.asset COLLATE "C"

-- name: models
SELECT scope, name, as_of, method, reason, history_days, short, origins, digest, error, coverage, confidence, parts,
    candidates, fit
FROM derived.projection_model WHERE tenant_id = %(tenant)s
ORDER BY scope COLLATE "C", name COLLATE "C"
