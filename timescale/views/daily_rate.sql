-- The daily rate is the mean of earned over 30 days. The window ends yesterday, because today is not over: with it the
-- rate would dip at every midnight. A stream that began today counts with today, so that it does not hide for a day.
--
-- How many days the mean is over depends on where the stream comes from, because a day without a row does not mean the
-- same everywhere. Transactions come when they come: a day without one is a zero. A declared income that began twelve days
-- ago has earned for twelve days, not for thirty. An account has a row for every day that is known: only those count.
-- A day that is not known (NULL) never counts.

CREATE OR REPLACE VIEW report.daily_rate WITH (security_barrier = true) AS
WITH line AS (
    SELECT s.tenant_id, s.stream, s.name, s.grp, s.method, t.name AS tenant, t.base_currency, began.day AS began,
        CASE WHEN began.day < today.day THEN today.day - 1 ELSE today.day END AS until
    FROM derived.stream s
    JOIN ops.tenant t ON t.id = s.tenant_id
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE t.timezone)::date AS day) today
    LEFT JOIN LATERAL (
        SELECT min(i.day) AS day
        FROM derived.income_daily i
        WHERE i.tenant_id = s.tenant_id AND i.stream = s.stream
    ) began ON true
    WHERE s.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
), known AS (
    -- Where yesterday waits for a payment (nobody knows yet what was earned), the window ends with the last day that
    -- is paid for: a monthly payer does not earn less with every day that passes until the next payment.
    SELECT l.tenant_id, l.stream, l.name, l.grp, l.method, l.tenant, l.base_currency, l.began,
        CASE WHEN EXISTS (
            SELECT FROM derived.income_daily w
            WHERE w.tenant_id = l.tenant_id AND w.stream = l.stream AND w.day = l.until
                AND w.earned IS NULL AND w.quality = 'estimated'
        ) THEN coalesce((
            SELECT max(p.day) FROM derived.income_daily p
            WHERE p.tenant_id = l.tenant_id AND p.stream = l.stream AND p.day < l.until AND p.earned IS NOT NULL
        ), l.until) ELSE l.until END AS until
    FROM line l
), daily AS (
    SELECT l.tenant_id, l.stream, i.day, l.until - i.day AS age,
        CASE WHEN bool_and(i.earned_base IS NOT NULL) THEN sum(i.earned_base) END AS earned,
        sum(i.received_base) AS received,
        max(array_position(ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'], i.quality)) AS worst
    FROM known l
    JOIN derived.income_daily i
        ON i.tenant_id = l.tenant_id AND i.stream = l.stream AND i.day > l.until - 90 AND i.day <= l.until
    GROUP BY 1, 2, 3, 4
), measured AS (
    SELECT d.tenant_id, d.stream,
        sum(d.earned) FILTER (WHERE d.age < 30)                                 AS earned_30d,
        sum(d.earned) FILTER (WHERE d.age >= 30 AND d.age < 60)                 AS earned_before,
        sum(d.earned)                                                           AS earned_90d,
        sum(d.received) FILTER (WHERE d.age < 30)                               AS received_30d,
        sum(d.received)                                                         AS received_90d,
        count(d.earned) FILTER (WHERE d.age < 30)                               AS known,
        count(*) FILTER (WHERE d.age < 30 AND d.earned IS NULL)                 AS unknown,
        count(d.earned) FILTER (WHERE d.age >= 30 AND d.age < 60)               AS known_before,
        count(*) FILTER (WHERE d.age >= 30 AND d.age < 60 AND d.earned IS NULL) AS unknown_before,
        max(CASE WHEN d.earned IS NULL AND d.worst <> 2 THEN greatest(d.worst, 4) ELSE d.worst END) FILTER (WHERE d.age < 30) AS worst
    FROM daily d
    GROUP BY 1, 2
), counted AS (
    SELECT l.*, m.earned_30d, m.earned_before, m.earned_90d, m.received_30d, m.received_90d, m.worst,
        -- Where all that came in has no rate, the days on which nothing came do not make it nothing.
        l.method = 'transactions' AND m.unknown > 0 AND coalesce(m.earned_30d, 0) = 0 AS unpriced,
        CASE l.method
            WHEN 'value' THEN m.known
            WHEN 'schedule' THEN least(30, l.until - l.began + 1) - coalesce(m.unknown, 0)
            ELSE 30 - coalesce(m.unknown, 0)
        END AS days,
        CASE
            WHEN l.began > l.until - 30 THEN 0
            WHEN l.method = 'value' THEN m.known_before
            WHEN l.method = 'schedule' THEN least(30, l.until - 30 - l.began + 1) - coalesce(m.unknown_before, 0)
            ELSE 30 - coalesce(m.unknown_before, 0)
        END AS days_before
    FROM known l
    LEFT JOIN measured m ON m.tenant_id = l.tenant_id AND m.stream = l.stream
), rated AS (
    SELECT c.*,
        CASE WHEN c.began IS NOT NULL AND c.days > 0 AND c.unpriced IS NOT TRUE THEN coalesce(c.earned_30d, 0) / c.days END AS rate,
        CASE WHEN c.began IS NOT NULL AND c.days_before > 0 THEN coalesce(c.earned_before, 0) / c.days_before END
            AS rate_before
    FROM counted c
)
SELECT
    r.stream,
    r.name,
    r.grp,
    r.base_currency,
    round(r.rate, 8)                                                     AS rate,
    round(r.rate_before, 8)                                              AS rate_before,
    CASE WHEN r.rate_before > 0 THEN round(r.rate / r.rate_before - 1, 6) END AS change,
    (CASE WHEN r.rate IS NOT NULL THEN r.days ELSE 0 END)::int           AS days,
    CASE WHEN r.began IS NOT NULL THEN r.until END                       AS until,
    r.earned_30d,
    r.earned_90d,
    r.received_30d,
    r.received_90d,
    receipt.day                                                          AS last_receipt,
    CASE
        WHEN r.began IS NULL THEN NULL
        WHEN r.worst IS NULL AND r.method = 'value' THEN 'stale'
        -- no row means zero where somebody looked: of files that end two months ago it is nothing but old
        WHEN EXISTS (
            SELECT FROM derived.stream_state e
            WHERE e.tenant_id = r.tenant_id AND e.scope = 'stream' AND e.name = r.stream AND e.health = 'stale'
        ) THEN 'stale'
        ELSE (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[coalesce(r.worst, 1)]
    END                                                                  AS quality,
    r.tenant
FROM rated r
LEFT JOIN LATERAL (
    SELECT i.day
    FROM derived.income_daily i
    WHERE i.tenant_id = r.tenant_id AND i.stream = r.stream AND i.received <> 0
    ORDER BY i.day DESC
    LIMIT 1
) receipt ON true;

COMMENT ON VIEW report.daily_rate IS 'What each stream earns per day now: the mean of earned over the last 30 whole days, in base currency.';
COMMENT ON COLUMN report.daily_rate.stream IS 'The stream''s key; it does not change when the stream is renamed.';
COMMENT ON COLUMN report.daily_rate.name IS 'The stream''s name as people read it.';
COMMENT ON COLUMN report.daily_rate.grp IS 'The group the stream belongs to.';
COMMENT ON COLUMN report.daily_rate.base_currency IS 'The currency of every amount in this row.';
COMMENT ON COLUMN report.daily_rate.rate IS 'Mean of earned per day over the last 30 whole days; NULL where no day of them is known.';
COMMENT ON COLUMN report.daily_rate.rate_before IS 'The same over the 30 days before those; NULL where the stream had not begun.';
COMMENT ON COLUMN report.daily_rate.change IS 'rate / rate_before - 1, so 0.1 is ten percent more; NULL where rate_before is not above zero.';
COMMENT ON COLUMN report.daily_rate.days IS 'The number of days rate is the mean of: fewer than 30 for a young stream or where days are unknown.';
COMMENT ON COLUMN report.daily_rate.until IS 'The last day of the window: yesterday; today for a stream that began today; the last day paid for while the next payment is awaited.';
COMMENT ON COLUMN report.daily_rate.earned_30d IS 'Sum of earned over the 30 days to until; days that are not known are left out.';
COMMENT ON COLUMN report.daily_rate.earned_90d IS 'Sum of earned over the 90 days to until; days that are not known are left out.';
COMMENT ON COLUMN report.daily_rate.received_30d IS 'Sum of received over the 30 days to until.';
COMMENT ON COLUMN report.daily_rate.received_90d IS 'Sum of received over the 90 days to until.';
COMMENT ON COLUMN report.daily_rate.last_receipt IS 'The last day on which something came in.';
COMMENT ON COLUMN report.daily_rate.quality IS 'The worst quality of the days behind rate: exact, estimated, spread, partial or stale; stale, too, where the stream''s health is; NULL before the first day.';
COMMENT ON COLUMN report.daily_rate.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';
GRANT SELECT ON report.daily_rate TO flowd_app, flowd_report, flowd_admin;
