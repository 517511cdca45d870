Statements that check stated balances against booked ones, and keep where they differ; `work_due` and what the statements
in balances.sql filled is there. Everything happens within one transaction.

-- name: running
-- Two balances at least are needed to say that something is between them.
INSERT INTO work_running (line, day, booked, stated, said, running, first_booked, last_booked)
SELECT e.line, e.day, e.booked, e.stated, e.said,
    sum(coalesce(e.booked, 0)) OVER (PARTITION BY e.line ORDER BY e.day),
    min(e.day) FILTER (WHERE e.booked IS NOT NULL) OVER (PARTITION BY e.line),
    max(e.day) FILTER (WHERE e.booked IS NOT NULL) OVER (PARTITION BY e.line)
FROM (
    SELECT x.line, x.day, sum(x.booked) AS booked, max(x.stated) AS stated, max(x.said) AS said
    FROM (
        SELECT l.line, b.day, b.booked, NULL::numeric AS stated, NULL AS said
        FROM work_line l
        CROSS JOIN LATERAL (
            SELECT d.day, d.booked FROM derived.balance_day d
            WHERE d.tenant_id = %(tenant)s AND d.connection = l.connection AND d.account = l.account
                AND d.asset = l.asset AND d.booked IS NOT NULL
            OFFSET 0
        ) b
        WHERE (
            SELECT count(*) FROM work_anchor a
            WHERE (a.connection, a.account, a.asset) = (l.connection, l.account, l.asset)) > 1
        UNION ALL
        SELECT l.line, a.day, NULL, a.amount, a.said
        FROM work_line l
        JOIN work_anchor a ON (a.connection, a.account, a.asset) = (l.connection, l.account, l.asset)
    ) x
    GROUP BY x.line, x.day
) e

-- name: clear_gaps
DELETE FROM derived.balance_gap g
USING work_line l
WHERE g.tenant_id = %(tenant)s AND (g.connection, g.account, g.asset) = (l.connection, l.account, l.asset)

-- name: statement_gaps
-- What is stated and what is booked part by a gap, unless they meet again within days, or what is stated is what was there
-- a few days before or after: one side counts by value date, the other by booking.
INSERT INTO derived.balance_gap (
    tenant_id, connection, account, asset, against, first_day, last_day, stated, booked, gap, what)
WITH level AS (
    SELECT r.line, r.day, r.stated, r.running, r.stated - r.running AS level, r.first_booked
    FROM work_running r WHERE r.said IN ('you', 'stated')
), step AS (
    SELECT v.*, lag(v.day) OVER days AS day_before, lag(v.stated) OVER days AS stated_before,
        lag(v.running) OVER days AS running_before, lag(v.level) OVER days AS level_before,
        lag(v.level, 2) OVER days AS level_two_before, lead(v.level) OVER days AS level_after
    FROM level v
    WINDOW days AS (PARTITION BY v.line ORDER BY v.day)
), parted AS (
    SELECT s.*,
        EXISTS (
            SELECT FROM work_running k
            WHERE k.line = s.line
                AND k.day BETWEEN s.day - %(timing)s AND s.day + %(timing)s
                AND s.stated - s.level_before IN (k.running, k.running - coalesce(k.booked, 0))) AS near,
        EXISTS (
            SELECT FROM work_running h
            JOIN work_running j
                ON j.line = h.line AND j.day >= s.day AND j.day <= h.day + %(timing)s AND j.said IN ('you', 'stated')
            WHERE h.line = s.line AND h.day < s.day AND h.day >= s.day - %(timing)s AND h.said IN ('you', 'stated')
                AND h.stated - h.running = j.stated - j.running) AS met
    FROM step s
    WHERE s.level <> s.level_before AND s.day >= s.first_booked
), digits AS (
    SELECT r.line, max(greatest(scale(trim_scale(coalesce(r.booked, 0))), scale(trim_scale(coalesce(r.stated, 0))))) AS digits
    FROM work_running r GROUP BY r.line
), judged AS (
    SELECT p.*, p.near AND (p.level_after IS NULL OR p.level_after = p.level_before) AS moved FROM parted p
)
SELECT %(tenant)s, l.connection, l.account, l.asset, 'statement', j.day_before + 1, j.day,
    trim_scale(j.stated - j.stated_before), trim_scale(j.running - j.running_before),
    trim_scale(j.level - j.level_before),
    CASE
        -- two of the last digit that anything in the account has
        WHEN d.digits >= 1 AND abs(j.level - j.level_before) <= 2 * 10::numeric ^ (-d.digits) THEN 'rounding'
        WHEN j.met OR j.moved OR (j.level = j.level_two_before AND EXISTS (
        SELECT FROM judged b
        WHERE b.line = j.line AND b.day = j.day_before AND b.moved))
        THEN 'timing'
        ELSE 'gap'
    END
FROM judged j
JOIN work_line l ON l.line = j.line
JOIN digits d ON d.line = j.line
WHERE l.kind <> 'manual'

-- name: reading_gaps
-- Readings are taken at any time of a day, and hold what is not booked yet: both sides part for good only where, for days,
-- readings are further from what is booked than on any of the days before.
INSERT INTO derived.balance_gap (
    tenant_id, connection, account, asset, against, first_day, last_day, stated, booked, gap, what)
WITH level AS (
    SELECT r.line, r.day, r.stated, r.running, r.stated - r.running AS level
    FROM work_running r
    JOIN work_line l ON l.line = r.line
    WHERE r.said = 'read' AND r.day >= r.first_booked AND r.day <= r.last_booked AND l.kind = ANY (%(checked)s)
), around AS (
    SELECT v.*,
        lag(v.day) OVER days AS day_before, lag(v.stated) OVER days AS stated_before,
        lag(v.running) OVER days AS running_before,
        row_number() OVER days AS number,
        count(*) OVER before AS days_before, min(v.level) OVER before AS low_before, max(v.level) OVER before AS high_before,
        count(*) OVER after AS days_after, min(v.level) OVER after AS low_after, max(v.level) OVER after AS high_after
    FROM level v
    WINDOW days AS (PARTITION BY v.line ORDER BY v.day),
        before AS (PARTITION BY v.line ORDER BY v.day
            RANGE BETWEEN INTERVAL '10 days' PRECEDING AND INTERVAL '1 day' PRECEDING),
        after AS (PARTITION BY v.line ORDER BY v.day
            RANGE BETWEEN CURRENT ROW AND INTERVAL '10 days' FOLLOWING)
), parted AS (
    SELECT a.*, CASE WHEN low_after > high_before THEN low_after - high_before ELSE high_after - low_before END AS size,
        a.number - row_number() OVER (PARTITION BY a.line ORDER BY a.day) AS island
    FROM around a
    WHERE days_before >= 2 AND days_after >= 3 AND (low_after > high_before OR high_after < low_before)
)
SELECT %(tenant)s, l.connection, l.account, l.asset, 'reading', min(p.day_before) + 1, max(p.day),
    trim_scale((array_agg(p.stated ORDER BY p.day DESC))[1] - (array_agg(p.stated_before ORDER BY p.day))[1]),
    trim_scale((array_agg(p.running ORDER BY p.day DESC))[1] - (array_agg(p.running_before ORDER BY p.day))[1]),
    trim_scale(sum(p.size)), 'gap'
FROM parted p
JOIN work_line l ON l.line = p.line
GROUP BY l.connection, l.account, l.asset, p.island
