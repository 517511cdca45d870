Statements by which derived rows are made from the raw logs: the same for a window and for all.

-- name: work_tables
CREATE TEMPORARY TABLE IF NOT EXISTS work_scope (connection text, since date, until date, margin int)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_row (
    subject uuid, connection text, account text, kind text, sign int, counterparty text, description text, asset text,
    limited numeric, own boolean, day date, amount numeric, wanted boolean, category text) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_verdict (
    connection text, account text, kind text, sign int, counterparty text, description text, asset text,
    limited numeric, own boolean, payer text, flow_class text, stream text, rule text) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_flow (
    subject uuid, connection text, account text, day date, amount numeric, asset text, flow_class text, stream text,
    rule text, payer text, wanted boolean, part_of uuid, category text, note text) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_diff (
    subject uuid, gone boolean, connection text, old_stream text, old_class text, old_day date, new_stream text,
    new_class text, new_day date) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_window (stream text, since date, until date) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_income (
    stream text, day date, currency text, received numeric, earned numeric, received_base numeric, earned_base numeric,
    quality text) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_gap (stream text, base text, quote text, day date) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_stream (
    stream text, method text, connection text, name text, grp text, color text, target numeric) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_price (
    series_id int, day date, value numeric, PRIMARY KEY (series_id, day)) ON COMMIT DELETE ROWS

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('flowd derivation', %(tenant)s))

-- name: uncounted
-- Hypertables are left out: their rows are in their chunks, which the server counts by themselves. Asked of each table
-- alone: the view of all tables' counters reads the counters of all of them.
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY (ARRAY[
        'raw.event', 'raw.series', 'derived.transaction', 'derived.trade', 'derived.flow', 'derived.balance',
        'derived.balance_day', 'derived.balance_line', 'derived.transfer']::regclass[]::oid[])
    AND pg_stat_get_mod_since_analyze(c.oid) > greatest(10000, pg_stat_get_live_tuples(c.oid) / 5)
ORDER BY n.nspname, c.relname

-- name: as_owner
RESET ROLE

-- name: as_service
SET LOCAL ROLE flowd_app

-- name: tenant
SELECT base_currency, timezone FROM ops.tenant WHERE id = %(tenant)s

-- name: pending
SELECT id, connection, what, since, until FROM ops.pending WHERE tenant_id = %(tenant)s ORDER BY id

-- name: settle
DELETE FROM ops.pending WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s)

-- name: state
SELECT settings, accounts, through FROM ops.derivation WHERE tenant_id = %(tenant)s

-- name: save_state
INSERT INTO ops.derivation (tenant_id, settings, accounts, through)
VALUES (%(tenant)s, %(settings)s, %(accounts)s, %(through)s)
ON CONFLICT (tenant_id) DO UPDATE
    SET settings = excluded.settings, accounts = excluded.accounts, through = excluded.through
    WHERE (ops.derivation.settings, ops.derivation.accounts, ops.derivation.through)
        IS DISTINCT FROM (excluded.settings, excluded.accounts, excluded.through)

-- name: next_revision
UPDATE ops.derivation SET revision = revision + 1 WHERE tenant_id = %(tenant)s

-- name: accounts
SELECT connection, account, kind FROM derived.known_account WHERE tenant_id = %(tenant)s
ORDER BY connection COLLATE "C", account COLLATE "C"

-- name: reading_accounts
SELECT DISTINCT s.connection, s.account, a.kind
FROM raw.series s
LEFT JOIN derived.known_account a ON a.tenant_id = s.tenant_id AND a.connection = s.connection AND a.account = s.account
WHERE s.tenant_id = %(tenant)s AND NOT EXISTS (
    SELECT FROM derived.account_left_out l
    WHERE l.tenant_id = s.tenant_id AND l.connection = s.connection AND l.account = s.account)

-- name: reading_connections
SELECT DISTINCT connection FROM raw.series WHERE tenant_id = %(tenant)s

-- name: hold_writers
-- Writers keep these tables in step with the log; while they are made anew, they have to wait.
LOCK TABLE derived.transaction, derived.trade, derived.balance, derived.account, derived.schedule_term, derived.decision IN SHARE ROW EXCLUSIVE MODE

