-- Charts as text, because tables of Grafana 9 cannot draw lines in their cells.

CREATE OR REPLACE FUNCTION report.spark(amounts numeric[])
    RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        WITH scale AS (
            SELECT least(min(a.amount), 0) AS low, greatest(max(a.amount), 0) AS high FROM unnest(amounts) a (amount)
        )
        SELECT string_agg(
            CASE
                WHEN a.amount IS NULL THEN '·'
                WHEN s.high = s.low THEN '▁'
                ELSE substr('▁▂▃▄▅▆▇█', 1 + round(7 * (a.amount - s.low) / (s.high - s.low))::int, 1)
            END, '' ORDER BY a.place)
        FROM unnest(amounts) WITH ORDINALITY a (amount, place)
        CROSS JOIN scale s
    $$;
COMMENT ON FUNCTION report.spark(numeric[]) IS
    'Amounts as a small chart made of text: ▁ is the lowest of them or zero, █ the highest, · one that is not known.';
REVOKE ALL ON FUNCTION report.spark(numeric[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.spark(numeric[]) TO flowd_app, flowd_report, flowd_admin;

-- Weeks are counted back from yesterday, as the daily rate is: the week under way would always look like a fall. A week is
-- told by its days that are known, so that one awaited payment is no fall either.
CREATE OR REPLACE VIEW report.sparkline WITH (security_barrier = true) AS
WITH line AS (
    SELECT s.tenant_id, s.stream, s.name, s.grp, s.method, t.name AS tenant, t.base_currency, began.day AS began,
        (now() AT TIME ZONE t.timezone)::date AS today
    FROM derived.stream s
    JOIN ops.tenant t ON t.id = s.tenant_id
    LEFT JOIN LATERAL (
        SELECT min(i.day) AS day
        FROM derived.income_daily i
        WHERE i.tenant_id = s.tenant_id AND i.stream = s.stream
    ) began ON true
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
), daily AS (
    SELECT l.tenant_id, l.stream, (l.today - 1 - i.day) / 7 AS ago,
        CASE WHEN bool_and(i.earned_base IS NOT NULL) THEN sum(i.earned_base) END AS earned
    FROM line l
    JOIN derived.income_daily i
        ON i.tenant_id = l.tenant_id AND i.stream = l.stream AND i.day >= l.today - 84 AND i.day < l.today
    GROUP BY l.tenant_id, l.stream, l.today, i.day
), weekly AS (
    SELECT d.tenant_id, d.stream, d.ago, sum(d.earned) AS earned, count(d.earned) AS known, count(*) AS rows
    FROM daily d
    GROUP BY 1, 2, 3
), told AS (
    SELECT l.tenant_id, l.stream, g.ago,
        CASE
            WHEN l.began IS NULL OR l.began > l.today - 1 - 7 * g.ago THEN NULL
            WHEN l.method = 'value' THEN w.earned / nullif(w.known, 0)
            ELSE coalesce(w.earned, 0) / nullif(7 - coalesce(w.rows - w.known, 0), 0)
        END AS mean
    FROM line l
    CROSS JOIN generate_series(0, 11) g (ago)
    LEFT JOIN weekly w ON w.tenant_id = l.tenant_id AND w.stream = l.stream AND w.ago = g.ago
)
SELECT
    l.stream,
    l.name,
    l.grp,
    report.spark(array_agg(t.mean ORDER BY t.ago DESC)) AS weeks,
    round(min(t.mean), 8) AS lowest,
    round(max(t.mean), 8) AS highest,
    l.base_currency,
    l.tenant
FROM line l
JOIN told t ON t.tenant_id = l.tenant_id AND t.stream = l.stream
GROUP BY l.tenant, l.stream, l.name, l.grp, l.base_currency;

COMMENT ON VIEW report.sparkline IS 'What each stream earned per day in the last twelve weeks, as a small chart made of text.';
COMMENT ON COLUMN report.sparkline.stream IS 'The stream''s key; it does not change when the stream is renamed.';
COMMENT ON COLUMN report.sparkline.name IS 'The stream''s name as people read it.';
COMMENT ON COLUMN report.sparkline.grp IS 'The group the stream belongs to.';
COMMENT ON COLUMN report.sparkline.weeks IS 'Twelve weeks to yesterday, the oldest first: ▁ is the lowest or zero, █ the highest, · a week that is not known.';
COMMENT ON COLUMN report.sparkline.lowest IS 'What a day earned in the lowest of these weeks, in base_currency.';
COMMENT ON COLUMN report.sparkline.highest IS 'What a day earned in the highest of them.';
COMMENT ON COLUMN report.sparkline.base_currency IS 'The currency of the amounts.';
COMMENT ON COLUMN report.sparkline.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.sparkline TO flowd_app, flowd_report, flowd_admin;
