Transfers between accounts of the tenant: which legs may be one, and what is kept of it. What two legs score, and which go
together, is said in flowd/engine/transfer_scores.py and transfer_pairs.py.

-- name: work_tables
CREATE TEMPORARY TABLE IF NOT EXISTS work_leg (
    subject uuid, booked uuid, connection text, account text, name text, kind text, platform boolean, day date, sent boolean,
    amount numeric, asset text, said int, vouched boolean, needs int, flow_class text, payer text,
    person boolean, free boolean, wanted boolean) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_worth (asset text, day date, value numeric) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_candidate (out_leg uuid, in_leg uuid) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS work_transfer (
    transfer uuid, connection text, day date, state text, kind text, score numeric, next_best numeric, why text,
    out_subject uuid, in_subject uuid, fee numeric, fee_stream text, rate numeric, market numeric, wanted boolean)
    ON COMMIT DELETE ROWS

-- name: decisions
SELECT d.about, d.other, d.data ->> 'verdict'
FROM derived.decision d
JOIN derived.decided made ON made.tenant_id = d.tenant_id AND made.subject = d.subject AND made.problem = ''
WHERE d.tenant_id = %(tenant)s AND d.kind = 'transfer' AND d.about IS NOT NULL AND d.other IS NOT NULL
ORDER BY d.about, d.other

-- name: standing
SELECT w.subject, w.day, w.amount < 0, w.connection, w.account
FROM work_flow w
JOIN derived.known_account a ON a.tenant_id = %(tenant)s AND a.connection = w.connection AND a.account = w.account
WHERE w.subject = ANY(%(legs)s::uuid[]) AND w.amount <> 0

-- name: legs
-- What may be a leg: what is called a transfer, deposit or withdrawal, what nobody calls anything, and what came in as
-- income where somebody who counts for more says that it was sent. `needs`: 0 goes with all that was sent, 1 only
-- with what a source or a platform says was sent, 2 only with what a platform says. Rules of the user's own win. Of equal
-- amounts in one account on one day only so many are looked at: pairs are as many as both sides multiplied. `person`: a
-- name that may be somebody's who moves money of their own; more in a day with one name than that is trade.
INSERT INTO work_leg
WITH crowd AS (
    SELECT day, payer FROM work_flow WHERE amount <> 0 GROUP BY day, payer HAVING count(*) > %(most_of_a_day)s
), alike AS (
    SELECT day, amount FROM work_flow WHERE amount <> 0 GROUP BY day, amount HAVING count(*) > %(most_equal)s
), excess AS (
    SELECT subject FROM (
        SELECT w.subject, row_number() OVER (
            PARTITION BY w.day, w.amount, w.account, w.connection, w.asset ORDER BY w.subject) AS place
        FROM work_flow w
        WHERE (w.day, w.amount) IN (SELECT day, amount FROM alike)
    ) placed
    WHERE place > %(most_equal)s
)
SELECT subject, booked, connection, account, name, kind, platform, day, amount < 0, abs(amount), asset, coalesce(said, 0),
    said = 3 OR (platform AND said = 2),
    CASE WHEN amount < 0 OR moved OR said = 1 THEN 0 WHEN sourced THEN 2 ELSE 1 END,
    flow_class, payer, payer <> '' AND (day, payer) NOT IN (SELECT day, payer FROM crowd),
    free AND said IS NOT NULL AND subject NOT IN (SELECT subject FROM excess), wanted
