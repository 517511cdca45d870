-- What may be asked for is joined to the numbers, not read out of their subjects: a filter on scope and name reaches the key.
CREATE OR REPLACE VIEW report.projection_accuracy WITH (security_barrier = true) AS
SELECT
    (m.at AT TIME ZONE t.timezone)::date AS month,
    about.scope,
    about.name,
    left(m."window", -1)::int AS horizon,
    max(m.value) FILTER (WHERE m.name = 'scored')::int AS scored,
    max(m.value) FILTER (WHERE m.name = 'coverage_50') AS coverage_50,
    max(m.value) FILTER (WHERE m.name = 'coverage_80') AS coverage_80,
    max(m.value) FILTER (WHERE m.name = 'coverage_90') AS coverage_90,
    max(m.value) FILTER (WHERE m.name = 'within_20') AS within_20,
    max(m.value) FILTER (WHERE m.name = 'mape') AS mape,
    max(m.value) FILTER (WHERE m.name = 'median_ape') AS median_ape,
    max(m.value) FILTER (WHERE m.name = 'bias') AS bias,
    max(m.value) FILTER (WHERE m.name = 'crps') AS crps,
    max(m.value) FILTER (WHERE m.name = 'skill') AS skill,
    t.base_currency,
    about.label,
    t.name AS tenant
FROM (
    SELECT d.tenant_id, 'stream' AS scope, d.stream AS name, 'stream:' || d.stream AS subject, d.name AS label
    FROM derived.stream d
    UNION ALL
    SELECT DISTINCT g.tenant_id, 'group', g.grp, 'group:' || g.grp, g.grp FROM derived.stream g
    UNION ALL
    SELECT o.id, 'total', '', 'total', 'Everything' FROM ops.tenant o
) about
JOIN ops.tenant t ON t.id = about.tenant_id
JOIN derived.metric m ON m.tenant_id = about.tenant_id AND m.analytic = 'scores' AND m.subject = about.subject
WHERE about.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
GROUP BY m.at, about.scope, about.name, about.label, m."window", t.timezone, t.base_currency, t.name;

COMMENT ON VIEW report.projection_accuracy IS 'How well projections turned out, per month in which their last day fell, and per horizon.';
COMMENT ON COLUMN report.projection_accuracy.month IS 'The first day of the month in which the last days fell.';
COMMENT ON COLUMN report.projection_accuracy.scope IS 'What it is about: total, group or stream.';
COMMENT ON COLUMN report.projection_accuracy.name IS 'The group''s name or the stream''s key; empty for the total.';
COMMENT ON COLUMN report.projection_accuracy.horizon IS 'Over how many days, from made_on on.';
COMMENT ON COLUMN report.projection_accuracy.scored IS 'How many projections were scored.';
COMMENT ON COLUMN report.projection_accuracy.coverage_50 IS 'The share of them that came within p25 to p75; it should be near 0.5.';
COMMENT ON COLUMN report.projection_accuracy.coverage_80 IS 'The share that came within p10 to p90; it should be near 0.8.';
COMMENT ON COLUMN report.projection_accuracy.coverage_90 IS 'The share that came within p05 to p95; it should be near 0.9.';
COMMENT ON COLUMN report.projection_accuracy.within_20 IS 'The share that came within a fifth of the median: what confidence foretells.';
COMMENT ON COLUMN report.projection_accuracy.mape IS 'The mean absolute error as a share of what came, over those where something came.';
COMMENT ON COLUMN report.projection_accuracy.median_ape IS 'The median of the same, which one odd month does not move.';
COMMENT ON COLUMN report.projection_accuracy.bias IS 'What was said too little (above zero) or too much, as a share of what came.';
COMMENT ON COLUMN report.projection_accuracy.crps IS 'The continuous ranked probability score, approximated from the seven quantiles; in base currency, the smaller the better.';
COMMENT ON COLUMN report.projection_accuracy.skill IS '1 - crps / the mean absolute error of the median: how much the bands add to a bare number; NULL where that error is 0.';
COMMENT ON COLUMN report.projection_accuracy.base_currency IS 'The tenant''s base currency.';
COMMENT ON COLUMN report.projection_accuracy.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.projection_accuracy.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.projection_accuracy TO flowd_app, flowd_report, flowd_admin;
