Statements that keep derived.position and what belongs to it in step: the facts books are made of, and their rows.

-- name: work
CREATE TEMPORARY TABLE IF NOT EXISTS work_position (LIKE derived.position) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_position_day (LIKE derived.position_day) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_realised (LIKE derived.realised) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_lot (LIKE derived.lot) ON COMMIT DELETE ROWS

-- name: any
-- Whether there is anything to keep books of, or rows left of what there was.
SELECT EXISTS (SELECT FROM derived.trade WHERE tenant_id = %(tenant)s)
    OR EXISTS (
        SELECT FROM derived.flow WHERE tenant_id = %(tenant)s
            AND NOT derived.is_currency(asset))
    OR EXISTS (SELECT FROM derived.position WHERE tenant_id = %(tenant)s)

-- name: trades
SELECT at, (at AT TIME ZONE %(zone)s)::date, connection, account, external_id, base, quote, side, quantity, price, fee,
    fee_asset
FROM derived.trade
WHERE tenant_id = %(tenant)s AND at >= %(begin)s AND at < %(end)s
    AND (connection, account) NOT IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
ORDER BY at, side COLLATE "C", connection COLLATE "C", account COLLATE "C", external_id COLLATE "C", subject

-- name: quotes
SELECT DISTINCT ON (connection, account, base) connection, account, base, quote
FROM derived.trade
WHERE tenant_id = %(tenant)s AND at >= %(begin)s AND at < %(end)s
    AND (connection, account) NOT IN (
        SELECT o.connection, o.account FROM derived.account_left_out o WHERE o.tenant_id = %(tenant)s)
ORDER BY connection, account, base, at, side COLLATE "C", external_id COLLATE "C", subject

-- name: moves
-- Where only the day is known, what came was there all day, and what left did so at its end.
SELECT CASE
        WHEN NOT stated.only_day THEN booked.booked_at
        WHEN f.amount > 0 THEN f.day::timestamp AT TIME ZONE %(zone)s
        ELSE (f.day + 1)::timestamp AT TIME ZONE %(zone)s - interval '1 millisecond'
    END AS at,
    f.day, f.connection, f.account, f.subject::text, f.asset, f.amount, f.flow_class
FROM derived.flow f
CROSS JOIN LATERAL (
    SELECT t.version, t.booked_at FROM derived.transaction t
    WHERE t.tenant_id = %(tenant)s AND t.subject = CASE WHEN f.part_of IS NULL THEN f.subject ELSE f.part_of END OFFSET 0
) booked
CROSS JOIN LATERAL (
    SELECT e.data ? 'day' AS only_day FROM raw.event e
    WHERE e.tenant_id = %(tenant)s AND e.subject = CASE WHEN f.part_of IS NULL THEN f.subject ELSE f.part_of END
        AND e.version = booked.version OFFSET 0
) stated
WHERE f.tenant_id = %(tenant)s AND f.day > %(after)s AND f.day <= %(today)s
    AND NOT derived.is_currency(f.asset)
ORDER BY f.day, at, f.amount < 0, f.connection COLLATE "C", f.account COLLATE "C", f.subject::text COLLATE "C"

-- name: splits
-- Sources say for themselves, people for whom they say; what both say counts once.
SELECT DISTINCT ON (day, connection, account, asset, numerator / denominator)
    day::timestamp AT TIME ZONE %(zone)s AS at, day, connection, account, subject::text, asset, numerator, denominator
