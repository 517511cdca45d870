-- Made-up rows of one tenant, the same on every server: {days} days of {streams} streams up to {today}.
-- Run as flowd_app with flowd.tenant = {tenant}. Every figure is integer arithmetic, so that no server rounds otherwise.

INSERT INTO derived.stream (tenant_id, stream, method, connection, name, grp, color, target)
SELECT {tenant}, 's' || n, (ARRAY['value', 'transactions', 'schedule'])[1 + n % 3], 'c' || n % 7,
    initcap('{name}') || ' stream ' || lpad(n::text, 2, '0'), 'group ' || n % 5, CASE WHEN n % 2 = 0 THEN '#3366cc' END,
    CASE WHEN n % 4 = 0 OR n = 1 THEN 10 * n END
FROM generate_series(1, {streams}) n;

INSERT INTO app.income_daily
    (tenant_id, stream, currency, day, received, earned, received_base, earned_base, base_currency, quality)
SELECT tenant_id, stream, currency, day, received, earned,
    CASE WHEN known THEN received * rate END, CASE WHEN known THEN earned * rate END, 'EUR',
    CASE WHEN NOT known THEN 'partial' ELSE quality END
FROM (
    SELECT {tenant} AS tenant_id, 's' || n AS stream, CASE WHEN n % 4 = 0 THEN 'USD' ELSE 'EUR' END AS currency,
        date '{today}' - d AS day,
        CASE WHEN n % 3 = 0 THEN ((d * 7919 + n * 104729) % 20000 - 4000) / 100.0
            WHEN n % 3 = 1 THEN (1000 + (d * 7919 + n * 104729) % 20000) / 100.0
            WHEN d % 30 = n % 30 THEN (90000 + n * 1000) / 100.0
            ELSE 0 END AS received,
        CASE WHEN n % 9 = 0 AND d % 40 = 7 THEN NULL
            WHEN n % 3 = 0 THEN ((d * 7919 + n * 104729) % 20000 - 4000) / 100.0
            WHEN n % 3 = 1 THEN (1000 + (d * 7919 + n * 104729) % 20000) / 100.0
            ELSE (3000 + n * 10) / 100.0 END AS earned,
        CASE WHEN n % 4 = 0 THEN (80 + d % 15) / 100.0 ELSE 1 END AS rate,
        NOT (n % 8 = 0 AND d % 50 < 3) AS known,
        CASE WHEN n % 6 = 0 AND d < 5 THEN 'estimated' WHEN n % 3 = 0 AND d % 33 = 1 THEN 'spread' ELSE 'exact' END
            AS quality
    FROM generate_series(1, {streams}) n
    CROSS JOIN generate_series(0, {days} - 1) d
    WHERE n % 3 <> 1 OR (d + n) % 7 = 0  -- transactions come on some days only
) made
ORDER BY stream, day, currency;

INSERT INTO derived.rate_missing (tenant_id, base, quote, first_day, last_day, days)
VALUES ({tenant}, 'USD', 'EUR', date '{today}' - 52, date '{today}' - 50, 3);

INSERT INTO derived.account (tenant_id, connection, account, name, kind, asset)
VALUES ({tenant}, 'c1', 'main', 'Main account', 'bank', 'EUR'), ({tenant}, 'c2', 'spot', 'Spot wallet', 'wallet', NULL);

INSERT INTO raw.series (tenant_id, connection, account, asset)
VALUES ({tenant}, 'c2', 'spot', 'BTC'), ({tenant}, 'c2', 'spot', 'USDT'), ({tenant}, 'c3', 'unnamed', 'EUR');

INSERT INTO app.snapshot_daily (tenant_id, series_id, day, first, last, low, high, mean, count, first_at, last_at, last_base)
SELECT {tenant}, s.id, date '{today}' - d, 1, 1 + d / 8.0, 1, 1 + d / 8.0, 1 + d / 16.0, 24,
    (date '{today}' - d)::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 hour',
    (date '{today}' - d)::timestamp AT TIME ZONE 'UTC' + INTERVAL '23 hours',
    CASE WHEN s.asset <> 'BTC' THEN 1 + d / 8.0 END
FROM raw.series s CROSS JOIN generate_series(1, 10) d;

-- Savings whose balance is stated every week, last a week ago: known long enough to tell by how much they grew.
INSERT INTO derived.account (tenant_id, connection, account, name, kind, asset)
VALUES ({tenant}, 'c1', 'savings', 'Savings', 'bank', 'EUR');

