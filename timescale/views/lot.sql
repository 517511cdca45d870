CREATE OR REPLACE VIEW report.lot WITH (security_barrier = true) AS
SELECT
    p.connection,
    p.account,
    p.asset,
    'fifo' AS method,
    p.number,
    p.acquired,
    (p.acquired + interval '1 year')::date + 1 AS year_over,
    p.quantity,
    p.cost,
    p.quote,
    p.cost_base,
    p.base_currency,
    p.quality,
    t.name AS tenant
FROM derived.lot p
JOIN ops.tenant t ON t.id = p.tenant_id
WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.lot IS 'The units that are held, by the day on which they came, the oldest first: by fifo those leave first.';
COMMENT ON COLUMN report.lot.connection IS 'The connection it was read by.';
COMMENT ON COLUMN report.lot.account IS 'The source''s id of the account.';
COMMENT ON COLUMN report.lot.asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';
COMMENT ON COLUMN report.lot.method IS 'Always fifo: on average there are no lots.';
COMMENT ON COLUMN report.lot.number IS '1 is the oldest.';
COMMENT ON COLUMN report.lot.acquired IS 'The day on which they came; NULL where it is not known.';
COMMENT ON COLUMN report.lot.year_over IS 'The first day on which a disposal comes more than a year after it.';
COMMENT ON COLUMN report.lot.quantity IS 'Units of it that are still held; below zero where they are owed.';
COMMENT ON COLUMN report.lot.cost IS 'What those cost with fees, in quote.';
COMMENT ON COLUMN report.lot.quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';
COMMENT ON COLUMN report.lot.cost_base IS 'The same in base currency, at the rate of the day of acquisition.';
COMMENT ON COLUMN report.lot.base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';
COMMENT ON COLUMN report.lot.quality IS 'exact; estimated where the cost is the price of the day; partial where a rate is missing.';
COMMENT ON COLUMN report.lot.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

GRANT SELECT ON report.lot TO flowd_app, flowd_report, flowd_admin;
