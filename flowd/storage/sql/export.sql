What `flowd export` writes, table by table, each in a fixed order. Columns are those of docs/backup.md.

-- name: accounts
SELECT a.connection, a.account, a.name, a.kind, a.asset, o.account IS NOT NULL AS left_out,
    o.same_connection || '/' || o.same_account AS same_as
FROM derived.known_account a
LEFT JOIN derived.account_left_out o
    ON o.tenant_id = a.tenant_id AND o.connection = a.connection AND o.account = a.account
WHERE a.tenant_id = %(tenant)s ORDER BY a.connection COLLATE "C", a.account COLLATE "C"

-- name: transactions
-- A split one has a row for each part, and a duplicate says of what: so amounts add up to what was derived of them.
SELECT x.day, x.booked_at, x.connection, x.account, x.amount, x.asset, x.counterparty, x.description, x.kind, x.pending,
    x.flow_class, x.stream, x.rule, x.external_id, x.subject::text AS id, x.category, x.note, x.part_of::text AS part_of,
    x.duplicate_of::text AS duplicate_of, x.left_out
FROM report.transaction x
ORDER BY x.day, x.booked_at, coalesce(x.part_of, x.subject), x.subject

-- name: trades
SELECT t.at, t.connection, t.account, t.side, t.quantity, t.base, t.price, t.quote, t.fee, t.fee_asset, t.external_id,
    t.subject::text AS id
FROM derived.trade t WHERE t.tenant_id = %(tenant)s ORDER BY t.at, t.subject

-- name: balances
SELECT b.day, b.connection, b.account, b.amount, b.asset FROM derived.balance b
WHERE b.tenant_id = %(tenant)s ORDER BY b.day, b.connection COLLATE "C", b.account COLLATE "C", b.asset COLLATE "C"

-- name: readings
SELECT s.at, r.connection, r.account, s.quantity, r.asset, s.inferred
FROM raw.series r
JOIN app.snapshot s ON s.tenant_id = r.tenant_id AND s.series_id = r.id
WHERE r.tenant_id = %(tenant)s AND s.tenant_id = %(tenant)s
ORDER BY r.connection COLLATE "C", r.account COLLATE "C", r.asset COLLATE "C", s.at

-- name: rates
SELECT r.at, r.base, r.quote, r.value, r.source FROM app.rate r
WHERE r.tenant_id = %(tenant)s ORDER BY r.base, r.quote, r.at, r.source

-- name: income
SELECT i.day, i.stream, i.received, i.earned, i.currency, i.received_base, i.earned_base, i.base_currency, i.quality
FROM app.income_daily i WHERE i.tenant_id = %(tenant)s ORDER BY i.day, i.stream COLLATE "C", i.currency COLLATE "C"

-- name: worth
SELECT p.day, p.scope, p.name, p.value, p.flow, p.pnl, p.income, p.price, p.fx, p.fees, p.other, p.base_currency,
    p.quality, p.reason
FROM app.performance p WHERE p.tenant_id = %(tenant)s ORDER BY p.day, p.scope COLLATE "C", p.name COLLATE "C"

-- name: projections
SELECT p.made_on, p.scope, p.name, p.span, p.for_day, p.p05, p.p10, p.p25, p.p50, p.p75, p.p90, p.p95, p.mean, p.method,
    p.confidence, p.base_currency
FROM app.projection p WHERE p.tenant_id = %(tenant)s
ORDER BY p.made_on, p.scope COLLATE "C", p.name COLLATE "C", p.span, p.for_day

-- name: events
SELECT e.position, e.added_at, e.occurred_at, e.type, e.connection, e.subject::text AS id, e.version, e.data
FROM raw.event e WHERE e.tenant_id = %(tenant)s ORDER BY e.position

-- name: ledger_tenant
SELECT name, base_currency FROM ops.tenant WHERE id = %(tenant)s

-- name: ledger_places
-- Every account and asset something was booked in, with the first day of it.
SELECT p.connection, p.account, coalesce(a.name, p.account), coalesce(a.kind, 'bank'), p.asset, min(p.day)
FROM (
    SELECT connection, account, asset, day FROM derived.flow WHERE tenant_id = %(tenant)s
    UNION ALL
    SELECT b.connection, b.account, b.asset, b.day FROM derived.balance b
    WHERE b.tenant_id = %(tenant)s AND (b.connection, b.account) NOT IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
    UNION ALL
    SELECT t.connection, t.account, leg.asset, (t.at AT TIME ZONE %(zone)s)::date
    FROM derived.trade t
    CROSS JOIN LATERAL (VALUES (t.base), (t.quote), (t.fee_asset)) leg (asset)
    WHERE t.tenant_id = %(tenant)s AND (t.connection, t.account) NOT IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
) p
LEFT JOIN derived.known_account a ON a.tenant_id = %(tenant)s AND a.connection = p.connection AND a.account = p.account
GROUP BY p.connection, p.account, a.name, a.kind, p.asset
ORDER BY p.connection COLLATE "C", p.account COLLATE "C", p.asset COLLATE "C"

-- name: ledger_rest
-- What classified transactions are booked against.
SELECT flow_class, coalesce(stream, ''), coalesce(category, ''), min(day) FROM derived.flow
WHERE tenant_id = %(tenant)s GROUP BY 1, 2, 3 ORDER BY flow_class COLLATE "C", 2, 3