INSERT INTO raw.series (tenant_id, connection, account, asset) VALUES ({tenant}, 'c1', 'savings', 'EUR');

INSERT INTO app.snapshot_daily (tenant_id, series_id, day, first, last, low, high, mean, count, first_at, last_at, last_base)
SELECT {tenant}, s.id, date '{today}' - d, level, level, level, level, level, 1, at, at, level
FROM raw.series s
CROSS JOIN generate_series(7, 420, 7) d
CROSS JOIN LATERAL (
    SELECT (date '{today}' - d)::timestamp AT TIME ZONE 'UTC' + INTERVAL '12 hours' AS at, 1000 - d / 8.0 AS level
) stated
WHERE s.tenant_id = {tenant} AND s.account = 'savings';

INSERT INTO derived.transaction
    (tenant_id, subject, version, connection, account, external_id, booked_at, day, amount, asset, kind, counterparty,
    description, pending)
SELECT {tenant}, md5('{name}' || k)::uuid, 1, 'c1', 'main', k::text,
    (date '{today}' - k)::timestamp AT TIME ZONE 'UTC' + INTERVAL '12 hours', date '{today}' - k,
    (k * 7919 % 100000) / 100.0 - 300, 'EUR', CASE WHEN k % 2 = 0 THEN 'INT' END, '{name} party ' || k % 5, 'text ' || k,
    k % 11 = 0
FROM generate_series(1, 40) k;

INSERT INTO derived.flow (tenant_id, subject, connection, account, day, amount, asset, flow_class, stream, rule)
SELECT tenant_id, subject, connection, account, day, amount, asset,
    CASE WHEN amount > 0 THEN 'salary' ELSE 'expense' END, CASE WHEN amount > 0 THEN 's1' END, 'sign'
FROM derived.transaction WHERE NOT pending;

-- What came into a wallet from outside and left it again.
INSERT INTO derived.transaction
    (tenant_id, subject, version, connection, account, external_id, booked_at, day, amount, asset, kind, counterparty,
    description, pending)
SELECT {tenant}, md5('{name} moved ' || k)::uuid, 1, 'c2', 'spot', 'moved ' || k,
    (date '{today}' - 10 * k)::timestamp AT TIME ZONE 'UTC' + INTERVAL '9 hours', date '{today}' - 10 * k,
    CASE WHEN k = 1 THEN -50.25 ELSE 100 * k END, 'USDT', NULL, '', 'moved ' || k, false
FROM generate_series(1, 4) k;

INSERT INTO derived.flow (tenant_id, subject, connection, account, day, amount, asset, flow_class, stream, rule)
SELECT tenant_id, subject, connection, account, day, amount, asset,
    CASE WHEN amount > 0 THEN 'deposit' ELSE 'withdrawal' END, NULL, 'kind'
FROM derived.transaction WHERE tenant_id = {tenant} AND connection = 'c2';

INSERT INTO ops.connection_state
    (tenant_id, connection, feed, state, since, reason, failures, last_success, next_try, every_s)
VALUES
    ({tenant}, 'c1', 'files', 'healthy', timestamptz '{today} 00:00Z' - INTERVAL '9 days', '', 0, now(), NULL, 86400),
    ({tenant}, 'c2', 'balances', 'failing', timestamptz '{today} 00:00Z' - INTERVAL '1 day', 'no answer', 4,
        timestamptz '{today} 00:00Z' - INTERVAL '1 day', NULL, 30),
    ({tenant}, 'c3', 'payouts', 'needs_reauth', timestamptz '{today} 00:00Z' - INTERVAL '2 days', 'key expired', 1,
        NULL, NULL, 3600),
    ({tenant}, 'c4', 'rates', 'healthy', timestamptz '{today} 00:00Z' - INTERVAL '9 days', '', 0,
        timestamptz '{today} 00:00Z' - INTERVAL '3 days', NULL, 3600),
    ({tenant}, 'c6', 'balances', 'partial', timestamptz '{today} 00:00Z' - INTERVAL '2 hours', 'earn: no answer', 2,
        timestamptz '{today} 00:00Z', NULL, 864000),
    ({tenant}, 'c5', 'terms', 'healthy', timestamptz '{today} 00:00Z' - INTERVAL '9 days', '', 0, NULL, NULL, NULL);

