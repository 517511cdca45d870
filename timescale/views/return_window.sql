CREATE OR REPLACE VIEW report.return_window WITH (security_barrier = true) AS
SELECT
    w.scope,
    w.name,
    w."window",
    w.since,
    w.until,
    w.days,
    w.opening,
    w.closing,
    w.flow,
    w.pnl,
    w.pnl_pct,
    w.twr,
    w.twr_annual,
    w.mwr,
    w.xirr,
    w.volatility,
    w.sharpe,
    w.sortino,
    w.drawdown,
    w.max_drawdown,
    w.peak_day,
    w.trough_day,
    w.recovered_day,
    w.income,
    w.price,
    w.fx,
    w.fees,
    w.other,
    w.base_currency,
    w.quality,
    w.reason,
    CASE w.scope WHEN 'total' THEN 'Everything' ELSE w.name END AS label,
    t.name AS tenant
FROM derived.return_window w
JOIN ops.tenant t ON t.id = w.tenant_id
WHERE w.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.return_window IS 'What accounts, connections, groups and everything returned over 7, 30, 90 and 365 days, the year to date and the whole time.';
COMMENT ON COLUMN report.return_window.scope IS 'What it is about: total, group, connection or account.';
COMMENT ON COLUMN report.return_window.name IS 'The group''s or the connection''s name, or CONNECTION/ACCOUNT; empty for the total.';
COMMENT ON COLUMN report.return_window."window" IS '7d, 30d, 90d, 365d, ytd (the year to date) or total (since it is known).';
COMMENT ON COLUMN report.return_window.since IS 'The day whose end is the opening: the first day of the window is the one after it.';
COMMENT ON COLUMN report.return_window.until IS 'The last day of the window, the last one whose value is known.';
COMMENT ON COLUMN report.return_window.days IS 'How many days that are.';
COMMENT ON COLUMN report.return_window.opening IS 'What it was worth at the end of since, in base_currency.';
COMMENT ON COLUMN report.return_window.closing IS 'What it was worth at the end of until.';
COMMENT ON COLUMN report.return_window.flow IS 'Money that came from outside in between (below zero: left).';
COMMENT ON COLUMN report.return_window.pnl IS 'What it gained: closing - opening - flow; the sum of income, price, fx, fees and other.';
COMMENT ON COLUMN report.return_window.pnl_pct IS 'The gain as a share of the capital there was on average (Modified Dietz); NULL where that is not above zero.';
COMMENT ON COLUMN report.return_window.twr IS 'Time-weighted return over the window, as a share and not per year: what a unit of money would have returned, whatever came or left.';
COMMENT ON COLUMN report.return_window.twr_annual IS 'The same per year; NULL for less than 365 days.';
COMMENT ON COLUMN report.return_window.mwr IS 'Money-weighted return over the window, as a share and not per year: what the money that was there returned.';
COMMENT ON COLUMN report.return_window.xirr IS 'The same per year (XIRR, act/365), also for short windows, where it says little: the headline under 365 days is mwr.';
COMMENT ON COLUMN report.return_window.volatility IS 'Standard deviation of the days'' returns, per year of 365 days; NULL for fewer than 20 returns.';
COMMENT ON COLUMN report.return_window.sharpe IS 'Sharpe ratio per year: the mean return above the risk-free rate for each unit of volatility.';
COMMENT ON COLUMN report.return_window.sortino IS 'Sortino ratio per year: the mean return above the target for each unit of downside deviation.';
COMMENT ON COLUMN report.return_window.drawdown IS 'How far below its highest point in the window it is at the end, as a share: -0.2 is a fifth below.';
COMMENT ON COLUMN report.return_window.max_drawdown IS 'The deepest fall from a highest point in the window.';
COMMENT ON COLUMN report.return_window.peak_day IS 'The day from which it fell deepest; NULL where it never fell.';
COMMENT ON COLUMN report.return_window.trough_day IS 'The day on which it was deepest.';
COMMENT ON COLUMN report.return_window.recovered_day IS 'The first day on which it was as high as on peak_day; NULL while it is not.';
COMMENT ON COLUMN report.return_window.income IS 'Of pnl: what the ledger states as income.';
COMMENT ON COLUMN report.return_window.price IS 'Of pnl: what was held changed its price.';
COMMENT ON COLUMN report.return_window.fx IS 'Of pnl: currencies changed.';
COMMENT ON COLUMN report.return_window.fees IS 'Of pnl: fees charged by themselves, below zero.';
COMMENT ON COLUMN report.return_window.other IS 'Of pnl: the rest.';
COMMENT ON COLUMN report.return_window.base_currency IS 'The currency of the amounts.';
COMMENT ON COLUMN report.return_window.quality IS 'exact, estimated, spread, partial or stale: the worst of its days; stale where its value is no longer known.';
COMMENT ON COLUMN report.return_window.reason IS 'Which of these are NULL or need a word, and why; else empty.';
COMMENT ON COLUMN report.return_window.label IS 'The name as people read it; Everything for the total.';
COMMENT ON COLUMN report.return_window.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.return_window TO flowd_app, flowd_report, flowd_admin;
