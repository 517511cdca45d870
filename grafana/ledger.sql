-- The queries of the dashboard Ledger: net worth and debts, whether the books agree, transfers, and who pays and is paid.

-- name: net_worth
-- current_date goes first: it costs nothing, and the tenant's own day is asked for in the few rows that are left.
SELECT now() AS "time", base_currency || CASE WHEN lacking > 0 THEN ', ' || lacking || ' not known' ELSE '' END AS metric,
  worth AS value
FROM report.net_worth
WHERE tenant = ${tenant:sqlstring} AND step = 'month' AND by = 'total' AND day >= current_date - 2
  AND day = report.today(${tenant:sqlstring})

-- name: assets
SELECT now() AS "time", base_currency AS metric, assets AS value
FROM report.net_worth
WHERE tenant = ${tenant:sqlstring} AND step = 'month' AND by = 'total' AND day >= current_date - 2
  AND day = report.today(${tenant:sqlstring})

-- name: debts
SELECT now() AS "time", base_currency AS metric, debts AS value
FROM report.net_worth
WHERE tenant = ${tenant:sqlstring} AND step = 'month' AND by = 'total' AND day >= current_date - 2
  AND day = report.today(${tenant:sqlstring})

-- name: gaps
SELECT now() AS "time", 'where money is not explained' AS metric, count(*) AS value
FROM report.balance_gap
WHERE tenant = ${tenant:sqlstring} AND what = 'gap'
HAVING count(*) > 0 OR EXISTS (SELECT FROM report.account a WHERE a.tenant = ${tenant:sqlstring})

-- name: waiting
SELECT now() AS "time", 'wait for your word' AS metric, count(*) AS value
FROM report.transfer
WHERE tenant = ${tenant:sqlstring} AND state = 'proposed'
HAVING count(*) > 0 OR EXISTS (SELECT FROM report.account a WHERE a.tenant = ${tenant:sqlstring})

-- name: unseen
SELECT now() AS "time", 'in 90 days' AS metric, count(*) AS value
FROM report.transfer
WHERE tenant = ${tenant:sqlstring} AND state = 'open' AND day > report.today(${tenant:sqlstring}) - 90
HAVING count(*) > 0 OR EXISTS (SELECT FROM report.account a WHERE a.tenant = ${tenant:sqlstring})

-- name: by_part
SELECT first_day::timestamp AS "time", coalesce(nullif(replace(name, '_', ' '), ''), 'everything') AS metric, worth AS value
FROM report.net_worth
WHERE tenant = ${tenant:sqlstring} AND step = 'month' AND by = ${by:sqlstring}
  AND day BETWEEN $__timeFrom()::date AND $__timeTo()::date + 31
ORDER BY 1, 2

-- name: owed
SELECT first_day::timestamp AS "time", assets, debts, worth AS net
FROM report.net_worth
WHERE tenant = ${tenant:sqlstring} AND step = 'month' AND by = 'total'
  AND day BETWEEN $__timeFrom()::date AND $__timeTo()::date + 31
ORDER BY 1

-- name: gap_list
SELECT name AS "Account", connection AS "Connection", first_day::text AS "From", last_day::text AS "To", gap AS "Not explained",
  stated AS "Balance moved", booked AS "Booked", asset AS "In", against AS "Against",
  CASE WHEN gap < 0 THEN 'money left, or was counted twice before: import the statement of these days'
    ELSE 'money came: import the statement of these days' END AS "What to do"
FROM report.balance_gap
WHERE tenant = ${tenant:sqlstring} AND what = 'gap'
ORDER BY last_day DESC, connection, account, asset, against
LIMIT 200

-- name: not_known
SELECT name AS "Account", connection AS "Connection", kind AS "Kind", asset AS "In", moved AS "Booked in all",
  told_until::text AS "Until", 'flowd account balance ' || connection || '/' || account AS "Say what it held"
FROM report.balance
WHERE tenant = ${tenant:sqlstring} AND step = 'month' AND day >= current_date - 2
  AND day = report.today(${tenant:sqlstring}) AND balance IS NULL
ORDER BY connection, account, asset
LIMIT 200

-- name: proposed
SELECT left(transfer::text, 8) AS "ID", out_day::text AS "Left", coalesce(out_name, out_account) AS "From", out_amount AS "Sent",
  out_asset AS "Of", in_day::text AS "Arrived", coalesce(in_name, in_account) AS "To", in_amount AS "Came", in_asset AS "In",
  fee AS "Fee", score AS "Score", why AS "Why"
FROM report.transfer
WHERE tenant = ${tenant:sqlstring} AND state = 'proposed'
ORDER BY day DESC, transfer
LIMIT 200

-- name: transfers
SELECT day::text AS "Day", state AS "State", kind AS "Kind", coalesce(out_name, out_account) AS "From",
  coalesce(out_amount, in_amount) AS "Amount", coalesce(out_asset, in_asset) AS "Of", coalesce(in_name, in_account) AS "To",
  fee AS "Fee", rate AS "Rate", days AS "Days", why AS "Why"
FROM report.transfer
WHERE tenant = ${tenant:sqlstring} AND state <> 'proposed'
  AND day BETWEEN $__timeFrom()::date AND $__timeTo()::date
ORDER BY day DESC, transfer
LIMIT 300

-- name: payers
SELECT coalesce(nullif(name, ''), 'not named') AS name, sum(amount_base) AS amount
FROM report.counterparty
WHERE tenant = ${tenant:sqlstring} AND direction = 'in' AND NOT own
  AND month BETWEEN date_trunc('month', $__timeFrom()::timestamp)::date AND $__timeTo()::date
GROUP BY 1
HAVING sum(amount_base) > 0
ORDER BY 2 DESC, 1
LIMIT 12

-- name: paid
SELECT coalesce(nullif(name, ''), 'not named') AS name, -sum(amount_base) AS amount
FROM report.counterparty
WHERE tenant = ${tenant:sqlstring} AND direction = 'out' AND NOT own
  AND month BETWEEN date_trunc('month', $__timeFrom()::timestamp)::date AND $__timeTo()::date
GROUP BY 1
HAVING sum(amount_base) < 0
ORDER BY 2 DESC, 1
LIMIT 12
