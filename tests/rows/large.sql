-- What years leave behind beside income, to be run after income.sql: one account per stream valued every day, {days} days
-- of transactions, half a year of projections, a year of runs, statistics of every month. It is only that they are many.

INSERT INTO raw.series (tenant_id, connection, account, asset)
SELECT {tenant}, 'x' || n, 'spot', 'EUR' FROM generate_series(1, {streams}) n;

INSERT INTO app.snapshot_daily (tenant_id, series_id, day, first, last, low, high, mean, count, first_at, last_at, last_base)
SELECT {tenant}, s.id, date '{today}' - d, d, d, d, d, d, 288, moment.at, moment.at + INTERVAL '23 hours', d
FROM generate_series({days} - 1, 0, -1) d CROSS JOIN raw.series s
CROSS JOIN LATERAL (SELECT (date '{today}' - d)::timestamp AT TIME ZONE 'UTC' AS at) moment
WHERE s.connection LIKE 'x%';

INSERT INTO app.performance
    (tenant_id, scope, name, day, value, flow, pnl, day_return, income, price, fx, fees, other, base_currency, quality)
SELECT {tenant}, subject.scope, subject.name, date '{today}' - 1 - d, 1000 + d, 0, 1, ((d * 31) % 17 - 8) / 1000.0, 0.5, 0.25, 0,
    -0.125, 0.375, 'EUR', 'exact'
FROM generate_series({days} - 1, 0, -1) d CROSS JOIN (
    SELECT 'account' AS scope, 'x' || n || '/spot' AS name FROM generate_series(1, {streams}) n
    UNION ALL SELECT 'group', 'group ' || n FROM generate_series(0, 4) n
    UNION ALL SELECT 'total', ''
) subject
ON CONFLICT DO NOTHING;

INSERT INTO derived.return_window
    (tenant_id, scope, name, "window", since, until, days, opening, closing, flow, pnl, twr, base_currency, quality)
SELECT {tenant}, subject.scope, subject.name, span.span, date '{today}' - 1 - span.days, date '{today}' - 1, span.days, 1000, 1100, 0,
    100, 0.125, 'EUR', 'exact'
FROM (VALUES ('7d', 7), ('30d', 30), ('90d', 90), ('365d', 365), ('ytd', 20), ('total', {days})) span (span, days)
CROSS JOIN (
    SELECT 'connection' AS scope, 'x' || n AS name FROM generate_series(1, {streams}) n
    UNION ALL SELECT 'account', 'x' || n || '/spot' FROM generate_series(1, {streams}) n
) subject;

INSERT INTO derived.transaction
    (tenant_id, subject, version, connection, account, external_id, booked_at, day, amount, asset, counterparty, description)
SELECT {tenant}, md5('{name} large ' || d || '/' || k)::uuid, 1, 'x' || k % {streams}, 'giro', d || '/' || k,
    (date '{today}' - d)::timestamp AT TIME ZONE 'UTC' + INTERVAL '12 hours', date '{today}' - d, (k * 7919 % 1000) - 900, 'EUR',
    '{name} party ' || k % 30, 'text ' || d
FROM generate_series({days} - 1, 0, -1) d CROSS JOIN generate_series(1, {streams} / 2) k;

INSERT INTO derived.flow (tenant_id, subject, connection, account, day, amount, asset, flow_class, stream, rule)
SELECT tenant_id, subject, connection, account, day, amount, asset,
    CASE WHEN amount > 0 THEN 'salary' ELSE 'expense' END, CASE WHEN amount > 0 THEN 's1' END, 'sign'
FROM derived.transaction
ON CONFLICT DO NOTHING;

DELETE FROM derived.counterparty_month WHERE tenant_id = {tenant};

INSERT INTO derived.counterparty_month
    (tenant_id, month, direction, name, flow_class, stream, own, asset, amount, amount_base, base_currency, count, first_day,
    last_day)
SELECT {tenant}, date_trunc('month', f.day::timestamp)::date, CASE WHEN f.amount > 0 THEN 'in' ELSE 'out' END,
    '{name} party ' || abs(f.amount::int) % 200, f.flow_class, f.stream, false, f.asset, sum(f.amount), sum(f.amount), 'EUR',
    count(*), min(f.day), max(f.day)
FROM derived.flow f WHERE f.tenant_id = {tenant}
GROUP BY 2, 3, 4, 5, 6, 7, 8;

INSERT INTO app.projection
    (tenant_id, scope, name, made_on, made_at, span, for_day, p05, p10, p25, p50, p75, p90, p95, mean, method, confidence,
    base_currency)
SELECT {tenant}, subject.scope, subject.name, date '{today}' - ago, timestamptz '{today} 00:00Z' - ago * INTERVAL '1 day',
    span.span, date '{today}' - ago + span.ends, 1, 2, 3, 4, 5, 6, 7, 4, 'theta', 0.75, 'EUR'
FROM generate_series(180, 0, -1) ago
CROSS JOIN (
    SELECT 'stream' AS scope, 's' || n AS name FROM generate_series(1, {streams}) n
    UNION ALL SELECT 'group', 'group ' || n FROM generate_series(0, 4) n
    UNION ALL SELECT 'total', ''
) subject
CROSS JOIN LATERAL (
    SELECT 'day' AS span, d AS ends FROM generate_series(0, 179) d WHERE ago < 4
    UNION ALL
    SELECT 'month', (date_trunc('month', date '{today}' - ago) + m * INTERVAL '1 month')::date - (date '{today}' - ago) - 1
    FROM generate_series(1, 6) m WHERE ago < 4
    UNION ALL
    SELECT 'sum', s FROM (VALUES (6), (29), (89), (179)) sums (s)
) span
ON CONFLICT DO NOTHING;

