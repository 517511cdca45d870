What commands ask about transactions, accounts, events and decisions, for the session's tenant.

-- name: accounts
-- Every account that is known from anywhere, with what is there of each asset.
WITH known AS (
    SELECT k.connection, k.account FROM derived.known_account k WHERE k.tenant_id = %(tenant)s
    UNION
    SELECT s.connection, s.account FROM raw.series s WHERE s.tenant_id = %(tenant)s
    UNION
    SELECT x.connection, x.account FROM derived.transaction x WHERE x.tenant_id = %(tenant)s
)
SELECT k.connection, k.account, coalesce(a.name, k.account) AS name, a.kind, coalesce(r.asset, a.asset) AS asset, r.quantity,
    r.worth, r.base_currency, source.name AS source_name, source.kind AS source_kind,
    own.account IS NOT NULL AS left_out, own.same_connection || '/' || own.same_account AS same_as
FROM known k
LEFT JOIN derived.known_account a ON a.tenant_id = %(tenant)s AND a.connection = k.connection AND a.account = k.account
LEFT JOIN derived.account source
    ON source.tenant_id = %(tenant)s AND source.connection = k.connection AND source.account = k.account
LEFT JOIN report.account r ON r.connection = k.connection AND r.account = k.account
LEFT JOIN derived.account_left_out own
    ON own.tenant_id = %(tenant)s AND own.connection = k.connection AND own.account = k.account
ORDER BY k.connection COLLATE "C", k.account COLLATE "C", 5

-- name: transactions
SELECT x.subject, x.day, x.connection, x.account, x.amount, x.asset, x.counterparty, x.description, x.flow_class, x.stream,
    x.rule, x.category, x.note, x.part_of, x.duplicate_of, x.pending, x.left_out
FROM report.transaction x
WHERE (%(text)s::text IS NULL OR x.counterparty ILIKE %(text)s OR x.description ILIKE %(text)s OR x.note ILIKE %(text)s)
    AND (%(connection)s::text IS NULL OR (x.connection = %(connection)s AND x.account = %(account)s))
    AND (%(amount)s::numeric IS NULL OR abs(x.amount) = abs(%(amount)s::numeric))
    AND (%(since)s::date IS NULL OR x.day >= %(since)s)
    AND (%(until)s::date IS NULL OR x.day <= %(until)s)
    AND (%(flow_class)s::text IS NULL OR x.flow_class = %(flow_class)s)
    AND (%(category)s::text IS NULL OR x.category = %(category)s)
ORDER BY x.day DESC, x.booked_at DESC, x.subject
LIMIT %(limit)s

-- name: by_hand
-- Money moved by hand, with the event that says so.
SELECT x.subject, x.day, x.connection, x.account, x.amount, x.asset, x.flow_class, x.counterparty, x.description, d.added_at
FROM report.decision d
JOIN report.transaction x ON x.subject = d.decision
WHERE d.kind = 'transaction'
ORDER BY x.day, x.subject

-- name: rows_of
-- A transaction as it is taken: one row, or one for each of its parts.
SELECT x.subject, x.day, x.booked_at, x.connection, x.account, x.amount, x.asset, x.counterparty, x.description, x.kind,
    x.pending, x.flow_class, x.stream, x.rule, x.external_id, x.version, x.category, x.note, x.part_of, x.duplicate_of,
    x.left_out
FROM report.transaction x
WHERE x.subject = %(subject)s OR x.part_of = %(subject)s
ORDER BY x.subject <> %(subject)s, x.subject

-- name: subjects
-- The transactions whose key lies in a range; of a part of one, the whole.
SELECT x.subject FROM derived.transaction x
WHERE x.tenant_id = %(tenant)s AND x.subject BETWEEN %(first)s AND %(last)s
UNION
SELECT f.part_of FROM derived.flow f
WHERE f.tenant_id = %(tenant)s AND f.subject BETWEEN %(first)s AND %(last)s AND f.part_of IS NOT NULL
ORDER BY 1
LIMIT 20

-- name: whole
SELECT x.subject, x.day, x.connection, x.account, x.amount, x.asset, x.counterparty, x.description
FROM derived.transaction x
WHERE x.tenant_id = %(tenant)s AND x.subject = %(subject)s

-- name: about
-- The decisions in force that are about a transaction, or state it.
SELECT decision, kind, day, connection, account, amount, asset, about, other, said, problem, added_at, version
FROM report.decision
WHERE about = %(subject)s OR other = %(subject)s OR decision = %(subject)s
ORDER BY added_at, decision

-- name: decisions
-- All that is in force, with the words of the transaction it is about.
SELECT d.decision, d.kind, d.day, d.connection, d.account, d.amount, d.asset, d.about, d.other, d.said, d.problem, d.added_at,
    d.version, concat_ws(' · ', nullif(x.counterparty, ''), nullif(x.description, '')) AS text
FROM report.decision d
LEFT JOIN derived.transaction x ON x.tenant_id = %(tenant)s AND x.subject = d.about
ORDER BY d.added_at, d.decision

