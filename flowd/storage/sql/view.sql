What analytics read: the tenant's stored facts, always in the same order.

-- name: levels
SELECT r.account, r.asset, d.day, d.last_at, d.last, d.first_at, d.first
FROM raw.series r
LEFT JOIN derived.known_account a
    ON a.tenant_id = r.tenant_id AND a.connection = r.connection AND a.account = r.account
CROSS JOIN LATERAL (
    (SELECT b.day, b.last_at, b.last, b.first_at, b.first FROM app.snapshot_daily b
     WHERE b.tenant_id = %(tenant)s AND b.series_id = r.id AND b.day < %(since)s ORDER BY b.day DESC LIMIT 1)
    UNION ALL
    SELECT b.day, b.last_at, b.last, b.first_at, b.first FROM app.snapshot_daily b
    WHERE b.tenant_id = %(tenant)s AND b.series_id = r.id AND b.day BETWEEN %(since)s AND %(until)s
) d
WHERE r.tenant_id = %(tenant)s AND r.connection = %(connection)s
    AND r.account NOT IN (
        SELECT o.account FROM derived.account_left_out o
        WHERE o.tenant_id = %(tenant)s AND o.connection = %(connection)s)
    AND (r.account = ANY(%(by_value)s)
        OR (coalesce(a.kind, %(default_kind)s) = ANY(%(valued)s) AND r.account <> ALL(%(by_ledger)s)))
ORDER BY d.day, r.account COLLATE "C", r.asset COLLATE "C"

-- name: flows
-- OFFSET 0: each of these few rows is looked up by its key, whatever the planner thinks of tables just filled. CASE: a
-- coalesce() is not let past row security to the index, and the whole table would be read for each row.
SELECT f.account, f.day, stated.at, f.amount, f.asset, f.flow_class
FROM derived.flow f
LEFT JOIN derived.known_account a
    ON a.tenant_id = f.tenant_id AND a.connection = f.connection AND a.account = f.account
CROSS JOIN LATERAL (
    SELECT t.version, t.booked_at FROM derived.transaction t
    WHERE t.tenant_id = %(tenant)s AND t.subject = CASE WHEN f.part_of IS NULL THEN f.subject ELSE f.part_of END OFFSET 0
) booked
CROSS JOIN LATERAL (
    SELECT CASE WHEN e.data ? 'day' THEN NULL ELSE booked.booked_at END AS at FROM raw.event e
    WHERE e.tenant_id = %(tenant)s AND e.subject = CASE WHEN f.part_of IS NULL THEN f.subject ELSE f.part_of END
        AND e.version = booked.version OFFSET 0
) stated
WHERE f.tenant_id = %(tenant)s AND f.connection = %(connection)s AND f.day BETWEEN %(since)s AND %(until)s
    AND f.flow_class = ANY(%(classes)s) AND f.flow_class IN ('deposit', 'withdrawal', 'transfer', 'loan')
    AND (f.account = ANY(%(by_value)s)
        OR (coalesce(a.kind, %(default_kind)s) = ANY(%(valued)s) AND f.account <> ALL(%(by_ledger)s)))
ORDER BY f.day, booked.booked_at, f.subject

-- name: gains
SELECT f.account, f.day, stated.at, f.amount, f.asset, f.flow_class
FROM derived.flow f
LEFT JOIN derived.known_account a
    ON a.tenant_id = f.tenant_id AND a.connection = f.connection AND a.account = f.account
CROSS JOIN LATERAL (
    SELECT t.version, t.booked_at FROM derived.transaction t
    WHERE t.tenant_id = %(tenant)s AND t.subject = CASE WHEN f.part_of IS NULL THEN f.subject ELSE f.part_of END OFFSET 0
) booked
CROSS JOIN LATERAL (
    SELECT CASE WHEN e.data ? 'day' THEN NULL ELSE booked.booked_at END AS at FROM raw.event e
    WHERE e.tenant_id = %(tenant)s AND e.subject = CASE WHEN f.part_of IS NULL THEN f.subject ELSE f.part_of END
        AND e.version = booked.version OFFSET 0
) stated
WHERE f.tenant_id = %(tenant)s AND f.connection = %(connection)s AND f.day BETWEEN %(since)s AND %(until)s
    AND f.flow_class = ANY(%(classes)s)
    AND (f.account = ANY(%(by_value)s)
        OR (coalesce(a.kind, %(default_kind)s) = ANY(%(valued)s) AND f.account <> ALL(%(by_ledger)s)))
