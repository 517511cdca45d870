CREATE OR REPLACE VIEW report.stream_state WITH (security_barrier = true) AS
SELECT
    s.scope,
    s.name,
    CASE s.scope WHEN 'total' THEN 'Everything' WHEN 'stream' THEN coalesce(d.name, s.name) ELSE s.name END AS label,
    CASE s.scope WHEN 'stream' THEN d.grp WHEN 'group' THEN s.name END AS grp,
    s.as_of,
    s.health,
    s.health_reason,
    s.trend,
    s.trend_reason,
    s.slope,
    s.slope_pct,
    s.p_value,
    s.share,
    s.floor,
    s.volatility,
    s.cadence,
    s.next_due,
    s.next_amount,
    s.passive,
    s.tax_rate,
    s.tax_reserve,
    s.base_currency,
    t.name AS tenant
FROM derived.stream_state s
JOIN ops.tenant t ON t.id = s.tenant_id
LEFT JOIN derived.stream d ON d.tenant_id = s.tenant_id AND s.scope = 'stream' AND d.stream = s.name
WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.stream_state IS 'How each stream, each group and everything is doing: trend, health and what decided it.';
COMMENT ON COLUMN report.stream_state.scope IS 'What it is about: stream, group or total.';
COMMENT ON COLUMN report.stream_state.name IS 'The stream''s key or the group''s name; empty for the total.';
COMMENT ON COLUMN report.stream_state.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.stream_state.grp IS 'The group it belongs to; NULL for the total.';
COMMENT ON COLUMN report.stream_state.as_of IS 'The last day that was looked at.';
COMMENT ON COLUMN report.stream_state.health IS 'growing, stable, volatile, declining, stalled (nothing came in for too long), stale (not read any more) or unknown.';
COMMENT ON COLUMN report.stream_state.health_reason IS 'Why, in words.';
COMMENT ON COLUMN report.stream_state.trend IS 'growing, flat, declining or unknown.';
COMMENT ON COLUMN report.stream_state.trend_reason IS 'The numbers that decided, in words.';
COMMENT ON COLUMN report.stream_state.slope IS 'By how much a day earns more than the day before, in base_currency.';
COMMENT ON COLUMN report.stream_state.slope_pct IS 'The change in 30 days as a share of the level: 0.02 is two per cent.';
COMMENT ON COLUMN report.stream_state.p_value IS 'How likely chance alone makes such a trend; under 0.05 it counts.';
COMMENT ON COLUMN report.stream_state.share IS 'Share of what was earned in 90 days.';
COMMENT ON COLUMN report.stream_state.floor IS 'Income of a month that nine of ten past months reached, in base_currency.';
COMMENT ON COLUMN report.stream_state.volatility IS 'How much months differ: standard deviation / mean of the last twelve.';
COMMENT ON COLUMN report.stream_state.cadence IS 'How often something comes in, in words; NULL where it is not regular.';
COMMENT ON COLUMN report.stream_state.next_due IS 'When the next receipt is due; NULL where nothing is expected.';
COMMENT ON COLUMN report.stream_state.next_amount IS 'How much is expected then, in base_currency.';
COMMENT ON COLUMN report.stream_state.passive IS 'Whether it comes in without work; NULL for a sum of both.';
COMMENT ON COLUMN report.stream_state.tax_rate IS 'The share to set aside for tax, as flowd.yaml says; NULL where it says none, or several.';
COMMENT ON COLUMN report.stream_state.tax_reserve IS 'What to set aside of what was received since the year began, in base_currency.';
COMMENT ON COLUMN report.stream_state.base_currency IS 'The currency of every amount in this row.';
COMMENT ON COLUMN report.stream_state.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.stream_state TO flowd_app, flowd_report, flowd_admin;