FROM (
    SELECT (e.occurred_at AT TIME ZONE %(zone)s)::date AS day, e.subject, e.data ->> 'asset' AS asset,
        CASE WHEN e.connection = %(you)s THEN coalesce(e.data ->> 'connection', '') ELSE e.connection END AS connection,
        coalesce(e.data ->> 'account', '') AS account,
        CASE WHEN e.data ->> 'numerator' ~ '^[0-9]{1,12}(\.[0-9]{1,12})?$' THEN (e.data ->> 'numerator')::numeric END AS numerator,
        CASE WHEN e.data ->> 'denominator' ~ '^[0-9]{1,12}(\.[0-9]{1,12})?$' THEN (e.data ->> 'denominator')::numeric END AS denominator
    FROM (
        SELECT DISTINCT ON (subject) subject, connection, occurred_at, data
        FROM raw.event
        WHERE tenant_id = %(tenant)s AND type = 'split'
        ORDER BY subject, version DESC
    ) e
    WHERE (e.data -> 'removed') IS DISTINCT FROM 'true'::jsonb AND e.occurred_at IS NOT NULL
) stated
WHERE asset IS NOT NULL AND numerator > 0 AND denominator > 0 AND day > %(after)s AND day <= %(today)s
ORDER BY day, connection, account, asset, numerator / denominator, subject

-- name: dividends
-- Only where the source says for what it was paid, in raw.asset or raw.security as trades call it. Few are, so they are
-- looked up one by one.
SELECT day, connection, account, held, sum(amount), asset
FROM (
    SELECT t.day, t.connection, t.account, t.amount, t.asset,
        coalesce(e.data -> 'raw' ->> 'asset', e.data -> 'raw' ->> 'security') AS held
    FROM derived.transaction t
    CROSS JOIN LATERAL (
        SELECT known.data FROM raw.event known
        WHERE known.tenant_id = %(tenant)s AND known.subject = t.subject AND known.version = t.version OFFSET 0
    ) e
    WHERE t.tenant_id = %(tenant)s AND t.kind = 'dividend' AND NOT t.pending AND t.day <= %(today)s
        -- what somebody called a duplicate or something else is none
        AND EXISTS (
            SELECT FROM derived.flow f
            WHERE f.tenant_id = %(tenant)s AND f.subject = t.subject AND f.flow_class = 'dividend')
) paid
WHERE held IS NOT NULL AND held <> asset
GROUP BY day, connection, account, held, asset
ORDER BY day, connection COLLATE "C", account COLLATE "C", held COLLATE "C", asset COLLATE "C"

-- name: latest
SELECT (at AT TIME ZONE %(zone)s)::date, value FROM app.rate
WHERE tenant_id = %(tenant)s AND base = %(base)s AND quote = %(quote)s AND at < %(end)s
ORDER BY at DESC, source LIMIT 1

-- name: last_mark
SELECT day, links, data FROM ops.position_mark
WHERE tenant_id = %(tenant)s AND day < %(first)s ORDER BY day DESC LIMIT 1

-- name: forget_marks
DELETE FROM ops.position_mark WHERE tenant_id = %(tenant)s AND day > %(after)s

-- name: keep_mark
INSERT INTO ops.position_mark (tenant_id, day, links, data) VALUES (%(tenant)s, %(day)s, %(links)s, %(data)s)

-- name: copy_position
COPY work_position FROM STDIN

-- name: copy_position_day
COPY work_position_day FROM STDIN

-- name: copy_realised
COPY work_realised FROM STDIN

-- name: copy_lot
COPY work_lot FROM STDIN

-- name: count_work
ANALYZE work_position, work_position_day, work_realised, work_lot

-- name: delete_position
DELETE FROM derived.position p
WHERE p.tenant_id = %(tenant)s AND NOT EXISTS (
    SELECT FROM work_position w
    WHERE (w.connection, w.account, w.asset, w.method) = (p.connection, p.account, p.asset, p.method)
        AND ROW(w.*) IS NOT DISTINCT FROM ROW(p.*))

-- name: insert_position
INSERT INTO derived.position
SELECT w.* FROM work_position w
WHERE NOT EXISTS (
    SELECT FROM derived.position p
    WHERE p.tenant_id = %(tenant)s
        AND (p.connection, p.account, p.asset, p.method) = (w.connection, w.account, w.asset, w.method))
