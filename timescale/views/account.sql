-- A balance without a newer reading still counts for a hundred days: statements come once a month or a quarter.
CREATE OR REPLACE VIEW report.account WITH (security_barrier = true) AS
WITH known AS (
    SELECT a.tenant_id, a.connection, a.account FROM derived.known_account a
    WHERE a.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    UNION
    SELECT s.tenant_id, s.connection, s.account FROM raw.series s
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    UNION
    SELECT o.tenant_id, o.connection, o.account FROM derived.account_left_out o
    WHERE o.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
), slowest AS (
    SELECT c.tenant_id, c.connection, greatest(INTERVAL '1 day', max(c.every_s) * INTERVAL '1.25 seconds') AS fresh
    FROM ops.connection_state c
    WHERE c.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    GROUP BY c.tenant_id, c.connection
), held AS (
    SELECT
        k.connection,
        k.account,
        coalesce(a.name, k.account)   AS name,
        a.kind,
        coalesce(s.asset, a.asset)    AS asset,
        reading.quantity,
        reading.value_base,
        t.base_currency,
        reading.at,
        t.name                        AS tenant,
        CASE WHEN own.account IS NOT NULL THEN NULL WHEN reading.quantity = 0 THEN 0 WHEN reading.at > now() - INTERVAL '100 days' THEN reading.value_base END
                                      AS worth,
        greatest(0, extract(epoch FROM now() - reading.at)::numeric(20, 3))
                                      AS age_s,
        CASE
            WHEN reading.quantity IS NULL OR own.account IS NOT NULL THEN NULL
            WHEN reading.quantity = 0 THEN 'exact'
            WHEN reading.count = 0 AND reading.day > told.told_until THEN 'estimated'
            WHEN reading.at < now() - coalesce(f.fresh, INTERVAL '1 day') THEN 'stale'
            WHEN reading.value_base IS NULL THEN 'partial'
            ELSE 'exact'
        END                           AS quality,
        began.day                     AS began,
        month.worth                   AS worth_30d,
        year.worth                    AS worth_365d,
        min(began.day) OVER (PARTITION BY k.tenant_id, k.connection, k.account)
                                      AS account_began,
        today.day                     AS today,
        reading.count                 AS readings,
        own.account IS NOT NULL       AS left_out,
        own.same_connection || '/' || own.same_account
                                      AS same_as
    FROM known k
    JOIN ops.tenant t ON t.id = k.tenant_id
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE t.timezone)::date AS day) today
    LEFT JOIN slowest f ON f.tenant_id = k.tenant_id AND f.connection = k.connection
    LEFT JOIN derived.known_account a ON a.tenant_id = k.tenant_id AND a.connection = k.connection AND a.account = k.account
    LEFT JOIN raw.series s ON s.tenant_id = k.tenant_id AND s.connection = k.connection AND s.account = k.account
    LEFT JOIN derived.account_left_out own
        ON own.tenant_id = k.tenant_id AND own.connection = k.connection AND own.account = k.account
    LEFT JOIN LATERAL (
        SELECT d.last AS quantity, d.last_base AS value_base, d.last_at AS at, d.count, d.day
        FROM derived.snapshot_daily d
        WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id
        ORDER BY d.day DESC
        LIMIT 1
    ) reading ON true
    LEFT JOIN derived.balance_line told
        ON told.tenant_id = s.tenant_id AND told.connection = s.connection AND told.account = s.account AND told.asset = s.asset
    LEFT JOIN LATERAL (
        SELECT d.day
        FROM derived.snapshot_daily d
        WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id
        ORDER BY d.day
        LIMIT 1
    ) began ON true
    LEFT JOIN LATERAL (
        SELECT CASE WHEN d.last = 0 THEN 0 WHEN d.day >= today.day - 130 THEN d.last_base END AS worth
        FROM derived.snapshot_daily d
        WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id AND d.day <= today.day - 30
        ORDER BY d.day DESC
        LIMIT 1
    ) month ON true
    LEFT JOIN LATERAL (
        SELECT CASE WHEN d.last = 0 THEN 0 WHEN d.day >= today.day - 465 THEN d.last_base END AS worth
        FROM derived.snapshot_daily d
        WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id AND d.day <= today.day - 365
        ORDER BY d.day DESC
        LIMIT 1
    ) year ON true
), traded AS (
    -- brokers' and exchanges' accounts that nobody reads: what was bought, sold and moved tells what is there
    SELECT p.connection, p.account, a.name, a.kind, p.asset, p.quantity, p.value_base,
        p.price_day, p.quality, p.reason, t.base_currency, t.timezone, t.name AS tenant, today.day AS today, began.day AS began,
        month.worth AS worth_30d, year.worth AS worth_365d
    FROM derived.position p
    JOIN ops.tenant t ON t.id = p.tenant_id
    JOIN derived.unread_account a ON a.tenant_id = p.tenant_id AND a.connection = p.connection AND a.account = p.account
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE t.timezone)::date AS day) today
    CROSS JOIN LATERAL (
        SELECT min(d.day) AS day FROM derived.position_day d
        WHERE d.tenant_id = p.tenant_id AND d.connection = p.connection AND d.account = p.account AND d.asset = p.asset
            AND d.method = p.method
    ) began
    LEFT JOIN LATERAL (
        SELECT CASE WHEN d.quantity = 0 THEN 0 ELSE d.value_base END AS worth FROM derived.position_day d
        WHERE d.tenant_id = p.tenant_id AND d.connection = p.connection AND d.account = p.account AND d.asset = p.asset
            AND d.method = p.method AND d.day <= today.day - 30
        ORDER BY d.day DESC
        LIMIT 1
    ) month ON true
    LEFT JOIN LATERAL (
        SELECT CASE WHEN d.quantity = 0 THEN 0 ELSE d.value_base END AS worth FROM derived.position_day d
        WHERE d.tenant_id = p.tenant_id AND d.connection = p.connection AND d.account = p.account AND d.asset = p.asset
            AND d.method = p.method AND d.day <= today.day - 365
        ORDER BY d.day DESC
        LIMIT 1
    ) year ON true
    WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND p.method = 'fifo' AND p.quantity > 0
)
SELECT
    h.connection,
    h.account,
    h.name,
    h.kind,
    h.asset,
    h.quantity,
    h.value_base,
    h.base_currency,
    h.at,
    h.tenant,
    h.worth,
    h.age_s,
    h.quality,
    CASE
        WHEN h.left_out THEN 'left out by you: ' || coalesce('the same as ' || h.same_as, 'it does not count')
        WHEN h.quantity IS NULL THEN 'its source states movements, but no balance: give one with flowd account balance'
        WHEN h.worth IS NULL AND h.value_base IS NOT NULL AND h.readings = 0
            THEN 'not counted: its last statement is more than 100 days old'
        WHEN h.worth IS NULL AND h.value_base IS NOT NULL THEN 'not counted: its last reading is more than 100 days old'
        WHEN h.worth IS NULL THEN 'not counted: no rate from ' || h.asset || ' to ' || h.base_currency
        WHEN h.quality = 'estimated' THEN 'as it was stated last'
        WHEN h.quality = 'stale' AND h.readings = 0 THEN 'its last statement is old; counted as it was then'
        WHEN h.quality = 'stale' THEN 'its last reading is old; counted as it was then'
        ELSE ''
    END                                                                                          AS reason,
    h.began,
    CASE WHEN h.account_began <= h.today - 30
        THEN h.worth - CASE WHEN h.began > h.today - 30 THEN 0 ELSE h.worth_30d END END          AS change_30d,
    CASE WHEN h.account_began <= h.today - 365
        THEN h.worth - CASE WHEN h.began > h.today - 365 THEN 0 ELSE h.worth_365d END END        AS change_365d,
    h.left_out,
    h.same_as
