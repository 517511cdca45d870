CREATE OR REPLACE VIEW report.projection_score WITH (security_barrier = true) AS
SELECT
    c.for_day,
    c.made_on,
    c.horizon,
    c.scope,
    c.name,
    c.p50,
    c.actual,
    c.error,
    c.ape,
    c.pinball,
    c.inside_50,
    c.inside_80,
    c.inside_90,
    c.within_20,
    t.base_currency,
    CASE c.scope WHEN 'total' THEN 'Everything' WHEN 'stream' THEN coalesce(s.name, c.name) ELSE c.name END AS label,
    t.name AS tenant
FROM derived.projection_score c
JOIN ops.tenant t ON t.id = c.tenant_id
LEFT JOIN derived.stream s ON s.tenant_id = c.tenant_id AND c.scope = 'stream' AND s.stream = c.name
WHERE c.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.projection_score IS 'How each projection turned out whose days are over.';
COMMENT ON COLUMN report.projection_score.for_day IS 'The last day it was about.';
COMMENT ON COLUMN report.projection_score.made_on IS 'The day on which it was said.';
COMMENT ON COLUMN report.projection_score.horizon IS 'Over how many days, from made_on on.';
COMMENT ON COLUMN report.projection_score.scope IS 'What it is about: total, group or stream.';
COMMENT ON COLUMN report.projection_score.name IS 'The group''s name or the stream''s key; empty for the total.';
COMMENT ON COLUMN report.projection_score.p50 IS 'The median that was said.';
COMMENT ON COLUMN report.projection_score.actual IS 'What came in on these days, as it is known now.';
COMMENT ON COLUMN report.projection_score.error IS 'actual - p50: above zero, more came than was said.';
COMMENT ON COLUMN report.projection_score.ape IS 'The absolute error as a share of what came: 0.1 is ten per cent; NULL where nothing came.';
COMMENT ON COLUMN report.projection_score.pinball IS 'The mean pinball loss of the seven quantiles: the smaller the better; in base currency.';
COMMENT ON COLUMN report.projection_score.inside_50 IS 'Whether it came within p25 to p75.';
COMMENT ON COLUMN report.projection_score.inside_80 IS 'Whether it came within p10 to p90.';
COMMENT ON COLUMN report.projection_score.inside_90 IS 'Whether it came within p05 to p95.';
COMMENT ON COLUMN report.projection_score.within_20 IS 'Whether it came within a fifth of the median that was said.';
COMMENT ON COLUMN report.projection_score.base_currency IS 'The currency of every amount in this row.';
COMMENT ON COLUMN report.projection_score.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.projection_score.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.projection_score TO flowd_app, flowd_report, flowd_admin;
