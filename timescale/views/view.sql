CREATE OR REPLACE VIEW report.view WITH (security_barrier = true) AS
SELECT
    v.name,
    v.version,
    v.data,
    v.changed_at,
    t.name AS tenant
FROM ops.view v
JOIN ops.tenant t ON t.id = v.tenant_id
WHERE v.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.view IS 'JSON documents for interfaces, by name: what dashboards show, ready to be read.';
COMMENT ON COLUMN report.view.name IS 'overview, streams, accounts, months, expected, projections, goals, returns, net_worth, positions, transfers, gaps, connections or warnings.';
COMMENT ON COLUMN report.view.version IS 'Goes up when the content changes, and only then; NOTIFY flowd_view tells it.';
COMMENT ON COLUMN report.view.data IS 'The document: amounts are strings, days and times ISO 8601.';
COMMENT ON COLUMN report.view.changed_at IS 'Since when it has this content.';
COMMENT ON COLUMN report.view.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.view TO flowd_app, flowd_report, flowd_admin;
