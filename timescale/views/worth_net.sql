-- Adds report.worth up. A row is listed once per way of adding up, so that conditions on step, day and by reach the key.
CREATE OR REPLACE VIEW report.net_worth WITH (security_barrier = true) AS
SELECT
    w.step,
    w.first_day,
    w.day,
    part.by,
    part.name,
    coalesce(sum(w.worth), 0)                                               AS worth,
    coalesce(sum(w.worth) FILTER (WHERE w.worth > 0), 0)                    AS assets,
    coalesce(sum(w.worth) FILTER (WHERE w.worth < 0), 0)                    AS debts,
    count(*) FILTER (WHERE w.worth IS NULL)::int                            AS lacking,
    (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[greatest(
        max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], w.quality)),
        CASE WHEN bool_or(w.worth IS NULL) THEN 4 END)]                     AS quality,
    w.base_currency,
    w.tenant
FROM report.worth w
CROSS JOIN LATERAL (VALUES
    ('total', ''), ('kind', w.kind), ('asset', w.asset), ('connection', w.connection),
    ('account', w.connection || '/' || w.account)
) part (by, name)
GROUP BY w.step, w.first_day, w.day, part.by, part.name, w.base_currency, w.tenant;

COMMENT ON VIEW report.net_worth IS 'What everything was worth at the end of each day, week, month, quarter and year, debts taken off: in total, and by account, connection, kind of account and asset.';
COMMENT ON COLUMN report.net_worth.step IS 'day, week, month, quarter or year: choose one.';
COMMENT ON COLUMN report.net_worth.first_day IS 'The first day of the step.';
COMMENT ON COLUMN report.net_worth.day IS 'Its last day, at whose end the row stands; today for the step that is not over.';
COMMENT ON COLUMN report.net_worth.by IS 'What is added up: total, kind, asset, connection or account; choose one.';
COMMENT ON COLUMN report.net_worth.name IS 'The kind, the asset, the connection''s name, or CONNECTION/ACCOUNT; empty for the total.';
COMMENT ON COLUMN report.net_worth.worth IS 'assets and debts together, in base_currency.';
COMMENT ON COLUMN report.net_worth.assets IS 'What is held, each asset of each account by itself.';
COMMENT ON COLUMN report.net_worth.debts IS 'What is owed, zero or below: cards, loans, overdrawn accounts.';
COMMENT ON COLUMN report.net_worth.lacking IS 'How many assets of accounts are not in it, because their worth is not known.';
COMMENT ON COLUMN report.net_worth.quality IS 'The worst of what it is made of: exact, estimated, partial (or something is lacking) or stale.';
COMMENT ON COLUMN report.net_worth.base_currency IS 'The currency of the amounts.';
COMMENT ON COLUMN report.net_worth.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.net_worth TO flowd_app, flowd_report, flowd_admin;
