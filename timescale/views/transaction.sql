CREATE OR REPLACE VIEW report.transaction WITH (security_barrier = true) AS
SELECT
    x.day,
    x.booked_at,
    x.connection,
    x.account,
    x.amount,
    x.asset,
    x.counterparty,
    x.description,
    x.kind,
    x.pending,
    f.flow_class,
    f.stream,
    f.rule,
    x.external_id,
    x.subject,
    x.version,
    t.name AS tenant
FROM derived.transaction x
JOIN ops.tenant t ON t.id = x.tenant_id
LEFT JOIN derived.flow f ON f.tenant_id = x.tenant_id AND f.subject = x.subject
WHERE x.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.transaction IS 'Every movement of money, as its source last stated it, with what flowd takes it for.';
COMMENT ON COLUMN report.transaction.day IS 'The day it counts on.';
COMMENT ON COLUMN report.transaction.booked_at IS 'When it was booked; a day without a time stands at noon UTC.';
COMMENT ON COLUMN report.transaction.connection IS 'The connection it was read by.';
COMMENT ON COLUMN report.transaction.account IS 'The source''s id of the account it moved.';
COMMENT ON COLUMN report.transaction.amount IS 'How much: in is positive, out is negative.';
COMMENT ON COLUMN report.transaction.asset IS 'Of which currency or coin.';
COMMENT ON COLUMN report.transaction.counterparty IS 'Who it came from or went to; empty where the source did not say.';
COMMENT ON COLUMN report.transaction.description IS 'The source''s text.';
COMMENT ON COLUMN report.transaction.kind IS 'The source''s own word for what it is.';
COMMENT ON COLUMN report.transaction.pending IS 'True while it is not booked; such a one is no income yet.';
COMMENT ON COLUMN report.transaction.flow_class IS 'What flowd takes it for: salary, interest, expense, transfer …; NULL while pending or not yet derived.';
COMMENT ON COLUMN report.transaction.stream IS 'The stream it is charted in; NULL where it is no income.';
COMMENT ON COLUMN report.transaction.rule IS 'The rule that decided.';
COMMENT ON COLUMN report.transaction.external_id IS 'The source''s id of it; NULL where the source has none.';
COMMENT ON COLUMN report.transaction.subject IS 'flowd''s key of it, the same in every version.';
COMMENT ON COLUMN report.transaction.version IS 'How often the source has stated it differently, from 1 on.';
COMMENT ON COLUMN report.transaction.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.transaction TO flowd_app, flowd_report, flowd_admin;
