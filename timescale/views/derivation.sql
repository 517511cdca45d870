-- Whether the numbers hold everything that was read.
CREATE OR REPLACE VIEW report.derivation WITH (security_barrier = true) AS
SELECT
    d.through,
    (SELECT count(*) FROM ops.pending p WHERE p.tenant_id = d.tenant_id)::int AS waiting,
    d.through < (now() AT TIME ZONE t.timezone)::date                          AS behind,
    t.name                                                                     AS tenant
FROM ops.derivation d
JOIN ops.tenant t ON t.id = d.tenant_id
WHERE d.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.derivation IS 'How far income and everything else is worked out from what was read; no row before the first time.';
COMMENT ON COLUMN report.derivation.through IS 'The last day there are numbers for: today, while the service runs.';
COMMENT ON COLUMN report.derivation.waiting IS 'How many changes were read and are not worked into the numbers yet; a few for some seconds are usual.';
COMMENT ON COLUMN report.derivation.behind IS 'True where through is not today.';
COMMENT ON COLUMN report.derivation.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.derivation TO flowd_app, flowd_report, flowd_admin;
