-- What was foretold before and can be scored now.

-- name: sums
-- Columns as bytes, a value after the other in network order: a year of projections of 50 streams is 150,000 rows.
SELECT scope, name,
    string_agg(int4send(made_on - DATE '0001-01-01' + 1), ''::bytea ORDER BY made_on, for_day),
    string_agg(int4send(for_day - DATE '0001-01-01' + 1), ''::bytea ORDER BY made_on, for_day),
    string_agg(
        float8send(p05::float8) || float8send(p10::float8) || float8send(p25::float8) || float8send(p50::float8)
            || float8send(p75::float8) || float8send(p90::float8) || float8send(p95::float8),
        ''::bytea ORDER BY made_on, for_day)
FROM app.projection
WHERE tenant_id = %(tenant)s AND span = 'sum' AND for_day <= %(until)s AND base_currency = %(base)s
GROUP BY scope, name
ORDER BY scope COLLATE "C", name COLLATE "C"
