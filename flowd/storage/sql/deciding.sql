Statements by which what people decided is applied to derived rows.

-- name: decisions
-- Every decision in force, with the transactions it is about, as they are now.
SELECT d.subject, d.version, d.kind, d.about, d.other, d.data, about.amount, about.connection, about.account,
    other.connection, other.account
FROM derived.decision d
LEFT JOIN derived.transaction about ON about.tenant_id = d.tenant_id AND about.subject = d.about
LEFT JOIN derived.transaction other ON other.tenant_id = d.tenant_id AND other.subject = d.other
WHERE d.tenant_id = %(tenant)s
ORDER BY d.subject

-- name: decided
SELECT subject, version, about, other, problem FROM derived.decided WHERE tenant_id = %(tenant)s

-- name: delete_decided
DELETE FROM derived.decided WHERE tenant_id = %(tenant)s AND subject = ANY(%(subjects)s::uuid[])

-- name: upsert_decided
INSERT INTO derived.decided (tenant_id, subject, version, about, other, problem)
VALUES (%(tenant)s, %(subject)s, %(version)s, %(about)s, %(other)s, %(problem)s)
ON CONFLICT (tenant_id, subject) DO UPDATE
    SET version = excluded.version, about = excluded.about, other = excluded.other, problem = excluded.problem

-- name: delete_words
DELETE FROM derived.account_word w
WHERE w.tenant_id = %(tenant)s AND NOT EXISTS (
    SELECT FROM unnest(%(connections)s::text[], %(accounts)s::text[]) AS kept (connection, account)
    WHERE kept.connection = w.connection AND kept.account = w.account)

-- name: upsert_word
INSERT INTO derived.account_word AS made (tenant_id, connection, account, name, kind)
VALUES (%(tenant)s, %(connection)s, %(account)s, %(name)s, %(kind)s)
ON CONFLICT (tenant_id, connection, account) DO UPDATE SET name = excluded.name, kind = excluded.kind
    WHERE (made.name, made.kind) IS DISTINCT FROM (excluded.name, excluded.kind)

-- name: left_out
SELECT connection, account, same_connection, same_account FROM derived.account_left_out WHERE tenant_id = %(tenant)s
ORDER BY connection COLLATE "C", account COLLATE "C"

-- name: delete_left_out
DELETE FROM derived.account_left_out l
WHERE l.tenant_id = %(tenant)s AND NOT EXISTS (
    SELECT FROM unnest(%(connections)s::text[], %(accounts)s::text[]) AS kept (connection, account)
    WHERE kept.connection = l.connection AND kept.account = l.account)

-- name: upsert_left_out
INSERT INTO derived.account_left_out AS made (tenant_id, connection, account, same_connection, same_account)
VALUES (%(tenant)s, %(connection)s, %(account)s, %(same_connection)s, %(same_account)s)
ON CONFLICT (tenant_id, connection, account) DO UPDATE
    SET same_connection = excluded.same_connection, same_account = excluded.same_account
    WHERE (made.same_connection, made.same_account)
        IS DISTINCT FROM (excluded.same_connection, excluded.same_account)

-- name: affected
-- Where and when those transactions are booked, as they are now and as they were derived last.
SELECT connection, min(day), max(day)
FROM (
    SELECT t.connection, t.day FROM derived.transaction t
    WHERE t.tenant_id = %(tenant)s AND t.subject = ANY(%(subjects)s::uuid[])
    UNION ALL
    SELECT f.connection, f.day FROM derived.flow f
    WHERE f.tenant_id = %(tenant)s AND f.subject = ANY(%(subjects)s::uuid[])
    UNION ALL
    SELECT f.connection, f.day FROM derived.flow f
    WHERE f.tenant_id = %(tenant)s AND f.part_of = ANY(%(subjects)s::uuid[])
) booked
GROUP BY connection

-- name: take_flows
DELETE FROM work_flow WHERE subject = ANY(%(subjects)s::uuid[])
RETURNING subject, connection, account, day, amount, asset, flow_class, stream, rule, payer, wanted, category

-- name: copy_flows
COPY work_flow (
    subject, connection, account, day, amount, asset, flow_class, stream, rule, payer, wanted, part_of, category, note
) FROM STDIN

-- name: keep_words
-- Whatever was found about their counter-entries: what a person said of a transaction stays.
UPDATE work_flow w SET flow_class = said.flow_class, stream = said.stream, rule = said.rule
FROM unnest(%(subjects)s::uuid[], %(classes)s::text[], %(streams)s::text[], %(rules)s::text[])
    AS said (subject, flow_class, stream, rule)
WHERE w.subject = said.subject AND w.rule <> said.rule