ORDER BY f.day, booked.booked_at, f.subject

-- name: receipts
SELECT account, payer, flow_class, asset, day, sum(amount), bool_or(guessed)
FROM (
    SELECT (f.connection || '/' || f.account) COLLATE "C" AS account, f.payer COLLATE "C" AS payer,
        f.flow_class COLLATE "C" AS flow_class, f.asset COLLATE "C" AS asset, f.day, f.amount,
        f.rule LIKE 'sign%%' AS guessed
    FROM derived.flow f
    WHERE f.tenant_id = %(tenant)s AND f.stream = %(stream)s
) receipt
GROUP BY asset, flow_class, account, payer, day
ORDER BY asset, flow_class, account, payer, day

-- name: schedules
SELECT connection, amount, currency, every, start_day, end_day FROM derived.schedule_term
WHERE tenant_id = %(tenant)s ORDER BY connection COLLATE "C", term

-- name: events
-- The condition on `data` compares and does not convert: whatever a plugin put there, reading it cannot fail.
SELECT connection, subject, occurred_at, data
FROM (
    SELECT DISTINCT ON (e.subject) e.connection, e.subject, e.occurred_at, e.data
    FROM raw.event e
    WHERE e.tenant_id = %(tenant)s AND e.type = %(type)s
    ORDER BY e.subject, e.version DESC
) newest
WHERE (data -> 'removed') IS DISTINCT FROM 'true'::jsonb AND occurred_at IS NOT NULL
ORDER BY connection COLLATE "C", subject

-- name: trades
-- Bounds as instants, so that the key is of use.
SELECT account, external_id, at, base, quote, side, quantity, price, fee, fee_asset FROM derived.trade
WHERE tenant_id = %(tenant)s AND connection = %(connection)s
    AND account NOT IN (
        SELECT o.account FROM derived.account_left_out o
        WHERE o.tenant_id = %(tenant)s AND o.connection = %(connection)s)
    AND at >= %(since)s::timestamp AT TIME ZONE %(zone)s AND at < (%(until)s + 1)::timestamp AT TIME ZONE %(zone)s
ORDER BY at, external_id COLLATE "C", account COLLATE "C", subject

-- name: performance
SELECT name, day, value, flow, pnl, day_return, income, price, fx, fees, other, quality, reason FROM app.performance
WHERE tenant_id = %(tenant)s AND scope = %(scope)s AND day BETWEEN %(since)s AND %(until)s
ORDER BY day, name COLLATE "C"

-- name: pairs
WITH RECURSIVE pair AS (
    (SELECT r.base, r.quote FROM app.rate r WHERE r.tenant_id = %(tenant)s ORDER BY r.base, r.quote LIMIT 1)
    UNION ALL
    SELECT next.base, next.quote FROM pair p
    CROSS JOIN LATERAL (
        SELECT r.base, r.quote FROM app.rate r
        WHERE r.tenant_id = %(tenant)s AND (r.base, r.quote) > (p.base, p.quote)
        ORDER BY r.base, r.quote LIMIT 1
    ) next
)
SELECT base, quote FROM pair ORDER BY base, quote

-- name: closing
SELECT DISTINCT ON (day) day, value
FROM (
    SELECT (r.at AT TIME ZONE %(zone)s)::date AS day, r.value, r.at, r.source,
        max(r.at) OVER (PARTITION BY (r.at AT TIME ZONE %(zone)s)::date) AS newest
    FROM app.rate r
    WHERE r.tenant_id = %(tenant)s AND r.base = %(base)s AND r.quote = %(quote)s
        AND r.at >= %(begin)s AND r.at < %(end)s
) stated
WHERE newest - at <= interval '2 hours'
ORDER BY day, array_position(%(sources)s::text[], source) NULLS LAST, at DESC, source