-- name: forget
DELETE FROM derived.position WHERE tenant_id = %(tenant)s;
DELETE FROM derived.position_day WHERE tenant_id = %(tenant)s;
DELETE FROM derived.realised WHERE tenant_id = %(tenant)s;
DELETE FROM derived.lot WHERE tenant_id = %(tenant)s;
DELETE FROM ops.position_mark WHERE tenant_id = %(tenant)s;
DELETE FROM derived.balance_day WHERE tenant_id = %(tenant)s;
DELETE FROM derived.balance_line WHERE tenant_id = %(tenant)s;
DELETE FROM derived.balance_left_out WHERE tenant_id = %(tenant)s;
DELETE FROM derived.balance_gap WHERE tenant_id = %(tenant)s;
DELETE FROM derived.counterparty_month WHERE tenant_id = %(tenant)s;
DELETE FROM derived.flow WHERE tenant_id = %(tenant)s;
DELETE FROM derived.stream WHERE tenant_id = %(tenant)s;
DELETE FROM derived.transfer WHERE tenant_id = %(tenant)s;
DELETE FROM derived.transfer_rate WHERE tenant_id = %(tenant)s;
DELETE FROM derived.decided WHERE tenant_id = %(tenant)s;
DELETE FROM derived.account_word WHERE tenant_id = %(tenant)s;
DELETE FROM derived.account_left_out WHERE tenant_id = %(tenant)s;
DELETE FROM derived.rate_gap WHERE tenant_id = %(tenant)s;
DELETE FROM derived.rate_missing WHERE tenant_id = %(tenant)s;
DELETE FROM app.metric WHERE tenant_id = %(tenant)s AND analytic NOT IN (SELECT study FROM derived.study);
UPDATE derived.study SET digest = '' WHERE tenant_id = %(tenant)s;
DELETE FROM app.performance WHERE tenant_id = %(tenant)s;
DELETE FROM app.snapshot_hourly WHERE tenant_id = %(tenant)s;
DELETE FROM app.snapshot_daily WHERE tenant_id = %(tenant)s;
DELETE FROM app.income_daily WHERE tenant_id = %(tenant)s

-- name: booked_connections
WITH RECURSIVE booked AS (
    (SELECT connection FROM derived.transaction WHERE tenant_id = %(tenant)s ORDER BY connection LIMIT 1)
    UNION ALL
    SELECT next.connection FROM booked b
    CROSS JOIN LATERAL (
        SELECT t.connection FROM derived.transaction t
        WHERE t.tenant_id = %(tenant)s AND t.connection > b.connection ORDER BY t.connection LIMIT 1
    ) next
)
SELECT connection FROM booked
UNION
SELECT connection FROM derived.stream WHERE tenant_id = %(tenant)s

-- name: snapshot_bounds
SELECT r.connection, min(reading.first_at), max(reading.last_at)
FROM raw.series r
CROSS JOIN LATERAL (
    SELECT (SELECT s.at FROM app.snapshot s WHERE s.tenant_id = r.tenant_id AND s.series_id = r.id
            ORDER BY s.at LIMIT 1) AS first_at,
           (SELECT s.at FROM app.snapshot s WHERE s.tenant_id = r.tenant_id AND s.series_id = r.id
            ORDER BY s.at DESC LIMIT 1) AS last_at
) reading
WHERE r.tenant_id = %(tenant)s AND reading.first_at IS NOT NULL
GROUP BY r.connection

-- name: event_bounds
SELECT type, min(occurred_at), max(occurred_at) FROM raw.event
WHERE tenant_id = %(tenant)s AND type NOT IN ('transaction', 'trade', 'balance', 'account', 'schedule', 'decision')
    AND occurred_at IS NOT NULL
GROUP BY type ORDER BY type

-- name: memory
-- Years of transactions are joined and sorted in memory: twice as fast as on the disk.
SET LOCAL work_mem = '64MB'

-- name: gather
-- The transactions to be judged, apart from the rest: what follows are joins of small tables without any index. Digits
-- that matter to no rule are all the same one here: of "payment 4711" and "payment 4712" only one has to be judged. `own`:
-- the source states that another account of the tenant's is on the other side.
INSERT INTO work_row (
    subject, connection, account, kind, sign, counterparty, description, asset, limited, own, day, amount, wanted, category)
