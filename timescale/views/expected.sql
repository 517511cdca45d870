CREATE OR REPLACE VIEW report.expected WITH (security_barrier = true) AS
SELECT
    e.stream,
    coalesce(s.name, e.stream)  AS name,
    coalesce(s.grp, '')         AS grp,
    e.payer,
    e.series,
    e.due,
    e.earliest,
    e.latest,
    e.amount,
    e.currency,
    e.source,
    e.state,
    e.received_on,
    e.received,
    e.received_on - e.due       AS days_late,
    e.received - e.amount       AS difference,
    e.reason,
    t.name                      AS tenant
FROM derived.expected e
JOIN ops.tenant t ON t.id = e.tenant_id
LEFT JOIN derived.stream s ON s.tenant_id = e.tenant_id AND s.stream = e.stream
WHERE e.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.expected IS 'Every regular receipt of the last three years and the next 180 days: when it was due, how much, and what came.';
COMMENT ON COLUMN report.expected.stream IS 'The stream''s key.';
COMMENT ON COLUMN report.expected.name IS 'The stream''s name as people read it.';
COMMENT ON COLUMN report.expected.grp IS 'The group the stream belongs to.';
COMMENT ON COLUMN report.expected.payer IS 'Who pays, as the newest receipt names it; empty where nobody is named.';
COMMENT ON COLUMN report.expected.series IS 'Which of several regular series of one payer, counted from 0.';
COMMENT ON COLUMN report.expected.due IS 'The day it is due, in the tenant''s time zone.';
COMMENT ON COLUMN report.expected.earliest IS 'The first day on which it is in time.';
COMMENT ON COLUMN report.expected.latest IS 'The last day on which it is in time.';
COMMENT ON COLUMN report.expected.amount IS 'How much was expected by what came before; NULL for a payer''s first receipt.';
COMMENT ON COLUMN report.expected.currency IS 'The currency of the amounts.';
COMMENT ON COLUMN report.expected.source IS 'declared (flowd.yaml names the period) or detected (found in the receipts).';
COMMENT ON COLUMN report.expected.state IS 'received, short (too little came), late (its window is over), missed (given up), due (its window is open), expected (to come) or unknown (its source was not read).';
COMMENT ON COLUMN report.expected.received_on IS 'The day it came; NULL where nothing came.';
COMMENT ON COLUMN report.expected.received IS 'How much came.';
COMMENT ON COLUMN report.expected.days_late IS 'received_on less due, in days: below 0 it came early.';
COMMENT ON COLUMN report.expected.difference IS 'received less amount.';
COMMENT ON COLUMN report.expected.reason IS 'What is to be said of it, and its rhythm, in words.';
COMMENT ON COLUMN report.expected.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.expected TO flowd_app, flowd_report, flowd_admin;
