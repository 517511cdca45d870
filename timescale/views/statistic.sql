-- What may be asked for is joined to the numbers, not read out of their subjects: a filter on scope and name reaches the key.
CREATE OR REPLACE VIEW report.statistic WITH (security_barrier = true) AS
SELECT
    (m.at AT TIME ZONE t.timezone)::date AS as_of,
    bool_or((m.at AT TIME ZONE t.timezone)::date = s.as_of) AS latest,
    about.scope,
    about.name,
    m."window" AS window,
    max(m.value) FILTER (WHERE m.name = 'mean') AS mean,
    max(m.value) FILTER (WHERE m.name = 'median') AS median,
    max(m.value) FILTER (WHERE m.name = 'std') AS std,
    max(m.value) FILTER (WHERE m.name = 'mad') AS mad,
    max(m.value) FILTER (WHERE m.name = 'min') AS min,
    max(m.value) FILTER (WHERE m.name = 'max') AS max,
    max(m.value) FILTER (WHERE m.name = 'cv') AS cv,
    (max(m.value) FILTER (WHERE m.name = 'days'))::int AS days,
    (max(m.value) FILTER (WHERE m.name = 'unknown_days'))::int AS unknown_days,
    max(m.value) FILTER (WHERE m.name = 'tax_reserve') AS tax_reserve,
    max(m.unit) FILTER (WHERE m.name = 'mean') AS unit,
    t.name AS tenant
FROM (
    SELECT d.tenant_id, 'stream' AS scope, d.stream AS name, 'stream:' || d.stream AS subject FROM derived.stream d
    UNION ALL
    SELECT DISTINCT g.tenant_id, 'group', g.grp, 'group:' || g.grp FROM derived.stream g
    UNION ALL
    SELECT o.id, 'total', '', 'total' FROM ops.tenant o
) about
JOIN ops.tenant t ON t.id = about.tenant_id
JOIN derived.metric m
    ON m.tenant_id = about.tenant_id AND m.analytic = 'statistics' AND m.subject = about.subject
        AND m."window" IN ('7d', '30d', '90d', '365d')
LEFT JOIN derived.stream_state s ON s.tenant_id = m.tenant_id AND s.scope = 'total'
WHERE about.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
GROUP BY m.tenant_id, t.name, t.timezone, about.scope, about.name, m.at, m."window"
-- shares are of 90 days too, and no statistics of them
HAVING bool_or(m.name = 'mean');

COMMENT ON VIEW report.statistic IS 'What days earn, per stream, group and in total, over 7, 30, 90 and 365 days: now, and at the end of every month.';
COMMENT ON COLUMN report.statistic.as_of IS 'The last day of the window: the end of a month, or the last whole day.';
COMMENT ON COLUMN report.statistic.latest IS 'True for the rows of the last whole day.';
COMMENT ON COLUMN report.statistic.scope IS 'What it is about: stream, group or total.';
COMMENT ON COLUMN report.statistic.name IS 'The stream''s key or the group''s name; empty for the total.';
COMMENT ON COLUMN report.statistic."window" IS 'The days that are looked at, to as_of: 7d, 30d, 90d or 365d; fewer where it is younger.';
COMMENT ON COLUMN report.statistic.mean IS 'Mean of what a day earned, in unit; over 30d it is the daily rate.';
COMMENT ON COLUMN report.statistic.median IS 'Half of the days earned less.';
COMMENT ON COLUMN report.statistic.std IS 'Sample standard deviation of the days; NULL for a single one.';
COMMENT ON COLUMN report.statistic.mad IS 'Median distance of the days from their median.';
COMMENT ON COLUMN report.statistic.min IS 'The least that a day earned.';
COMMENT ON COLUMN report.statistic.max IS 'The most that a day earned.';
COMMENT ON COLUMN report.statistic.cv IS 'Coefficient of variation: std / mean; NULL unless mean is above zero.';
COMMENT ON COLUMN report.statistic.days IS 'How many days the numbers are made of.';
COMMENT ON COLUMN report.statistic.unknown_days IS 'How many days of the window are not known and left out.';
COMMENT ON COLUMN report.statistic.tax_reserve IS 'What to set aside for tax of what was received in the window; NULL where flowd.yaml names no share.';
COMMENT ON COLUMN report.statistic.unit IS 'The currency of the amounts.';
COMMENT ON COLUMN report.statistic.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.statistic TO flowd_app, flowd_report, flowd_admin;