SELECT t.subject, t.connection, t.account, coalesce(t.kind, ''), sign(t.amount)::int,
    CASE WHEN texts.told THEN t.counterparty ELSE translate(t.counterparty, '0123456789', '0000000000') END,
    CASE WHEN texts.told THEN t.description ELSE translate(t.description, '0123456789', '0000000000') END,
    t.asset, CASE WHEN %(amounts)s THEN abs(t.amount) ELSE -1 END,
    t.other_accounts <> '' AND EXISTS (
        SELECT FROM unnest(%(own_accounts)s::text[], %(own_keys)s::text[]) AS mine (account, key)
        WHERE mine.account <> t.account AND strpos(t.other_accounts, mine.key) > 0),
    t.day, t.amount, t.day BETWEEN s.since AND s.until, t.category
FROM work_scope s
JOIN derived.transaction t
    ON t.tenant_id = %(tenant)s AND t.connection = s.connection
    AND t.day BETWEEN s.since - s.margin AND s.until + s.margin
CROSS JOIN LATERAL (
    SELECT CASE %(digits)s
        WHEN 'all' THEN true
        WHEN 'long' THEN
            octet_length(t.counterparty) + octet_length(t.description) > length(t.counterparty) + length(t.description)
            OR length(t.counterparty) + length(t.description) - length(translate(t.counterparty, '0123456789', ''))
                - length(translate(t.description, '0123456789', '')) >= %(own_number)s
        ELSE false
    END AS told
) texts
WHERE NOT t.pending AND t.subject <> ALL(%(duplicates)s::uuid[])
    AND (t.connection, t.account) NOT IN (
        SELECT l.connection, l.account FROM derived.account_left_out l WHERE l.tenant_id = %(tenant)s)

-- name: phrases
SELECT p.*, btrim(regexp_replace(lower(p.counterparty), '[0-9[:space:]]+', ' ', 'g'))
FROM (SELECT DISTINCT connection, account, kind, sign, counterparty, description, asset, limited, own FROM work_row) p

-- name: copy_verdicts
COPY work_verdict FROM STDIN (FORMAT BINARY)

-- name: judge
INSERT INTO work_flow (
    subject, connection, account, day, amount, asset, flow_class, stream, rule, payer, wanted, category)
SELECT r.subject, r.connection, r.account, r.day, r.amount, r.asset, v.flow_class, v.stream, v.rule, v.payer, r.wanted,
    r.category
FROM work_row r
JOIN work_verdict v
    ON v.connection = r.connection AND v.account = r.account AND v.kind = r.kind AND v.sign = r.sign
    AND v.counterparty = r.counterparty AND v.description = r.description AND v.asset = r.asset
    AND v.limited = r.limited AND v.own = r.own

-- name: plan_hashes
-- There is no index on a work table, and nobody has counted how its columns hang together.
SET LOCAL enable_nestloop = off

-- name: plan_anything
SET LOCAL enable_nestloop = on

-- name: compare_flows
INSERT INTO work_diff (
    subject, gone, connection, old_stream, old_class, old_day, new_stream, new_class, new_day)
SELECT coalesce(w.subject, f.subject), w.subject IS NULL, coalesce(w.connection, f.connection),
    f.stream, f.flow_class, f.day, w.stream, w.flow_class, w.day
FROM (SELECT * FROM work_flow WHERE wanted) w
FULL JOIN (
    SELECT f.* FROM work_scope s
    JOIN derived.flow f
        ON f.tenant_id = %(tenant)s AND f.connection = s.connection AND f.day BETWEEN s.since AND s.until
) f ON f.subject = w.subject
WHERE (w.connection, w.account, w.day, w.amount, w.asset, w.flow_class, w.stream, w.rule, w.payer, w.part_of, w.category,
        w.note)
    IS DISTINCT FROM (
        f.connection, f.account, f.day, f.amount, f.asset, f.flow_class, f.stream, f.rule, f.payer, f.part_of, f.category,
        f.note)

