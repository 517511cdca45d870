CREATE OR REPLACE VIEW report.projection_said WITH (security_barrier = true) AS
SELECT
    p.made_on,
    p.for_day,
    p.for_day - p.made_on + 1 AS horizon,
    p.scope,
    p.name,
    p.p05, p.p10, p.p25, p.p50, p.p75, p.p90, p.p95,
    p.mean,
    c.actual,
    p.method,
    p.confidence,
    p.base_currency,
    CASE p.scope WHEN 'total' THEN 'Everything' WHEN 'stream' THEN coalesce(s.name, p.name) ELSE p.name END AS label,
    t.name AS tenant
FROM raw.projection p
JOIN ops.tenant t ON t.id = p.tenant_id
LEFT JOIN derived.stream s ON s.tenant_id = p.tenant_id AND p.scope = 'stream' AND s.stream = p.name
LEFT JOIN derived.projection_score c
    ON c.tenant_id = p.tenant_id AND c.scope = p.scope AND c.name = p.name AND c.made_on = p.made_on
        AND c.horizon = p.for_day - p.made_on + 1
WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND p.span = 'sum';

COMMENT ON VIEW report.projection_said IS 'Everything that was ever foretold for so many days together, with what came where these days are over.';
COMMENT ON COLUMN report.projection_said.made_on IS 'The day on which it was said, knowing what happened before that day.';
COMMENT ON COLUMN report.projection_said.for_day IS 'The last day of the sum.';
COMMENT ON COLUMN report.projection_said.horizon IS 'Over how many days, from made_on on: 7, 30, 60, 90, 120, 180 …';
COMMENT ON COLUMN report.projection_said.scope IS 'What it is about: total, group or stream.';
COMMENT ON COLUMN report.projection_said.name IS 'The group''s name or the stream''s key; empty for the total.';
COMMENT ON COLUMN report.projection_said.p05 IS 'The 5th percentile: it comes to less than this in one of 20 cases.';
COMMENT ON COLUMN report.projection_said.p10 IS 'The 10th percentile; p10 to p90 is the 80 % band.';
COMMENT ON COLUMN report.projection_said.p25 IS 'The 25th percentile; p25 to p75 is the 50 % band.';
COMMENT ON COLUMN report.projection_said.p50 IS 'The median: as likely more as less.';
COMMENT ON COLUMN report.projection_said.p75 IS 'The 75th percentile.';
COMMENT ON COLUMN report.projection_said.p90 IS 'The 90th percentile.';
COMMENT ON COLUMN report.projection_said.p95 IS 'The 95th percentile: it comes to more than this in one of 20 cases.';
COMMENT ON COLUMN report.projection_said.mean IS 'The mean of all paths.';
COMMENT ON COLUMN report.projection_said.actual IS 'What came in on these days; NULL while they are not over, where a day of them is not known, and where it is over for more than 400 days.';
COMMENT ON COLUMN report.projection_said.method IS 'How it was foretold.';
COMMENT ON COLUMN report.projection_said.confidence IS 'How likely the total was said to come within a fifth of its median.';
COMMENT ON COLUMN report.projection_said.base_currency IS 'The currency of every amount in this row.';
COMMENT ON COLUMN report.projection_said.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.projection_said.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.projection_said TO flowd_app, flowd_report, flowd_admin;
