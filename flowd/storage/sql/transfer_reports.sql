What `flowd transfers` asks.

-- name: transfers
SELECT transfer, day, state, kind, score, next_best, why, out_connection, out_account, out_name, out_day, out_amount, out_asset,
    out_text, in_connection, in_account, in_name, in_day, in_amount, in_asset, in_text, days, fee, fee_asset, rate, market,
    out_subject, in_subject
FROM report.transfer
WHERE (%(states)s::text[] IS NULL OR state = ANY (%(states)s::text[])) 
    AND (%(since)s::date IS NULL OR day >= %(since)s) AND (%(until)s::date IS NULL OR day <= %(until)s)
ORDER BY day DESC, transfer
LIMIT %(limit)s

-- name: named
SELECT transfer, day, state, out_name, out_day, out_amount, out_asset, in_name, in_day, in_amount, in_asset, out_subject,
    in_subject
FROM report.transfer
WHERE transfer::text LIKE %(begin)s
ORDER BY transfer
LIMIT 5

-- name: counts
SELECT state, count(*)::int AS count FROM report.transfer GROUP BY state