-- name: events
-- A decision is found by what it says or said before (an undone one says nothing), and by the transactions it is about.
WITH decided AS (
    SELECT e.subject, e.data, e.data ->> 'connection' AS connection, e.data ->> 'account' AS account,
        CASE WHEN e.data ->> 'of' ~ '^[0-9a-f-]{36}$' THEN (e.data ->> 'of')::uuid END AS one,
        CASE WHEN e.data ->> 'other' ~ '^[0-9a-f-]{36}$' THEN (e.data ->> 'other')::uuid END AS other
    FROM raw.event e
    WHERE e.tenant_id = %(tenant)s AND e.type = 'decision' AND num_nonnulls(%(about)s::text, %(account)s::text) > 0
), meant AS (
    SELECT d.subject
    FROM decided d
    LEFT JOIN derived.transaction x ON x.tenant_id = %(tenant)s AND x.subject IN (d.one, d.other)
    WHERE (%(about)s::text IS NULL OR d.data::text ILIKE %(about)s
            OR concat_ws(' ', x.day, x.account, x.amount, x.asset, x.counterparty, x.description) ILIKE %(about)s)
        AND (%(account)s::text IS NULL OR (d.connection, d.account) = (%(connection)s, %(account)s)
            OR (x.connection, x.account) = (%(connection)s, %(account)s))
)
SELECT e.position, e.subject, e.version, e.type, e.connection, e.occurred_at, e.added_at, e.data
FROM raw.event e
WHERE e.tenant_id = %(tenant)s
    AND (num_nonnulls(%(about)s::text, %(account)s::text) = 0 OR e.subject IN (SELECT m.subject FROM meant m)
        OR ((%(about)s::text IS NULL OR e.data::text ILIKE %(about)s) AND (%(account)s::text IS NULL
            OR (e.connection = %(connection)s AND e.data ->> 'account' = %(account)s))))
    AND (%(type)s::text IS NULL OR e.type = %(type)s)
    AND (%(since)s::timestamptz IS NULL OR e.added_at >= %(since)s)
    AND (%(before)s::timestamptz IS NULL OR e.added_at < %(before)s)
    AND (%(first)s::uuid IS NULL OR e.subject BETWEEN %(first)s AND %(last)s)
    AND e.position > %(after)s
ORDER BY e.position DESC
LIMIT %(limit)s

-- name: event_subjects
SELECT DISTINCT e.subject FROM raw.event e
WHERE e.tenant_id = %(tenant)s AND e.subject BETWEEN %(first)s AND %(last)s
ORDER BY 1
LIMIT 20

-- name: versions
SELECT e.version, e.type, e.connection, e.occurred_at, e.added_at, e.data
FROM raw.event e
WHERE e.tenant_id = %(tenant)s AND e.subject = %(subject)s
ORDER BY e.version

-- name: problem
SELECT problem FROM derived.decided WHERE tenant_id = %(tenant)s AND subject = %(subject)s

-- name: lay_out
-- The transactions that are compared, apart from the rest, so that the planner knows how many there are; `places` says
-- which accounts are one. Duplicates are compared with nothing.
CREATE TEMPORARY TABLE work_alike ON COMMIT DROP AS
SELECT p.place, x.subject, x.connection, x.account, x.day, x.amount, x.asset, x.counterparty, x.description,
    x.external_id IS NOT NULL AS has_id, e.type = 'decision' AS by_hand, e.added_at
FROM unnest(%(connections)s::text[], %(accounts)s::text[], %(places)s::int[]) AS p (connection, account, place)
JOIN derived.transaction x ON x.tenant_id = %(tenant)s AND x.connection = p.connection AND x.account = p.account
JOIN raw.event e ON e.tenant_id = x.tenant_id AND e.subject = x.subject AND e.version = 1
LEFT JOIN derived.decision d ON d.tenant_id = x.tenant_id AND d.kind = 'duplicate' AND d.about = x.subject
WHERE NOT x.pending AND x.amount <> 0 AND x.day >= %(since)s AND d.subject IS NULL

-- name: alike
-- Pairs that may be one payment stated twice: the same amount in what is one account, at most three days apart, written at
-- different times (a statement that has a row twice means it), and nobody said that they are two.
SELECT a.subject, a.connection, a.account, a.day, a.amount, a.asset, a.counterparty, a.description, a.has_id, a.by_hand,
    b.subject, b.connection, b.account, b.day, b.amount, b.asset, b.counterparty, b.description, b.has_id, b.by_hand
FROM (SELECT l.*, apart FROM work_alike l CROSS JOIN generate_series(0, 3) apart) a
JOIN work_alike b
    ON b.place = a.place AND b.asset = a.asset AND b.amount = a.amount AND b.day = a.day + a.apart
    AND (a.apart > 0 OR b.subject > a.subject) AND b.added_at <> a.added_at
LEFT JOIN derived.decision d
    ON d.tenant_id = %(tenant)s AND d.kind = 'distinct' AND least(d.about, d.other) = least(a.subject, b.subject)
    AND greatest(d.about, d.other) = greatest(a.subject, b.subject)
WHERE d.subject IS NULL
ORDER BY a.day, a.subject, b.day, b.subject
LIMIT %(limit)s
