CREATE OR REPLACE VIEW report.account WITH (security_barrier = true) AS
WITH known AS (
    SELECT a.tenant_id, a.connection, a.account FROM derived.account a
    WHERE a.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    UNION
    SELECT s.tenant_id, s.connection, s.account FROM raw.series s
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
)
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
    t.name                        AS tenant
FROM known k
JOIN ops.tenant t ON t.id = k.tenant_id
LEFT JOIN derived.account a ON a.tenant_id = k.tenant_id AND a.connection = k.connection AND a.account = k.account
LEFT JOIN raw.series s ON s.tenant_id = k.tenant_id AND s.connection = k.connection AND s.account = k.account
LEFT JOIN LATERAL (
    SELECT d.last AS quantity, d.last_base AS value_base, d.last_at AS at
    FROM derived.snapshot_daily d
    WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id
    ORDER BY d.day DESC
    LIMIT 1
) reading ON true;

COMMENT ON VIEW report.account IS 'Where money is held: one row per account and asset, with the last reading.';
COMMENT ON COLUMN report.account.connection IS 'The connection that reads it.';
COMMENT ON COLUMN report.account.account IS 'The source''s own id of the account.';
COMMENT ON COLUMN report.account.name IS 'Its name.';
COMMENT ON COLUMN report.account.kind IS 'bank, card, cash, wallet, broker, payout, manual …; NULL where the source did not say.';
COMMENT ON COLUMN report.account.asset IS 'The currency or coin of this row.';
COMMENT ON COLUMN report.account.quantity IS 'How much of it there was at the last reading; NULL for an account that is known by its transactions only.';
COMMENT ON COLUMN report.account.value_base IS 'The same in base_currency; NULL where no rate is known.';
COMMENT ON COLUMN report.account.base_currency IS 'The tenant''s base currency.';
COMMENT ON COLUMN report.account.at IS 'When that reading was taken.';
COMMENT ON COLUMN report.account.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.account TO flowd_app, flowd_report, flowd_admin;