INSERT INTO ops.run
    (tenant_id, connection, feed, tick, started_at, finished_at, outcome, snapshots, rates, events, revised, unchanged,
    error_class, error)
SELECT {tenant}, 'c2', 'balances', at, at, CASE WHEN k > 1 THEN at + k * INTERVAL '100 ms' END,
    CASE WHEN k = 1 THEN 'running' WHEN k % 9 = 0 THEN 'failed' WHEN k % 7 = 0 THEN 'partial'
        ELSE 'done' END, k, 0, k % 3, k % 2, 5,
    CASE WHEN k % 9 = 0 THEN 'TimeoutError' END, CASE WHEN k % 9 = 0 THEN 'no answer in 30 s' END
FROM generate_series(1, 30) k, LATERAL (
    -- three hours before midnight UTC, so that they are over wherever {today} begins
    SELECT timestamptz '{today} 00:00Z' - INTERVAL '3 hours' - k * INTERVAL '30 s' AS at) moment;

INSERT INTO ops.consent (tenant_id, connection, expires_at, updated_at)
VALUES ({tenant}, 'c1', timestamptz '{today} 00:00Z' + INTERVAL '60 days 8 hours', timestamptz '{today} 00:00Z'),
    ({tenant}, 'c6', timestamptz '{today} 00:00Z' + INTERVAL '5 days 8 hours', timestamptz '{today} 00:00Z');

INSERT INTO ops.derivation (tenant_id, settings, accounts, through) VALUES ({tenant}, 'x', 'y', date '{today}');

INSERT INTO ops.pending (tenant_id, connection, what) VALUES ({tenant}, 'c1', 'events');

INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit)
SELECT {tenant}, 'attribution', 'c2', part.name, '1d', (date '{today}' - k)::timestamp AT TIME ZONE 'Europe/Berlin',
    part.value * k, 'EUR'
FROM generate_series(1, 20) k, (VALUES ('change', 12.5), ('outside', 5), ('realised_pnl', 9.25), ('funding', -0.5),
    ('fees', -1), ('rebates', 0.25), ('staking', 0), ('other', NULL), ('unexplained', NULL)) part (name, value);

-- A portfolio with a gap, a fall and a day of no return; returns are eighths, so that both servers add up the same.
INSERT INTO app.performance
    (tenant_id, scope, name, day, value, flow, pnl, day_return, income, price, fx, fees, other, base_currency, quality, reason)
SELECT {tenant}, subject.scope, subject.name, date '{today}' - 40 + k, 1000 + k, CASE WHEN k = 0 THEN 1000 ELSE 0 END,
    CASE WHEN k % 5 = 4 THEN -1 ELSE 1 END,
    CASE WHEN k IN (11, 30) THEN NULL WHEN k % 5 = 4 THEN -0.125 ELSE 0.0625 END, 0.5, 0.25, 0, -0.125,
    CASE WHEN k % 5 = 4 THEN -1.625 ELSE 0.375 END, 'EUR',
    CASE WHEN k IN (12, 13) THEN 'spread' ELSE 'exact' END,
    CASE WHEN k IN (11, 30) THEN 'nothing was invested, so there is no return' ELSE '' END
FROM (VALUES ('account', 'c2/spot'), ('connection', 'c2'), ('group', 'group 1'), ('total', '')) subject (scope, name),
    generate_series(0, 39) k;

INSERT INTO derived.return_window
    (tenant_id, scope, name, "window", since, until, days, opening, closing, flow, pnl, pnl_pct, twr, twr_annual, mwr, xirr,
    volatility, sharpe, sortino, drawdown, max_drawdown, peak_day, trough_day, recovered_day, income, price, fx, fees, other,
    base_currency, quality, reason)
SELECT {tenant}, subject.scope, subject.name, span.span, date '{today}' - 1 - span.days, date '{today}' - 1, span.days, 1000,
    1000 + span.days, 0, span.days, 0.0625, 0.0625, CASE WHEN span.days >= 365 THEN 0.0625 END, 0.0625, 0.125, 0.25, 1.5, 2.5,
    -0.125, -0.25, date '{today}' - 6, date '{today}' - 4, NULL, span.days, 0, 0, 0, 0, 'EUR', 'exact',
    CASE WHEN span.days < 20 THEN 'volatility: 20 returns are needed' ELSE '' END
