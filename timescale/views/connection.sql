CREATE OR REPLACE VIEW report.connection WITH (security_barrier = true) AS
SELECT
    c.connection,
    c.feed,
    c.state,
    c.since,
    c.reason,
    c.failures,
    c.last_success,
    c.next_try,
    c.every_s,
    extract(epoch FROM now() - c.last_success)::numeric(20, 3)         AS age_s,
    coalesce(now() - c.last_success > greatest(3 * c.every_s, 60) * INTERVAL '1 second', c.every_s IS NOT NULL) AS late,
    t.name                                                             AS tenant,
    e.expires_at,
    CASE
        WHEN c.state = 'needs_reauth' THEN 'Renew its key or consent in flowd.yaml, then run: flowd check ' || c.connection
        WHEN c.state = 'misconfigured' THEN 'Correct its part of flowd.yaml, then run: flowd check ' || c.connection
        WHEN c.state = 'partial' THEN 'What is missing keeps its last value (report.account says of when); see also: flowd check ' || c.connection
        WHEN c.state = 'failing' THEN 'flowd tries again by itself; flowd activity shows every attempt'
        WHEN coalesce(now() - c.last_success > greatest(3 * c.every_s, 60) * INTERVAL '1 second', c.every_s IS NOT NULL)
            THEN 'See flowd activity; is the service running?'
        ELSE ''
    END                                                                AS fix
FROM ops.connection_state c
JOIN ops.tenant t ON t.id = c.tenant_id
LEFT JOIN ops.consent e ON e.tenant_id = c.tenant_id AND e.connection = c.connection
WHERE c.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.connection IS 'How each feed of each connection is doing.';
COMMENT ON COLUMN report.connection.connection IS 'The connection''s name in flowd.yaml.';
COMMENT ON COLUMN report.connection.feed IS 'What it reads on an interval of its own.';
COMMENT ON COLUMN report.connection.state IS 'new, healthy, partial (some of it could not be read), failing, needs_reauth or misconfigured.';
COMMENT ON COLUMN report.connection.since IS 'When it came into this state.';
COMMENT ON COLUMN report.connection.reason IS 'Why, in words; empty while it is well.';
COMMENT ON COLUMN report.connection.failures IS 'Failures in a row, or runs that lacked something.';
COMMENT ON COLUMN report.connection.last_success IS 'When it last ended well, or read a part; NULL before the first time.';
COMMENT ON COLUMN report.connection.next_try IS 'When it runs next, where a pause is on; else NULL.';
COMMENT ON COLUMN report.connection.every_s IS 'Its interval in seconds.';
COMMENT ON COLUMN report.connection.age_s IS 'Seconds since last_success.';
COMMENT ON COLUMN report.connection.late IS 'True when three intervals (at least a minute) have passed without a success.';
COMMENT ON COLUMN report.connection.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
COMMENT ON COLUMN report.connection.expires_at IS 'Until when its source answers without somebody logging in again; NULL where that is not known.';
COMMENT ON COLUMN report.connection.fix IS 'What to do about it; empty while it is well and in time.';
GRANT SELECT ON report.connection TO flowd_app, flowd_report, flowd_admin;
