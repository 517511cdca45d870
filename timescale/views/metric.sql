CREATE OR REPLACE VIEW report.metric WITH (security_barrier = true) AS
SELECT
    (m.at AT TIME ZONE t.timezone)::date AS day,
    m.analytic,
    m.subject,
    m.name,
    m."window",
    m.at,
    m.value,
    m.unit,
    t.name AS tenant
FROM derived.metric m
JOIN ops.tenant t ON t.id = m.tenant_id
WHERE m.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.metric IS 'Numbers that analytics derive beside income, such as recurring revenue and why it changed.';
COMMENT ON COLUMN report.metric.day IS 'The day it is of, in the tenant''s time zone; the first one of a longer window, of statistics the last one.';
COMMENT ON COLUMN report.metric.analytic IS 'The analytic it comes from, such as stripe_mrr.';
COMMENT ON COLUMN report.metric.subject IS 'What it is about, such as a connection and its currency: shop/USD.';
COMMENT ON COLUMN report.metric.name IS 'What it is: mrr, mrr_new, mrr_churn and so on; the analytic''s plugin describes its names.';
COMMENT ON COLUMN report.metric."window" IS 'The stretch of time it is of: 1d is a day, 1mo a month.';
COMMENT ON COLUMN report.metric.at IS 'When the window begins; of statistics, when its last day begins.';
COMMENT ON COLUMN report.metric.value IS 'The number; NULL where it is not available.';
COMMENT ON COLUMN report.metric.unit IS 'What it is counted in: a currency, or a word such as customers.';
COMMENT ON COLUMN report.metric.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.metric TO flowd_app, flowd_report, flowd_admin;
