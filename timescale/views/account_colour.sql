-- Accounts have colours of their own, in the order in which they began. Slot 16, a grey, is left for the rest of many.
CREATE OR REPLACE VIEW report.account_colour WITH (security_barrier = true) AS
WITH held AS (
    SELECT s.tenant_id, s.connection, s.account, s.asset, coalesce(a.kind, 'unknown') AS kind, began.day AS began
    FROM raw.series s
    LEFT JOIN derived.known_account a ON a.tenant_id = s.tenant_id AND a.connection = s.connection AND a.account = s.account
    LEFT JOIN LATERAL (
        SELECT d.day
        FROM derived.snapshot_daily d
        WHERE d.tenant_id = s.tenant_id AND d.series_id = s.id
        ORDER BY d.day
        LIMIT 1
    ) began ON true
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    UNION ALL
    SELECT p.tenant_id, p.connection, p.account, p.asset, coalesce(a.kind, 'unknown'), began.day
    FROM derived.position p
    LEFT JOIN derived.known_account a ON a.tenant_id = p.tenant_id AND a.connection = p.connection AND a.account = p.account
    CROSS JOIN LATERAL (
        SELECT min(d.day) AS day FROM derived.position_day d
        WHERE d.tenant_id = p.tenant_id AND d.connection = p.connection AND d.account = p.account AND d.asset = p.asset
            AND d.method = p.method
    ) began
    WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND p.method = 'fifo' AND NOT EXISTS (
        SELECT FROM raw.series s
        WHERE s.tenant_id = p.tenant_id AND s.connection = p.connection AND s.account = p.account AND s.asset = p.asset)
), line AS (
    SELECT h.tenant_id, part.scope, part.name, min(h.began) AS began
    FROM held h
    CROSS JOIN LATERAL (VALUES
        ('connection', h.connection), ('account', h.connection || '/' || h.account), ('kind', h.kind), ('asset', h.asset)
    ) part (scope, name)
    GROUP BY h.tenant_id, part.scope, part.name
), placed AS (
    SELECT l.tenant_id, l.scope, l.name,
        (row_number() OVER (PARTITION BY l.tenant_id, l.scope ORDER BY l.began NULLS LAST, l.name COLLATE "C") - 1) % 23
            AS place
    FROM line l
)
SELECT
    p.scope,
    p.name,
    to_char(1 + p.place + CASE WHEN p.place >= 15 THEN 1 ELSE 0 END, 'FM00') AS paint,
    t.name AS tenant
FROM placed p
JOIN ops.tenant t ON t.id = p.tenant_id;

COMMENT ON VIEW report.account_colour IS 'The colour each account, connection, kind of account and asset has on the dashboards.';
COMMENT ON COLUMN report.account_colour.scope IS 'account, connection, kind or asset.';
COMMENT ON COLUMN report.account_colour.name IS 'CONNECTION/ACCOUNT, the connection''s name, the kind (unknown where the source did not say) or the asset.';
COMMENT ON COLUMN report.account_colour.paint IS 'Which of the dashboards'' colours (report.palette), in two digits: the next free one in the order in which they began.';
COMMENT ON COLUMN report.account_colour.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.account_colour TO flowd_app, flowd_report, flowd_admin;