-- name: ledger_flows
SELECT f.day, f.connection, f.account, f.amount, f.asset, f.flow_class, coalesce(f.stream, ''),
    coalesce(t.counterparty, ''), coalesce(t.description, ''), f.subject::text, coalesce(f.category, ''), coalesce(f.note, '')
FROM derived.flow f
LEFT JOIN derived.transaction t ON t.tenant_id = f.tenant_id AND t.subject = coalesce(f.part_of, f.subject)
WHERE f.tenant_id = %(tenant)s
ORDER BY f.day, f.subject

-- name: ledger_trades
SELECT (t.at AT TIME ZONE %(zone)s)::date, t.connection, t.account, t.side, t.quantity, t.base, t.price, t.quote, t.fee,
    t.fee_asset, t.subject::text
FROM derived.trade t
WHERE t.tenant_id = %(tenant)s AND (t.connection, t.account) NOT IN (
    SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
ORDER BY t.at, t.subject

-- name: ledger_splits
-- How many units a split of shares added (or took): what the position has on its day, less what it had before and what was
-- booked on that day.
SELECT p.day, p.connection, p.account, p.asset, p.quantity - coalesce(before.quantity, 0) - coalesce(booked.amount, 0)
FROM derived.position_day p
LEFT JOIN LATERAL (
    SELECT b.quantity FROM derived.position_day b
    WHERE b.tenant_id = p.tenant_id AND b.connection = p.connection AND b.account = p.account AND b.asset = p.asset
        AND b.method = p.method AND b.day < p.day
    ORDER BY b.day DESC LIMIT 1
) before ON true
LEFT JOIN LATERAL (
    SELECT sum(every.amount) AS amount FROM (
        SELECT f.amount FROM derived.flow f
        WHERE f.tenant_id = p.tenant_id AND f.connection = p.connection AND f.day = p.day AND f.account = p.account
            AND f.asset = p.asset
        UNION ALL
        SELECT leg.amount FROM derived.trade t
        CROSS JOIN LATERAL (VALUES
            (t.base, CASE WHEN t.side = 'buy' THEN t.quantity ELSE -t.quantity END),
            (t.quote, CASE WHEN t.side = 'buy' THEN -t.quantity * t.price ELSE t.quantity * t.price END),
            (t.fee_asset, -t.fee)) leg (asset, amount)
        WHERE t.tenant_id = p.tenant_id AND t.connection = p.connection AND t.account = p.account AND leg.asset = p.asset
            AND (t.at AT TIME ZONE %(zone)s)::date = p.day
    ) every
) booked ON true
WHERE p.tenant_id = %(tenant)s AND p.method = 'fifo' AND EXISTS (
    SELECT FROM raw.event e
    WHERE e.tenant_id = p.tenant_id AND e.type = 'split' AND e.data ->> 'asset' = p.asset
        AND (e.occurred_at AT TIME ZONE %(zone)s)::date = p.day)
    AND p.quantity <> coalesce(before.quantity, 0) + coalesce(booked.amount, 0)
ORDER BY p.day, p.connection COLLATE "C", p.account COLLATE "C", p.asset COLLATE "C"

-- name: ledger_balances
-- What statements say, and by how much everything booked since the statement before differs from that: the first of an
-- account is what it had before, any other is what nobody explains.
WITH booked AS (
    SELECT connection, account, asset, day, sum(amount) AS amount FROM (
        SELECT connection, account, asset, day, amount FROM derived.flow WHERE tenant_id = %(tenant)s
        UNION ALL
        SELECT t.connection, t.account, leg.asset, (t.at AT TIME ZONE %(zone)s)::date, leg.amount
        FROM derived.trade t
        CROSS JOIN LATERAL (VALUES
            (t.base, CASE WHEN t.side = 'buy' THEN t.quantity ELSE -t.quantity END),
            (t.quote, CASE WHEN t.side = 'buy' THEN -t.quantity * t.price ELSE t.quantity * t.price END),
            (t.fee_asset, -t.fee)) leg (asset, amount)
        WHERE t.tenant_id = %(tenant)s
    ) every
    GROUP BY connection, account, asset, day
), stated AS (
    SELECT b.connection, b.account, b.asset, b.day, b.amount,
        lag(b.day) OVER place AS before, coalesce(lag(b.amount) OVER place, 0) AS had
    FROM derived.balance b
    WHERE b.tenant_id = %(tenant)s AND (b.connection, b.account) NOT IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
    WINDOW place AS (PARTITION BY b.connection, b.account, b.asset ORDER BY b.day)
)
SELECT s.day, s.connection, s.account, s.asset, s.amount, s.before IS NULL,
    s.amount - s.had - coalesce((
        SELECT sum(k.amount) FROM booked k
        WHERE k.connection = s.connection AND k.account = s.account AND k.asset = s.asset
            AND k.day <= s.day AND (s.before IS NULL OR k.day > s.before)), 0)
FROM stated s
ORDER BY s.day, s.connection COLLATE "C", s.account COLLATE "C", s.asset COLLATE "C"

-- name: ledger_prices
-- The last price of each day.
SELECT DISTINCT ON (base, quote, day) day, base, quote, value FROM (
    SELECT (r.at AT TIME ZONE %(zone)s)::date AS day, r.base, r.quote, r.value, r.at, r.source
    FROM app.rate r WHERE r.tenant_id = %(tenant)s
) stated
ORDER BY base, quote, day, at DESC, source
