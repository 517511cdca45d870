-- A rate counts for its day and the week after it, as everywhere: stated either way round, or both over the euro.
CREATE OR REPLACE VIEW report.counterparty WITH (security_barrier = true) AS
WITH booked AS (
    SELECT f.tenant_id, f.day, f.amount > 0 AS came, f.payer, f.flow_class, f.stream, f.rule LIKE 'both legs%' AS own, f.asset,
        sum(f.amount) AS amount, count(*) AS count
    FROM derived.flow f
    WHERE f.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), priced AS (
    SELECT n.tenant_id, n.asset, n.day,
        coalesce(straight.value, 1 / turned.value, base.value / other.value) AS value
    FROM (SELECT DISTINCT tenant_id, asset, day FROM booked) n
    JOIN ops.tenant t ON t.id = n.tenant_id AND t.base_currency <> n.asset
    CROSS JOIN LATERAL (
        SELECT (n.day - 7)::timestamp AT TIME ZONE t.timezone AS since, (n.day + 1)::timestamp AT TIME ZONE t.timezone AS until
    ) week
    LEFT JOIN LATERAL (
        SELECT r.value FROM raw.rate r
        WHERE r.tenant_id = n.tenant_id AND r.base = n.asset AND r.quote = t.base_currency
            AND r.at >= week.since AND r.at < week.until
        ORDER BY r.at DESC, r.source LIMIT 1
    ) straight ON true
    LEFT JOIN LATERAL (
        SELECT r.value FROM raw.rate r
        WHERE r.tenant_id = n.tenant_id AND r.base = t.base_currency AND r.quote = n.asset
            AND r.at >= week.since AND r.at < week.until
        ORDER BY r.at DESC, r.source LIMIT 1
    ) turned ON true
    LEFT JOIN LATERAL (
        SELECT r.value FROM raw.rate r
        WHERE r.tenant_id = n.tenant_id AND r.base = 'EUR' AND r.quote = t.base_currency
            AND r.at >= week.since AND r.at < week.until
        ORDER BY r.at DESC, r.source LIMIT 1
    ) base ON true
    LEFT JOIN LATERAL (
        SELECT r.value FROM raw.rate r
        WHERE r.tenant_id = n.tenant_id AND r.base = 'EUR' AND r.quote = n.asset
            AND r.at >= week.since AND r.at < week.until
        ORDER BY r.at DESC, r.source LIMIT 1
    ) other ON true
)
SELECT
    date_trunc('month', b.day::timestamp)::date                        AS month,
    CASE WHEN b.came THEN 'in' ELSE 'out' END                          AS direction,
    b.payer                                                            AS name,
    b.flow_class,
    b.stream,
    b.own,
    b.asset,
    trim_scale(sum(b.amount))                                          AS amount,
    CASE WHEN bool_and(b.asset = t.base_currency OR p.value IS NOT NULL)
        THEN trim_scale(round(sum(b.amount * CASE WHEN b.asset = t.base_currency THEN 1 ELSE p.value END), 8)) END
                                                                       AS amount_base,
    t.base_currency,
    sum(b.count)::bigint                                               AS count,
    min(b.day)                                                         AS first_day,
    max(b.day)                                                         AS last_day,
    t.name                                                             AS tenant
FROM booked b
JOIN ops.tenant t ON t.id = b.tenant_id
LEFT JOIN priced p ON p.tenant_id = b.tenant_id AND p.asset = b.asset AND p.day = b.day
GROUP BY 1, 2, 3, 4, 5, 6, 7, t.base_currency, t.name;

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
