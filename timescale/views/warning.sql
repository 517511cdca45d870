-- Every sentence ends in what to do about it: this is what a dashboard shows beside a number that is not exact.

CREATE OR REPLACE VIEW report.warning WITH (security_barrier = true) AS
SELECT w.severity, w.subject, w.what, w.fix, w.tenant
FROM (
    SELECT 'bad' AS severity, c.connection || '/' || c.feed AS subject,
        CASE c.state
            WHEN 'needs_reauth' THEN 'no longer lets flowd in'
            WHEN 'misconfigured' THEN 'cannot run as it is configured'
            WHEN 'partial' THEN 'could be read in part only'
            ELSE 'has failed ' || c.failures || ' times in a row'
        END || CASE WHEN c.reason <> '' THEN ': ' || c.reason ELSE '' END AS what,
        c.fix,
        c.tenant
    FROM report.connection c
    WHERE c.state NOT IN ('new', 'healthy')
    UNION ALL
    SELECT 'bad', c.connection || '/' || c.feed,
        coalesce('has brought nothing since ' || to_char(c.last_success AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC',
            'has never been read'),
        'See flowd activity; is the service running?', c.tenant
    FROM report.connection c
    WHERE c.late AND c.state IN ('new', 'healthy', 'partial')
    UNION ALL
    SELECT 'bad', m.base || ' in ' || m.quote,
        'has no rate for ' || m.days || ' days from ' || m.first_day || ' to ' || m.last_day
            || '; amounts of those days are left out',
        'Add a connection that knows this rate, such as ecb or an exchange', m.tenant
    FROM report.rate_missing m
    UNION ALL
    SELECT CASE WHEN r.quality IN ('partial', 'stale') THEN 'bad' ELSE 'note' END, r.name,
        CASE r.quality
            WHEN 'estimated' THEN 'is estimated: its days were found by the rhythm of the payments, or flowd took payments it did not recognise for income'
            WHEN 'spread' THEN 'has a gap in its readings; what changed meanwhile is spread over those days'
            WHEN 'partial' THEN 'lacks something on some of the last 30 days; what is known is counted'
            ELSE coalesce('is old: ' || e.health_reason, 'has no recent readings; its rate is from before')
        END,
        CASE r.quality
            WHEN 'estimated' THEN 'See the rule of each payment in report.transaction; a rule in flowd.yaml, or every: under streams, makes it exact'
            WHEN 'spread' THEN 'Nothing to do: the total is right, its days are not'
            WHEN 'partial' THEN 'See the rates and connections named here'
            ELSE 'Look at its connection with flowd status; where files are imported, import newer ones'
        END,
        r.tenant
    FROM report.daily_rate r
    LEFT JOIN report.stream_state e ON e.tenant = r.tenant AND e.scope = 'stream' AND e.name = r.stream AND e.health = 'stale'
    WHERE r.quality <> 'exact'
    UNION ALL
    SELECT 'note', 'A decision about ' || coalesce(d.connection || '/' || d.account || ' on ' || d.day, d.day::text),
        'does not apply: ' || d.problem, 'Decide again, or take it back: flowd undo ' || left(d.decision::text, 8), d.tenant
    FROM report.decision d
    WHERE d.problem <> ''
    UNION ALL
    SELECT 'note', 'Income', 'has not been seen yet',
        'Put a statement into the inbox folder, or add a connection to flowd.yaml (flowd init asks the questions)', t.tenant
    FROM report.tenant t
    WHERE NOT EXISTS (SELECT FROM report.stream s WHERE s.tenant = t.tenant)
) w;

COMMENT ON VIEW report.warning IS 'Why a number is not exact, or not there, and what to do about it; no rows means that all is well.';
COMMENT ON COLUMN report.warning.severity IS 'bad: a number is missing or old; note: a number is less than exact, for a known reason.';
COMMENT ON COLUMN report.warning.subject IS 'What it is about: a stream, a feed, a rate or a decision.';
COMMENT ON COLUMN report.warning.what IS 'What is the matter with it.';
COMMENT ON COLUMN report.warning.fix IS 'What to do about it.';
COMMENT ON COLUMN report.warning.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.warning TO flowd_app, flowd_report, flowd_admin;
