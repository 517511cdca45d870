-- Each line is looked up by its key at the end of each step: what is known beside what is only known to have moved.
CREATE OR REPLACE VIEW report.balance WITH (security_barrier = true) AS
WITH line AS (
    SELECT s.tenant_id, s.connection, s.account, s.asset, s.id AS series_id, began.day AS first_day, told.told_until
    FROM raw.series s
    CROSS JOIN LATERAL (
        SELECT d.day FROM derived.snapshot_daily d
        WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id
        ORDER BY d.day
        LIMIT 1
    ) began
    LEFT JOIN derived.balance_line told
        ON told.tenant_id = s.tenant_id AND told.connection = s.connection AND told.account = s.account
        AND told.asset = s.asset
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND NOT EXISTS (
        SELECT FROM derived.account_left_out o
        WHERE o.tenant_id = s.tenant_id AND o.connection = s.connection AND o.account = s.account)
    UNION ALL
    SELECT told.tenant_id, told.connection, told.account, told.asset, NULL, told.first_day, told.told_until
    FROM derived.balance_line told
    WHERE told.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND told.known_from IS NULL
)
SELECT
    step.step,
    grid.first_day,
    grid.day,
    l.connection,
    l.account,
    coalesce(a.name, l.account)                                             AS name,
    coalesce(a.kind, 'unknown')                                             AS kind,
    l.asset,
    held.last                                                               AS balance,
    moved.amount                                                            AS moved,
    coalesce(held.day, moved.day)                                           AS as_of,
    CASE
        WHEN l.series_id IS NULL THEN 'relative'
        WHEN held.count > 0 THEN 'read'
        WHEN held.day > l.told_until THEN 'carried'
        ELSE coalesce(own.source, 'computed')
    END                                                                     AS source,
    l.told_until,
    t.name                                                                  AS tenant
FROM line l
JOIN ops.tenant t ON t.id = l.tenant_id
CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE t.timezone)::date AS day OFFSET 0) today
LEFT JOIN derived.known_account a ON a.tenant_id = l.tenant_id AND a.connection = l.connection AND a.account = l.account
CROSS JOIN (VALUES
    ('day', INTERVAL '1 day'), ('week', INTERVAL '7 days'), ('month', INTERVAL '1 month'), ('quarter', INTERVAL '3 months'),
    ('year', INTERVAL '1 year')
) step (step, width)
CROSS JOIN LATERAL generate_series(
    date_trunc(step.step, l.first_day::timestamp), today.day::timestamp, step.width) g (at)
CROSS JOIN LATERAL (
    SELECT g.at::date AS first_day, least((g.at + step.width)::date - 1, today.day) AS day
) grid
LEFT JOIN LATERAL (
    SELECT d.day, d.last, d.count
    FROM derived.snapshot_daily d
    WHERE d.tenant_id = l.tenant_id AND d.series_id = l.series_id AND d.day <= grid.day
    ORDER BY d.day DESC
    LIMIT 1
) held ON true
LEFT JOIN LATERAL (
    SELECT b.day, b.amount
    FROM derived.balance_day b
    WHERE l.series_id IS NULL AND b.tenant_id = l.tenant_id AND b.connection = l.connection AND b.account = l.account
        AND b.asset = l.asset AND b.day <= grid.day
    ORDER BY b.day DESC
    LIMIT 1
) moved ON true
LEFT JOIN LATERAL (
    -- LIMIT: looked up by its key, also while nobody has counted the rows that were just imported
    SELECT b.source
    FROM derived.balance_day b
    WHERE held.count = 0 AND b.tenant_id = l.tenant_id AND b.connection = l.connection AND b.account = l.account
        AND b.asset = l.asset AND b.day = held.day
    LIMIT 1
) own ON true;

COMMENT ON VIEW report.balance IS 'What each account that counts held of each asset at the end of each day, week, month, quarter and year: as it was read, or as statements and transactions tell.';
COMMENT ON COLUMN report.balance.step IS 'day, week, month, quarter or year: choose one.';
COMMENT ON COLUMN report.balance.first_day IS 'The first day of the step.';
COMMENT ON COLUMN report.balance.day IS 'Its last day, at whose end the row stands; today for the step that is not over.';
COMMENT ON COLUMN report.balance.connection IS 'The connection that reads the account, or its files were read into.';
COMMENT ON COLUMN report.balance.account IS 'The source''s own id of the account.';
COMMENT ON COLUMN report.balance.name IS 'Its name.';
COMMENT ON COLUMN report.balance.kind IS 'bank, card, cash, wallet, broker, payout, manual …; unknown where the source did not say.';
COMMENT ON COLUMN report.balance.asset IS 'The currency or coin of this row.';
COMMENT ON COLUMN report.balance.balance IS 'How much of it was held, below zero where it is owed; NULL where no balance was ever stated or read.';
COMMENT ON COLUMN report.balance.moved IS 'Where no balance is known: the sum of all that was booked since the first transaction; else NULL.';
COMMENT ON COLUMN report.balance.as_of IS 'The day this is of: earlier than day where nothing was known of since.';
COMMENT ON COLUMN report.balance.source IS 'read (at the source), stated (by a statement), you (somebody said it), computed (from these and the transactions since or until then), carried (a person keeps the account; as it was last) or relative (no balance is known).';
COMMENT ON COLUMN report.balance.told_until IS 'The last day on which anything was booked, stated or read in the account; NULL for one without transactions or statements.';
COMMENT ON COLUMN report.balance.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.balance TO flowd_app, flowd_report, flowd_admin;
