CREATE OR REPLACE VIEW report.rate_missing WITH (security_barrier = true) AS
SELECT m.base, m.quote, m.first_day, m.last_day, m.days, t.name AS tenant
FROM derived.rate_missing m
JOIN ops.tenant t ON t.id = m.tenant_id
WHERE m.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.rate_missing IS 'Rates that a number needed and nobody had; those numbers are NULL.';
COMMENT ON COLUMN report.rate_missing.base IS 'The currency or coin that could not be converted.';
COMMENT ON COLUMN report.rate_missing.quote IS 'The currency it was to be converted into.';
COMMENT ON COLUMN report.rate_missing.first_day IS 'The first day a rate was missing for.';
COMMENT ON COLUMN report.rate_missing.last_day IS 'The last day a rate was missing for.';
COMMENT ON COLUMN report.rate_missing.days IS 'For how many days one was missing.';
COMMENT ON COLUMN report.rate_missing.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.rate_missing TO flowd_app, flowd_report, flowd_admin;
