-- Each line is looked up by the key where a chart has a point; reading every day of every account took ten times as long.
CREATE OR REPLACE VIEW report.worth WITH (security_barrier = true) AS
SELECT
    step.step,
    grid.first_day,
    grid.day,
    s.connection,
    s.account,
    coalesce(a.name, s.account)                                             AS name,
    coalesce(a.kind, 'unknown')                                             AS kind,
    s.asset,
    reading.last                                                            AS quantity,
    CASE WHEN reading.last = 0 THEN 0 WHEN reading.day >= grid.day - 100 THEN reading.last_base END
                                                                            AS worth,
    t.base_currency,
    reading.last_at                                                         AS at,
    CASE
        WHEN reading.last = 0 THEN 'exact'
        WHEN reading.count = 0 AND reading.day > told.told_until THEN 'estimated'
        WHEN reading.day < grid.day - greatest(1, f.days) THEN 'stale'
        WHEN reading.last_base IS NULL THEN 'partial'
        WHEN reading.count = 0 AND EXISTS (
            SELECT FROM derived.balance_gap g
            WHERE g.tenant_id = s.tenant_id AND g.connection = s.connection AND g.account = s.account
                AND g.asset = s.asset AND g.what = 'gap' AND reading.day >= g.first_day AND reading.day < g.last_day)
            THEN 'estimated'
        ELSE 'exact'
    END                                                                     AS quality,
    t.name                                                                  AS tenant,
    CASE WHEN reading.count > 0 THEN 'read' ELSE 'ledger' END               AS source
FROM raw.series s
JOIN ops.tenant t ON t.id = s.tenant_id
CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE t.timezone)::date AS day OFFSET 0) today
LEFT JOIN derived.known_account a ON a.tenant_id = s.tenant_id AND a.connection = s.connection AND a.account = s.account
LEFT JOIN derived.balance_line told
    ON told.tenant_id = s.tenant_id AND told.connection = s.connection AND told.account = s.account AND told.asset = s.asset
LEFT JOIN LATERAL (
    SELECT ceil(max(c.every_s) * 1.25 / 86400)::int AS days
    FROM ops.connection_state c
    WHERE c.tenant_id = s.tenant_id AND c.connection = s.connection
) f ON true
CROSS JOIN LATERAL (
    SELECT d.day
    FROM derived.snapshot_daily d
    WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id
    ORDER BY d.day
    LIMIT 1
) began
CROSS JOIN (VALUES
    ('day', INTERVAL '1 day'), ('week', INTERVAL '7 days'), ('month', INTERVAL '1 month'), ('quarter', INTERVAL '3 months'),
    ('year', INTERVAL '1 year')
) step (step, width)
CROSS JOIN LATERAL generate_series(
    date_trunc(step.step, began.day::timestamp), today.day::timestamp, step.width) g (at)
CROSS JOIN LATERAL (
    SELECT g.at::date AS first_day, least((g.at + step.width)::date - 1, today.day) AS day
) grid
CROSS JOIN LATERAL (
    SELECT d.day, d.last, d.last_base, d.last_at, d.count
    FROM derived.snapshot_daily d
    WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id AND d.day <= grid.day
    ORDER BY d.day DESC
    LIMIT 1
) reading
WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND NOT EXISTS (
    SELECT FROM derived.account_left_out o
    WHERE o.tenant_id = s.tenant_id AND o.connection = s.connection AND o.account = s.account)
UNION ALL
-- Brokers' and exchanges' accounts that nobody reads: what was bought, sold and moved tells what is there.
SELECT
    step.step,
    grid.first_day,
    grid.day,
    p.connection,
    p.account,
    a.name,
    a.kind,
    p.asset,
    held.quantity,
    CASE WHEN held.quantity = 0 THEN 0 ELSE held.value_base END,
    t.base_currency,
    (held.day + 1)::timestamp AT TIME ZONE t.timezone - INTERVAL '1 second',
    CASE
        WHEN held.quantity = 0 THEN 'exact'
        WHEN held.value_base IS NULL THEN 'partial'
        WHEN held.quality = 'exact' AND held.day < grid.day THEN 'estimated'
        ELSE held.quality
    END,
    t.name,
    'trades'
FROM derived.position p
JOIN ops.tenant t ON t.id = p.tenant_id
JOIN derived.unread_account a ON a.tenant_id = p.tenant_id AND a.connection = p.connection AND a.account = p.account
CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE t.timezone)::date AS day OFFSET 0) today
CROSS JOIN (VALUES
    ('day', INTERVAL '1 day'), ('week', INTERVAL '7 days'), ('month', INTERVAL '1 month'), ('quarter', INTERVAL '3 months'),
    ('year', INTERVAL '1 year')
) step (step, width)
CROSS JOIN LATERAL (
    SELECT min(d.day) AS day FROM derived.position_day d
    WHERE d.tenant_id = p.tenant_id AND d.connection = p.connection AND d.account = p.account AND d.asset = p.asset
        AND d.method = p.method
) began
CROSS JOIN LATERAL generate_series(
    date_trunc(step.step, began.day::timestamp), today.day::timestamp, step.width) g (at)