-- name: delete_flows
-- What changed goes and comes anew: looking for a conflict with every row of a first import would take a third longer.
DELETE FROM derived.flow f USING work_diff d WHERE f.tenant_id = %(tenant)s AND f.subject = d.subject

-- name: insert_flows
INSERT INTO derived.flow (
    tenant_id, subject, connection, account, day, amount, asset, flow_class, stream, rule, payer, part_of, category, note)
SELECT %(tenant)s, w.subject, w.connection, w.account, w.day, w.amount, w.asset, w.flow_class, w.stream, w.rule,
    w.payer, w.part_of, w.category, w.note
FROM work_diff d
JOIN work_flow w ON w.subject = d.subject AND w.wanted
-- what is asked for together lies together: most questions are about stretches of days
ORDER BY w.connection, w.day, w.subject

-- name: whole_days
SELECT count(*) FROM work_diff WHERE least(old_day, new_day) <> %(today)s OR greatest(old_day, new_day) <> %(today)s

-- name: touched_streams
-- What is wanted is what is stored by now; it need not be looked up again.
SELECT stream, min(day), max(day) FROM (
    SELECT old_stream AS stream, old_day AS day FROM work_diff WHERE old_stream IS NOT NULL
    UNION ALL
    SELECT stream, day FROM work_flow WHERE wanted AND stream IS NOT NULL
) touched
GROUP BY stream

-- name: touched_connections
SELECT connection, min(day), max(day) FROM (
    SELECT connection, old_day AS day FROM work_diff WHERE old_class IS NOT NULL
    UNION ALL
    SELECT connection, day FROM work_flow WHERE wanted
) touched
GROUP BY connection

-- name: clear_flows
TRUNCATE work_scope, work_row, work_verdict, work_flow, work_diff

-- name: streams_due
SELECT DISTINCT stream FROM derived.flow
WHERE tenant_id = %(tenant)s AND stream IS NOT NULL AND day BETWEEN %(since)s AND %(until)s

-- name: streams_alive
SELECT DISTINCT stream FROM derived.flow
WHERE tenant_id = %(tenant)s AND stream IS NOT NULL AND day >= %(since)s

-- name: foreign_streams
SELECT s.stream FROM derived.stream s
WHERE s.tenant_id = %(tenant)s AND s.method = 'transactions' AND EXISTS (
    SELECT FROM derived.flow f
    WHERE f.tenant_id = s.tenant_id AND f.stream = s.stream AND f.day BETWEEN %(since)s AND %(until)s
        AND f.asset <> %(base)s
)

-- name: streams
SELECT stream, method, connection FROM derived.stream WHERE tenant_id = %(tenant)s ORDER BY stream COLLATE "C"

-- name: streams_in_use
SELECT w.stream FROM unnest(%(streams)s::text[]) AS w (stream)
WHERE EXISTS (SELECT FROM derived.flow f WHERE f.tenant_id = %(tenant)s AND f.stream = w.stream)

-- name: stream_sources
SELECT f.stream, min(f.connection COLLATE "C"), min(f.flow_class COLLATE "C")
FROM derived.flow f WHERE f.tenant_id = %(tenant)s AND f.stream = ANY(%(streams)s)
GROUP BY f.stream

-- name: schedule_streams
SELECT DISTINCT connection FROM derived.schedule_term WHERE tenant_id = %(tenant)s ORDER BY connection

-- name: delete_streams
DELETE FROM derived.stream s
WHERE s.tenant_id = %(tenant)s AND NOT EXISTS (SELECT FROM work_stream w WHERE w.stream = s.stream)

-- name: upsert_streams
INSERT INTO derived.stream (tenant_id, stream, method, connection, name, grp, color, target)
SELECT %(tenant)s, stream, method, connection, name, grp, color, target FROM work_stream ORDER BY stream
ON CONFLICT (tenant_id, stream) DO UPDATE
    SET method = excluded.method, connection = excluded.connection, name = excluded.name, grp = excluded.grp,
        color = excluded.color, target = excluded.target
    WHERE (derived.stream.method, derived.stream.connection, derived.stream.name, derived.stream.grp,
            derived.stream.color, derived.stream.target)
        IS DISTINCT FROM (excluded.method, excluded.connection, excluded.name, excluded.grp, excluded.color,
            excluded.target)