FROM (VALUES ('account', 'c2/spot'), ('connection', 'c2'), ('group', 'group 1'), ('total', '')) subject (scope, name),
    (VALUES ('7d', 7), ('30d', 30), ('90d', 90), ('365d', 365), ('ytd', 20), ('total', 400)) span (span, days);

-- Two sources that do not agree; an eighth, so that no server writes it otherwise.
INSERT INTO app.rate (tenant_id, base, quote, source, at, value)
VALUES
    ({tenant}, 'BTC', 'EUR', 'c4', timestamptz '{today} 00:00Z' - INTERVAL '2 days', 80000),
    ({tenant}, 'BTC', 'EUR', 'c6', timestamptz '{today} 00:00Z' - INTERVAL '2 days' + INTERVAL '1 hour', 90000);

-- What was foretold on two days, how one of them turned out, and a goal; eighths and quarters, as everything above.
INSERT INTO app.projection
    (tenant_id, scope, name, made_on, made_at, span, for_day, p05, p10, p25, p50, p75, p90, p95, mean, method, confidence,
    base_currency)
SELECT {tenant}, subject.scope, subject.name, date '{today}' - ago, timestamptz '{today} 00:00Z' - ago * INTERVAL '1 day',
    span.span, date '{today}' - ago + span.ends, k * 0.5, k * 0.625, k * 0.75, k, k * 1.25, k * 1.5, k * 1.75, k * 1.125,
    'theta', 0.75, 'EUR'
FROM (VALUES ('total', ''), ('group', 'group 1'), ('stream', 's1'), ('stream', 's2')) subject (scope, name)
CROSS JOIN (VALUES (0), (40)) made (ago)
CROSS JOIN LATERAL (
    SELECT 'day' AS span, d AS ends FROM generate_series(0, 29) d
    UNION ALL
    SELECT 'month', (date_trunc('month', date '{today}' - ago) + m * INTERVAL '1 month')::date - (date '{today}' - ago) - 1
    FROM generate_series(1, 2) m
    UNION ALL
    SELECT 'sum', s FROM (VALUES (6), (29), (89), (179)) sums (s)
) span
CROSS JOIN LATERAL (SELECT (1 + span.ends) * length(subject.scope) AS k) size;

INSERT INTO derived.projection_model
    (tenant_id, scope, name, as_of, method, reason, history_days, short, origins, error, coverage, confidence, parts,
    candidates, digest, fit)
VALUES ({tenant}, 'total', '', date '{today}', 'joint paths', 'the sum of its streams', 400, false, 12, 0.125, 0.75, 0.75,
        '{{"near": 9, "horizon": 180, "projections": 12, "declared": "0.25", "by_horizon": {{"30": {{"near": 8, "inside_80": 12,
            "projections": 16}}, "180": {{"near": 9, "inside_80": 9, "projections": 12}}}}}}', '{{}}', 'x', '{{}}'),
    ({tenant}, 'stream', 's1', date '{today}', 'theta', 'the least error of 5', 30, true, 3, 0.25, NULL, NULL, '{{}}',
        '{{"rest": {{"theta": "0.25", "naive": "0.5"}}}}', 'y', '{{}}');

INSERT INTO derived.projection_score
    (tenant_id, scope, name, made_on, horizon, for_day, p50, actual, error, ape, pinball, inside_50, inside_80, inside_90,
    within_20)
SELECT {tenant}, scope, name, made_on, for_day - made_on + 1, for_day, p50, p50 + 8, 8, 0.25, 1.5, false, true, true, false
FROM app.projection WHERE span = 'sum' AND for_day < date '{today}';

INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit)
SELECT {tenant}, 'scores', subject, part.name, '30d', timestamptz '2026-01-31 23:00Z', part.value, part.unit
FROM (VALUES ('total'), ('group:group 1'), ('stream:s1')) subjects (subject), (VALUES ('scored', 28, 'projections'),
    ('coverage_80', 0.75, 'share'), ('mape', 0.125, 'share'), ('crps', 12.5, 'EUR'), ('skill', NULL, 'share'))
    part (name, value, unit);

INSERT INTO derived.goal
    (tenant_id, goal, kind, scope, name, amount, currency, by_day, since, as_of, current, probability, reached_p10,
    reached_p50, reached_p90, needed, reason)
