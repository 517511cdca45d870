Balances at the end of days, from transactions and from what is stated: what changed is found, and chained anew between
the nearest days around it whose balance is stated or read.

-- name: work
CREATE TEMPORARY TABLE IF NOT EXISTS work_balance_scope (connection text, what text, since date, until date)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_stretch (connection text, since date, until date) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_kind (connection text PRIMARY KEY, kind text) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_said (
    connection text, account text, asset text, day date, amount numeric, PRIMARY KEY (connection, account, asset, day))
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_booked (
    connection text, account text, asset text, day date, booked numeric, PRIMARY KEY (connection, account, asset, day))
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_due (
    connection text, account text, since date, until date, kind text, counts boolean, PRIMARY KEY (connection, account))
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_anchor (
    connection text, account text, asset text, day date, amount numeric, said text,
    PRIMARY KEY (connection, account, asset, day)) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_line (
    line int, connection text, account text, asset text, lo date, hi date, series_id int, until date, kind text,
    counts boolean,
    PRIMARY KEY (connection, account, asset)) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_chain (
    line int, day date, booked numeric, amount numeric, said text, source text, drift numeric, PRIMARY KEY (line, day))
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_held (
    series_id int, day date, first numeric, last numeric, PRIMARY KEY (series_id, day)) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_running (
    line int, day date, booked numeric, stated numeric, said text, running numeric, first_booked date, last_booked date,
    PRIMARY KEY (line, day)) ON COMMIT DELETE ROWS

-- name: copy_scope
COPY work_balance_scope FROM STDIN

-- name: copy_kinds
COPY work_kind FROM STDIN

-- name: copy_said
COPY work_said FROM STDIN

-- name: decided
SELECT d.kind, d.data, d.about, d.other FROM derived.decision d
WHERE d.tenant_id = %(tenant)s AND d.kind IN ('balance', 'duplicate')
    AND NOT EXISTS (
        SELECT FROM derived.decided x WHERE x.tenant_id = d.tenant_id AND x.subject = d.subject AND x.problem <> '')
    AND NOT EXISTS (
        SELECT FROM derived.account_left_out o
        WHERE o.tenant_id = d.tenant_id AND o.connection = d.data ->> 'connection' AND o.account = d.data ->> 'account')
ORDER BY d.decided_at, d.subject

-- name: connections
SELECT connection FROM derived.balance WHERE tenant_id = %(tenant)s
UNION
SELECT connection FROM derived.balance_line WHERE tenant_id = %(tenant)s

-- name: has_lines
SELECT FROM derived.balance_line
WHERE tenant_id = %(tenant)s AND connection = ANY (%(connections)s::text[]) LIMIT 1

-- name: memory
-- Years of many accounts are added up and sorted in memory: twice as fast as on the disk.
SET LOCAL work_mem = '64MB'

-- name: left_out
-- What is left out from now on, and what no longer is, changes the sums of its day.
WITH fresh AS (
    SELECT t.subject, t.connection, t.account, t.asset, t.day, t.amount FROM derived.transaction t
    WHERE t.tenant_id = %(tenant)s AND t.subject = ANY (%(duplicates)s::uuid[])
), gone AS (
    DELETE FROM derived.balance_left_out o
    WHERE o.tenant_id = %(tenant)s AND NOT EXISTS (
        SELECT FROM fresh f WHERE (f.subject, f.connection, f.account, f.asset, f.day, f.amount)
            = (o.subject, o.connection, o.account, o.asset, o.day, o.amount))
    RETURNING o.connection, o.day
), made AS (
    INSERT INTO derived.balance_left_out (tenant_id, subject, connection, account, asset, day, amount)
    SELECT %(tenant)s, f.subject, f.connection, f.account, f.asset, f.day, f.amount FROM fresh f
    WHERE NOT EXISTS (
        SELECT FROM derived.balance_left_out o WHERE o.tenant_id = %(tenant)s AND o.subject = f.subject
            AND (f.connection, f.account, f.asset, f.day, f.amount)
                = (o.connection, o.account, o.asset, o.day, o.amount))
    -- the count makes the old row go before the new one comes
    AND (SELECT count(*) FROM gone) >= 0
    RETURNING connection, day
)
INSERT INTO work_balance_scope (connection, what, since, until)
SELECT connection, 'booked', day, day FROM gone
UNION
SELECT connection, 'booked', day, day FROM made

