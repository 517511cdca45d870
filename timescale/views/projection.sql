-- What was said last. The newest day comes from the total's rows, and each subject's rows from one place of the key: a
-- year of projections is millions of rows, and none of the old ones is looked at. OFFSET 0 keeps it that way.

CREATE OR REPLACE VIEW report.projection WITH (security_barrier = true) AS
SELECT
    p.for_day AS day,
    subject.scope,
    subject.name,
    p.p05,
    p.p10,
    p.p25,
    p.p50,
    p.p75,
    p.p90,
    p.p95,
    p.mean,
    p.method,
    p.confidence,
    p.made_on,
    p.made_at,
    p.base_currency,
    subject.label,
    t.name AS tenant
FROM ops.tenant t
CROSS JOIN LATERAL (
    SELECT max(n.made_on) AS made_on
    FROM raw.projection n
    WHERE n.tenant_id = t.id AND n.scope = 'total' AND n.name = ''
) newest
JOIN (
    SELECT s.tenant_id, 'stream' AS scope, s.stream AS name, s.name AS label FROM derived.stream s
    UNION ALL
    SELECT DISTINCT g.tenant_id, 'group', g.grp, g.grp FROM derived.stream g
    UNION ALL
    SELECT o.id, 'total', '', 'Everything' FROM ops.tenant o
) subject ON subject.tenant_id = t.id
CROSS JOIN LATERAL (
    SELECT *
    FROM raw.projection r
    WHERE r.tenant_id = t.id AND r.scope = subject.scope AND r.name = subject.name
        AND r.made_on = newest.made_on AND r.span = 'day'
    OFFSET 0
) p
WHERE t.id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.projection IS 'What is foretold for each day to come, as it was said last: per stream, group and in all.';
COMMENT ON COLUMN report.projection.day IS 'The day it is about, in the tenant''s time zone.';
COMMENT ON COLUMN report.projection.scope IS 'What it is about: total, group or stream.';
COMMENT ON COLUMN report.projection.name IS 'The group''s name or the stream''s key; empty for the total.';
COMMENT ON COLUMN report.projection.p05 IS 'The 5th percentile: it comes to less than this in one of 20 cases.';
COMMENT ON COLUMN report.projection.p10 IS 'The 10th percentile; p10 to p90 is the 80 % band.';
COMMENT ON COLUMN report.projection.p25 IS 'The 25th percentile; p25 to p75 is the 50 % band.';
COMMENT ON COLUMN report.projection.p50 IS 'The median: as likely more as less.';
COMMENT ON COLUMN report.projection.p75 IS 'The 75th percentile.';
COMMENT ON COLUMN report.projection.p90 IS 'The 90th percentile.';
COMMENT ON COLUMN report.projection.p95 IS 'The 95th percentile: it comes to more than this in one of 20 cases.';
COMMENT ON COLUMN report.projection.mean IS 'The mean of all paths: the means of streams add up to that of the total, quantiles do not.';
COMMENT ON COLUMN report.projection.method IS 'How it was foretold.';
COMMENT ON COLUMN report.projection.confidence IS 'How likely the total of so many days comes within a fifth of its median, as past projections did; NULL where that is not known.';
COMMENT ON COLUMN report.projection.made_on IS 'The day on which it was said, knowing what happened before that day.';
COMMENT ON COLUMN report.projection.made_at IS 'When it was said.';
COMMENT ON COLUMN report.projection.base_currency IS 'The currency of every amount in this row.';
COMMENT ON COLUMN report.projection.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.projection.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.projection TO flowd_app, flowd_report, flowd_admin;
