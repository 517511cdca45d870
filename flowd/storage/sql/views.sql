The JSON documents that are kept ready for interfaces, each made of report views only. A document called `overview` is one
object, any other a list of objects. Nothing in here may change by itself with the clock but the day.

-- name: overview
SELECT t.today, t.base_currency, t.timezone,
    (SELECT sum(r.rate) FROM report.daily_rate r) AS daily_rate,
    (SELECT sum(r.rate_before) FROM report.daily_rate r) AS daily_rate_before,
    (SELECT (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[max(array_position(
        ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], r.quality))] FROM report.daily_rate r) AS quality,
    (SELECT sum(r.received_30d) FROM report.daily_rate r) AS received_30d,
    (SELECT sum(a.worth) FROM report.account a) AS worth,
    (SELECT jsonb_build_object('p10', s.p10::text, 'p50', s.p50::text, 'p90', s.p90::text, 'confidence', s.confidence::text)
     FROM report.projection_sum s
     WHERE s.scope = 'total' AND s.horizon = 30 AND s.made_on > t.today - 3) AS next_30d,
    (SELECT count(*) FROM report.warning w WHERE w.severity = 'bad') AS warnings,
    (SELECT count(*) FROM report.connection c WHERE c.state <> 'healthy') AS feeds_in_trouble
FROM report.tenant t

-- name: streams
SELECT r.stream, r.name, r.grp AS "group", r.rate, r.rate_before, r.change, r.days, r.earned_30d, r.received_30d,
    r.last_receipt, r.quality, r.base_currency, s.health, s.health_reason, s.trend, s.share, s.cadence, s.next_due,
    s.next_amount
FROM report.daily_rate r
LEFT JOIN report.stream_state s ON s.scope = 'stream' AND s.name = r.stream
ORDER BY r.stream COLLATE "C"

-- name: accounts
SELECT connection, account, name, kind, asset, quantity, value_base, worth, base_currency, at, quality, reason, change_30d
FROM report.account
ORDER BY connection COLLATE "C", account COLLATE "C", asset COLLATE "C"

-- name: months
-- The last two years, by stream.
SELECT date_trunc('month', i.day::timestamp)::date AS month, i.stream, sum(i.received_base) AS received,
    sum(i.earned_base) AS earned, i.base_currency, bool_or(i.earned_base IS NULL OR i.received_base IS NULL) AS incomplete
FROM report.income i
-- asked once, not for every day there is
WHERE i.day BETWEEN (SELECT (date_trunc('month', report.today()::timestamp) - INTERVAL '24 months')::date)
    AND (SELECT report.today())
GROUP BY 1, 2, 5
ORDER BY 1, 2

-- name: expected
SELECT stream, name, payer, due, earliest, latest, amount, currency, state, received_on, received, reason
FROM report.expected
WHERE due BETWEEN (SELECT report.today() - 31) AND (SELECT report.today() + 62)
ORDER BY due, stream COLLATE "C", payer COLLATE "C", series

-- name: projections
SELECT scope, name, label, horizon, until, p10, p25, p50, p75, p90, mean, method, confidence, made_on, base_currency
FROM report.projection_sum
ORDER BY scope COLLATE "C", name COLLATE "C", horizon

-- name: goals
SELECT goal, kind, amount, currency, scope, name, by_day, current, progress, probability, reached_p10, reached_p50,
    reached_p90, needed, reason
FROM report.goal
ORDER BY goal COLLATE "C", kind

-- name: returns
SELECT scope, name, label, "window", since, until, opening, closing, flow, pnl, twr, xirr, max_drawdown, quality, reason,
    base_currency
FROM report.return_window
ORDER BY scope COLLATE "C", name COLLATE "C", since, "window"

-- name: net_worth
-- The ends of the last 25 months, in total and by kind of account.
SELECT n.first_day AS month, n.day, n.by, n.name, n.worth, n.assets, n.debts, n.lacking, n.quality, n.base_currency
FROM report.net_worth n
WHERE n.step = 'month' AND n.by IN ('total', 'kind')
    AND n.first_day >= (SELECT (date_trunc('month', report.today()::timestamp) - INTERVAL '24 months')::date)
ORDER BY n.first_day, n.by COLLATE "C", n.name COLLATE "C"

-- name: positions
SELECT connection, account, asset, method, quote, quantity, average_price, cost, price, price_day, value, unrealised,
    cost_base, value_base, unrealised_base, realised_base, dividends_base, staking_base, fees_base, base_currency, quality,
    reason
FROM report.position
ORDER BY connection COLLATE "C", account COLLATE "C", asset COLLATE "C", method

-- name: transfers
-- What waits for somebody's word.
SELECT transfer::text AS transfer, day, kind, score, why, out_connection, out_account, out_day, out_amount, out_asset,
    in_connection, in_account, in_day, in_amount, in_asset, fee
FROM report.transfer
WHERE state = 'proposed'
ORDER BY day, transfer

-- name: gaps
SELECT connection, account, name, asset, against, first_day, last_day, stated, booked, gap
FROM report.balance_gap
WHERE what = 'gap'
ORDER BY last_day, connection COLLATE "C", account COLLATE "C", asset COLLATE "C", against

-- name: connections
SELECT connection, feed, state, since, reason, fix, expires_at
FROM report.connection
ORDER BY connection COLLATE "C", feed COLLATE "C"

-- name: warnings
SELECT severity, subject, what, fix FROM report.warning ORDER BY severity, subject COLLATE "C", what COLLATE "C"

-- name: refreshing
-- One at a time; who comes second finds it done, or does it again for what came in between.
SELECT pg_advisory_xact_lock(hashtextextended('flowd views', %(tenant)s))

-- name: known
SELECT name, digest FROM ops.view WHERE tenant_id = %(tenant)s

-- name: keep
INSERT INTO ops.view AS known (tenant_id, name, version, digest, data, changed_at)
VALUES (%(tenant)s, %(name)s, 1, %(digest)s, %(data)s, %(now)s)
ON CONFLICT (tenant_id, name) DO UPDATE
    SET version = known.version + 1, digest = excluded.digest, data = excluded.data, changed_at = excluded.changed_at
RETURNING version

-- name: tell
SELECT pg_notify('flowd_view', %(words)s)

-- name: read
SELECT name, version, data, changed_at FROM report.view WHERE %(name)s::text IS NULL OR name = %(name)s ORDER BY name
