Readable tables made of the event log. The same statements run over the events a batch has just added and, in a rebuild,
over all of them: each reads `newest`, the newest version of every subject, and both ways end in the same rows.

-- name: newest_added
newest AS (
    SELECT DISTINCT ON (subject) tenant_id, subject, version, type, connection, data, occurred_at, position
    FROM added
    ORDER BY subject, version DESC
)

-- name: newest_distinct
newest AS NOT MATERIALIZED (
    SELECT tenant_id, subject, version, type, connection, data, occurred_at, position FROM added
)

-- name: newest_all
newest AS (
    SELECT DISTINCT ON (subject) tenant_id, subject, version, type, connection, data, occurred_at, position
    FROM raw.event
    WHERE tenant_id = %(tenant)s
    ORDER BY subject, version DESC
)

-- name: said_added
-- All that was ever said of the accounts that are told of now.
said AS (
    SELECT subject, version, data FROM added WHERE type = 'account'
    UNION ALL
    SELECT before.subject, before.version, before.data
    FROM added
    JOIN raw.event before ON before.tenant_id = added.tenant_id AND before.subject = added.subject
    WHERE added.type = 'account' AND before.version < added.version
)

-- name: said_all
said AS (
    SELECT subject, version, data FROM raw.event WHERE tenant_id = %(tenant)s AND type = 'account'
)

