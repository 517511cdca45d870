-- What the command line and the daemon ask of balances: report views only, for the session's tenant.

-- name: now
-- The step that is not over ends today, whichever it is: years are the fewest.
SELECT b.connection, b.account, b.name, b.kind, b.asset, b.balance, b.moved, b.as_of, b.source, b.told_until,
    w.worth, w.base_currency, w.quality
FROM report.balance b
JOIN report.tenant t ON t.tenant = b.tenant AND t.today = b.day
LEFT JOIN report.worth w
    ON w.step = 'year' AND w.day = b.day AND w.connection = b.connection AND w.account = b.account AND w.asset = b.asset
WHERE b.step = 'year' AND (%(connection)s::text IS NULL OR b.connection = %(connection)s)
    AND (%(account)s::text IS NULL OR b.account = %(account)s) AND (%(asset)s::text IS NULL OR b.asset = %(asset)s)
ORDER BY b.connection, b.account, b.asset

-- name: by_step
SELECT b.first_day AS period, b.day, b.connection, b.account, b.name, b.kind, b.asset, b.balance, b.moved, b.as_of,
    b.source, b.told_until
FROM report.balance b
WHERE b.step = %(step)s AND b.day >= %(since)s AND b.first_day <= %(until)s AND (%(connection)s::text IS NULL OR b.connection = %(connection)s)
    AND (%(account)s::text IS NULL OR b.account = %(account)s) AND (%(asset)s::text IS NULL OR b.asset = %(asset)s)
ORDER BY b.first_day, b.connection, b.account, b.asset

-- name: gaps
SELECT connection, account, name, asset, against, first_day, last_day, stated, booked, gap, what
FROM report.balance_gap
WHERE (%(connection)s::text IS NULL OR connection = %(connection)s)
    AND (%(account)s::text IS NULL OR account = %(account)s) AND (%(asset)s::text IS NULL OR asset = %(asset)s)
    AND (%(since)s::date IS NULL OR last_day >= %(since)s) AND (%(until)s::date IS NULL OR first_day <= %(until)s)
ORDER BY last_day, connection, account, asset, against
