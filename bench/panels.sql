The rows of the household that the dashboards are measured with, beside what flowd derives itself. Set-based: millions.

-- name: readings
-- A balance that grows by about one a day, with a wave in it and noise that is the same in every run.
INSERT INTO raw.snapshot (tenant_id, series_id, at, quantity)
SELECT r.tenant_id, r.id, %(now)s::timestamptz - n * %(step)s::interval,
    round((1000 + (%(count)s - n) * %(day)s + 5 * sin((%(count)s - n) * %(day)s / 2.5 + r.id)
        + (hashint8(n * 1000 + r.id) %% 1000) / 1000.0)::numeric, 4)
FROM raw.series r, generate_series(%(first)s::bigint, %(last)s::bigint) n
WHERE r.tenant_id = %(tenant)s AND r.account = 'spot' AND (n %% 10 = 0) IS NOT DISTINCT FROM coalesce(%(tenth)s, n %% 10 = 0)
ORDER BY n DESC, r.id

-- name: rates
-- Two sources that hardly differ.
INSERT INTO raw.rate (tenant_id, base, quote, source, at, value)
SELECT %(tenant)s, 'USD', 'EUR', source.name, at,
    round((0.9 + 0.05 * sin(extract(epoch FROM at) / 5000000.0) + source.more)::numeric, 6)
FROM generate_series(%(since)s::timestamptz, %(now)s, INTERVAL '1 hour') at,
    (VALUES ('ecb', 0), ('exchange00', 0.001)) source (name, more)

-- name: prices
-- Of every coin each day.
INSERT INTO raw.rate (tenant_id, base, quote, source, at, value)
SELECT %(tenant)s, asset, 'EUR', 'exchange00', at,
    round((100 + 40 * sin(extract(epoch FROM at) / 9000000.0 + place))::numeric, 6)
FROM generate_series(%(since)s::timestamptz, %(now)s, INTERVAL '1 day') at,
    unnest(%(assets)s::text[]) WITH ORDINALITY coins (asset, place)

-- name: runs
-- The log of a year (it is kept no longer): each connection at each of its readings, some of which failed.
INSERT INTO ops.run (tenant_id, connection, feed, tick, started_at, finished_at, outcome, snapshots, unchanged,
    error_class, error)
SELECT %(tenant)s, r.connection, 'balances', at, at, at + INTERVAL '700 ms' + (n %% 7) * INTERVAL '300 ms',
    CASE WHEN hashint8(n * 100 + r.id) %% 97 = 0 THEN 'failed' WHEN n %% 501 = 0 THEN 'partial' ELSE 'done' END, 3, 2,
    CASE WHEN hashint8(n * 100 + r.id) %% 97 = 0 THEN 'TimeoutError' END,
    CASE WHEN hashint8(n * 100 + r.id) %% 97 = 0 THEN 'no answer in 30 s' END
FROM raw.series r
CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) n
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - n * %(step)s::interval AS at) moment
WHERE r.tenant_id = %(tenant)s AND r.account = 'spot' AND (n %% 10 = 0) IS NOT DISTINCT FROM coalesce(%(tenth)s, n %% 10 = 0)
ORDER BY n DESC, r.id

-- name: states
INSERT INTO ops.connection_state
    (tenant_id, connection, feed, state, since, reason, failures, last_success, next_try, every_s)
SELECT %(tenant)s, r.connection, 'balances', CASE WHEN r.id %% 17 = 0 THEN 'failing' ELSE 'healthy' END,
    %(now)s::timestamptz - INTERVAL '3 days', CASE WHEN r.id %% 17 = 0 THEN 'no answer in 30 s' ELSE '' END,
    CASE WHEN r.id %% 17 = 0 THEN 4 ELSE 0 END, %(now)s::timestamptz - INTERVAL '1 minute', NULL,
    extract(epoch FROM %(step)s::interval)
FROM raw.series r
WHERE r.tenant_id = %(tenant)s AND r.account = 'spot'
ON CONFLICT DO NOTHING

-- name: consents
INSERT INTO ops.consent (tenant_id, connection, expires_at, updated_at)
SELECT tenant_id, connection, %(now)s::timestamptz + INTERVAL '5 days', %(now)s
FROM ops.connection_state WHERE tenant_id = %(tenant)s AND connection LIKE '%%0'
ON CONFLICT DO NOTHING

-- name: budgets
INSERT INTO ops.budget (tenant_id, credential, period, used)
SELECT tenant_id, connection || ' day', date_trunc('day', %(now)s::timestamptz), 200
FROM ops.connection_state WHERE tenant_id = %(tenant)s
ON CONFLICT DO NOTHING

-- name: nights
-- What was foretold on the nights before: as what was foretold last, with the days moved.
INSERT INTO raw.projection
    (tenant_id, scope, name, made_on, made_at, span, for_day, p05, p10, p25, p50, p75, p90, p95, mean, method, confidence,
    base_currency)
SELECT p.tenant_id, p.scope, p.name, p.made_on - ago, p.made_at - ago * INTERVAL '1 day', p.span,
    CASE WHEN p.span = 'month' THEN
        (date_trunc('month', p.for_day - ago) + INTERVAL '1 month')::date - 1
    ELSE p.for_day - ago END,
    p.p05, p.p10, p.p25, p.p50, p.p75, p.p90, p.p95, p.mean, p.method, p.confidence, p.base_currency
FROM raw.projection p, generate_series(%(nights)s, 1, -1) ago
WHERE p.tenant_id = %(tenant)s
    AND p.made_on = (SELECT max(n.made_on) FROM raw.projection n WHERE n.tenant_id = %(tenant)s)
ORDER BY ago DESC, p.scope, p.name, p.span, p.for_day
ON CONFLICT DO NOTHING