VALUES ({tenant}, 'house', 'saved', 'total', '', 20000, 'EUR', date '{today}' + 365, date '{today}' - 30, date '{today}', 5000,
        0.75, date '{today}' + 200, date '{today}' + 300, NULL, 1250.5, 'income added up'),
    ({tenant}, 'more', 'monthly', 'stream', 's1', 900, 'EUR', NULL, date '{today}', date '{today}', NULL, NULL, NULL, NULL, NULL,
        NULL, 'the history is too short');

INSERT INTO derived.expected
    (tenant_id, stream, payer, series, currency, due, earliest, latest, amount, source, state, received_on, received, reason)
VALUES ({tenant}, 's1', 'acme', 0, 'EUR', date '{today}' - 40, date '{today}' - 43, date '{today}' - 37, 100, 'detected',
        'received', date '{today}' - 40, 100.5, 'monthly on the 3rd'),
    ({tenant}, 's1', 'acme', 0, 'EUR', date '{today}' - 10, date '{today}' - 13, date '{today}' - 7, 100, 'detected', 'late',
        NULL, NULL, 'monthly on the 3rd'),
    ({tenant}, 's2', '', 0, 'USD', date '{today}' + 20, date '{today}' + 20, date '{today}' + 20, NULL, 'declared', 'expected',
        NULL, NULL, '');

INSERT INTO derived.stream_state
    (tenant_id, scope, name, as_of, trend, slope, slope_pct, p_value, trend_reason, health, health_reason, share, floor,
    volatility, cadence, next_due, next_amount, passive, tax_rate, tax_reserve, base_currency)
SELECT {tenant}, scope, name, date '{today}' - 1, 'flat', 0.5, 0.0625, 0.75, 'no direction', 'stable', 'much the same', 0.5, 900,
    0.25, 'monthly', date '{today}' + 9, 100, false, 0.25, 300, 'EUR'
FROM (VALUES ('total', ''), ('group', 'group 1'), ('stream', 's1')) subject (scope, name);

INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit)
SELECT {tenant}, 'statistics', subject, part.name, part.span, moment.at, part.value, part.unit
FROM (VALUES ('total'), ('group:group 1'), ('stream:s1')) subjects (subject),
    (VALUES (timestamptz '2026-01-30 23:00Z'), ((date '{today}' - 1)::timestamp AT TIME ZONE 'Europe/Berlin')) moment (at),
    (VALUES ('mean', '30d', 12.5, 'EUR'), ('median', '30d', 12, 'EUR'), ('std', '30d', NULL, 'EUR'), ('days', '30d', 30, 'days'),
        ('hhi_streams', '90d', 0.5, 'share'), ('effective_streams', '90d', 2, 'streams'), ('floor', '365d', 900, 'EUR'),
        ('expenses', '365d', 800, 'EUR'), ('passive', '365d', 200, 'EUR'), ('covered', '365d', 0.25, 'share'))
        part (name, span, value, unit)
ON CONFLICT DO NOTHING;

INSERT INTO derived.study (tenant_id, study, as_of, digest)
VALUES ({tenant}, 'statistics', date '{today}' - 1, 'x'), ({tenant}, 'projection', date '{today}' - 2, 'y');

-- What somebody decided: a class that applies, a duplicate, a split into two, and a class of what is not there.
INSERT INTO raw.event (tenant_id, subject, version, type, connection, key, data, occurred_at, added_at)
SELECT {tenant}, md5('{name} decided ' || k)::uuid, 1, 'decision', '(you)', md5('{name} decided ' || k)::uuid, jsonb_build_object(),
    (date '{today}' - k)::timestamp AT TIME ZONE 'UTC' + INTERVAL '12 hours', timestamptz '{today} 00:00Z'
FROM generate_series(1, 4) k;

INSERT INTO derived.decision (tenant_id, subject, version, kind, about, other, decided_at, data)
SELECT {tenant}, md5('{name} decided ' || k)::uuid, 1, (ARRAY['class', 'duplicate', 'split', 'class'])[k],
    CASE WHEN k < 4 THEN md5('{name}' || k)::uuid ELSE md5('{name} gone')::uuid END,
    CASE WHEN k = 2 THEN md5('{name}' || 5)::uuid END,
    (date '{today}' - k)::timestamp AT TIME ZONE 'UTC' + INTERVAL '12 hours', jsonb_build_object('class', 'rent')
