-- The rows of report.performance without what is linked over days: there a filter on day cannot reach the index, because
-- whoever links returns has to begin at the first; here it can.

CREATE OR REPLACE VIEW report.performance_day WITH (security_barrier = true) AS
SELECT
    p.day,
    p.scope,
    p.name,
    p.value,
    p.flow,
    p.pnl,
    p.day_return,
    p.income,
    p.price,
    p.fx,
    p.fees,
    p.other,
    p.quality,
    p.reason,
    p.base_currency,
    t.name AS tenant
FROM derived.performance p
JOIN ops.tenant t ON t.id = p.tenant_id
WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.performance_day IS 'The rows of report.performance without what is linked over days (twr, twr_since, drawdown): quick where a few days of many portfolios are wanted.';
COMMENT ON COLUMN report.performance_day.day IS 'The day, in the tenant''s time zone.';
COMMENT ON COLUMN report.performance_day.scope IS 'What it is about: account, connection, group or total.';
COMMENT ON COLUMN report.performance_day.name IS 'CONNECTION/ACCOUNT, the connection''s or the group''s name; empty for the total.';
COMMENT ON COLUMN report.performance_day.value IS 'What it was worth at the end of the day, in base_currency; NULL where that is not known. Within a gap that is over: with the change spread.';
COMMENT ON COLUMN report.performance_day.flow IS 'Money that came from outside (below zero: left); what was there at the first reading came from outside.';
COMMENT ON COLUMN report.performance_day.pnl IS 'What it gained: change in value less flow.';
COMMENT ON COLUMN report.performance_day.day_return IS 'The same as a share of what was there the day before and came in since: 0.01 is one per cent. NULL where that is not above zero.';
COMMENT ON COLUMN report.performance_day.income IS 'Of pnl: what the ledger states as income, such as realised_pnl, funding, staking, dividends, interest, rebates.';
COMMENT ON COLUMN report.performance_day.price IS 'Of pnl: what was held changed its price in the currency it is quoted in.';
COMMENT ON COLUMN report.performance_day.fx IS 'Of pnl: currencies changed, those held and those that assets are quoted in.';
COMMENT ON COLUMN report.performance_day.fees IS 'Of pnl: fees charged by themselves, below zero.';
COMMENT ON COLUMN report.performance_day.other IS 'Of pnl: the rest. Trades at another price than the day''s last, open positions, what the source does not state.';
COMMENT ON COLUMN report.performance_day.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';
COMMENT ON COLUMN report.performance_day.reason IS 'Why a number is NULL or less than exact, in words; else empty.';
COMMENT ON COLUMN report.performance_day.base_currency IS 'The currency of the amounts.';
COMMENT ON COLUMN report.performance_day.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

GRANT SELECT ON report.performance_day TO flowd_app, flowd_report, flowd_admin;
