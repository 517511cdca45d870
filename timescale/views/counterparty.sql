-- The sums are kept by the derivation (derived.counterparty_month): five years of bookings are not added up for a panel.
CREATE OR REPLACE VIEW report.counterparty WITH (security_barrier = true) AS
SELECT
    c.month,
    c.direction,
    c.name,
    c.flow_class,
    c.stream,
    c.own,
    c.asset,
    c.amount,
    c.amount_base,
    c.base_currency,
    c.count,
    c.first_day,
    c.last_day,
    t.name AS tenant
FROM derived.counterparty_month c
JOIN ops.tenant t ON t.id = c.tenant_id
WHERE c.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.counterparty IS 'Who paid you and whom you paid: one row per month, name, direction, class, stream and currency.';
COMMENT ON COLUMN report.counterparty.month IS 'The first day of the month; add up twelve for a year.';
COMMENT ON COLUMN report.counterparty.direction IS 'in or out.';
COMMENT ON COLUMN report.counterparty.name IS 'The other side, in small letters and without digits, so that one payer is one; empty where its source does not name it.';
COMMENT ON COLUMN report.counterparty.flow_class IS 'What flowd takes it for: salary, expense, transfer …';
COMMENT ON COLUMN report.counterparty.stream IS 'The stream it is charted in; NULL where it is no income.';
COMMENT ON COLUMN report.counterparty.own IS 'True for transfers between your own accounts: both sides are known.';
COMMENT ON COLUMN report.counterparty.asset IS 'The currency or coin of amount.';
COMMENT ON COLUMN report.counterparty.amount IS 'The sum: in is positive, out is negative.';
COMMENT ON COLUMN report.counterparty.amount_base IS 'The same in base_currency at the rate of each day; NULL where one of them is not known, never one to one.';
COMMENT ON COLUMN report.counterparty.base_currency IS 'The tenant''s base currency.';
COMMENT ON COLUMN report.counterparty.count IS 'How many transactions it is.';
COMMENT ON COLUMN report.counterparty.first_day IS 'The day of the first of them.';
COMMENT ON COLUMN report.counterparty.last_day IS 'The day of the last of them.';
COMMENT ON COLUMN report.counterparty.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.counterparty TO flowd_app, flowd_report, flowd_admin;