FROM (
    SELECT w.subject, coalesce(w.part_of, w.subject) AS booked, w.connection, w.account, a.name, a.kind, w.day, w.amount,
        w.asset, w.flow_class, w.payer, w.wanted, w.rule LIKE 'source%%' AS sourced, place.platform, class.moved,
        w.subject <> ALL(%(confirmed)s::uuid[]) AS free,
        CASE
            -- a rule that calls one side a transfer means the other one, too
            WHEN w.rule LIKE 'rule %%' THEN CASE WHEN w.flow_class = 'transfer' THEN 3 END
            WHEN class.moved AND (w.rule LIKE 'source%%' OR w.rule LIKE 'own account number%%' OR w.rule LIKE 'you%%') THEN 3
            WHEN w.rule LIKE 'you%%' THEN NULL
            WHEN class.moved THEN 2
            WHEN w.rule LIKE 'sign%%' THEN 1
            WHEN w.amount < 0 OR w.flow_class <> ALL(%(income)s) THEN NULL
            WHEN w.rule LIKE 'source%%' AND (place.platform OR w.flow_class NOT IN ('payout', 'salary', 'other')) THEN NULL
            WHEN w.flow_class = 'payout' THEN 2
            ELSE 0
        END AS said
    FROM work_flow w
    JOIN derived.known_account a
        ON a.tenant_id = %(tenant)s AND a.connection = w.connection AND a.account = w.account
    CROSS JOIN LATERAL (
        SELECT a.kind IN ('payout', 'broker') OR a.kind LIKE 'wallet%%' AS platform) place
    CROSS JOIN LATERAL (SELECT w.flow_class IN ('transfer', 'deposit', 'withdrawal') AS moved) class
    WHERE w.amount <> 0
) leg
WHERE said IS NOT NULL OR subject = ANY(%(decided)s::uuid[])

-- name: equal_amounts
-- Days are put into buckets of eleven, so that equal amounts of other months are never looked at.
WITH gone AS (
    SELECT subject, connection, account, asset, amount, day, said, vouched, platform, (day - date '1800-01-01') / 11 AS number
    FROM work_leg
    WHERE sent AND free
), came AS (
    SELECT i.subject, i.connection, i.account, i.asset, i.amount, i.day, i.said, i.needs, bucket.number
    FROM work_leg i
    CROSS JOIN LATERAL (
        SELECT DISTINCT (day - date '1800-01-01') / 11 AS number
        FROM unnest(ARRAY[i.day - %(later)s::int, i.day + %(before)s::int]) day
    ) bucket
    WHERE NOT i.sent AND i.free
)
INSERT INTO work_candidate
SELECT o.subject, i.subject
FROM gone o
JOIN came i
    ON i.asset = o.asset AND i.amount = o.amount AND i.number = o.number
    AND i.day BETWEEN o.day - %(before)s::int AND o.day + %(later)s::int
    AND (i.connection, i.account) <> (o.connection, o.account)
WHERE (i.needs = 0 OR (i.needs = 1 AND o.vouched) OR (i.needs = 2 AND o.vouched AND o.platform))
    AND (o.said > 1 OR i.said > 1 OR i.day <= o.day + %(before)s::int)

-- name: lesser_amounts
-- What arrived is up to a tenth less: one side says that it is a transfer, or both name the same person. Amounts are put
-- into bands of about a tenth. Asked once per `way`: the side that says so is the smaller one, and is looked up by.
WITH gone AS (
    SELECT o.*, (o.day - date '1800-01-01') / 11 AS number, floor(ln(o.amount::float8) * 10)::int AS band,
        CASE %(way)s WHEN 'person' THEN o.payer ELSE '' END AS key
    FROM work_leg o
    WHERE o.sent AND o.free AND (o.said > 1) = (%(way)s = 'sent') AND (o.person OR %(way)s <> 'person')
), came AS (
    SELECT i.subject, i.connection, i.account, i.asset, i.amount, i.day, i.needs, bucket.number,
        floor(ln(i.amount::float8) * 10)::int + band.up AS band, CASE %(way)s WHEN 'person' THEN i.payer ELSE '' END AS key
    FROM work_leg i
    CROSS JOIN LATERAL (
        SELECT DISTINCT (day - date '1800-01-01') / 11 AS number
        FROM unnest(ARRAY[i.day - %(later)s::int, i.day + %(before)s::int]) day
    ) bucket
    CROSS JOIN generate_series(0, 2) band (up)
    WHERE NOT i.sent AND i.free
        AND CASE %(way)s WHEN 'sent' THEN true WHEN 'arrived' THEN i.said > 1 ELSE i.said <= 1 AND i.person END
)
INSERT INTO work_candidate
SELECT o.subject, i.subject
FROM gone o
JOIN came i
    ON i.asset = o.asset AND i.number = o.number AND i.band = o.band AND i.key = o.key
    AND i.amount < o.amount AND i.amount >= o.amount * (1 - %(most_fee)s)
    AND i.day BETWEEN o.day - %(before)s::int AND o.day + %(later)s::int
    AND (i.connection, i.account) <> (o.connection, o.account)
