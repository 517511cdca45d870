CREATE OR REPLACE VIEW report.goal WITH (security_barrier = true) AS
SELECT
    g.goal,
    g.kind,
    g.amount,
    g.currency,
    g.scope,
    g.name,
    g.by_day,
    g.since,
    g.as_of,
    g.current,
    CASE WHEN g.amount > 0 THEN round(greatest(g.current / g.amount, 0), 6) END AS progress,
    g.probability,
    g.reached_p10,
    g.reached_p50,
    g.reached_p90,
    g.needed,
    g.reason,
    CASE g.scope WHEN 'total' THEN 'Everything' WHEN 'stream' THEN coalesce(s.name, g.name) ELSE g.name END AS label,
    t.name AS tenant
FROM derived.goal g
JOIN ops.tenant t ON t.id = g.tenant_id
LEFT JOIN derived.stream s ON s.tenant_id = g.tenant_id AND g.scope = 'stream' AND s.stream = g.name
WHERE g.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.goal IS 'What somebody wants to reach (flowd goal add), how likely that is, and when.';
COMMENT ON COLUMN report.goal.goal IS 'The goal''s name.';
COMMENT ON COLUMN report.goal.kind IS 'What is to be reached: monthly (income in a month), saved (income added up since a day) or net_worth.';
COMMENT ON COLUMN report.goal.amount IS 'How much, in currency.';
COMMENT ON COLUMN report.goal.currency IS 'The currency of amount, current and needed.';
COMMENT ON COLUMN report.goal.scope IS 'What it is about: total, group or stream.';
COMMENT ON COLUMN report.goal.name IS 'The group''s name or the stream''s key; empty for the total.';
COMMENT ON COLUMN report.goal.by_day IS 'The day by which it is to be reached; NULL for whenever.';
COMMENT ON COLUMN report.goal.since IS 'The first day that counts.';
COMMENT ON COLUMN report.goal.as_of IS 'The day on which this was computed.';
COMMENT ON COLUMN report.goal.current IS 'How much there is now; NULL where that is not known.';
COMMENT ON COLUMN report.goal.progress IS 'current / amount: 1 is reached.';
COMMENT ON COLUMN report.goal.probability IS 'How likely it is reached by by_day, or within two years where there is no such day; NULL where reason says why.';
COMMENT ON COLUMN report.goal.reached_p10 IS 'The day by which it is reached in one of ten cases; NULL where not within two years.';
COMMENT ON COLUMN report.goal.reached_p50 IS 'The day by which it is reached in every second case.';
COMMENT ON COLUMN report.goal.reached_p90 IS 'The day by which it is reached in nine of ten cases.';
COMMENT ON COLUMN report.goal.needed IS 'What a month would have to bring from now on to reach it in time.';
COMMENT ON COLUMN report.goal.reason IS 'How this was found, or why it is not known.';
COMMENT ON COLUMN report.goal.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.goal.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.goal TO flowd_app, flowd_report, flowd_admin;