-- name: stretches
-- Windows may lie over one another; each day is looked at once.
INSERT INTO work_stretch (connection, since, until)
SELECT s.connection, lower(d.days), upper(d.days) - 1
FROM (
    SELECT connection, range_agg(daterange(since, until, '[]')) AS days
    FROM work_balance_scope WHERE what = 'booked' GROUP BY connection
) s
CROSS JOIN LATERAL unnest(s.days) d (days)

-- name: booked
-- The sums of days that are not what they were.
INSERT INTO work_booked (connection, account, asset, day, booked)
WITH fresh AS (
    SELECT t.connection, t.account, t.asset, t.day, trim_scale(sum(t.amount)) AS booked
    FROM work_stretch s
    JOIN derived.transaction t
        ON t.tenant_id = %(tenant)s AND t.connection = s.connection AND t.day BETWEEN s.since AND s.until
    WHERE NOT t.pending AND t.subject <> ALL (%(duplicates)s::uuid[])
    GROUP BY t.connection, t.account, t.asset, t.day
), known AS (
    SELECT b.connection, b.account, b.asset, b.day, b.booked
    FROM work_stretch s
    JOIN derived.balance_line l ON l.tenant_id = %(tenant)s AND l.connection = s.connection
    CROSS JOIN LATERAL (
        SELECT d.* FROM derived.balance_day d
        WHERE d.tenant_id = l.tenant_id AND d.connection = l.connection AND d.account = l.account AND d.asset = l.asset
            AND d.day BETWEEN s.since AND s.until AND d.booked IS NOT NULL
        -- looked up by its key, whatever the planner thinks of tables just filled
        OFFSET 0
    ) b
), counted AS (
    SELECT f.* FROM fresh f
    LEFT JOIN derived.known_account a
        ON a.tenant_id = %(tenant)s AND a.connection = f.connection AND a.account = f.account
    LEFT JOIN work_kind k ON k.connection = f.connection
    WHERE coalesce(a.kind, k.kind, 'bank') <> ALL (%(valued)s)
        AND (f.connection, f.account) NOT IN (
            SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
)
SELECT coalesce(c.connection, k.connection), coalesce(c.account, k.account), coalesce(c.asset, k.asset),
    coalesce(c.day, k.day), c.booked
FROM counted c
FULL JOIN known k ON (k.connection, k.account, k.asset, k.day) = (c.connection, c.account, c.asset, c.day)
WHERE c.booked IS DISTINCT FROM k.booked

-- name: due
-- The accounts of which something changed, and from which day to which.
INSERT INTO work_due (connection, account, since, until, kind, counts)
SELECT c.connection, c.account, min(c.since), max(c.until), coalesce(min(a.kind), min(k.kind), 'bank'),
    coalesce(min(a.kind), min(k.kind), 'bank') <> ALL (%(valued)s) AND (c.connection, c.account) NOT IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
FROM (
    SELECT b.connection, b.account, b.day AS since, b.day AS until FROM work_booked b
    UNION ALL
    SELECT b.connection, b.account, b.day, b.day
    FROM work_balance_scope s
    JOIN derived.balance b
        ON b.tenant_id = %(tenant)s AND b.connection = s.connection AND b.day BETWEEN s.since AND s.until
    LEFT JOIN derived.balance_day d
        ON d.tenant_id = %(tenant)s AND d.connection = b.connection AND d.account = b.account AND d.asset = b.asset
        AND d.day = b.day AND (d.source = 'you' OR d.source = 'stated' AND d.amount = b.amount)
    WHERE s.what = 'stated' AND d.day IS NULL
    UNION ALL
    SELECT coalesce(w.connection, d.connection), coalesce(w.account, d.account), coalesce(w.day, d.day),
        coalesce(w.day, d.day)
    FROM work_said w
    FULL JOIN (
        SELECT y.* FROM derived.balance_day y WHERE y.tenant_id = %(tenant)s AND y.source = 'you'
    ) d ON (d.connection, d.account, d.asset, d.day) = (w.connection, w.account, w.asset, w.day)
    WHERE d.amount IS DISTINCT FROM w.amount
    UNION ALL
    SELECT l.connection, l.account, s.since, s.until
    FROM work_balance_scope s
    JOIN derived.balance_line l ON l.tenant_id = %(tenant)s AND l.connection = s.connection
    WHERE s.what = 'read' AND EXISTS (
        SELECT FROM raw.series r
        JOIN app.snapshot_daily d
            ON d.tenant_id = r.tenant_id AND d.series_id = r.id AND d.day BETWEEN s.since AND s.until
        WHERE r.tenant_id = l.tenant_id AND r.connection = l.connection AND r.account = l.account
            AND r.asset = l.asset AND d.count > 0)
    UNION ALL
    -- another kind of account, or one that does not count any more
    SELECT l.connection, l.account, date '1900-01-01', date '2200-12-31'
    FROM derived.balance_line l
    LEFT JOIN derived.known_account a
        ON a.tenant_id = l.tenant_id AND a.connection = l.connection AND a.account = l.account
    LEFT JOIN work_kind k ON k.connection = l.connection
    WHERE l.tenant_id = %(tenant)s AND (l.kind <> coalesce(a.kind, k.kind, 'bank') OR (l.connection, l.account) IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s))
    UNION ALL
    -- a day that has come
    SELECT l.connection, l.account, least(%(through)s, %(today)s) + 1, greatest(%(through)s, %(today)s)
    FROM derived.balance_line l
    WHERE l.tenant_id = %(tenant)s AND %(through)s <> %(today)s
        AND (l.carried OR l.told_until > least(%(through)s, %(today)s))
) c
LEFT JOIN derived.known_account a
    ON a.tenant_id = %(tenant)s AND a.connection = c.connection AND a.account = c.account
