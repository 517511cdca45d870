CREATE OR REPLACE VIEW report.income WITH (security_barrier = true) AS
SELECT
    i.day,
    i.stream,
    coalesce(s.name, i.stream)  AS name,
    coalesce(s.grp, 'other')    AS grp,
    i.currency,
    i.received,
    i.earned,
    i.received_base,
    i.earned_base,
    i.base_currency,
    i.quality,
    t.name                      AS tenant
FROM derived.income_daily i
JOIN ops.tenant t ON t.id = i.tenant_id
LEFT JOIN derived.stream s ON s.tenant_id = i.tenant_id AND s.stream = i.stream
WHERE i.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

COMMENT ON VIEW report.income IS 'What each stream brought in on each day, one row per stream, currency and day.';
COMMENT ON COLUMN report.income.day IS 'The day, in the tenant''s time zone.';
COMMENT ON COLUMN report.income.stream IS 'The stream''s key; it does not change when the stream is renamed.';
COMMENT ON COLUMN report.income.name IS 'The stream''s name as people read it.';
COMMENT ON COLUMN report.income.grp IS 'The group the stream belongs to.';
COMMENT ON COLUMN report.income.currency IS 'The currency of received and earned.';
COMMENT ON COLUMN report.income.received IS 'What came in on this day, in currency; NULL where it is not known.';
COMMENT ON COLUMN report.income.earned IS 'What was earned for this day, in currency: a receipt with a known cadence is spread over the period it pays for.';
COMMENT ON COLUMN report.income.received_base IS 'received in base_currency at a rate of that time; NULL where no rate is known, never one to one.';
COMMENT ON COLUMN report.income.earned_base IS 'earned in base_currency at a rate of that time; NULL where no rate is known, never one to one.';
COMMENT ON COLUMN report.income.base_currency IS 'The tenant''s base currency.';
COMMENT ON COLUMN report.income.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';
COMMENT ON COLUMN report.income.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.income TO flowd_app, flowd_report, flowd_admin;