INSERT INTO derived.projection_score
    (tenant_id, scope, name, made_on, horizon, for_day, p50, actual, error, ape, pinball, inside_50, inside_80, inside_90,
    within_20)
SELECT {tenant}, scope, name, made_on, for_day - made_on + 1, for_day, p50, p50 + 1, 1, 0.25, 0.5, false, true, true, true
FROM app.projection WHERE span = 'sum' AND for_day < date '{today}'
ON CONFLICT DO NOTHING;

INSERT INTO derived.projection_model
    (tenant_id, scope, name, as_of, method, reason, history_days, short, origins, parts, candidates, digest, fit)
SELECT {tenant}, 'stream', 's' || n, date '{today}', 'theta', 'the least error of 5', {days}, false, 12, '{{}}', '{{}}', '', '{{}}'
FROM generate_series(1, {streams}) n
ON CONFLICT DO NOTHING;

INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit)
SELECT {tenant}, 'attribution', 'x' || n, part.name, '1d', (date '{today}' - d)::timestamp AT TIME ZONE 'Europe/Berlin', d, 'EUR'
FROM generate_series({days} - 1, 0, -1) d CROSS JOIN generate_series(1, {streams} / 10) n
CROSS JOIN (VALUES ('change'), ('outside'), ('realised_pnl'), ('funding'), ('fees'), ('rebates'), ('staking'), ('other'),
    ('unexplained')) part (name);

INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit)
SELECT {tenant}, 'statistics', subject.name, part.name, span.span, (month - INTERVAL '1 day') AT TIME ZONE 'Europe/Berlin',
    12.5, 'EUR'
FROM generate_series(date_trunc('month', date '{today}' - {days}), date '{today}', INTERVAL '1 month') month
CROSS JOIN (
    SELECT 'stream:s' || n AS name FROM generate_series(1, {streams}) n
    UNION ALL SELECT 'group:group ' || n FROM generate_series(0, 4) n
    UNION ALL SELECT 'total'
) subject
CROSS JOIN (VALUES ('30d'), ('90d')) span (span)
CROSS JOIN (VALUES ('mean'), ('median'), ('std'), ('mad'), ('min'), ('max'), ('cv'), ('days')) part (name)
ON CONFLICT DO NOTHING;

INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit)
SELECT {tenant}, 'scores', subject.name, part.name, span.span, month AT TIME ZONE 'Europe/Berlin', 0.75, 'share'
FROM generate_series(date_trunc('month', date '{today}' - least({days}, 365)), date '{today}', INTERVAL '1 month') month
CROSS JOIN (
    SELECT 'stream:s' || n AS name FROM generate_series(1, {streams}) n
    UNION ALL SELECT 'total'
) subject
CROSS JOIN (VALUES ('7d'), ('30d'), ('90d'), ('180d')) span (span)
CROSS JOIN (VALUES ('scored'), ('coverage_80'), ('within_20'), ('mape'), ('crps')) part (name)
ON CONFLICT DO NOTHING;

INSERT INTO derived.expected
    (tenant_id, stream, payer, series, currency, due, earliest, latest, amount, source, state, received_on, received)
SELECT {tenant}, 's' || n, 'acme', 0, 'EUR', due.day, due.day - 3, due.day + 3, 100, 'detected',
    CASE WHEN m > 0 THEN 'received' ELSE 'expected' END, CASE WHEN m > 0 THEN due.day END, CASE WHEN m > 0 THEN 100 END
FROM generate_series(1, {streams}) n CROSS JOIN generate_series(least({days} / 30, 36), -6, -1) m
CROSS JOIN LATERAL (SELECT date '{today}' - 30 * m + 1 AS day) due
ON CONFLICT DO NOTHING;

INSERT INTO app.rate (tenant_id, base, quote, source, at, value)
SELECT {tenant}, 'USD', 'EUR', source, at, 0.875
FROM generate_series(timestamptz '{today} 00:00Z' - least({days}, 365) * INTERVAL '1 day', timestamptz '{today} 00:00Z',
    INTERVAL '15 minutes') at, (VALUES ('x1'), ('x2')) sources (source);

INSERT INTO ops.connection_state
    (tenant_id, connection, feed, state, since, reason, failures, last_success, next_try, every_s)
SELECT {tenant}, 'x' || n, 'balances', 'healthy', timestamptz '{today} 00:00Z', '', 0, timestamptz '{today} 00:00Z', NULL, 300
FROM generate_series(1, {streams}) n;

INSERT INTO ops.run (tenant_id, connection, feed, tick, started_at, finished_at, outcome, snapshots, unchanged)
SELECT {tenant}, 'x' || n, 'balances', at, at, at + INTERVAL '1 second', 'done', 3, 2
FROM generate_series(timestamptz '{today} 00:00Z' - least({days}, 365) * INTERVAL '1 day', timestamptz '{today} 00:00Z',
    INTERVAL '6 hours') at CROSS JOIN generate_series(1, {streams}) n;
