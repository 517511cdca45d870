CREATE OR REPLACE VIEW report.projection_model WITH (security_barrier = true) AS
SELECT
    m.scope,
    m.name,
    m.as_of,
    m.method,
    m.reason,
    m.history_days,
    m.short,
    m.origins,
    m.error,
    m.coverage,
    m.confidence,
    m.parts,
    m.candidates,
    CASE m.scope WHEN 'total' THEN 'Everything' WHEN 'stream' THEN coalesce(s.name, m.name) ELSE m.name END AS label,
    t.name AS tenant
FROM derived.projection_model m
JOIN ops.tenant t ON t.id = m.tenant_id
LEFT JOIN derived.stream s ON s.tenant_id = m.tenant_id AND m.scope = 'stream' AND s.stream = m.name
WHERE m.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.projection_model IS 'How each stream is foretold, why so, and how far that is to be trusted.';
COMMENT ON COLUMN report.projection_model.scope IS 'What it is about: total, group or stream.';
COMMENT ON COLUMN report.projection_model.name IS 'The group''s name or the stream''s key; empty for the total.';
COMMENT ON COLUMN report.projection_model.as_of IS 'The day on which the method was chosen.';
COMMENT ON COLUMN report.projection_model.method IS 'The method that foretells it.';
COMMENT ON COLUMN report.projection_model.reason IS 'Why this method, in words.';
COMMENT ON COLUMN report.projection_model.history_days IS 'How many days of history there are.';
COMMENT ON COLUMN report.projection_model.short IS 'Whether the history is too short to choose by its own past.';
COMMENT ON COLUMN report.projection_model.origins IS 'How many past days the methods were tried from.';
COMMENT ON COLUMN report.projection_model.error IS 'The method''s error in that trial; the smaller the better.';
COMMENT ON COLUMN report.projection_model.coverage IS 'The share of trials in which what came was within the 80 % band.';
COMMENT ON COLUMN report.projection_model.confidence IS 'The share of trials whose total came within a fifth of the median; NULL where there are too few.';
COMMENT ON COLUMN report.projection_model.parts IS 'The components of confidence, by name.';
COMMENT ON COLUMN report.projection_model.candidates IS 'The error of each method that was tried, by name.';
COMMENT ON COLUMN report.projection_model.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.projection_model.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.projection_model TO flowd_app, flowd_report, flowd_admin;