LEFT JOIN work_kind k ON k.connection = c.connection
GROUP BY c.connection, c.account

-- name: anchors
-- What is stated of an account counts more than what was read at some time of the day, and a person's word most.
INSERT INTO work_anchor (connection, account, asset, day, amount, said)
SELECT DISTINCT ON (connection, account, asset, day) connection, account, asset, day, amount, said
FROM (
    SELECT s.connection, s.account, s.asset, s.day, s.amount, 'you' AS said, 1 AS place
    FROM work_due w
    JOIN work_said s ON s.connection = w.connection AND s.account = w.account
    WHERE w.counts
    UNION ALL
    SELECT b.connection, b.account, b.asset, b.day, b.amount, 'stated', 2
    FROM work_due w
    JOIN derived.balance b ON b.tenant_id = %(tenant)s AND b.connection = w.connection AND b.account = w.account
    WHERE w.counts
    UNION ALL
    SELECT r.connection, r.account, r.asset, d.day, d.last, 'read', 3
    FROM work_due w
    JOIN raw.series r ON r.tenant_id = %(tenant)s AND r.connection = w.connection AND r.account = w.account
    JOIN app.snapshot_daily d ON d.tenant_id = r.tenant_id AND d.series_id = r.id
    WHERE w.counts AND d.tenant_id = %(tenant)s AND d.count > 0
) said
ORDER BY connection, account, asset, day, place

-- name: lines
-- A change reaches as far as the days around it on which the balance is stated or read; what is told for the first time,
-- as far as there are any.
INSERT INTO work_line (line, connection, account, asset, lo, hi, kind, counts)
SELECT row_number() OVER (), w.connection, w.account, l.asset,
    coalesce((
        SELECT max(a.day) FROM work_anchor a
        WHERE (a.connection, a.account, a.asset) = (w.connection, w.account, l.asset) AND a.day < w.since
            AND k.asset IS NOT NULL), '-infinity'),
    coalesce((
        SELECT min(a.day) FROM work_anchor a
        WHERE (a.connection, a.account, a.asset) = (w.connection, w.account, l.asset) AND a.day > w.until
            AND k.asset IS NOT NULL), 'infinity'),
    w.kind, w.counts