CROSS JOIN LATERAL (
    SELECT g.at::date AS first_day, least((g.at + step.width)::date - 1, today.day) AS day
) grid
CROSS JOIN LATERAL (
    SELECT d.day, d.quantity, d.value_base, d.quality
    FROM derived.position_day d
    WHERE d.tenant_id = p.tenant_id AND d.connection = p.connection AND d.account = p.account AND d.asset = p.asset
        AND d.method = p.method AND d.day <= grid.day AND grid.day < today.day
    UNION ALL
    -- as it stands now
    SELECT today.day, p.quantity, p.value_base, p.quality WHERE grid.day = today.day
    ORDER BY day DESC
    LIMIT 1
) held
WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND p.method = 'fifo' AND p.quantity >= 0;

COMMENT ON VIEW report.worth IS 'What was held in each account that counts at the end of each day, week, month, quarter and year: the last reading by then, or what statements, transactions and trades tell.';
COMMENT ON COLUMN report.worth.step IS 'day, week, month, quarter or year: choose one.';
COMMENT ON COLUMN report.worth.first_day IS 'The first day of the step.';
COMMENT ON COLUMN report.worth.day IS 'Its last day, at whose end the row stands; today for the step that is not over.';
COMMENT ON COLUMN report.worth.connection IS 'The connection that reads the account.';
COMMENT ON COLUMN report.worth.account IS 'The source''s own id of the account.';
COMMENT ON COLUMN report.worth.name IS 'Its name.';
COMMENT ON COLUMN report.worth.kind IS 'bank, card, cash, wallet, broker, payout, manual …; unknown where the source did not say.';
COMMENT ON COLUMN report.worth.asset IS 'The currency or coin of this row.';
COMMENT ON COLUMN report.worth.quantity IS 'How much of it there was at the last reading by then.';
COMMENT ON COLUMN report.worth.worth IS 'What that was worth on the day of the reading, in base_currency: NULL where no rate is known, and once the reading is more than 100 days old; 0 where nothing was held.';
COMMENT ON COLUMN report.worth.base_currency IS 'The tenant''s base currency.';
COMMENT ON COLUMN report.worth.at IS 'When that reading was taken; the end of the day where statements and transactions tell it.';
COMMENT ON COLUMN report.worth.quality IS 'exact, estimated (kept by a person, and as it was stated last; or transactions do not lead from one statement to the next), partial (no rate) or stale (no reading for a day, or for 1.25 times the interval of the connection''s slowest feed).';
COMMENT ON COLUMN report.worth.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
COMMENT ON COLUMN report.worth.source IS 'read (at the source), ledger (told by statements and transactions) or trades (told by what was bought, sold and moved).';
GRANT SELECT ON report.worth TO flowd_app, flowd_report, flowd_admin;

-- Some sixty points make a line, and every point is a look-up for each account.
CREATE OR REPLACE FUNCTION report.worth(since timestamptz, until timestamptz, bucket text DEFAULT 'auto')
    RETURNS TABLE (
        "time" timestamp, connection text, account text, name text, kind text, asset text, quantity numeric, worth numeric,
        currency text, quality text, tenant text)
    LANGUAGE sql STABLE
    AS $$
        WITH chosen AS (
            SELECT CASE
                WHEN worth.bucket <> 'auto' THEN worth.bucket
                WHEN until - since <= INTERVAL '45 days' THEN 'day'
                WHEN until - since <= INTERVAL '400 days' THEN 'week'
                ELSE 'month'
            END AS step
        )
        SELECT w.day::timestamp, w.connection, w.account, w.name, w.kind, w.asset, w.quantity, w.worth, w.base_currency,
            w.quality, w.tenant
        FROM report.worth w
        WHERE w.step = (SELECT c.step FROM chosen c)
            AND w.first_day >= (SELECT date_trunc(c.step, since AT TIME ZONE 'UTC')::date FROM chosen c)
            AND w.first_day <= (until AT TIME ZONE 'UTC')::date
    $$;
COMMENT ON FUNCTION report.worth(timestamptz, timestamptz, text) IS
    'What was held in each account at the end of each day, week, month, quarter or year (bucket; auto: days up to 45 days, weeks up to 400, then months): whole buckets from the one that since falls in to until.';
REVOKE ALL ON FUNCTION report.worth(timestamptz, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.worth(timestamptz, timestamptz, text) TO flowd_app, flowd_report, flowd_admin;