FROM held h
WHERE h.quantity IS NOT NULL OR h.left_out OR NOT EXISTS (
    SELECT FROM traded x WHERE x.tenant = h.tenant AND x.connection = h.connection AND x.account = h.account)
UNION ALL
SELECT
    x.connection,
    x.account,
    x.name,
    x.kind,
    x.asset,
    x.quantity,
    x.value_base,
    x.base_currency,
    (x.price_day + 1)::timestamp AT TIME ZONE x.timezone - INTERVAL '1 second',
    x.tenant,
    x.value_base,
    greatest(0, extract(epoch FROM now() - (x.price_day + 1)::timestamp AT TIME ZONE x.timezone)::numeric(20, 3)),
    CASE WHEN x.value_base IS NULL THEN 'partial' ELSE x.quality END,
    CASE
        WHEN x.value_base IS NULL THEN 'not counted: no rate from ' || x.asset || ' to ' || x.base_currency
        WHEN x.reason = '' THEN 'told by what was bought, sold and moved'
        ELSE x.reason
    END,
    x.began,
    CASE WHEN x.began <= x.today - 30 THEN x.value_base - x.worth_30d END,
    CASE WHEN x.began <= x.today - 365 THEN x.value_base - x.worth_365d END,
    false,
    NULL
FROM traded x;