WHERE i.needs = 0 OR (i.needs = 1 AND o.vouched) OR (i.needs = 2 AND o.vouched AND o.platform)

-- name: worth_asked
-- The assets whose worth is asked for, by the day on which something may have been sent as one and arrived as another.
WITH gone AS (
    SELECT DISTINCT asset, day, said > 1 AS told FROM work_leg WHERE sent AND free
), came AS (
    SELECT DISTINCT i.asset, i.day - n AS day, i.told
    FROM (SELECT DISTINCT asset, day, said > 1 AS told FROM work_leg WHERE NOT sent AND free AND needs < 2) i
    CROSS JOIN generate_series(-%(before)s::int, %(later)s::int) n
), met AS (
    SELECT o.day, ARRAY[o.asset, i.asset] AS assets
    FROM gone o
    JOIN came i ON i.day = o.day AND i.asset <> o.asset AND (o.told OR i.told)
    UNION
    SELECT o.day, ARRAY[o.asset, i.asset]
    FROM (SELECT DISTINCT payer, asset, day FROM work_leg WHERE sent AND free AND person) o
    JOIN (
        SELECT DISTINCT i.payer, i.asset, i.day - n AS day
        FROM (SELECT DISTINCT payer, asset, day FROM work_leg WHERE NOT sent AND free AND person AND needs < 2) i
        CROSS JOIN generate_series(-%(before)s::int, %(later)s::int) n
    ) i ON i.payer = o.payer AND i.day = o.day AND i.asset <> o.asset
)
SELECT DISTINCT asset, day FROM met CROSS JOIN LATERAL unnest(assets) AS named (asset) ORDER BY asset, day

-- name: copy_worth
COPY work_worth FROM STDIN

-- name: other_assets
-- What arrived in another asset and was worth about the same on the day it was sent; asked once per `way`, as above.
WITH gone AS (
    SELECT o.*, w.value * o.amount AS worth, floor(ln((w.value * o.amount)::float8) * 10)::int + band.up AS band,
        CASE %(way)s WHEN 'person' THEN o.payer ELSE '' END AS key
    FROM work_leg o
    JOIN work_worth w ON w.asset = o.asset AND w.day = o.day AND w.value > 0
    CROSS JOIN generate_series(-1, 1) band (up)
    WHERE o.sent AND o.free AND (o.said > 1) = (%(way)s = 'sent') AND (o.person OR %(way)s <> 'person')
), came AS (
    SELECT i.subject, i.connection, i.account, i.asset, i.needs, w.day AS on_day, w.value * i.amount AS worth,
        floor(ln((w.value * i.amount)::float8) * 10)::int AS band, CASE %(way)s WHEN 'person' THEN i.payer ELSE '' END AS key
    FROM work_leg i
    CROSS JOIN generate_series(-%(before)s::int, %(later)s::int) n
    JOIN work_worth w ON w.asset = i.asset AND w.day = i.day - n AND w.value > 0
    WHERE NOT i.sent AND i.free AND i.needs < 2
        AND CASE %(way)s WHEN 'sent' THEN true WHEN 'arrived' THEN i.said > 1 ELSE i.said <= 1 AND i.person END
)
INSERT INTO work_candidate
SELECT o.subject, i.subject
FROM gone o
JOIN came i
    ON i.on_day = o.day AND i.band = o.band AND i.key = o.key AND i.asset <> o.asset
    AND i.worth BETWEEN o.worth * (1 - %(below)s) AND o.worth * (1 + %(above)s)
    AND (i.connection, i.account) <> (o.connection, o.account)
WHERE i.needs = 0 OR o.vouched

