CREATE OR REPLACE VIEW report.realised WITH (security_barrier = true) AS
SELECT
    p.day,
    p.connection,
    p.account,
    p.asset,
    p.method,
    p.part,
    p.acquired,
    p.day - p.acquired AS held_days,
    p.day > (p.acquired + interval '1 year')::date AS over_a_year,
    p.disposals,
    p.quantity,
    p.quote,
    p.proceeds,
    p.fee,
    p.cost,
    p.gain,
    p.proceeds_base,
    p.fee_base,
    p.cost_base,
    p.gain_base,
    p.price,
    p.fx,
    p.base_currency,
    p.quality,
    p.reason,
    t.name AS tenant
FROM derived.realised p
JOIN ops.tenant t ON t.id = p.tenant_id
WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.realised IS 'What was gained by selling, spending and changing units, by day; by fifo also by the day of acquisition.';
COMMENT ON COLUMN report.realised.day IS 'The day of the disposal, in the tenant''s time zone.';
COMMENT ON COLUMN report.realised.connection IS 'The connection it was read by.';
COMMENT ON COLUMN report.realised.account IS 'The source''s id of the account.';
COMMENT ON COLUMN report.realised.asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';
COMMENT ON COLUMN report.realised.method IS 'fifo (the oldest units leave first) or average (each unit costs the same).';
COMMENT ON COLUMN report.realised.part IS 'long (units that were held), short (units that were owed and are bought back), unknown (units that never came).';
COMMENT ON COLUMN report.realised.acquired IS 'The day on which the units came, of a short position: on which they were sold; NULL by average and where it is not known.';
COMMENT ON COLUMN report.realised.held_days IS 'Days between both.';
COMMENT ON COLUMN report.realised.over_a_year IS 'True where the disposal came after the first anniversary of the acquisition; NULL where that is not known.';
COMMENT ON COLUMN report.realised.disposals IS 'How many are added up in this row.';
COMMENT ON COLUMN report.realised.quantity IS 'Units that were given away.';
COMMENT ON COLUMN report.realised.quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';
COMMENT ON COLUMN report.realised.proceeds IS 'What came in for them, before the fee, in quote.';
COMMENT ON COLUMN report.realised.fee IS 'The fee of the disposal, in quote.';
COMMENT ON COLUMN report.realised.cost IS 'What they had cost with fees, in quote.';
COMMENT ON COLUMN report.realised.gain IS 'proceeds - fee - cost; NULL where a part is not known.';
COMMENT ON COLUMN report.realised.proceeds_base IS 'proceeds at the rate of the day.';
COMMENT ON COLUMN report.realised.fee_base IS 'fee at the rate of the day.';
COMMENT ON COLUMN report.realised.cost_base IS 'cost at the rates of the days of acquisition.';
COMMENT ON COLUMN report.realised.gain_base IS 'proceeds_base - fee_base - cost_base = price + fx.';
COMMENT ON COLUMN report.realised.price IS 'Of gain_base: gain at the rate of the day.';
COMMENT ON COLUMN report.realised.fx IS 'Of gain_base: what quote gained against the base currency meanwhile.';
COMMENT ON COLUMN report.realised.base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';
COMMENT ON COLUMN report.realised.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';
COMMENT ON COLUMN report.realised.reason IS 'Why a number is NULL or less than exact, in words; else empty.';
COMMENT ON COLUMN report.realised.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

GRANT SELECT ON report.realised TO flowd_app, flowd_report, flowd_admin;
