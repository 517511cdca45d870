-- Days are queries of their own, not joins: who does not ask for them has them left out.
CREATE OR REPLACE VIEW report.stream WITH (security_barrier = true) AS
SELECT
    s.stream,
    s.name,
    s.grp,
    s.method,
    s.connection,
    s.color,
    s.target,
    (SELECT min(i.day) FROM derived.income_daily i WHERE i.tenant_id = s.tenant_id AND i.stream = s.stream) AS first_day,
    (SELECT max(i.day) FROM derived.income_daily i WHERE i.tenant_id = s.tenant_id AND i.stream = s.stream) AS last_day,
    (
        SELECT i.day
        FROM derived.income_daily i
        WHERE i.tenant_id = s.tenant_id AND i.stream = s.stream AND i.received <> 0
        ORDER BY i.day DESC
        LIMIT 1
    ) AS last_receipt,
    t.name      AS tenant,
    state.health,
    state.health_reason,
    state.trend,
    state.share,
    state.passive,
    state.tax_rate
FROM derived.stream s
JOIN ops.tenant t ON t.id = s.tenant_id
LEFT JOIN derived.stream_state state
    ON state.tenant_id = s.tenant_id AND state.scope = 'stream' AND state.name = s.stream
WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.stream IS 'The lines of income: where each comes from, and since when.';
COMMENT ON COLUMN report.stream.stream IS 'The stream''s key; it does not change when the stream is renamed.';
COMMENT ON COLUMN report.stream.name IS 'The stream''s name as people read it.';
COMMENT ON COLUMN report.stream.grp IS 'The group the stream belongs to.';
COMMENT ON COLUMN report.stream.method IS 'What it is computed from: value (an account''s change), transactions, or schedule (declared).';
COMMENT ON COLUMN report.stream.connection IS 'The connection it comes from.';
COMMENT ON COLUMN report.stream.color IS 'The colour asked for in flowd.yaml, as #rrggbb; NULL where none is.';
COMMENT ON COLUMN report.stream.target IS 'What it is meant to bring in a month, in base currency; NULL where nothing is asked for.';
COMMENT ON COLUMN report.stream.first_day IS 'The first day it has income for; NULL before the first.';
COMMENT ON COLUMN report.stream.last_day IS 'The last day it has income for.';
COMMENT ON COLUMN report.stream.last_receipt IS 'The last day on which something came in.';
COMMENT ON COLUMN report.stream.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
COMMENT ON COLUMN report.stream.health IS 'growing, stable, volatile, declining, stalled, stale or unknown; NULL before it was looked at.';
COMMENT ON COLUMN report.stream.health_reason IS 'Why, in words.';
COMMENT ON COLUMN report.stream.trend IS 'growing, flat, declining or unknown; report.stream_state has the numbers that decided.';
COMMENT ON COLUMN report.stream.share IS 'Share of what all streams earned in 90 days.';
COMMENT ON COLUMN report.stream.passive IS 'Whether it comes in without work.';
COMMENT ON COLUMN report.stream.tax_rate IS 'The share to set aside for tax, as flowd.yaml says.';
GRANT SELECT ON report.stream TO flowd_app, flowd_report, flowd_admin;