-- name: unpriced_assets
-- Without a worth of both, only where both sides are said to be transfers: references may tell, an amount never does.
INSERT INTO work_candidate
SELECT o.subject, i.subject
FROM work_leg o
JOIN work_leg i
    ON NOT i.sent AND i.free AND i.asset <> o.asset AND i.said > 1
    AND i.day BETWEEN o.day - %(before)s::int AND o.day + %(later)s::int
    AND (i.connection, i.account) <> (o.connection, o.account)
LEFT JOIN work_worth sent ON sent.asset = o.asset AND sent.day = o.day
LEFT JOIN work_worth came ON came.asset = i.asset AND came.day = o.day
WHERE o.sent AND o.free AND o.said > 1 AND (sent.value IS NULL OR came.value IS NULL)

-- name: candidate_legs
SELECT l.subject, l.connection, l.account, l.name, l.kind, l.day, l.amount, l.asset, l.said, l.flow_class, l.payer, l.sent,
    l.wanted, t.counterparty, t.description, e.data -> 'raw'
FROM (
    SELECT out_leg AS subject FROM work_candidate
    UNION
    SELECT in_leg FROM work_candidate
    UNION
    SELECT unnest(%(decided)s::uuid[])
) named
JOIN work_leg l ON l.subject = named.subject
JOIN derived.transaction t ON t.tenant_id = %(tenant)s AND t.subject = l.booked
LEFT JOIN raw.event e ON e.tenant_id = %(tenant)s AND e.subject = l.booked AND e.version = t.version

-- name: candidates
SELECT out_leg, in_leg FROM work_candidate

-- name: worths
SELECT asset, day, value FROM work_worth WHERE value IS NOT NULL

-- name: copy_transfers
COPY work_transfer FROM STDIN

-- name: add_open
-- What is said to have another leg, where none was seen: an account may be missing.
INSERT INTO work_transfer
SELECT md5(w.subject || '/open')::uuid, w.connection, w.day, 'open', 'unknown', NULL, NULL,
    CASE
        WHEN w.subject = ANY(%(row)s::uuid[]) THEN 'one of a row of equal ones, all others of which have a pair'
        WHEN w.rule LIKE 'source%%' THEN 'its source calls it a ' || w.flow_class
        WHEN w.rule LIKE 'own account number%%' THEN 'its text has the number of another account'
        WHEN w.rule LIKE 'you%%' THEN 'you call it a ' || w.flow_class
        ELSE w.rule
    END,
    CASE WHEN w.amount < 0 THEN w.subject END, CASE WHEN w.amount > 0 THEN w.subject END, NULL, NULL, NULL, NULL, true
FROM work_flow w
WHERE w.wanted AND w.amount <> 0
    AND (w.subject = ANY(%(row)s::uuid[]) OR (w.flow_class IN ('transfer', 'deposit', 'withdrawal') AND (
        w.rule LIKE 'source%%' OR w.rule LIKE 'own account number%%' OR w.rule LIKE 'card settled%%' OR w.rule LIKE 'you%%')))
    AND NOT EXISTS (
        SELECT FROM work_transfer t WHERE t.state <> 'refused' AND w.subject IN (t.out_subject, t.in_subject))

-- name: apply
WITH found AS (
    SELECT leg.subject, CASE t.state WHEN 'confirmed' THEN 'both legs, you say' ELSE 'both legs known' END AS rule
    FROM work_transfer t
    CROSS JOIN LATERAL unnest(ARRAY[t.out_subject, t.in_subject]) AS leg (subject)
    WHERE t.state IN ('applied', 'confirmed')
    UNION ALL
    SELECT unnest(%(row)s::uuid[]), 'both legs known'
)
UPDATE work_flow w SET flow_class = 'transfer', stream = NULL, rule = found.rule
FROM found WHERE found.subject = w.subject

-- name: part_fees
-- Own legs cancel, what was kept on the way does not: it is a part of what was sent.
INSERT INTO work_flow (
    subject, connection, account, day, amount, asset, flow_class, stream, rule, payer, wanted, part_of, category, note)