ORDER BY w.connection, w.account, w.asset, w.method

-- name: delete_position_day
DELETE FROM derived.position_day p
WHERE p.tenant_id = %(tenant)s AND p.day > %(after)s AND NOT EXISTS (
    SELECT FROM work_position_day w
    WHERE (w.connection, w.account, w.asset, w.method, w.day) = (p.connection, p.account, p.asset, p.method, p.day)
        AND ROW(w.*) IS NOT DISTINCT FROM ROW(p.*))

-- name: insert_position_day
INSERT INTO derived.position_day
SELECT w.* FROM work_position_day w
WHERE NOT EXISTS (
    SELECT FROM derived.position_day p
    WHERE p.tenant_id = %(tenant)s AND p.day > %(after)s
        AND (p.connection, p.account, p.asset, p.method, p.day) = (w.connection, w.account, w.asset, w.method, w.day))
ORDER BY w.connection, w.account, w.asset, w.method, w.day

-- name: delete_realised
DELETE FROM derived.realised p
WHERE p.tenant_id = %(tenant)s AND p.day > %(after)s AND NOT EXISTS (
    SELECT FROM work_realised w
    WHERE (w.connection, w.account, w.asset, w.method, w.day, w.part) = (
            p.connection, p.account, p.asset, p.method, p.day, p.part)
        AND ROW(w.*) IS NOT DISTINCT FROM ROW(p.*))

-- name: insert_realised
INSERT INTO derived.realised
SELECT w.* FROM work_realised w
WHERE NOT EXISTS (
    SELECT FROM derived.realised p
    WHERE p.tenant_id = %(tenant)s AND p.day > %(after)s
        AND (p.connection, p.account, p.asset, p.method, p.day, p.part) = (
            w.connection, w.account, w.asset, w.method, w.day, w.part)
        AND p.acquired IS NOT DISTINCT FROM w.acquired)
ORDER BY w.day, w.connection, w.account, w.asset, w.method, w.part, w.acquired

-- name: delete_lot
DELETE FROM derived.lot p
WHERE p.tenant_id = %(tenant)s AND NOT EXISTS (
    SELECT FROM work_lot w
    WHERE (w.connection, w.account, w.asset, w.number) = (p.connection, p.account, p.asset, p.number)
        AND ROW(w.*) IS NOT DISTINCT FROM ROW(p.*))

-- name: insert_lot
INSERT INTO derived.lot
SELECT w.* FROM work_lot w
WHERE NOT EXISTS (
    SELECT FROM derived.lot p
    WHERE p.tenant_id = %(tenant)s
        AND (p.connection, p.account, p.asset, p.number) = (w.connection, w.account, w.asset, w.number))
ORDER BY w.connection, w.account, w.asset, w.number

-- name: clear
TRUNCATE work_position, work_position_day, work_realised, work_lot

-- name: links
-- Both legs of every transfer of units between own accounts that counts.
SELECT l.out_subject::text, l.in_subject::text, o.day,
    CASE
        WHEN e.data ? 'day' THEN (o.day + 1)::timestamp AT TIME ZONE %(zone)s - interval '1 millisecond'
        ELSE t.booked_at
    END
FROM derived.transfer l
JOIN derived.flow o ON o.tenant_id = %(tenant)s AND o.subject = l.out_subject
JOIN derived.flow i ON i.tenant_id = %(tenant)s AND i.subject = l.in_subject
JOIN derived.transaction t ON t.tenant_id = %(tenant)s AND t.subject = CASE WHEN o.part_of IS NULL THEN o.subject ELSE o.part_of END
JOIN raw.event e ON e.tenant_id = %(tenant)s AND e.subject = t.subject AND e.version = t.version
WHERE l.tenant_id = %(tenant)s AND l.state IN ('applied', 'confirmed') AND o.asset = i.asset
    AND NOT derived.is_currency(o.asset)
ORDER BY 1, 2
