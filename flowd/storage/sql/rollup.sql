Readings rolled up per hour and per day of the tenant, and what they were worth.

-- name: hours
INSERT INTO app.snapshot_hourly (
    tenant_id, series_id, hour, first, last, low, high, mean, count, first_at, last_at)
SELECT s.tenant_id, s.series_id, date_trunc('hour', s.at, 'UTC') AS hour,
    trim_scale((array_agg(s.quantity ORDER BY s.at))[1]), trim_scale((array_agg(s.quantity ORDER BY s.at))[count(*)]),
    trim_scale(min(s.quantity)), trim_scale(max(s.quantity)), trim_scale(round(avg(s.quantity), 18)), count(*)::int,
    min(s.at), max(s.at)
FROM raw.series r
JOIN app.snapshot s ON s.tenant_id = r.tenant_id AND s.series_id = r.id
WHERE r.tenant_id = %(tenant)s AND r.connection = ANY(%(connections)s) AND s.tenant_id = %(tenant)s
    AND s.at >= date_trunc('hour', %(begin)s::timestamptz, 'UTC')
    AND s.at < date_trunc('hour', %(end)s::timestamptz + INTERVAL '59 minutes 59.999999 seconds', 'UTC')
GROUP BY s.tenant_id, s.series_id, date_trunc('hour', s.at, 'UTC')
ON CONFLICT (tenant_id, series_id, hour) DO UPDATE
    SET first = excluded.first, last = excluded.last, low = excluded.low, high = excluded.high, mean = excluded.mean,
        count = excluded.count, first_at = excluded.first_at, last_at = excluded.last_at
    WHERE (app.snapshot_hourly.first, app.snapshot_hourly.last, app.snapshot_hourly.low, app.snapshot_hourly.high,
            app.snapshot_hourly.mean, app.snapshot_hourly.count, app.snapshot_hourly.first_at,
            app.snapshot_hourly.last_at)
        IS DISTINCT FROM (excluded.first, excluded.last, excluded.low, excluded.high, excluded.mean, excluded.count,
            excluded.first_at, excluded.last_at)

-- name: days
INSERT INTO app.snapshot_daily (
    tenant_id, series_id, day, first, last, low, high, mean, count, first_at, last_at)
SELECT s.tenant_id, s.series_id, (s.at AT TIME ZONE %(zone)s)::date AS day,
    trim_scale((array_agg(s.quantity ORDER BY s.at))[1]), trim_scale((array_agg(s.quantity ORDER BY s.at))[count(*)]),
    trim_scale(min(s.quantity)), trim_scale(max(s.quantity)), trim_scale(round(avg(s.quantity), 18)), count(*)::int,
    min(s.at), max(s.at)
FROM raw.series r
JOIN app.snapshot s ON s.tenant_id = r.tenant_id AND s.series_id = r.id
WHERE r.tenant_id = %(tenant)s AND r.connection = ANY(%(connections)s) AND s.tenant_id = %(tenant)s
    AND s.at >= %(begin)s AND s.at < %(end)s
GROUP BY s.tenant_id, s.series_id, (s.at AT TIME ZONE %(zone)s)::date
ON CONFLICT (tenant_id, series_id, day) DO UPDATE
    SET first = excluded.first, last = excluded.last, low = excluded.low, high = excluded.high, mean = excluded.mean,
        count = excluded.count, first_at = excluded.first_at, last_at = excluded.last_at
    WHERE (app.snapshot_daily.first, app.snapshot_daily.last, app.snapshot_daily.low, app.snapshot_daily.high,
            app.snapshot_daily.mean, app.snapshot_daily.count, app.snapshot_daily.first_at, app.snapshot_daily.last_at)
        IS DISTINCT FROM (excluded.first, excluded.last, excluded.low, excluded.high, excluded.mean, excluded.count,
            excluded.first_at, excluded.last_at)

-- name: first_and_last
-- The first and the last reading of these connections, found by the key.
SELECT r.connection, min(reading.first_at), max(reading.last_at)
FROM raw.series r
CROSS JOIN LATERAL (
    SELECT (SELECT s.at FROM app.snapshot s WHERE s.tenant_id = r.tenant_id AND s.series_id = r.id
            ORDER BY s.at LIMIT 1) AS first_at,
           (SELECT s.at FROM app.snapshot s WHERE s.tenant_id = r.tenant_id AND s.series_id = r.id
            ORDER BY s.at DESC LIMIT 1) AS last_at
) reading
WHERE r.tenant_id = %(tenant)s AND r.connection = ANY(%(connections)s) AND reading.first_at IS NOT NULL
GROUP BY r.connection

-- name: reach
-- A reading tells the value of its day and of the days after it until the next reading of the same asset.
SELECT max(coalesce(
    (SELECT d.day FROM app.snapshot_daily d
     WHERE d.tenant_id = r.tenant_id AND d.series_id = r.id AND d.day > %(until)s ORDER BY d.day LIMIT 1),
    %(today)s))
FROM raw.series r
WHERE r.tenant_id = %(tenant)s AND r.connection = %(connection)s AND EXISTS (
    SELECT FROM app.snapshot_daily d
    WHERE d.tenant_id = r.tenant_id AND d.series_id = r.id AND d.day BETWEEN %(since)s AND %(until)s
    -- looked up by the key, whatever the planner thinks of a table just filled
    OFFSET 0)

-- name: to_price
SELECT r.id, r.asset, d.day, d.count > 0
FROM raw.series r
CROSS JOIN LATERAL (
    SELECT b.day, b.count FROM app.snapshot_daily b
    WHERE b.tenant_id = %(tenant)s AND b.series_id = r.id AND b.day BETWEEN %(since)s AND %(until)s
    -- looked up by the key, whatever the planner thinks of a table just filled
    OFFSET 0
) d
WHERE r.tenant_id = %(tenant)s AND r.connection = %(connection)s
ORDER BY r.asset, d.day, r.id

-- name: clear_prices
DELETE FROM work_price

-- name: copy_prices
COPY work_price FROM STDIN

-- name: price_days
-- No joins here: on tables just filled the planner picks them badly, and prices are found by their key anyway.
UPDATE app.snapshot_daily d
SET last_base = trim_scale(round(d.last * (
    SELECT p.value FROM work_price p WHERE p.series_id = d.series_id AND p.day = d.day), 8))
WHERE d.tenant_id = %(tenant)s AND d.series_id = ANY(%(series)s) AND d.day BETWEEN %(since)s AND %(until)s
    AND d.last_base IS DISTINCT FROM trim_scale(round(d.last * (
        SELECT p.value FROM work_price p WHERE p.series_id = d.series_id AND p.day = d.day), 8))

-- name: price_hours
UPDATE app.snapshot_hourly h
SET last_base = trim_scale(round(h.last * (
    SELECT p.value FROM work_price p
    WHERE p.series_id = h.series_id AND p.day = (h.hour AT TIME ZONE %(zone)s)::date), 8))
WHERE h.tenant_id = %(tenant)s AND h.series_id = ANY(%(series)s) AND h.hour >= %(begin)s AND h.hour < %(end)s
    AND h.last_base IS DISTINCT FROM trim_scale(round(h.last * (
        SELECT p.value FROM work_price p
        WHERE p.series_id = h.series_id AND p.day = (h.hour AT TIME ZONE %(zone)s)::date), 8))