-- name: copy_streams
COPY work_stream FROM STDIN

-- name: copy_windows
COPY work_window FROM STDIN

-- name: copy_scope
COPY work_scope FROM STDIN

-- name: copy_income
COPY work_income FROM STDIN

-- name: copy_gaps
COPY work_gap FROM STDIN

-- name: delete_income
WITH changed AS (
    DELETE FROM app.income_daily i
    USING work_window w
    WHERE i.tenant_id = %(tenant)s AND i.stream = w.stream AND i.day BETWEEN w.since AND w.until
        -- the same, as the planner sees it: it has not counted what lies in work tables, and years of days are many
        AND i.stream = ANY(%(streams)s) AND i.day BETWEEN %(since)s AND %(until)s
        AND NOT EXISTS (
            SELECT FROM work_income n WHERE n.stream = i.stream AND n.day = i.day AND n.currency = i.currency)
    RETURNING i.day
)
SELECT count(*), count(*) FILTER (WHERE day <> %(today)s) FROM changed

-- name: upsert_income
WITH changed AS (
    INSERT INTO app.income_daily (
        tenant_id, stream, currency, day, received, earned, received_base, earned_base, base_currency, quality)
    SELECT %(tenant)s, n.stream, n.currency, n.day, trim_scale(n.received), trim_scale(n.earned),
        trim_scale(n.received_base), trim_scale(n.earned_base), %(base)s, n.quality
    FROM work_income n
    ORDER BY n.stream, n.day, n.currency
    ON CONFLICT (tenant_id, stream, day, currency) DO UPDATE
        SET received = excluded.received, earned = excluded.earned, received_base = excluded.received_base,
            earned_base = excluded.earned_base, base_currency = excluded.base_currency, quality = excluded.quality
        WHERE (app.income_daily.received, app.income_daily.earned, app.income_daily.received_base,
                app.income_daily.earned_base, app.income_daily.base_currency, app.income_daily.quality)
            IS DISTINCT FROM (excluded.received, excluded.earned, excluded.received_base, excluded.earned_base,
                excluded.base_currency, excluded.quality)
    RETURNING day
)
SELECT count(*), count(*) FILTER (WHERE day <> %(today)s) FROM changed

-- name: delete_gaps
DELETE FROM derived.rate_gap g
USING work_window w
WHERE g.tenant_id = %(tenant)s AND g.stream = w.stream AND g.day BETWEEN w.since AND w.until
    AND NOT EXISTS (
        SELECT FROM work_gap n
        WHERE n.stream = g.stream AND n.base = g.base AND n.quote = g.quote AND n.day = g.day)

-- name: upsert_gaps
INSERT INTO derived.rate_gap (tenant_id, stream, base, quote, day)
SELECT DISTINCT %(tenant)s, n.stream, n.base, n.quote, n.day
FROM work_gap n
JOIN work_window w ON w.stream = n.stream AND n.day BETWEEN w.since AND w.until
ON CONFLICT (tenant_id, stream, base, quote, day) DO NOTHING

-- name: delete_missing
DELETE FROM derived.rate_missing m
WHERE m.tenant_id = %(tenant)s AND NOT EXISTS (
    SELECT FROM derived.rate_gap g WHERE g.tenant_id = m.tenant_id AND g.base = m.base AND g.quote = m.quote)

-- name: upsert_missing
INSERT INTO derived.rate_missing (tenant_id, base, quote, first_day, last_day, days)
SELECT tenant_id, base, quote, min(day), max(day), count(DISTINCT day)::int
FROM derived.rate_gap WHERE tenant_id = %(tenant)s
GROUP BY tenant_id, base, quote
ON CONFLICT (tenant_id, base, quote) DO UPDATE
    SET first_day = excluded.first_day, last_day = excluded.last_day, days = excluded.days
    WHERE (derived.rate_missing.first_day, derived.rate_missing.last_day, derived.rate_missing.days)
        IS DISTINCT FROM (excluded.first_day, excluded.last_day, excluded.days)

-- name: gap_days
SELECT base, quote, array_agg(DISTINCT day ORDER BY day) FROM derived.rate_gap
WHERE tenant_id = %(tenant)s GROUP BY base, quote ORDER BY base, quote
