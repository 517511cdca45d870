-- Tiles and sentences hold amounts as text, because Grafana 9 formats only values, not the words beside them.
CREATE OR REPLACE FUNCTION report.written(amount numeric)
    RETURNS text
    LANGUAGE sql STABLE
    AS $$
        SELECT CASE
            WHEN abs(round(amount, 2)) >= 1000 THEN to_char(amount, 'FM999,999,999,999,999,990')
            WHEN abs(amount) >= 1 OR amount = 0 THEN to_char(amount, 'FM990.00')
            ELSE to_char(round(amount, 3 - floor(log(abs(amount)))::int), 'FM0.00999999999999')
        END
    $$;
COMMENT ON FUNCTION report.written(numeric) IS
    'An amount as people write it: whole and with commas from 1,000 on, with two digits below, with four that count below 1.';
REVOKE ALL ON FUNCTION report.written(numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report.written(numeric) TO flowd_app, flowd_report, flowd_admin;
