CREATE OR REPLACE VIEW report.resilience WITH (security_barrier = true) AS
WITH d AS (
    SELECT
        t.name AS tenant,
        (m.at AT TIME ZONE t.timezone)::date AS as_of,
        coalesce(bool_or((m.at AT TIME ZONE t.timezone)::date = s.as_of), false) AS latest,
        max(m.value) FILTER (WHERE m.name = 'hhi_streams') AS hhi_streams,
        max(m.value) FILTER (WHERE m.name = 'effective_streams') AS effective_streams,
        max(m.value) FILTER (WHERE m.name = 'largest_streams') AS largest_streams,
        max(m.value) FILTER (WHERE m.name = 'hhi_groups') AS hhi_groups,
        max(m.value) FILTER (WHERE m.name = 'effective_groups') AS effective_groups,
        max(m.value) FILTER (WHERE m.name = 'largest_groups') AS largest_groups,
        max(m.value) FILTER (WHERE m.name = 'floor') AS floor,
        max(m.value) FILTER (WHERE m.name = 'floor_recurring') AS floor_recurring,
        max(m.value) FILTER (WHERE m.name = 'volatility') AS volatility,
        max(m.value) FILTER (WHERE m.name = 'passive') AS passive,
        max(m.value) FILTER (WHERE m.name = 'expenses') AS expenses,
        max(m.value) FILTER (WHERE m.name = 'covered') AS covered,
        max(m.value) FILTER (WHERE m.name = 'crossover') AS crossover,
        max(m.value) FILTER (WHERE m.name = 'cash') AS cash,
        max(m.value) FILTER (WHERE m.name = 'runway') AS runway,
        max(m.value) FILTER (WHERE m.name = 'runway_bare') AS runway_bare,
        max(m.unit) FILTER (WHERE m.name = 'floor') AS unit
    FROM derived.metric m
    JOIN ops.tenant t ON t.id = m.tenant_id
    LEFT JOIN derived.stream_state s ON s.tenant_id = m.tenant_id AND s.scope = 'total'
    WHERE m.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
        AND m.analytic = 'statistics' AND m.subject = 'total' AND m.name IN (
            'hhi_streams', 'effective_streams', 'largest_streams', 'hhi_groups', 'effective_groups', 'largest_groups',
            'floor', 'floor_recurring', 'volatility', 'passive', 'expenses', 'covered', 'crossover',
            'cash', 'runway', 'runway_bare')
    GROUP BY m.tenant_id, t.name, t.timezone, m.at
)
SELECT
    d.as_of,
    d.latest,
    d.hhi_streams,
    d.effective_streams,
    d.largest_streams AS largest_stream,
    d.hhi_groups,
    d.effective_groups,
    d.largest_groups AS largest_group,
    d.floor,
    d.floor_recurring,
    d.volatility,
    d.passive,
    d.expenses,
    d.covered,
    (date_trunc('month', d.as_of::timestamp) + d.crossover * INTERVAL '1 month')::date AS crossover,
    CASE
        WHEN d.expenses IS NULL THEN 'expenses of three whole months are needed'
        WHEN d.passive IS NULL THEN 'passive income of three whole months is needed'
        WHEN d.expenses <= 0 THEN 'there are no expenses to cover'
        WHEN d.covered >= 1 THEN 'passive income covers the expenses'
        WHEN d.crossover IS NOT NULL THEN ''
        WHEN d.passive = 0 THEN 'there is no passive income'
        ELSE 'passive income does not gain on the expenses, or too slowly, or is too young to tell'
    END AS crossover_reason,
    d.cash,
    d.runway,
    d.runway_bare,
    CASE
        WHEN NOT d.latest THEN 'known for the last day only'
        WHEN d.cash IS NULL THEN 'no balance of a bank, card or cash account is known'
        WHEN d.expenses IS NULL THEN 'expenses of three whole months are needed'
        WHEN d.cash <= 0 THEN 'there is no money left'
        WHEN d.runway IS NULL THEN 'floor income covers the expenses: it lasts for ever'
        ELSE ''
    END AS runway_reason,
    d.unit,
    d.tenant
FROM d;

COMMENT ON VIEW report.resilience IS 'How income would stand a loss: concentration, floor, what passive income covers, and for how long money lasts.';
COMMENT ON COLUMN report.resilience.as_of IS 'The last day that was looked at: the end of a month, or the last whole day.';
COMMENT ON COLUMN report.resilience.latest IS 'True for the row of the last whole day.';
COMMENT ON COLUMN report.resilience.hhi_streams IS 'Herfindahl-Hirschman index of the streams over 90 days: 1 is all from one, 0.25 as from four equal ones.';
COMMENT ON COLUMN report.resilience.effective_streams IS 'As from how many equal streams that is: 1 / hhi_streams.';
COMMENT ON COLUMN report.resilience.largest_stream IS 'Share of the largest stream.';
COMMENT ON COLUMN report.resilience.hhi_groups IS 'The same over groups.';
COMMENT ON COLUMN report.resilience.effective_groups IS 'As from how many equal groups that is.';
COMMENT ON COLUMN report.resilience.largest_group IS 'Share of the largest group.';
COMMENT ON COLUMN report.resilience.floor IS 'Income of a month that nine of ten past months reached, of the streams that still bring something; NULL under three months.';
COMMENT ON COLUMN report.resilience.floor_recurring IS 'The same of the streams that are declared or regular.';
COMMENT ON COLUMN report.resilience.volatility IS 'How much months differ: standard deviation / mean of the last twelve.';
COMMENT ON COLUMN report.resilience.passive IS 'What passive streams bring in a typical month.';
COMMENT ON COLUMN report.resilience.expenses IS 'What a typical month costs; NULL where no account tells.';
COMMENT ON COLUMN report.resilience.covered IS 'passive / expenses: from 1 on, passive income covers the expenses.';
COMMENT ON COLUMN report.resilience.crossover IS 'The month in which passive income will cover the expenses, if both go on as they do; NULL where crossover_reason says why.';
COMMENT ON COLUMN report.resilience.crossover_reason IS 'Why there is no month, or that it has come; else empty.';
COMMENT ON COLUMN report.resilience.cash IS 'What is in bank, card and cash accounts; known for the last day only.';
COMMENT ON COLUMN report.resilience.runway IS 'For how many months cash lasts with the floor income; NULL where runway_reason says why.';
COMMENT ON COLUMN report.resilience.runway_bare IS 'The same without any income.';
COMMENT ON COLUMN report.resilience.runway_reason IS 'Why there is no runway, or that it is at its end; else empty.';
COMMENT ON COLUMN report.resilience.unit IS 'The currency of the amounts.';
COMMENT ON COLUMN report.resilience.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.resilience TO flowd_app, flowd_report, flowd_admin;