FROM work_due w
JOIN (
    SELECT b.connection, b.account, b.asset FROM derived.balance_line b WHERE b.tenant_id = %(tenant)s
    UNION
    SELECT a.connection, a.account, a.asset FROM work_anchor a WHERE a.said <> 'read'
    UNION
    SELECT b.connection, b.account, b.asset FROM work_booked b
) l ON l.connection = w.connection AND l.account = w.account
LEFT JOIN derived.balance_line k
    ON k.tenant_id = %(tenant)s AND (k.connection, k.account, k.asset) = (w.connection, w.account, l.asset)

-- name: chain
-- Each day's balance is that of the nearest day before it that is stated or read, and what was booked since; before the
-- first of them, the first, less what was booked until then.
INSERT INTO work_chain (line, day, booked, amount, said, source, drift)
WITH event AS (
    SELECT e.line, e.day, sum(e.booked) AS booked, max(e.stated) AS stated, max(e.said) AS said
    FROM (
        SELECT l.line, b.day, b.booked, NULL::numeric AS stated, NULL AS said
        FROM work_line l
        CROSS JOIN LATERAL (
            SELECT d.day, d.booked FROM derived.balance_day d
            WHERE d.tenant_id = %(tenant)s AND d.connection = l.connection AND d.account = l.account
                AND d.asset = l.asset AND d.day > l.lo AND d.day <= l.hi AND d.booked IS NOT NULL
            OFFSET 0
        ) b
        WHERE l.counts AND NOT EXISTS (
            SELECT FROM work_booked n
            WHERE (n.connection, n.account, n.asset, n.day) = (l.connection, l.account, l.asset, b.day))
        UNION ALL
        SELECT l.line, n.day, n.booked, NULL, NULL
        FROM work_line l
        JOIN work_booked n
            ON (n.connection, n.account, n.asset) = (l.connection, l.account, l.asset) AND n.day > l.lo AND n.day <= l.hi
        WHERE n.booked IS NOT NULL
        UNION ALL
        SELECT l.line, a.day, NULL, a.amount, a.said
        FROM work_line l
        JOIN work_anchor a
            ON (a.connection, a.account, a.asset) = (l.connection, l.account, l.asset) AND a.day BETWEEN l.lo AND l.hi
    ) e
    GROUP BY e.line, e.day
), summed AS (
    SELECT e.*, sum(coalesce(e.booked, 0)) OVER so_far AS running, count(e.stated) OVER so_far AS place
    FROM event e
    WINDOW so_far AS (PARTITION BY e.line ORDER BY e.day)
), anchored AS (
    -- every day has that of the stated or read balance it counts from, and one of those the one before it
    SELECT s.*, max(s.stated - s.running) OVER (PARTITION BY s.line, greatest(s.place, 1)) AS base,
        lag(s.stated - s.running) OVER (PARTITION BY s.line, s.stated IS NULL ORDER BY s.day) AS base_before
    FROM summed s
)
SELECT a.line, a.day, a.booked, trim_scale(coalesce(a.base, 0) + a.running), a.said,
    CASE
        WHEN a.said IS NOT NULL THEN a.said
        WHEN a.base IS NOT NULL OR l.kind = ANY (%(by_hand)s) THEN 'computed'
        ELSE 'relative'
    END,
    CASE WHEN a.stated IS NOT NULL THEN trim_scale(a.stated - a.running - a.base_before) END
FROM anchored a
JOIN work_line l ON l.line = a.line

-- name: delete_days
DELETE FROM derived.balance_day b
USING work_line l
WHERE b.tenant_id = %(tenant)s AND (b.connection, b.account, b.asset) = (l.connection, l.account, l.asset)
    AND b.day > l.lo AND b.day <= l.hi
    AND NOT EXISTS (
        SELECT FROM work_chain c
        WHERE c.line = l.line AND c.day = b.day AND (c.booked IS NOT NULL OR c.source <> 'read'))

