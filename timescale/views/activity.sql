CREATE OR REPLACE VIEW report.activity WITH (security_barrier = true) AS
SELECT
    r.id                                                               AS run,
    r.started_at,
    r.finished_at,
    extract(epoch FROM r.finished_at - r.started_at)::numeric(20, 3)   AS seconds,
    r.connection,
    r.feed,
    r.tick,
    r.outcome,
    r.snapshots,
    r.rates,
    r.events,
    r.revised,
    r.unchanged,
    r.error_class,
    r.error,
    t.name                                                             AS tenant
FROM ops.run r
JOIN ops.tenant t ON t.id = r.tenant_id
WHERE r.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.activity IS 'The activity log: one row per run of a feed.';
COMMENT ON COLUMN report.activity.run IS 'Number of the run.';
COMMENT ON COLUMN report.activity.started_at IS 'When it started.';
COMMENT ON COLUMN report.activity.finished_at IS 'When it ended; NULL while it runs.';
COMMENT ON COLUMN report.activity.seconds IS 'How long it took.';
COMMENT ON COLUMN report.activity.connection IS 'The connection that was read.';
COMMENT ON COLUMN report.activity.feed IS 'The feed that was read.';
COMMENT ON COLUMN report.activity.tick IS 'The moment the run was due, which its readings carry.';
COMMENT ON COLUMN report.activity.outcome IS 'running, done, partial (some could not be read, the rest is kept), retry, auth, config, over_time, failed or interrupted.';
COMMENT ON COLUMN report.activity.snapshots IS 'New readings of quantities.';
COMMENT ON COLUMN report.activity.rates IS 'New prices.';
COMMENT ON COLUMN report.activity.events IS 'New events, such as transactions.';
COMMENT ON COLUMN report.activity.revised IS 'Events that changed something already known.';
COMMENT ON COLUMN report.activity.unchanged IS 'Records that were already known.';
COMMENT ON COLUMN report.activity.error_class IS 'The kind of error, where one ended it.';
COMMENT ON COLUMN report.activity.error IS 'The error in words; for partial, what is missing and why.';
COMMENT ON COLUMN report.activity.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.activity TO flowd_app, flowd_report, flowd_admin;
