CREATE OR REPLACE VIEW report.position WITH (security_barrier = true) AS
SELECT
    p.connection,
    p.account,
    p.asset,
    p.method,
    p.quote,
    p.quantity,
    p.unexplained,
    p.opened,
    p.changed,
    p.cost,
    p.cost_fees,
    CASE WHEN p.quantity <> 0 THEN trim_scale(round(p.cost / p.quantity, 12)) END AS average_price,
    p.cost_base,
    p.price,
    p.price_day,
    p.value,
    p.value_base,
    p.unrealised,
    p.unrealised_base,
    p.unrealised_price,
    p.unrealised_fx,
    p.realised,
    p.realised_base,
    p.realised_price,
    p.realised_fx,
    p.dividends_base,
    p.interest_base,
    p.staking_base,
    p.other_base,
    p.fees_base,
    p.trades,
    p.base_currency,
    p.quality,
    p.reason,
    t.name AS tenant
FROM derived.position p
JOIN ops.tenant t ON t.id = p.tenant_id
WHERE p.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.position IS 'How each asset of each account stands: what is held, what it cost and is worth, and what it ever brought. One row per method.';
COMMENT ON COLUMN report.position.connection IS 'The connection it was read by.';
COMMENT ON COLUMN report.position.account IS 'The source''s id of the account.';
COMMENT ON COLUMN report.position.asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';
COMMENT ON COLUMN report.position.method IS 'fifo (the oldest units leave first) or average (each unit costs the same).';
COMMENT ON COLUMN report.position.quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';
COMMENT ON COLUMN report.position.quantity IS 'Units held; below zero where they are owed (a short position).';
COMMENT ON COLUMN report.position.unexplained IS 'Units that were sold or left without having come: what came before is not known here.';
COMMENT ON COLUMN report.position.opened IS 'The day on which the oldest unit held came; by average: on which there were units again.';
COMMENT ON COLUMN report.position.changed IS 'The last day on which anything happened to it.';
COMMENT ON COLUMN report.position.cost IS 'What the units held cost with fees, in quote; below zero where they are owed: what they were sold for.';
COMMENT ON COLUMN report.position.cost_fees IS 'Of cost: fees.';
COMMENT ON COLUMN report.position.average_price IS 'cost of one unit, with fees, in quote.';
COMMENT ON COLUMN report.position.cost_base IS 'cost at the rates of the days on which they came.';
COMMENT ON COLUMN report.position.price IS 'The latest price of one unit, in quote.';
COMMENT ON COLUMN report.position.price_day IS 'Its day; before today it is the last one known, because nobody stated a rate since.';
COMMENT ON COLUMN report.position.value IS 'quantity at price, in quote.';
COMMENT ON COLUMN report.position.value_base IS 'The same in base currency.';
COMMENT ON COLUMN report.position.unrealised IS 'value - cost, in quote.';
COMMENT ON COLUMN report.position.unrealised_base IS 'value_base - cost_base = unrealised_price + unrealised_fx.';
COMMENT ON COLUMN report.position.unrealised_price IS 'Of it: unrealised at today''s rate.';
COMMENT ON COLUMN report.position.unrealised_fx IS 'Of it: what quote gained against the base currency since the units came.';
COMMENT ON COLUMN report.position.realised IS 'What all disposals gained, in quote, without those that are not known.';
COMMENT ON COLUMN report.position.realised_base IS 'The same in base currency = realised_price + realised_fx.';
COMMENT ON COLUMN report.position.realised_price IS 'Of it: gains in quote at the rates of the disposals.';
COMMENT ON COLUMN report.position.realised_fx IS 'Of it: what quote gained against the base currency while units were held.';
COMMENT ON COLUMN report.position.dividends_base IS 'Dividends, in money or units, in base currency at the rates of their days.';
COMMENT ON COLUMN report.position.interest_base IS 'Interest paid in it.';
COMMENT ON COLUMN report.position.staking_base IS 'Staking rewards paid in it.';
COMMENT ON COLUMN report.position.other_base IS 'Other income paid in it, such as rebates, funding, realised_pnl.';
COMMENT ON COLUMN report.position.fees_base IS 'All fees paid for it or in it, in base currency, where their worth is known.';
COMMENT ON COLUMN report.position.trades IS 'How often it was bought or sold.';
COMMENT ON COLUMN report.position.base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';
COMMENT ON COLUMN report.position.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';
COMMENT ON COLUMN report.position.reason IS 'Why a number is NULL or less than exact, in words; else empty.';
COMMENT ON COLUMN report.position.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

GRANT SELECT ON report.position TO flowd_app, flowd_report, flowd_admin;