SELECT md5(w.subject || '/fee')::uuid, w.connection, w.account, w.day, -t.fee, w.asset, 'fee', t.fee_stream,
    'kept on the way', w.payer, w.wanted, coalesce(w.part_of, w.subject), NULL, NULL
FROM work_transfer t
JOIN work_flow w ON w.subject = t.out_subject
WHERE t.fee > 0 AND t.state IN ('applied', 'confirmed')

-- name: lessen_sent
UPDATE work_flow w SET amount = w.amount + t.fee, part_of = coalesce(w.part_of, w.subject)
FROM work_transfer t
WHERE t.out_subject = w.subject AND t.fee > 0 AND t.state IN ('applied', 'confirmed')

-- name: delete_transfers
DELETE FROM derived.transfer d
USING work_scope s
WHERE d.tenant_id = %(tenant)s AND d.connection = s.connection AND d.day BETWEEN s.since AND s.until
    AND NOT EXISTS (SELECT FROM work_transfer n WHERE n.wanted AND n.transfer = d.transfer)

-- name: upsert_transfers
INSERT INTO derived.transfer AS made (
    tenant_id, transfer, connection, day, state, kind, score, next_best, why,
    out_subject, out_connection, out_account, out_day, out_amount, out_asset,
    in_subject, in_connection, in_account, in_day, in_amount, in_asset, days, fee, fee_asset, rate, market)
SELECT %(tenant)s, t.transfer, t.connection, t.day, t.state, t.kind, t.score, t.next_best, t.why,
    o.subject, o.connection, o.account, o.day, trim_scale(-o.amount), o.asset,
    i.subject, i.connection, i.account, i.day, trim_scale(i.amount), i.asset, i.day - o.day,
    trim_scale(t.fee), CASE WHEN t.fee IS NOT NULL THEN o.asset END, trim_scale(t.rate), trim_scale(t.market)
FROM work_transfer t
LEFT JOIN work_flow o ON o.subject = t.out_subject
LEFT JOIN work_flow i ON i.subject = t.in_subject
WHERE t.wanted
ORDER BY t.transfer
ON CONFLICT (tenant_id, transfer) DO UPDATE
    SET connection = excluded.connection, day = excluded.day, state = excluded.state, kind = excluded.kind,
        score = excluded.score, next_best = excluded.next_best, why = excluded.why,
        out_subject = excluded.out_subject, out_connection = excluded.out_connection, out_account = excluded.out_account,
        out_day = excluded.out_day, out_amount = excluded.out_amount, out_asset = excluded.out_asset,
        in_subject = excluded.in_subject, in_connection = excluded.in_connection, in_account = excluded.in_account,
        in_day = excluded.in_day, in_amount = excluded.in_amount, in_asset = excluded.in_asset, days = excluded.days,
        fee = excluded.fee, fee_asset = excluded.fee_asset, rate = excluded.rate, market = excluded.market
    WHERE made.* IS DISTINCT FROM excluded.*

-- name: delete_rates
DELETE FROM derived.transfer_rate r
USING (SELECT DISTINCT since, until FROM work_scope) s
WHERE r.tenant_id = %(tenant)s AND r.day BETWEEN s.since AND s.until
    AND NOT EXISTS (SELECT FROM work_worth w WHERE w.asset = r.asset AND w.day = r.day)

-- name: upsert_rates
INSERT INTO derived.transfer_rate (tenant_id, asset, day, value)
SELECT %(tenant)s, w.asset, w.day, w.value
FROM work_worth w
WHERE EXISTS (SELECT FROM work_scope s WHERE w.day BETWEEN s.since AND s.until)
ORDER BY w.asset, w.day
ON CONFLICT (tenant_id, asset, day) DO UPDATE SET value = excluded.value
    WHERE derived.transfer_rate.value IS DISTINCT FROM excluded.value

-- name: rates_asked
SELECT asset, day, value FROM derived.transfer_rate
WHERE tenant_id = %(tenant)s AND day BETWEEN %(since)s AND %(until)s
ORDER BY asset, day

-- name: clear
TRUNCATE work_leg, work_worth, work_candidate, work_transfer