FROM generate_series(1, 4) k;

INSERT INTO derived.decided (tenant_id, subject, version, about, other, problem)
SELECT tenant_id, subject, version, about, other, CASE WHEN about = md5('{name} gone')::uuid THEN 'it is not there' ELSE '' END
FROM derived.decision WHERE tenant_id = {tenant};

DELETE FROM derived.flow WHERE tenant_id = {tenant} AND subject = md5('{name}' || 2)::uuid;

UPDATE derived.flow SET amount = amount - 10, part_of = subject, category = 'food', note = 'for two'
WHERE tenant_id = {tenant} AND subject = md5('{name}' || 3)::uuid;

INSERT INTO derived.flow (tenant_id, subject, connection, account, day, amount, asset, flow_class, stream, rule, part_of, category)
SELECT tenant_id, md5('{name} part')::uuid, connection, account, day, 10, asset, 'rent', 's1', 'you', subject, 'home'
FROM derived.flow WHERE tenant_id = {tenant} AND subject = md5('{name}' || 3)::uuid;

INSERT INTO derived.account_word (tenant_id, connection, account, name, kind)
VALUES ({tenant}, 'c1', 'main', 'Household', NULL), ({tenant}, '(you)', 'purse', 'Purse', 'cash');

INSERT INTO derived.account_left_out (tenant_id, connection, account, same_connection, same_account)
VALUES ({tenant}, 'c1', 'double', 'c1', 'main');

INSERT INTO ops.view (tenant_id, name, version, digest, data, changed_at)
VALUES ({tenant}, 'overview', 3, 'x', '{{"daily_rate": "12.5"}}', timestamptz '{today} 00:00Z'),
    ({tenant}, 'goals', 1, 'y', '[]', timestamptz '{today} 01:00Z');

INSERT INTO derived.position
    (tenant_id, connection, account, asset, method, quote, quantity, unexplained, opened, changed, cost, cost_fees, cost_base,
    price, price_day, value, value_base, unrealised, unrealised_base, unrealised_price, unrealised_fx, realised, realised_base,
    realised_price, realised_fx, dividends_base, interest_base, staking_base, other_base, fees_base, trades, base_currency,
    quality, reason)
SELECT {tenant}, 'kraken', 'spot', asset, method, 'USD', quantity, 0, date '{today}' - 100, date '{today}' - 5, cost, 1.5, cost * 0.9,
    30, date '{today}', quantity * 30, quantity * 27, quantity * 30 - cost, quantity * 27 - cost * 0.9, quantity * 27 - cost * 0.9, 0,
    5, 4.5, 4.75, -0.25, 1, 0, 0.5, 0, 2.5, 7, 'EUR', 'exact', ''
FROM (VALUES ('BTC', 1.5, 40.5), ('ETH', 0, NULL)) held (asset, quantity, cost), (VALUES ('fifo'), ('average')) methods (method);

INSERT INTO derived.position_day
    (tenant_id, connection, account, asset, method, day, quantity, cost, quote, cost_base, value_base, base_currency, quality,
    reason)
SELECT {tenant}, 'kraken', 'spot', 'BTC', method, date '{today}' - day, 1.5, 40.5, 'USD', 36.5, NULL, 'EUR', 'partial', 'no price'
FROM (VALUES ('fifo'), ('average')) methods (method), generate_series(5, 35, 15) days (day);

INSERT INTO derived.realised
    (tenant_id, connection, account, asset, method, day, part, acquired, disposals, quantity, quote, proceeds, fee, cost, gain,
    proceeds_base, fee_base, cost_base, gain_base, price, fx, base_currency, quality, reason)
SELECT {tenant}, 'kraken', 'spot', 'BTC', 'fifo', date '{today}' - 5, part, acquired, 2, 0.5, 'USD', 20, 1, 14, 5, 18, 0.5, 13, 4.5,
    4.75, -0.25, 'EUR', 'exact', ''
FROM (VALUES ('long', date '{today}' - 500), ('long', date '{today}' - 50), ('unknown', NULL)) parts (part, acquired);

INSERT INTO derived.lot
    (tenant_id, connection, account, asset, number, acquired, quantity, cost, quote, cost_base, base_currency, quality)
