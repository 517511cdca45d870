CREATE OR REPLACE VIEW report.position_day WITH (security_barrier = true) AS
SELECT
    p.day,
    p.connection,
    p.account,
    p.asset,
    p.method,
    p.quantity,
    p.cost,
    p.quote,
    p.cost_base,
    p.value_base,
    p.base_currency,
    p.quality,
    p.reason,
    t.name AS tenant
FROM derived.position_day p
JOIN ops.tenant t ON t.id = p.tenant_id
WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.position_day IS 'What was held at the end of each day on which that changed, and of each month. One row per method.';
COMMENT ON COLUMN report.position_day.day IS 'The day, in the tenant''s time zone.';
COMMENT ON COLUMN report.position_day.connection IS 'The connection it was read by.';
COMMENT ON COLUMN report.position_day.account IS 'The source''s id of the account.';
COMMENT ON COLUMN report.position_day.asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';
COMMENT ON COLUMN report.position_day.method IS 'fifo (the oldest units leave first) or average (each unit costs the same).';
COMMENT ON COLUMN report.position_day.quantity IS 'Units held at its end; below zero where they are owed.';
COMMENT ON COLUMN report.position_day.cost IS 'What they cost with fees, in quote.';
COMMENT ON COLUMN report.position_day.quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';
COMMENT ON COLUMN report.position_day.cost_base IS 'cost at the rates of the days on which they came.';
COMMENT ON COLUMN report.position_day.value_base IS 'What they were worth at the end of the day, in base currency; NULL without a rate.';
COMMENT ON COLUMN report.position_day.base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';
COMMENT ON COLUMN report.position_day.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';
COMMENT ON COLUMN report.position_day.reason IS 'Why a number is NULL or less than exact, in words; else empty.';
COMMENT ON COLUMN report.position_day.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

GRANT SELECT ON report.position_day TO flowd_app, flowd_report, flowd_admin;