-- name: upsert_days
INSERT INTO derived.balance_day (tenant_id, connection, account, asset, day, booked, amount, source, drift)
SELECT %(tenant)s, l.connection, l.account, l.asset, c.day, c.booked, c.amount, c.source, c.drift
FROM work_chain c
JOIN work_line l ON l.line = c.line
WHERE c.day > l.lo AND (c.booked IS NOT NULL OR c.source <> 'read')
ORDER BY c.line, c.day
ON CONFLICT (tenant_id, connection, account, asset, day) DO UPDATE
    SET booked = excluded.booked, amount = excluded.amount, source = excluded.source, drift = excluded.drift
    WHERE (derived.balance_day.booked, derived.balance_day.amount, derived.balance_day.source, derived.balance_day.drift)
        IS DISTINCT FROM (excluded.booked, excluded.amount, excluded.source, excluded.drift)

-- name: delete_lines
DELETE FROM derived.balance_line k
USING work_line l
WHERE k.tenant_id = %(tenant)s AND (k.connection, k.account, k.asset) = (l.connection, l.account, l.asset)
    AND NOT EXISTS (
        SELECT FROM derived.balance_day b
        WHERE b.tenant_id = %(tenant)s AND (b.connection, b.account, b.asset) = (l.connection, l.account, l.asset))

-- name: upsert_lines
-- What was booked, stated or read in one asset of an account tells that the others are known until then, too. Beyond the
-- days that were chained anew, a line is as it was.
INSERT INTO derived.balance_line (
    tenant_id, connection, account, asset, kind, first_day, last_day, known_from, told_until, last_stated, carried)
SELECT %(tenant)s, l.connection, l.account, l.asset, l.kind, own.first_day, own.last_day, own.known_from,
    max(own.last_day) OVER (PARTITION BY l.connection, l.account), own.last_stated,
    l.kind = ANY (%(by_hand)s)
FROM work_line l
LEFT JOIN derived.balance_line k
    ON k.tenant_id = %(tenant)s AND (k.connection, k.account, k.asset) = (l.connection, l.account, l.asset)
LEFT JOIN (
    SELECT c.line, min(c.day) AS first_day, max(c.day) AS last_day,
        min(c.day) FILTER (WHERE c.source <> 'relative') AS known_from
    FROM work_chain c
    GROUP BY c.line
) c ON c.line = l.line
CROSS JOIN LATERAL (
    SELECT CASE WHEN l.lo > '-infinity' THEN k.first_day ELSE c.first_day END AS first_day,
        CASE WHEN l.hi < 'infinity' THEN k.last_day ELSE c.last_day END AS last_day,
        CASE WHEN l.lo > '-infinity' THEN k.known_from ELSE c.known_from END AS known_from,
        (SELECT max(a.day) FROM work_anchor a
         WHERE (a.connection, a.account, a.asset) = (l.connection, l.account, l.asset) AND a.said <> 'read') AS last_stated
) own
WHERE EXISTS (
    SELECT FROM derived.balance_day b
    WHERE b.tenant_id = %(tenant)s AND (b.connection, b.account, b.asset) = (l.connection, l.account, l.asset))
ON CONFLICT (tenant_id, connection, account, asset) DO UPDATE
    SET kind = excluded.kind, first_day = excluded.first_day, last_day = excluded.last_day,
        known_from = excluded.known_from, told_until = excluded.told_until, last_stated = excluded.last_stated,
        carried = excluded.carried
    WHERE (derived.balance_line.kind, derived.balance_line.first_day, derived.balance_line.last_day,
            derived.balance_line.known_from, derived.balance_line.told_until, derived.balance_line.last_stated,
            derived.balance_line.carried)
        IS DISTINCT FROM (excluded.kind, excluded.first_day, excluded.last_day, excluded.known_from,
            excluded.told_until, excluded.last_stated, excluded.carried)

-- name: series
-- Balances that are computed stand beside those that are read, and are looked up alike.
INSERT INTO raw.series (tenant_id, connection, account, asset)
SELECT k.tenant_id, k.connection, k.account, k.asset
FROM work_line l
JOIN derived.balance_line k
    ON k.tenant_id = %(tenant)s AND (k.connection, k.account, k.asset) = (l.connection, l.account, l.asset)