VALUES ({tenant}, 'kraken', 'spot', 'BTC', 1, date '{today}' - 100, 1.5, 40.5, 'USD', 36.5, 'EUR', 'exact'),
    ({tenant}, 'kraken', 'spot', 'BTC', 2, NULL, 0.25, NULL, 'USD', NULL, 'EUR', 'partial');

-- Transfers of each sort: found, waiting for a word, and without another side.
INSERT INTO derived.transfer
    (tenant_id, transfer, connection, day, state, kind, score, next_best, why, out_subject, out_connection, out_account, out_day,
    out_amount, out_asset, in_subject, in_connection, in_account, in_day, in_amount, in_asset, days, fee, fee_asset, rate, market)
SELECT {tenant}, md5('{name} transfer ' || k)::uuid, 'c1', date '{today}' - k,
    (ARRAY['applied', 'proposed', 'open'])[k], (ARRAY['bank', 'currency', 'unknown'])[k], CASE WHEN k < 3 THEN 1 - k / 10.0 END,
    CASE WHEN k = 2 THEN 0.7 END, 'equal amounts +50', md5('{name}' || k)::uuid, 'c1', 'main', date '{today}' - k, 100.5, 'EUR',
    CASE WHEN k < 3 THEN md5('{name}' || k + 10)::uuid END, CASE WHEN k < 3 THEN 'c1' END, CASE WHEN k < 3 THEN 'savings' END,
    CASE WHEN k < 3 THEN date '{today}' - k + 1 END, CASE WHEN k < 3 THEN 100 * k END,
    CASE k WHEN 1 THEN 'EUR' WHEN 2 THEN 'USD' END, CASE WHEN k < 3 THEN 1 END, CASE WHEN k = 1 THEN 0.5 END,
    CASE WHEN k = 1 THEN 'EUR' END, CASE WHEN k = 2 THEN 1.99 END, CASE WHEN k = 2 THEN 2.01 END
FROM generate_series(1, 3) k;

-- An account of which only movements are known, and savings with a gap between two statements.
INSERT INTO derived.balance_line
    (tenant_id, connection, account, asset, kind, first_day, last_day, known_from, told_until, last_stated, carried)
VALUES ({tenant}, 'c1', 'main', 'EUR', 'bank', date '{today}' - 40, date '{today}' - 1, NULL, date '{today}' - 1, NULL, false),
    ({tenant}, 'c1', 'savings', 'EUR', 'bank', date '{today}' - 420, date '{today}' - 7, date '{today}' - 420,
        date '{today}' - 7, date '{today}' - 7, false);

INSERT INTO derived.balance_day (tenant_id, connection, account, asset, day, booked, amount, source, drift)
SELECT {tenant}, 'c1', 'main', 'EUR', day, amount, sum(amount) OVER (ORDER BY day), 'relative', NULL
FROM derived.transaction WHERE tenant_id = {tenant} AND connection = 'c1' AND NOT pending
UNION ALL
SELECT {tenant}, 'c1', 'savings', 'EUR', date '{today}' - 7, NULL, 999.125, 'stated', 0.5;

INSERT INTO derived.balance_gap
    (tenant_id, connection, account, asset, against, first_day, last_day, stated, booked, gap, what)
VALUES ({tenant}, 'c1', 'savings', 'EUR', 'statement', date '{today}' - 13, date '{today}' - 7, 0.875, 0.375, 0.5, 'gap'),
    ({tenant}, 'c1', 'savings', 'EUR', 'statement', date '{today}' - 55, date '{today}' - 49, 0.875, 12.875, -12, 'timing');

-- Who paid and was paid, by month: of five parties, once between own accounts, and in a coin nobody had a rate for.
INSERT INTO derived.counterparty_month
    (tenant_id, month, direction, name, flow_class, stream, own, asset, amount, amount_base, base_currency, count, first_day,
    last_day)
SELECT {tenant}, date_trunc('month', f.day::timestamp)::date, CASE WHEN f.amount > 0 THEN 'in' ELSE 'out' END,
    '{name} party ' || chr(97 + (f.day - date '2000-01-01') % 5), f.flow_class,
    f.stream, f.flow_class = 'withdrawal', f.asset, trim_scale(sum(f.amount)),
    CASE WHEN f.asset = 'EUR' THEN trim_scale(sum(f.amount)) END, 'EUR', count(*), min(f.day), max(f.day)
FROM derived.flow f WHERE f.tenant_id = {tenant}
GROUP BY 2, 3, 4, 5, 6, 7, 8;