-- name: transaction
transaction_gone AS (
    DELETE FROM derived.transaction made
    USING newest
    WHERE newest.type = 'transaction' AND newest.version > 1
      AND made.tenant_id = newest.tenant_id AND made.subject = newest.subject
    RETURNING 1
), transaction_made AS (
    INSERT INTO derived.transaction (
        tenant_id, subject, version, connection, account, external_id, booked_at, day, amount, asset, kind,
        counterparty, description, pending, other_accounts, category)
    SELECT tenant_id, subject, version, connection, data ->> 'account', data ->> 'id', occurred_at,
           coalesce((data ->> 'day')::date, (occurred_at AT TIME ZONE (SELECT timezone FROM ops.tenant WHERE id = %(tenant)s))::date),
           (data ->> 'amount')::numeric, data ->> 'asset', data ->> 'kind',
           coalesce(data ->> 'counterparty', ''), coalesce(data ->> 'description', ''),
           coalesce((data ->> 'pending')::boolean, false),
           CASE WHEN jsonb_typeof(data -> 'raw') = 'object' THEN coalesce((
               SELECT string_agg(DISTINCT other.number, ' ' ORDER BY other.number)
               FROM jsonb_each(data -> 'raw') AS stated (key, value)
               CROSS JOIN LATERAL (
                   SELECT regexp_replace(lower(stated.value #>> '{}'), '[^0-9a-z]', '', 'g') AS number) other
               -- the words that head such columns: only the other side's, never the account's own
               WHERE stated.key ~* '(counterpart|partner|gegen|tegen|empf|zahlung|protiu|protist|kontrahent|contrepartie|contraparte|controparte|benefic|recipient|payee|creditor|debtor|account.to|to.account)'
                   AND other.number ~ '^[0-9a-z]{8,34}$' AND other.number ~ '([0-9].*){8}'), '') ELSE '' END,
           CASE WHEN jsonb_typeof(data -> 'raw') = 'object'
               THEN nullif(btrim(coalesce(data -> 'raw' ->> 'category', data -> 'raw' ->> 'Category')), '') END
    FROM newest
    -- the count makes the old row go before the new one comes
    WHERE (SELECT count(*) FROM transaction_gone) >= 0
      AND type = 'transaction' AND NOT coalesce((data ->> 'removed')::boolean, false)
    RETURNING 1
)

-- name: trade
trade_gone AS (
    DELETE FROM derived.trade made
    USING newest
    WHERE newest.type = 'trade' AND newest.version > 1
      AND made.tenant_id = newest.tenant_id AND made.subject = newest.subject
    RETURNING 1
), trade_made AS (
    INSERT INTO derived.trade (
        tenant_id, subject, version, connection, account, external_id, at, base, quote, side, quantity, price, fee, fee_asset)
    SELECT tenant_id, subject, version, connection, data ->> 'account', data ->> 'id', occurred_at,
           data ->> 'base', data ->> 'quote', data ->> 'side', (data ->> 'quantity')::numeric, (data ->> 'price')::numeric,
           (data ->> 'fee')::numeric, data ->> 'fee_asset'
    FROM newest
    WHERE (SELECT count(*) FROM trade_gone) >= 0
      AND type = 'trade' AND NOT coalesce((data ->> 'removed')::boolean, false)
    RETURNING 1
)

-- name: balance
balance_made AS (
    INSERT INTO derived.balance AS made (tenant_id, connection, account, asset, day, amount)
    SELECT DISTINCT ON (subject)
           tenant_id, connection, data ->> 'account', data ->> 'asset', (data ->> 'day')::date, (data ->> 'amount')::numeric
    FROM newest
    WHERE type = 'balance'
    ORDER BY subject, version DESC
    ON CONFLICT (tenant_id, connection, account, asset, day)
    DO UPDATE SET amount = excluded.amount
    WHERE made.amount <> excluded.amount
    RETURNING 1
)

-- name: decision
-- What a person decided, under the connection (you): no source decides for anybody. Its data say what kind of decision it
-- is and whom it is about; one that was undone is gone from here, and stays in the log. Money moved by hand is a
-- transaction of the account it names.
decision_gone AS (
    DELETE FROM derived.decision made
    USING newest
    WHERE newest.type = 'decision' AND newest.version > 1
      AND made.tenant_id = newest.tenant_id AND made.subject = newest.subject
    RETURNING 1
), decision_made AS (
    INSERT INTO derived.decision (tenant_id, subject, version, kind, about, other, decided_at, data)
    SELECT tenant_id, subject, version, data ->> 'kind', (data ->> 'of')::uuid, (data ->> 'other')::uuid, occurred_at,
           data - 'kind' - 'of' - 'other'
    FROM newest
    WHERE (SELECT count(*) FROM decision_gone) >= 0
      AND type = 'decision' AND connection = '(you)' AND NOT coalesce((data ->> 'removed')::boolean, false)
    RETURNING 1
), by_hand_gone AS (
    DELETE FROM derived.transaction made
    USING newest
    WHERE newest.type = 'decision' AND newest.version > 1
      AND made.tenant_id = newest.tenant_id AND made.subject = newest.subject
    RETURNING 1
), by_hand_made AS (
    INSERT INTO derived.transaction (
        tenant_id, subject, version, connection, account, booked_at, day, amount, asset, kind, counterparty, description)
    SELECT tenant_id, subject, version, data ->> 'connection', data ->> 'account', occurred_at, (data ->> 'day')::date,
           (data ->> 'amount')::numeric, data ->> 'asset', data ->> 'class',
           coalesce(data ->> 'counterparty', ''), coalesce(data ->> 'description', '')
    FROM newest
    WHERE (SELECT count(*) FROM by_hand_gone) >= 0
      AND type = 'decision' AND connection = '(you)' AND data ->> 'kind' = 'transaction'
      AND NOT coalesce((data ->> 'removed')::boolean, false)
    RETURNING 1
)

-- name: account
-- A file that names an account by its number only, and calls it a bank's as most are, does not know better than another
-- that gave a name, a kind or a currency before it.
told AS (
    SELECT subject,
           (array_agg(data ->> 'name' ORDER BY version DESC) FILTER (WHERE data ->> 'name' <> data ->> 'account'))[1] AS name,
           (array_agg(data ->> 'kind' ORDER BY version DESC)
               FILTER (WHERE data ->> 'kind' <> 'bank' OR data ->> 'name' <> data ->> 'account'))[1] AS kind,
           (array_agg(data ->> 'asset' ORDER BY version DESC) FILTER (WHERE data ->> 'asset' IS NOT NULL))[1] AS asset
    FROM said
    GROUP BY subject
), account_made AS (
    INSERT INTO derived.account AS made (tenant_id, connection, account, name, kind, asset)
    SELECT DISTINCT ON (connection, data ->> 'account')
           tenant_id, connection, data ->> 'account', coalesce(told.name, data ->> 'name'),
           coalesce(told.kind, data ->> 'kind'), told.asset
    FROM newest
    LEFT JOIN told USING (subject)
    WHERE type = 'account'
    ORDER BY connection, data ->> 'account', position DESC
    ON CONFLICT (tenant_id, connection, account)
    DO UPDATE SET name = excluded.name, kind = excluded.kind, asset = excluded.asset
    WHERE (made.name, made.kind, made.asset) IS DISTINCT FROM (excluded.name, excluded.kind, excluded.asset)
    RETURNING 1
)

-- name: schedule
-- The schedule a connection stated last is its schedule, whatever came before. One without terms is refused.
schedule_stated AS (
    SELECT DISTINCT ON (connection) tenant_id, connection,
           CASE WHEN (data ->> 'removed')::boolean THEN '[]'::jsonb
                ELSE coalesce(data -> 'terms', '"a schedule needs terms"'::jsonb) END AS terms
    FROM newest
    WHERE type = 'schedule'
    ORDER BY connection, position DESC
), schedule_gone AS (
    DELETE FROM derived.schedule_term made
    USING schedule_stated stated
    WHERE made.tenant_id = stated.tenant_id AND made.connection = stated.connection
      AND made.term > jsonb_array_length(stated.terms)
    RETURNING 1
), schedule_made AS (
    INSERT INTO derived.schedule_term AS made (
        tenant_id, connection, term, amount, currency, every, start_day, end_day)
    SELECT stated.tenant_id, stated.connection, term.number, (term.data ->> 'amount')::numeric, term.data ->> 'currency',
           term.data ->> 'every', (term.data ->> 'start')::date, (term.data ->> 'end')::date
    FROM schedule_stated stated
    CROSS JOIN LATERAL jsonb_array_elements(stated.terms) WITH ORDINALITY AS term (data, number)
    ON CONFLICT (tenant_id, connection, term)
    DO UPDATE SET amount = excluded.amount, currency = excluded.currency, every = excluded.every,
                  start_day = excluded.start_day, end_day = excluded.end_day
    WHERE (made.amount, made.currency, made.every, made.start_day, made.end_day)
       IS DISTINCT FROM (excluded.amount, excluded.currency, excluded.every, excluded.start_day, excluded.end_day)
    RETURNING 1
)

-- name: clear_transaction
DELETE FROM derived.transaction WHERE tenant_id = %(tenant)s

-- name: clear_trade
DELETE FROM derived.trade WHERE tenant_id = %(tenant)s

-- name: clear_account
DELETE FROM derived.account WHERE tenant_id = %(tenant)s

-- name: clear_schedule
DELETE FROM derived.schedule_term WHERE tenant_id = %(tenant)s

-- name: clear_balance
DELETE FROM derived.balance WHERE tenant_id = %(tenant)s

-- name: clear_decision
DELETE FROM derived.decision WHERE tenant_id = %(tenant)s