COMMENT ON VIEW report.account IS 'Where money is held: one row per account and asset, with the last reading, or what statements, transactions and trades tell.';
COMMENT ON COLUMN report.account.connection IS 'The connection that reads it.';
COMMENT ON COLUMN report.account.account IS 'The source''s own id of the account.';
COMMENT ON COLUMN report.account.name IS 'Its name.';
COMMENT ON COLUMN report.account.kind IS 'bank, card, cash, wallet, broker, payout, manual …; NULL where the source did not say.';
COMMENT ON COLUMN report.account.asset IS 'The currency or coin of this row.';
COMMENT ON COLUMN report.account.quantity IS 'How much of it there was at the last reading, or after the last transaction where a balance is stated; NULL for an account of which only transactions are known.';
COMMENT ON COLUMN report.account.value_base IS 'The same in base_currency; NULL where no rate is known.';
COMMENT ON COLUMN report.account.base_currency IS 'The tenant''s base currency.';
COMMENT ON COLUMN report.account.at IS 'When that reading was taken; the end of the day where statements and transactions tell it.';
COMMENT ON COLUMN report.account.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
COMMENT ON COLUMN report.account.worth IS 'What counts when accounts are added up: value_base, as long as the reading is at most 100 days old; 0 where nothing is held; NULL where the account is left out.';
COMMENT ON COLUMN report.account.age_s IS 'Seconds since that reading.';
COMMENT ON COLUMN report.account.quality IS 'exact, estimated (kept by a person, and as it was stated last), partial (no rate) or stale (no reading for a day, or for 1.25 times the interval of the connection''s slowest feed); NULL without a balance, and where the account is left out.';
COMMENT ON COLUMN report.account.reason IS 'Why it does not count, or is less than exact; else empty.';
COMMENT ON COLUMN report.account.began IS 'The day of the first reading.';
COMMENT ON COLUMN report.account.change_30d IS 'By how much worth changed in 30 days, deposits and withdrawals included. An asset that is new in an older account counts from nothing; NULL for an account that is new itself, and where one end is not known.';
COMMENT ON COLUMN report.account.change_365d IS 'The same in 365 days.';
COMMENT ON COLUMN report.account.left_out IS 'True where somebody said that the account does not count: flowd account leave-out.';
COMMENT ON COLUMN report.account.same_as IS 'CONNECTION/ACCOUNT that it is the same as, where somebody said so; else NULL.';
GRANT SELECT ON report.account TO flowd_app, flowd_report, flowd_admin;