WHERE k.known_from IS NOT NULL AND NOT EXISTS (
    SELECT FROM raw.series r
    WHERE r.tenant_id = %(tenant)s AND r.connection = k.connection AND r.account = k.account AND r.asset = k.asset)
ORDER BY k.connection COLLATE "C", k.account COLLATE "C", k.asset COLLATE "C"
ON CONFLICT DO NOTHING

-- name: number_lines
UPDATE work_line l
SET series_id = r.id, until = (
    SELECT CASE WHEN k.carried THEN %(today)s ELSE k.told_until END FROM derived.balance_line k
    WHERE k.tenant_id = %(tenant)s AND (k.connection, k.account, k.asset) = (l.connection, l.account, l.asset))
FROM raw.series r
WHERE r.tenant_id = %(tenant)s AND (r.connection, r.account, r.asset) = (l.connection, l.account, l.asset)

-- name: held
-- Every day of which the balance is known, up to the next one that is booked, stated or read.
INSERT INTO work_held (series_id, day, first, last)
SELECT l.series_id, e.day + n.number, CASE WHEN n.number = 0 THEN e.opening ELSE e.amount END, e.amount
FROM (
    SELECT c.line, c.day, c.amount, c.source, lead(c.day) OVER days AS next,
        coalesce(lag(c.amount) OVER days, trim_scale(c.amount - coalesce(c.booked, 0))) AS opening
    FROM work_chain c
    WINDOW days AS (PARTITION BY c.line ORDER BY c.day)
) e
JOIN work_line l ON l.line = e.line
CROSS JOIN LATERAL generate_series(
    CASE WHEN e.day = l.lo THEN 1 ELSE 0 END,
    least(%(today)s, coalesce(e.next - 1, CASE WHEN l.hi < 'infinity' THEN l.hi ELSE l.until END)) - e.day) n (number)
WHERE e.source <> 'relative' AND l.series_id IS NOT NULL AND l.until IS NOT NULL

-- name: store_held
-- A reading stands above what is computed for its day (count says of how many readings a day is made: of none).
WITH gone AS (
    DELETE FROM app.snapshot_daily d
    USING work_line l
    WHERE d.tenant_id = %(tenant)s AND d.series_id = l.series_id AND d.count = 0
        AND (d.day > l.lo AND d.day <= l.hi OR NOT EXISTS (
            SELECT FROM derived.balance_line k
            WHERE k.tenant_id = %(tenant)s AND (k.connection, k.account, k.asset) = (l.connection, l.account, l.asset)))
        AND NOT EXISTS (SELECT FROM work_held h WHERE h.series_id = d.series_id AND h.day = d.day)
    RETURNING d.series_id, d.day
), made AS (
    INSERT INTO app.snapshot_daily (
        tenant_id, series_id, day, first, last, low, high, mean, count, first_at, last_at)
    SELECT %(tenant)s, h.series_id, h.day, h.first, h.last, least(h.first, h.last), greatest(h.first, h.last), h.last, 0,
        h.day::timestamp AT TIME ZONE %(zone)s,
        (h.day + 1)::timestamp AT TIME ZONE %(zone)s - INTERVAL '1 microsecond'
    FROM work_held h
    ORDER BY h.series_id, h.day
    ON CONFLICT (tenant_id, series_id, day) DO UPDATE
        SET first = excluded.first, last = excluded.last, low = excluded.low, high = excluded.high, mean = excluded.mean,
            first_at = excluded.first_at, last_at = excluded.last_at
        WHERE app.snapshot_daily.count = 0
            AND (app.snapshot_daily.first, app.snapshot_daily.last) IS DISTINCT FROM (excluded.first, excluded.last)
    RETURNING series_id, day
)
SELECT r.connection, min(c.day), max(c.day), count(*) FILTER (WHERE c.day < %(today)s)
FROM (SELECT * FROM gone UNION ALL SELECT * FROM made) c
JOIN raw.series r ON r.tenant_id = %(tenant)s AND r.id = c.series_id
GROUP BY r.connection
