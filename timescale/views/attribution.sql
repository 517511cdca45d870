CREATE OR REPLACE VIEW report.attribution WITH (security_barrier = true) AS
SELECT
    (m.at AT TIME ZONE t.timezone)::date                         AS day,
    m.subject                                                    AS connection,
    max(m.value) FILTER (WHERE m.name = 'change')                AS change,
    max(m.value) FILTER (WHERE m.name = 'outside')               AS outside,
    max(m.value) FILTER (WHERE m.name = 'realised_pnl')          AS realised_pnl,
    max(m.value) FILTER (WHERE m.name = 'funding')               AS funding,
    max(m.value) FILTER (WHERE m.name = 'fees')                  AS fees,
    max(m.value) FILTER (WHERE m.name = 'rebates')               AS rebates,
    max(m.value) FILTER (WHERE m.name = 'staking')               AS staking,
    max(m.value) FILTER (WHERE m.name = 'other')                 AS other,
    max(m.value) FILTER (WHERE m.name = 'unexplained')           AS unexplained,
    max(m.unit)                                                  AS base_currency,
    t.name                                                       AS tenant
FROM derived.metric m
JOIN ops.tenant t ON t.id = m.tenant_id
WHERE m.analytic = 'attribution' AND m."window" = '1d' AND m.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
GROUP BY t.id, t.name, t.timezone, m.subject, m.at;

COMMENT ON VIEW report.attribution IS 'Where the change in value of wallets and brokers came from, one row per connection and day: change = outside + realised_pnl + funding + fees + rebates + staking + other + unexplained.';
COMMENT ON COLUMN report.attribution.day IS 'The day, in the tenant''s time zone.';
COMMENT ON COLUMN report.attribution.connection IS 'The connection whose accounts are worth something.';
COMMENT ON COLUMN report.attribution.change IS 'By how much their value changed, in base_currency; NULL where it is not known. A change across a gap in the readings is spread over its days.';
COMMENT ON COLUMN report.attribution.outside IS 'Money that came from outside (below zero: left): deposits, withdrawals, transfers, loans. It is no gain.';
COMMENT ON COLUMN report.attribution.realised_pnl IS 'Realised profit and loss, as the source''s ledger states it; NULL here and in the next columns where a rate is missing.';
COMMENT ON COLUMN report.attribution.funding IS 'Funding received, below zero: paid.';
COMMENT ON COLUMN report.attribution.fees IS 'Fees charged by themselves, below zero.';
COMMENT ON COLUMN report.attribution.rebates IS 'Rebates and commissions paid back.';
COMMENT ON COLUMN report.attribution.staking IS 'Rewards of staking and earn products.';
COMMENT ON COLUMN report.attribution.other IS 'Everything else that the ledger states: interest, dividends …';
COMMENT ON COLUMN report.attribution.unexplained IS 'What is left: prices, open positions, and what the source does not state. NULL where one of the others is.';
COMMENT ON COLUMN report.attribution.base_currency IS 'The tenant''s base currency at the time it was computed.';
COMMENT ON COLUMN report.attribution.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.attribution TO flowd_app, flowd_report, flowd_admin;
