CREATE OR REPLACE VIEW report.balance_gap WITH (security_barrier = true) AS
SELECT
    g.connection,
    g.account,
    coalesce(a.name, g.account) AS name,
    g.asset,
    g.against,
    g.first_day,
    g.last_day,
    g.stated,
    g.booked,
    g.gap,
    g.what,
    t.name                      AS tenant
FROM derived.balance_gap g
JOIN ops.tenant t ON t.id = g.tenant_id
LEFT JOIN derived.known_account a ON a.tenant_id = g.tenant_id AND a.connection = g.connection AND a.account = g.account
WHERE g.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.balance_gap IS 'Where an account''s balance changed by something else than its transactions: between two statements, or in its readings.';
COMMENT ON COLUMN report.balance_gap.connection IS 'The connection that reads the account, or its files were read into.';
COMMENT ON COLUMN report.balance_gap.account IS 'The source''s own id of the account.';
COMMENT ON COLUMN report.balance_gap.name IS 'Its name.';
COMMENT ON COLUMN report.balance_gap.asset IS 'The currency or coin.';
COMMENT ON COLUMN report.balance_gap.against IS 'What transactions were held against: statement (balances that are stated, by a file or a person) or reading.';
COMMENT ON COLUMN report.balance_gap.first_day IS 'The first day on which what is missing may have been booked.';
COMMENT ON COLUMN report.balance_gap.last_day IS 'The last of them: the day of the balance that does not fit.';
COMMENT ON COLUMN report.balance_gap.stated IS 'By how much the balance changed over these days.';
COMMENT ON COLUMN report.balance_gap.booked IS 'What was booked on them.';
COMMENT ON COLUMN report.balance_gap.gap IS 'What transactions do not explain, below zero where money is missing; of readings at least that much.';
COMMENT ON COLUMN report.balance_gap.what IS 'gap; timing: it is made good within a few days, because one side counts by value date; or rounding, by its source.';
COMMENT ON COLUMN report.balance_gap.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.balance_gap TO flowd_app, flowd_report, flowd_admin;
