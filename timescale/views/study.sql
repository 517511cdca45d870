CREATE OR REPLACE VIEW report.study WITH (security_barrier = true) AS
SELECT
    s.study,
    s.as_of,
    s.digest = '' OR s.as_of < ((now() AT TIME ZONE t.timezone)::date - 1) AS outdated,
    t.name AS tenant
FROM derived.study s
JOIN ops.tenant t ON t.id = s.tenant_id
WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.study IS 'For which day returns, statistics, expected receipts, projections and goals were computed last.';
COMMENT ON COLUMN report.study.study IS 'What was computed: returns, statistics, expected, projection and so on.';
COMMENT ON COLUMN report.study.as_of IS 'The last whole day that was known then.';
COMMENT ON COLUMN report.study.outdated IS 'True where that is not yesterday, or where everything derived was made anew since.';
COMMENT ON COLUMN report.study.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.study TO flowd_app, flowd_report, flowd_admin;
