-- What all migrations, roles and views together make. Written by `make schema`: do not edit.

CREATE SCHEMA app;

CREATE SCHEMA derived;

CREATE SCHEMA ops;

CREATE SCHEMA raw;

CREATE SCHEMA report;

CREATE FUNCTION derived.is_currency(asset text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT asset = ANY ('{EUR,USD,GBP,CHF,JPY,AED,AFN,ALL,AMD,ANG,AOA,ARS,AUD,AWG,AZN,BAM,BBD,
        BDT,BGN,BHD,BIF,BMD,BND,BOB,BRL,BSD,BTN,BWP,BYN,BZD,CAD,CDF,CLP,CNY,
        COP,CRC,CUP,CVE,CZK,DJF,DKK,DOP,DZD,EGP,ERN,ETB,FJD,FKP,GEL,GHS,GIP,
        GMD,GNF,GTQ,GYD,HKD,HNL,HRK,HTG,HUF,IDR,ILS,INR,IQD,IRR,ISK,JMD,JOD,
        KES,KGS,KHR,KMF,KPW,KRW,KWD,KYD,KZT,LAK,LBP,LKR,LRD,LSL,LYD,MAD,MDL,
        MGA,MKD,MMK,MNT,MOP,MRU,MUR,MVR,MWK,MXN,MYR,MZN,NAD,NGN,NIO,NOK,NPR,
        NZD,OMR,PAB,PEN,PGK,PHP,PKR,PLN,PYG,QAR,RON,RSD,RUB,RWF,SAR,SBD,SCR,
        SDG,SEK,SGD,SHP,SLE,SOS,SRD,SSP,STN,SVC,SYP,SZL,THB,TJS,TMT,TND,TOP,
        TRY,TTD,TWD,TZS,UAH,UGX,UYU,UZS,VES,VND,VUV,WST,XAF,XCD,XOF,XPF,YER,
        ZAR,ZMW,ZWL}'::text[])
$$;

COMMENT ON FUNCTION derived.is_currency(asset text) IS 'Whether an asset is a currency of ISO 4217 that is in use.';

CREATE PROCEDURE ops.guard(VARIADIC tables text[])
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    DECLARE
        name text;
    BEGIN
        FOREACH name IN ARRAY tables LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
            EXECUTE format(
                'CREATE POLICY tenant ON %s USING (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))'
                ' WITH CHECK (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))', name);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO flowd_app', name);
        END LOOP;
    END
    $$;

COMMENT ON PROCEDURE ops.guard(VARIADIC tables text[]) IS 'Guards new tables of tenants by row; only migrations call it.';

CREATE FUNCTION ops.visible_tenants() RETURNS integer[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
        SELECT CASE
            WHEN EXISTS (SELECT FROM ops.login WHERE role = session_user)
                THEN ARRAY(SELECT tenant_id FROM ops.login WHERE role = session_user)
            WHEN NULLIF(current_setting('flowd.tenant', true), '') IS NOT NULL
                AND pg_has_role(session_user, 'flowd_app', 'MEMBER')
                THEN ARRAY[NULLIF(current_setting('flowd.tenant', true), '')::int]
            WHEN pg_has_role(session_user, 'flowd_admin', 'USAGE')
                THEN ARRAY(SELECT id FROM ops.tenant ORDER BY id)
            ELSE ARRAY[]::int[]
        END
    $$;

COMMENT ON FUNCTION ops.visible_tenants() IS 'The tenants this session may see; every policy and view filters by it.';

CREATE FUNCTION raw.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        RAISE EXCEPTION 'raw.event is append-only: % is refused; add the next version instead', TG_OP
            USING ERRCODE = 'restrict_violation';
    END
    $$;

CREATE FUNCTION report.bucket(since timestamp with time zone, until timestamp with time zone, bucket text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT CASE
            WHEN bucket <> 'auto' THEN bucket
            WHEN until - since <= INTERVAL '100 days' THEN 'day'
            WHEN until - since <= INTERVAL '800 days' THEN 'week'
            ELSE 'month'
        END
    $$;

COMMENT ON FUNCTION report.bucket(since timestamp with time zone, until timestamp with time zone, bucket text) IS 'How wide a step is: as asked for, or, for auto, by the length of the time.';

CREATE FUNCTION report.income(since timestamp with time zone, until timestamp with time zone, bucket text DEFAULT 'auto'::text, basis text DEFAULT 'earned'::text, shown text DEFAULT 'base'::text) RETURNS TABLE("time" timestamp without time zone, stream text, name text, grp text, amount numeric, currency text, quality text, tenant text)
    LANGUAGE sql STABLE
    AS $$
        WITH bounds AS (
            SELECT
                width.bucket,
                -- a quarter is no unit of an interval
                (CASE width.bucket WHEN 'quarter' THEN '3 months' ELSE '1 ' || width.bucket END)::interval AS step,
                date_trunc(width.bucket, since AT TIME ZONE 'UTC')::date     AS first,
                -- what is to come is not known, and no zero: a chart of this whole month ends today
                least((until AT TIME ZONE 'UTC')::date, report.today())      AS last
            FROM (SELECT report.bucket(since, until, income.bucket) AS bucket) width
        )
        SELECT f.at, f.stream, coalesce(s.name, f.stream), coalesce(s.grp, 'other'),
            CASE WHEN f.at = f.began THEN f.amount ELSE 0 END,
            f.currency,
            (ARRAY['exact', 'estimated', 'spread', 'partial', 'stale'])[CASE WHEN f.at = f.began THEN f.worst ELSE 1 END],
            f.tenant
        FROM (
            SELECT n.*, generate_series(n.began, n.ended, (SELECT b.step FROM bounds b)) AS at
            FROM (
                SELECT m.*,
                    lead(m.began - (SELECT b.step FROM bounds b), 1, (SELECT b.last FROM bounds b)::timestamp)
                        OVER (PARTITION BY m.tenant, m.stream, m.currency ORDER BY m.began) AS ended
                FROM (
                    SELECT
                        date_trunc((SELECT b.bucket FROM bounds b), i.day::timestamp) AS began, i.tenant, i.stream,
                        CASE WHEN shown = 'base' THEN i.base_currency ELSE i.currency END AS currency,
                        sum(worth.amount) AS amount,
                        greatest(
                            max(CASE i.quality WHEN 'exact' THEN 1 WHEN 'estimated' THEN 2 WHEN 'spread' THEN 3
                                WHEN 'partial' THEN 4 ELSE 5 END),
                            CASE WHEN bool_or(worth.amount IS NULL) THEN 4 END) AS worst
                    FROM report.income i
                    CROSS JOIN LATERAL (
                        SELECT CASE
                            WHEN shown = 'base' THEN CASE WHEN basis = 'received' THEN i.received_base ELSE i.earned_base END
                            WHEN basis = 'received' THEN i.received
                            ELSE i.earned
                        END AS amount
                    ) worth
                    WHERE i.day >= (SELECT b.first FROM bounds b)
                        AND i.day <= (SELECT b.last FROM bounds b)
                        AND (shown = 'base' OR i.currency = shown)
                    GROUP BY 1, 2, 3, 4
                ) m
            ) n
        ) f
        LEFT JOIN report.stream s ON s.tenant = f.tenant AND s.stream = f.stream
    $$;

COMMENT ON FUNCTION report.income(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) IS 'Income per stream and day, week, month, quarter or year (bucket; auto by the length of the time), without holes: whole buckets from the one that since falls in to until, and not past today.';

CREATE FUNCTION report.income_before(since timestamp with time zone, until timestamp with time zone, bucket text DEFAULT 'auto'::text, basis text DEFAULT 'earned'::text, shown text DEFAULT 'base'::text) RETURNS TABLE("time" timestamp without time zone, stream text, name text, grp text, amount numeric, currency text, quality text, tenant text)
    LANGUAGE sql STABLE
    AS $$
        WITH width AS (
            SELECT w.bucket,
                date_trunc(w.bucket, since AT TIME ZONE 'UTC') AS first,
                date_trunc(w.bucket, until AT TIME ZONE 'UTC') AS last
            FROM (SELECT report.bucket(since, until, income_before.bucket) AS bucket) w
        ), shift AS (
            SELECT w.bucket, w.first,
                CASE
                    WHEN w.bucket IN ('day', 'week')
                        THEN (w.last::date - w.first::date + CASE w.bucket WHEN 'week' THEN 7 ELSE 1 END) * INTERVAL '1 day'
                    ELSE (extract(year FROM age(w.last, w.first)) * 12 + extract(month FROM age(w.last, w.first))
                        + CASE w.bucket WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END)::int * INTERVAL '1 month'
                END AS width
            FROM width w
        )
        SELECT i."time" + s.width, i.stream, i.name, i.grp, i.amount, i.currency, i.quality, i.tenant
        FROM shift s
        CROSS JOIN LATERAL report.income(
            (s.first - s.width) AT TIME ZONE 'UTC', (s.first - INTERVAL '1 day') AT TIME ZONE 'UTC', s.bucket, basis, shown) i
    $$;

COMMENT ON FUNCTION report.income_before(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) IS 'The same of the time before, as long and moved onto this one: what a chart draws for comparison.';

CREATE FUNCTION report.income_by(bucket text, basis text, shown text, since timestamp with time zone, until timestamp with time zone) RETURNS TABLE("time" timestamp without time zone, stream text, name text, grp text, amount numeric, currency text, quality text)
    LANGUAGE sql STABLE
    AS $$
        SELECT i."time", i.stream, i.name, i.grp, i.amount, i.currency, i.quality
        FROM report.income(since, until, bucket, basis, shown) i
    $$;

COMMENT ON FUNCTION report.income_by(bucket text, basis text, shown text, since timestamp with time zone, until timestamp with time zone) IS 'Income per stream and day, week, month, quarter or year (bucket), without holes: whole buckets from the one that since falls in to until.';

CREATE FUNCTION report.income_shown(basis text, shown text) RETURNS TABLE(day date, stream text, name text, grp text, amount numeric, currency text, quality text)
    LANGUAGE sql STABLE
    AS $$
        SELECT i.day, i.stream, i.name, i.grp,
            CASE WHEN shown = 'base'
                THEN CASE WHEN basis = 'received' THEN i.received_base ELSE i.earned_base END
                ELSE CASE WHEN basis = 'received' THEN i.received ELSE i.earned END
            END,
            CASE WHEN shown = 'base' THEN i.base_currency ELSE i.currency END,
            i.quality
        FROM report.income i
        WHERE shown = 'base' OR i.currency = shown
    $$;

COMMENT ON FUNCTION report.income_shown(basis text, shown text) IS 'Income per stream and day on one basis (received or earned), in base currency (shown = ''base'') or only what is in one currency (shown = ''USD'').';

CREATE FUNCTION report.palette() RETURNS TABLE(slot integer, colour text)
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT p.slot::integer, p.colour
        FROM unnest(ARRAY[
            '#56a64b', '#3274d9', '#ff780a', '#a352cc', '#e0b400', '#1f9e9e', '#e02f44', '#8ab8ff',
            '#96d98d', '#b8527f', '#c9a27e', '#5f6fd1', '#ffb357', '#2e7d62', '#ca95e5', '#7a8b99',
            '#f2a3b3', '#9aa832', '#00b5d8', '#8c5a2b', '#c15c17', '#37872d', '#705da0', '#d8d05a'
        ]) WITH ORDINALITY AS p (colour, slot)
    $$;

COMMENT ON FUNCTION report.palette() IS 'The colours of the dashboards, numbered from 1.';

CREATE FUNCTION report.spark(amounts numeric[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        WITH scale AS (
            SELECT least(min(a.amount), 0) AS low, greatest(max(a.amount), 0) AS high FROM unnest(amounts) a (amount)
        )
        SELECT string_agg(
            CASE
                WHEN a.amount IS NULL THEN '·'
                WHEN s.high = s.low THEN '▁'
                ELSE substr('▁▂▃▄▅▆▇█', 1 + round(7 * (a.amount - s.low) / (s.high - s.low))::int, 1)
            END, '' ORDER BY a.place)
        FROM unnest(amounts) WITH ORDINALITY a (amount, place)
        CROSS JOIN scale s
    $$;

COMMENT ON FUNCTION report.spark(amounts numeric[]) IS 'Amounts as a small chart made of text: ▁ is the lowest of them or zero, █ the highest, · one that is not known.';

CREATE FUNCTION report.today() RETURNS date
    LANGUAGE sql STABLE
    AS $$ SELECT max(today) FROM report.tenant $$;

COMMENT ON FUNCTION report.today() IS 'The current day of the tenant (the furthest, where a session sees several).';

CREATE FUNCTION report.today(whose text) RETURNS date
    LANGUAGE sql STABLE
    AS $$ SELECT today FROM report.tenant WHERE tenant = whose $$;

COMMENT ON FUNCTION report.today(whose text) IS 'The current day of the tenant of this name; NULL where the session sees none of that name.';

CREATE FUNCTION report.worth(since timestamp with time zone, until timestamp with time zone, bucket text DEFAULT 'auto'::text) RETURNS TABLE("time" timestamp without time zone, connection text, account text, name text, kind text, asset text, quantity numeric, worth numeric, currency text, quality text, tenant text)
    LANGUAGE sql STABLE
    AS $$
        WITH chosen AS (
            SELECT CASE
                WHEN worth.bucket <> 'auto' THEN worth.bucket
                WHEN until - since <= INTERVAL '45 days' THEN 'day'
                WHEN until - since <= INTERVAL '400 days' THEN 'week'
                ELSE 'month'
            END AS step
        )
        SELECT w.day::timestamp, w.connection, w.account, w.name, w.kind, w.asset, w.quantity, w.worth, w.base_currency,
            w.quality, w.tenant
        FROM report.worth w
        WHERE w.step = (SELECT c.step FROM chosen c)
            AND w.first_day >= (SELECT date_trunc(c.step, since AT TIME ZONE 'UTC')::date FROM chosen c)
            AND w.first_day <= (until AT TIME ZONE 'UTC')::date
    $$;

COMMENT ON FUNCTION report.worth(since timestamp with time zone, until timestamp with time zone, bucket text) IS 'What was held in each account at the end of each day, week, month, quarter or year (bucket; auto: days up to 45 days, weeks up to 400, then months): whole buckets from the one that since falls in to until.';

CREATE FUNCTION report.written(amount numeric) RETURNS text
    LANGUAGE sql STABLE
    AS $$
        SELECT CASE
            WHEN abs(round(amount, 2)) >= 1000 THEN to_char(amount, 'FM999,999,999,999,999,990')
            WHEN abs(amount) >= 1 OR amount = 0 THEN to_char(amount, 'FM990.00')
            ELSE to_char(round(amount, 3 - floor(log(abs(amount)))::int), 'FM0.00999999999999')
        END
    $$;

COMMENT ON FUNCTION report.written(amount numeric) IS 'An amount as people write it: whole and with commas from 1,000 on, with two digits below, with four that count below 1.';

CREATE TABLE derived.income_daily (
    tenant_id integer NOT NULL,
    stream text NOT NULL,
    currency text NOT NULL,
    day date NOT NULL,
    received numeric,
    earned numeric,
    received_base numeric,
    earned_base numeric,
    base_currency text NOT NULL,
    quality text NOT NULL,
    CONSTRAINT income_daily_quality_check CHECK ((quality = ANY (ARRAY['exact'::text, 'estimated'::text, 'spread'::text, 'partial'::text, 'stale'::text])))
);

COMMENT ON TABLE derived.income_daily IS 'What each stream brought in on each day: received on the day it came, earned on the days it was for.';

CREATE VIEW app.income_daily WITH (security_barrier='true') AS
 SELECT tenant_id,
    stream,
    currency,
    day,
    received,
    earned,
    received_base,
    earned_base,
    base_currency,
    quality
   FROM derived.income_daily
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE derived.metric (
    tenant_id integer NOT NULL,
    analytic text NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    "window" text NOT NULL,
    at timestamp with time zone NOT NULL,
    value numeric,
    unit text NOT NULL
);

COMMENT ON TABLE derived.metric IS 'Numbers that analytics derive; NULL where a number is not available.';

CREATE VIEW app.metric WITH (security_barrier='true') AS
 SELECT tenant_id,
    analytic,
    subject,
    name,
    "window",
    at,
    value,
    unit
   FROM derived.metric
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE derived.performance (
    tenant_id integer NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    day date NOT NULL,
    value numeric,
    flow numeric,
    pnl numeric,
    day_return numeric,
    income numeric,
    price numeric,
    fx numeric,
    fees numeric,
    other numeric,
    base_currency text NOT NULL,
    quality text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT performance_quality_check CHECK ((quality = ANY (ARRAY['exact'::text, 'estimated'::text, 'spread'::text, 'partial'::text, 'stale'::text]))),
    CONSTRAINT performance_scope_check CHECK ((scope = ANY (ARRAY['total'::text, 'group'::text, 'connection'::text, 'account'::text])))
);

COMMENT ON TABLE derived.performance IS 'What accounts, connections, groups and everything were worth at the end of each day, and why that changed.';

COMMENT ON COLUMN derived.performance.flow IS 'Money that came from outside on that day (below zero: left).';

COMMENT ON COLUMN derived.performance.pnl IS 'Change in value less flow; the sum of income, price, fx, fees and other.';

COMMENT ON COLUMN derived.performance.day_return IS 'Return of the day as a share of its base; NULL where reason says why.';

CREATE VIEW app.performance WITH (security_barrier='true') AS
 SELECT tenant_id,
    scope,
    name,
    day,
    value,
    flow,
    pnl,
    day_return,
    income,
    price,
    fx,
    fees,
    other,
    base_currency,
    quality,
    reason
   FROM derived.performance
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE raw.projection (
    tenant_id integer NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    made_on date NOT NULL,
    made_at timestamp with time zone NOT NULL,
    span text NOT NULL,
    for_day date NOT NULL,
    p05 numeric NOT NULL,
    p10 numeric NOT NULL,
    p25 numeric NOT NULL,
    p50 numeric NOT NULL,
    p75 numeric NOT NULL,
    p90 numeric NOT NULL,
    p95 numeric NOT NULL,
    mean numeric NOT NULL,
    method text NOT NULL,
    confidence numeric,
    base_currency text NOT NULL,
    CONSTRAINT projection_confidence_check CHECK (((confidence >= (0)::numeric) AND (confidence <= (1)::numeric))),
    CONSTRAINT projection_scope_check CHECK ((scope = ANY (ARRAY['total'::text, 'group'::text, 'stream'::text]))),
    CONSTRAINT projection_span_check CHECK ((span = ANY (ARRAY['day'::text, 'month'::text, 'sum'::text])))
);

COMMENT ON TABLE raw.projection IS 'What flowd foretold, kept as it was said: it is scored when its day has come.';

COMMENT ON COLUMN raw.projection.made_on IS 'The tenant''s day on which it was said, knowing what happened before that day; the last word of a day counts.';

COMMENT ON COLUMN raw.projection.span IS 'day: income of for_day. month: income of the calendar month that ends on for_day, what already came included. sum: income from made_on to for_day.';

CREATE VIEW app.projection WITH (security_barrier='true') AS
 SELECT tenant_id,
    scope,
    name,
    made_on,
    made_at,
    span,
    for_day,
    p05,
    p10,
    p25,
    p50,
    p75,
    p90,
    p95,
    mean,
    method,
    confidence,
    base_currency
   FROM raw.projection
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE raw.rate (
    tenant_id integer NOT NULL,
    base text NOT NULL,
    quote text NOT NULL,
    source text NOT NULL,
    at timestamp with time zone NOT NULL,
    value numeric NOT NULL,
    CONSTRAINT rate_value_check CHECK (((value > (0)::numeric) AND (value < '1000000000000000000000000000000'::numeric)))
);

COMMENT ON TABLE raw.rate IS 'One unit of base was worth value units of quote at that moment, as its source says.';

CREATE VIEW app.rate WITH (security_barrier='true') AS
 SELECT tenant_id,
    base,
    quote,
    source,
    at,
    value
   FROM raw.rate
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE raw.snapshot (
    tenant_id integer NOT NULL,
    series_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    quantity numeric NOT NULL,
    inferred boolean DEFAULT false NOT NULL,
    CONSTRAINT snapshot_quantity_check CHECK ((abs(quantity) < '1000000000000000000000000000000'::numeric))
);

COMMENT ON TABLE raw.snapshot IS 'How much of one asset an account held at one moment.';

COMMENT ON COLUMN raw.snapshot.inferred IS 'True for an explicit zero: the source gave its whole list, and this was no longer on it.';

CREATE VIEW app.snapshot WITH (security_barrier='true') AS
 SELECT tenant_id,
    series_id,
    at,
    quantity,
    inferred
   FROM raw.snapshot
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE derived.snapshot_daily (
    tenant_id integer NOT NULL,
    series_id integer NOT NULL,
    day date NOT NULL,
    first numeric NOT NULL,
    last numeric NOT NULL,
    low numeric NOT NULL,
    high numeric NOT NULL,
    mean numeric NOT NULL,
    count integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    last_base numeric
);

COMMENT ON TABLE derived.snapshot_daily IS 'Readings per day of the tenant: first, last, low, high, mean, count; last also in base currency.';

COMMENT ON COLUMN derived.snapshot_daily.last_base IS 'last in base currency at the price at the end of the day; NULL without a dated price.';

CREATE VIEW app.snapshot_daily WITH (security_barrier='true') AS
 SELECT tenant_id,
    series_id,
    day,
    first,
    last,
    low,
    high,
    mean,
    count,
    first_at,
    last_at,
    last_base
   FROM derived.snapshot_daily
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE derived.snapshot_hourly (
    tenant_id integer NOT NULL,
    series_id integer NOT NULL,
    hour timestamp with time zone NOT NULL,
    first numeric NOT NULL,
    last numeric NOT NULL,
    low numeric NOT NULL,
    high numeric NOT NULL,
    mean numeric NOT NULL,
    count integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    last_base numeric
);

COMMENT ON TABLE derived.snapshot_hourly IS 'Readings per UTC hour: first, last, low, high, mean, count; last also in base currency.';

COMMENT ON COLUMN derived.snapshot_hourly.last_base IS 'last in base currency at the price at the end of its day; NULL without a dated price.';

CREATE VIEW app.snapshot_hourly WITH (security_barrier='true') AS
 SELECT tenant_id,
    series_id,
    hour,
    first,
    last,
    low,
    high,
    mean,
    count,
    first_at,
    last_at,
    last_base
   FROM derived.snapshot_hourly
  WHERE (tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  WITH CASCADED CHECK OPTION;

CREATE TABLE derived.account (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    asset text
);

ALTER TABLE ONLY derived.account FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.account IS 'What sources said of their accounts.';

CREATE TABLE derived.account_left_out (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    same_connection text,
    same_account text,
    CONSTRAINT account_left_out_check CHECK (((same_connection IS NULL) = (same_account IS NULL)))
);

ALTER TABLE ONLY derived.account_left_out FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.account_left_out IS 'Accounts that do not count, by somebody''s word.';

COMMENT ON COLUMN derived.account_left_out.same_connection IS 'The connection of the account it is the same as, and that counts; NULL where it is left out for another reason.';

COMMENT ON COLUMN derived.account_left_out.same_account IS 'The id of that account.';

CREATE TABLE derived.account_word (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    name text,
    kind text
);

ALTER TABLE ONLY derived.account_word FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.account_word IS 'What people call accounts, and what kind they say they are; NULL leaves the source''s word.';

CREATE TABLE derived.balance (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    day date NOT NULL,
    amount numeric NOT NULL,
    CONSTRAINT balance_amount_check CHECK ((abs(amount) < '1000000000000000000000000000000'::numeric))
);

ALTER TABLE ONLY derived.balance FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.balance IS 'What statements say an account held at the end of a day, after everything booked on it.';

CREATE TABLE derived.balance_day (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    day date NOT NULL,
    booked numeric,
    amount numeric NOT NULL,
    source text NOT NULL,
    drift numeric,
    CONSTRAINT balance_day_source_check CHECK ((source = ANY (ARRAY['you'::text, 'stated'::text, 'read'::text, 'computed'::text, 'relative'::text])))
);

ALTER TABLE ONLY derived.balance_day FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.balance_day IS 'What accounts with transactions or stated balances held at the end of each day on which something was booked or stated.';

COMMENT ON COLUMN derived.balance_day.booked IS 'The sum of what was booked on the day; NULL where nothing was.';

COMMENT ON COLUMN derived.balance_day.amount IS 'What was held; with the source relative: the sum of all that was booked so far, because no balance is known.';

COMMENT ON COLUMN derived.balance_day.source IS 'you (a person said it), stated (by a statement), read (at the source), computed (from the nearest of these), relative.';

COMMENT ON COLUMN derived.balance_day.drift IS 'What was stated or read, less what the one before and the transactions since make of it; NULL for the first.';

CREATE TABLE derived.balance_gap (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    against text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    stated numeric NOT NULL,
    booked numeric NOT NULL,
    gap numeric NOT NULL,
    what text NOT NULL,
    CONSTRAINT balance_gap_against_check CHECK ((against = ANY (ARRAY['statement'::text, 'reading'::text]))),
    CONSTRAINT balance_gap_what_check CHECK ((what = ANY (ARRAY['gap'::text, 'timing'::text, 'rounding'::text])))
);

ALTER TABLE ONLY derived.balance_gap FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.balance_gap IS 'Where balances that are stated or read changed by something else than what was booked between them.';

COMMENT ON COLUMN derived.balance_gap.gap IS 'What transactions do not explain; of readings, at least that much.';

COMMENT ON COLUMN derived.balance_gap.what IS 'gap; timing: it is made good within a few days, because one side dates by value and the other by booking; or rounding.';

CREATE TABLE derived.balance_left_out (
    tenant_id integer NOT NULL,
    subject uuid NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    day date NOT NULL,
    amount numeric NOT NULL
);

ALTER TABLE ONLY derived.balance_left_out FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.balance_left_out IS 'Transactions that balances were made without, because somebody said that they are duplicates.';

CREATE TABLE derived.balance_line (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    kind text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    known_from date,
    told_until date NOT NULL,
    last_stated date,
    carried boolean NOT NULL
);

ALTER TABLE ONLY derived.balance_line FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.balance_line IS 'Each asset of an account of which balances are told by transactions or stated.';

COMMENT ON COLUMN derived.balance_line.known_from IS 'The first day at whose end the balance is known; NULL where none is.';

COMMENT ON COLUMN derived.balance_line.told_until IS 'The last day on which anything was booked, stated or read in the account, in whatever asset.';

COMMENT ON COLUMN derived.balance_line.carried IS 'True where a person keeps it: what was said last counts until something else is said.';

CREATE TABLE derived.counterparty_month (
    tenant_id integer NOT NULL,
    month date NOT NULL,
    direction text NOT NULL,
    name text NOT NULL,
    flow_class text NOT NULL,
    stream text,
    own boolean NOT NULL,
    asset text NOT NULL,
    amount numeric NOT NULL,
    amount_base numeric,
    base_currency text NOT NULL,
    count bigint NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    CONSTRAINT counterparty_month_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text])))
);

ALTER TABLE ONLY derived.counterparty_month FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.counterparty_month IS 'What each payer paid and each payee was paid in a month: the sums of derived.flow, in base currency at the rate of each day.';

COMMENT ON COLUMN derived.counterparty_month.own IS 'Whether both sides are known: it is a transfer between own accounts.';

CREATE TABLE derived.decided (
    tenant_id integer NOT NULL,
    subject uuid NOT NULL,
    version integer NOT NULL,
    about uuid,
    other uuid,
    problem text DEFAULT ''::text NOT NULL
);

ALTER TABLE ONLY derived.decided FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.decided IS 'The decisions that derived rows were made with, and why one of them does not apply.';

COMMENT ON COLUMN derived.decided.problem IS 'Why it does not apply, in words; empty where it does.';

CREATE TABLE derived.decision (
    tenant_id integer NOT NULL,
    subject uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    about uuid,
    other uuid,
    decided_at timestamp with time zone NOT NULL,
    data jsonb NOT NULL
);

ALTER TABLE ONLY derived.decision FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.decision IS 'What people decided and did not undo: classes, splits, duplicates, transfers, names, balances, money moved by hand.';

COMMENT ON COLUMN derived.decision.about IS 'The transaction (its subject) it is about, if it is about one.';

COMMENT ON COLUMN derived.decision.other IS 'The other transaction, where it is about two.';

COMMENT ON COLUMN derived.decision.decided_at IS 'The time of what it is about, which may be long before somebody decided.';

CREATE TABLE derived.expected (
    tenant_id integer NOT NULL,
    stream text NOT NULL,
    payer text NOT NULL,
    series integer NOT NULL,
    currency text NOT NULL,
    due date NOT NULL,
    earliest date NOT NULL,
    latest date NOT NULL,
    amount numeric,
    source text NOT NULL,
    state text NOT NULL,
    received_on date,
    received numeric,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT expected_source_check CHECK ((source = ANY (ARRAY['declared'::text, 'detected'::text]))),
    CONSTRAINT expected_state_check CHECK ((state = ANY (ARRAY['received'::text, 'short'::text, 'late'::text, 'missed'::text, 'due'::text, 'expected'::text, 'unknown'::text])))
);

ALTER TABLE ONLY derived.expected FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.expected IS 'Regular receipts: when each was due, how much, and what came.';

COMMENT ON COLUMN derived.expected.series IS 'Which of several regular series of one payer, counted from 0.';

CREATE TABLE derived.flow (
    tenant_id integer NOT NULL,
    subject uuid NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    day date NOT NULL,
    amount numeric NOT NULL,
    asset text NOT NULL,
    flow_class text NOT NULL,
    stream text,
    rule text NOT NULL,
    payer text DEFAULT ''::text NOT NULL,
    part_of uuid,
    category text,
    note text
);

ALTER TABLE ONLY derived.flow FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.flow IS 'What each booked transaction is, in which stream it is charted, and which rule decided.';

COMMENT ON COLUMN derived.flow.payer IS 'The other side without digits and capitals, so that one payer is one; empty where it is not named.';

COMMENT ON COLUMN derived.flow.part_of IS 'The transaction it is a part of, where somebody split one: the first part has its subject, the others have their own.';

COMMENT ON COLUMN derived.flow.category IS 'What somebody filed it under; NULL where nobody did.';

COMMENT ON COLUMN derived.flow.note IS 'What somebody noted about it; NULL where nobody did.';

CREATE TABLE derived.goal (
    tenant_id integer NOT NULL,
    goal text NOT NULL,
    kind text NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL,
    by_day date,
    since date NOT NULL,
    as_of date NOT NULL,
    current numeric,
    probability numeric,
    reached_p10 date,
    reached_p50 date,
    reached_p90 date,
    needed numeric,
    reason text NOT NULL,
    CONSTRAINT goal_kind_check CHECK ((kind = ANY (ARRAY['monthly'::text, 'saved'::text, 'net_worth'::text]))),
    CONSTRAINT goal_scope_check CHECK ((scope = ANY (ARRAY['total'::text, 'group'::text, 'stream'::text])))
);

ALTER TABLE ONLY derived.goal FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.goal IS 'Goals that somebody set, how likely each is reached, and when.';

COMMENT ON COLUMN derived.goal.needed IS 'What a month would have to bring from now on to reach it in time.';

CREATE VIEW derived.known_account WITH (security_barrier='true') AS
 SELECT a.tenant_id,
    a.connection,
    a.account,
    COALESCE(w.name, a.name) AS name,
    COALESCE(w.kind, a.kind) AS kind,
    a.asset
   FROM (derived.account a
     LEFT JOIN derived.account_word w ON (((w.tenant_id = a.tenant_id) AND (w.connection = a.connection) AND (w.account = a.account))))
  WHERE (a.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
UNION ALL
 SELECT w.tenant_id,
    w.connection,
    w.account,
    COALESCE(w.name, w.account) AS name,
    COALESCE(w.kind, 'manual'::text) AS kind,
    NULL::text AS asset
   FROM derived.account_word w
  WHERE ((w.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (NOT (EXISTS ( SELECT
           FROM derived.account a
          WHERE ((a.tenant_id = w.tenant_id) AND (a.connection = w.connection) AND (a.account = w.account))))));

COMMENT ON VIEW derived.known_account IS 'Every account, as people call it, else as its source does.';

CREATE TABLE derived.lot (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    number integer NOT NULL,
    acquired date,
    quantity numeric NOT NULL,
    cost numeric,
    quote text NOT NULL,
    cost_base numeric,
    base_currency text NOT NULL,
    quality text NOT NULL
);

ALTER TABLE ONLY derived.lot FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.lot IS 'The units that are held, by the day on which they were acquired, the oldest first: those leave first.';

CREATE TABLE derived."position" (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    method text NOT NULL,
    quote text NOT NULL,
    quantity numeric NOT NULL,
    unexplained numeric NOT NULL,
    opened date,
    changed date NOT NULL,
    cost numeric,
    cost_fees numeric,
    cost_base numeric,
    price numeric,
    price_day date,
    value numeric,
    value_base numeric,
    unrealised numeric,
    unrealised_base numeric,
    unrealised_price numeric,
    unrealised_fx numeric,
    realised numeric,
    realised_base numeric,
    realised_price numeric,
    realised_fx numeric,
    dividends_base numeric NOT NULL,
    interest_base numeric NOT NULL,
    staking_base numeric NOT NULL,
    other_base numeric NOT NULL,
    fees_base numeric NOT NULL,
    trades integer NOT NULL,
    base_currency text NOT NULL,
    quality text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT position_method_check CHECK ((method = ANY (ARRAY['fifo'::text, 'average'::text])))
);

ALTER TABLE ONLY derived."position" FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived."position" IS 'How each asset of each account stands, by each method: what is held, what it cost and is worth, and all it ever brought.';

CREATE TABLE derived.position_day (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    method text NOT NULL,
    day date NOT NULL,
    quantity numeric NOT NULL,
    cost numeric,
    quote text NOT NULL,
    cost_base numeric,
    value_base numeric,
    base_currency text NOT NULL,
    quality text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT position_day_method_check CHECK ((method = ANY (ARRAY['fifo'::text, 'average'::text])))
);

ALTER TABLE ONLY derived.position_day FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.position_day IS 'What was held at the end of each day on which it changed, and of each month.';

CREATE TABLE derived.projection_model (
    tenant_id integer NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    as_of date NOT NULL,
    method text NOT NULL,
    reason text NOT NULL,
    history_days integer NOT NULL,
    short boolean NOT NULL,
    origins integer NOT NULL,
    error numeric,
    coverage numeric,
    confidence numeric,
    parts jsonb NOT NULL,
    candidates jsonb NOT NULL,
    digest text NOT NULL,
    fit jsonb NOT NULL,
    CONSTRAINT projection_model_scope_check CHECK ((scope = ANY (ARRAY['total'::text, 'group'::text, 'stream'::text])))
);

ALTER TABLE ONLY derived.projection_model FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.projection_model IS 'How each stream is foretold: the method, the backtest that chose it, and how far it is to be trusted.';

COMMENT ON COLUMN derived.projection_model.parts IS 'The components of confidence, by name.';

COMMENT ON COLUMN derived.projection_model.candidates IS 'Error of each method in the backtest, by name.';

COMMENT ON COLUMN derived.projection_model.digest IS 'Stands for the history it was chosen on: as long as that is the same, nothing is chosen anew.';

CREATE TABLE derived.projection_score (
    tenant_id integer NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    made_on date NOT NULL,
    horizon integer NOT NULL,
    for_day date NOT NULL,
    p50 numeric NOT NULL,
    actual numeric NOT NULL,
    error numeric NOT NULL,
    ape numeric,
    pinball numeric NOT NULL,
    inside_50 boolean NOT NULL,
    inside_80 boolean NOT NULL,
    inside_90 boolean NOT NULL,
    within_20 boolean NOT NULL,
    CONSTRAINT projection_score_horizon_check CHECK ((horizon > 0)),
    CONSTRAINT projection_score_scope_check CHECK ((scope = ANY (ARRAY['total'::text, 'group'::text, 'stream'::text])))
);

ALTER TABLE ONLY derived.projection_score FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.projection_score IS 'What was foretold as a sum over so many days (horizon), against what came.';

CREATE TABLE derived.rate_gap (
    tenant_id integer NOT NULL,
    stream text NOT NULL,
    base text NOT NULL,
    quote text NOT NULL,
    day date NOT NULL
);

ALTER TABLE ONLY derived.rate_gap FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.rate_gap IS 'The days on which a stream needed a rate that nobody had.';

CREATE TABLE derived.rate_missing (
    tenant_id integer NOT NULL,
    base text NOT NULL,
    quote text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    days integer NOT NULL
);

ALTER TABLE ONLY derived.rate_missing FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.rate_missing IS 'Rates that a number needed and nobody had: those numbers are NULL, never one to one.';

CREATE TABLE derived.realised (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    method text NOT NULL,
    day date NOT NULL,
    part text NOT NULL,
    acquired date,
    disposals integer NOT NULL,
    quantity numeric NOT NULL,
    quote text NOT NULL,
    proceeds numeric,
    fee numeric,
    cost numeric,
    gain numeric,
    proceeds_base numeric,
    fee_base numeric,
    cost_base numeric,
    gain_base numeric,
    price numeric,
    fx numeric,
    base_currency text NOT NULL,
    quality text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT realised_method_check CHECK ((method = ANY (ARRAY['fifo'::text, 'average'::text]))),
    CONSTRAINT realised_part_check CHECK ((part = ANY (ARRAY['long'::text, 'short'::text, 'unknown'::text])))
);

ALTER TABLE ONLY derived.realised FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.realised IS 'What each day''s disposals gained, those of units acquired on one day together: gain = proceeds - fee - cost, gain_base = price + fx.';

CREATE TABLE derived.return_window (
    tenant_id integer NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    "window" text NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    days integer NOT NULL,
    opening numeric,
    closing numeric,
    flow numeric,
    pnl numeric,
    pnl_pct numeric,
    twr numeric,
    twr_annual numeric,
    xirr numeric,
    mwr numeric,
    volatility numeric,
    sharpe numeric,
    sortino numeric,
    drawdown numeric,
    max_drawdown numeric,
    peak_day date,
    trough_day date,
    recovered_day date,
    income numeric,
    price numeric,
    fx numeric,
    fees numeric,
    other numeric,
    base_currency text NOT NULL,
    quality text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT return_window_quality_check CHECK ((quality = ANY (ARRAY['exact'::text, 'estimated'::text, 'spread'::text, 'partial'::text, 'stale'::text]))),
    CONSTRAINT return_window_scope_check CHECK ((scope = ANY (ARRAY['total'::text, 'group'::text, 'connection'::text, 'account'::text])))
);

ALTER TABLE ONLY derived.return_window FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.return_window IS 'Returns over 7, 30, 90 and 365 days, the year to date and the whole time; shares, not per cent.';

CREATE TABLE derived.schedule_term (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    term integer NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL,
    every text NOT NULL,
    start_day date NOT NULL,
    end_day date,
    CONSTRAINT schedule_term_amount_check CHECK ((abs(amount) < '1000000000000000000000000000000'::numeric))
);

ALTER TABLE ONLY derived.schedule_term FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.schedule_term IS 'Declared income: so much per period, from a day on, until the next term or the end (included).';

CREATE TABLE derived.stream (
    tenant_id integer NOT NULL,
    stream text NOT NULL,
    method text NOT NULL,
    connection text NOT NULL,
    name text NOT NULL,
    grp text NOT NULL,
    color text,
    target numeric,
    CONSTRAINT stream_method_check CHECK ((method = ANY (ARRAY['value'::text, 'transactions'::text, 'schedule'::text])))
);

ALTER TABLE ONLY derived.stream FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.stream IS 'The lines of income: where each comes from and how it is named, grouped and coloured.';

CREATE TABLE derived.stream_state (
    tenant_id integer NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    as_of date NOT NULL,
    trend text NOT NULL,
    slope numeric,
    slope_pct numeric,
    p_value numeric,
    trend_reason text NOT NULL,
    health text NOT NULL,
    health_reason text NOT NULL,
    share numeric,
    floor numeric,
    volatility numeric,
    cadence text,
    next_due date,
    next_amount numeric,
    passive boolean,
    tax_rate numeric,
    tax_reserve numeric,
    base_currency text NOT NULL,
    CONSTRAINT stream_state_health_check CHECK ((health = ANY (ARRAY['growing'::text, 'stable'::text, 'volatile'::text, 'declining'::text, 'stalled'::text, 'stale'::text, 'unknown'::text]))),
    CONSTRAINT stream_state_scope_check CHECK ((scope = ANY (ARRAY['total'::text, 'group'::text, 'stream'::text]))),
    CONSTRAINT stream_state_trend_check CHECK ((trend = ANY (ARRAY['growing'::text, 'flat'::text, 'declining'::text, 'unknown'::text])))
);

ALTER TABLE ONLY derived.stream_state FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.stream_state IS 'How each stream, each group and everything is doing, in words and the numbers that decided.';

CREATE TABLE derived.study (
    tenant_id integer NOT NULL,
    study text NOT NULL,
    as_of date NOT NULL,
    digest text NOT NULL
);

ALTER TABLE ONLY derived.study FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.study IS 'For which day and on which facts each study was made last.';

CREATE TABLE derived.trade (
    tenant_id integer NOT NULL,
    subject uuid NOT NULL,
    version integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    external_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    base text NOT NULL,
    quote text NOT NULL,
    side text NOT NULL,
    quantity numeric NOT NULL,
    price numeric NOT NULL,
    fee numeric NOT NULL,
    fee_asset text NOT NULL,
    CONSTRAINT trade_fee_check CHECK ((abs(fee) < '1000000000000000000000000000000'::numeric)),
    CONSTRAINT trade_price_check CHECK (((price >= (0)::numeric) AND (price < '1000000000000000000000000000000'::numeric))),
    CONSTRAINT trade_quantity_check CHECK (((quantity > (0)::numeric) AND (quantity < '1000000000000000000000000000000'::numeric))),
    CONSTRAINT trade_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])))
);

ALTER TABLE ONLY derived.trade FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.trade IS 'The newest version of each trade, read from the event log.';

CREATE TABLE derived.transaction (
    tenant_id integer NOT NULL,
    subject uuid NOT NULL,
    version integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    external_id text,
    booked_at timestamp with time zone NOT NULL,
    day date NOT NULL,
    amount numeric NOT NULL,
    asset text NOT NULL,
    kind text,
    counterparty text DEFAULT ''::text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    pending boolean DEFAULT false NOT NULL,
    other_accounts text DEFAULT ''::text NOT NULL,
    category text,
    CONSTRAINT transaction_amount_check CHECK ((abs(amount) < '1000000000000000000000000000000'::numeric))
);

ALTER TABLE ONLY derived.transaction FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.transaction IS 'The newest version of each transaction, read from the event log.';

COMMENT ON COLUMN derived.transaction.day IS 'The day it counts on: the source''s own day where it states only that, else the tenant''s day.';

COMMENT ON COLUMN derived.transaction.other_accounts IS 'The numbers of the other side''s accounts, in small letters and digits, with spaces between; empty where the source states none.';

COMMENT ON COLUMN derived.transaction.category IS 'Where the source, or the program it came from, filed it.';

CREATE TABLE derived.transfer (
    tenant_id integer NOT NULL,
    transfer uuid NOT NULL,
    connection text NOT NULL,
    day date NOT NULL,
    state text NOT NULL,
    kind text NOT NULL,
    score numeric,
    next_best numeric,
    why text NOT NULL,
    out_subject uuid,
    out_connection text,
    out_account text,
    out_day date,
    out_amount numeric,
    out_asset text,
    in_subject uuid,
    in_connection text,
    in_account text,
    in_day date,
    in_amount numeric,
    in_asset text,
    days integer,
    fee numeric,
    fee_asset text,
    rate numeric,
    market numeric,
    CONSTRAINT transfer_check CHECK (((out_subject IS NOT NULL) OR (in_subject IS NOT NULL))),
    CONSTRAINT transfer_state_check CHECK ((state = ANY (ARRAY['applied'::text, 'proposed'::text, 'confirmed'::text, 'refused'::text, 'open'::text])))
);

ALTER TABLE ONLY derived.transfer FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.transfer IS 'Transfers between accounts: pairs with their score and the reasons, and legs whose other side was not seen (open).';

COMMENT ON COLUMN derived.transfer.connection IS 'The connection of what was sent, of an open one that arrived its own.';

COMMENT ON COLUMN derived.transfer.day IS 'The day of what was sent, of an open one that arrived its own.';

COMMENT ON COLUMN derived.transfer.out_amount IS 'What was sent, with the fee; without a sign.';

CREATE TABLE derived.transfer_rate (
    tenant_id integer NOT NULL,
    asset text NOT NULL,
    day date NOT NULL,
    value numeric
);

ALTER TABLE ONLY derived.transfer_rate FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE derived.transfer_rate IS 'What one unit was worth in base currency where transfers of two assets were looked for, NULL where nobody knew: a new rate makes them due.';

CREATE TABLE raw.series (
    id integer NOT NULL,
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    CONSTRAINT series_account_check CHECK ((account <> ''::text)),
    CONSTRAINT series_asset_check CHECK ((asset <> ''::text)),
    CONSTRAINT series_connection_check CHECK ((connection <> ''::text))
);

ALTER TABLE ONLY raw.series FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE raw.series IS 'One line of readings: an asset in an account at a connection, numbered so that readings stay small.';

CREATE VIEW derived.unread_account WITH (security_barrier='true') AS
 SELECT tenant_id,
    connection,
    account,
    COALESCE(name, account) AS name,
    kind
   FROM derived.known_account a
  WHERE ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND ((kind = 'broker'::text) OR (kind ~~ 'wallet%'::text)) AND (NOT (EXISTS ( SELECT
           FROM (raw.series s
             JOIN derived.snapshot_daily d ON (((d.tenant_id = s.tenant_id) AND (d.series_id = s.id))))
          WHERE ((s.tenant_id = a.tenant_id) AND (s.connection = a.connection) AND (s.account = a.account))))) AND (NOT (EXISTS ( SELECT
           FROM derived.account_left_out o
          WHERE ((o.tenant_id = a.tenant_id) AND (o.connection = a.connection) AND (o.account = a.account))))));

COMMENT ON VIEW derived.unread_account IS 'Accounts of brokers and exchanges that count and of which no balance was ever read: what was bought, sold and moved tells what is there.';

CREATE TABLE ops.backfill (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    since date NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    through text[] DEFAULT '{}'::text[] NOT NULL,
    read_at timestamp with time zone,
    CONSTRAINT backfill_connection_check CHECK ((connection <> ''::text))
);

ALTER TABLE ONLY ops.backfill FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.backfill IS 'Since when each connection is read, where that is earlier than flowd.yaml or its source''s connector says.';

COMMENT ON COLUMN ops.backfill.through IS 'The feeds that have read everything since then.';

COMMENT ON COLUMN ops.backfill.read_at IS 'When the last of the feeds had; NULL as long as one has not.';

CREATE TABLE ops.budget (
    tenant_id integer NOT NULL,
    credential text NOT NULL,
    period timestamp with time zone NOT NULL,
    used integer NOT NULL,
    CONSTRAINT budget_used_check CHECK ((used >= 0))
);

ALTER TABLE ONLY ops.budget FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.budget IS 'Requests a credential has made in a budget period; the credential is a hash, never the key.';

CREATE TABLE ops.connection_state (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    feed text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    last_success timestamp with time zone,
    next_try timestamp with time zone,
    every_s numeric,
    CONSTRAINT connection_state_state_check CHECK ((state = ANY (ARRAY['new'::text, 'healthy'::text, 'partial'::text, 'failing'::text, 'needs_reauth'::text, 'misconfigured'::text])))
);

ALTER TABLE ONLY ops.connection_state FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.connection_state IS 'How each feed is doing, since when, and why.';

CREATE TABLE ops.consent (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    told integer,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT consent_connection_check CHECK ((connection <> ''::text))
);

ALTER TABLE ONLY ops.consent FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.consent IS 'Until when each connection''s source answers without somebody logging in again.';

COMMENT ON COLUMN ops.consent.told IS 'The last warning given: so many days before the end (14, 7, 1, 0); NULL before the first.';

CREATE TABLE ops.cursor (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    feed text NOT NULL,
    data jsonb NOT NULL,
    version integer NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY ops.cursor FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.cursor IS 'Where each feed has got to, written in the transaction of the rows it follows.';

CREATE TABLE ops.derivation (
    tenant_id integer NOT NULL,
    settings text NOT NULL,
    accounts text NOT NULL,
    through date NOT NULL,
    revision bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY ops.derivation FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.derivation IS 'What derived rows were made with: a hash of settings and accounts (other ones mean a rebuild), and the day they reach to.';

COMMENT ON COLUMN ops.derivation.revision IS 'Goes up whenever rows of whole days changed: studies of whole histories are due then.';

CREATE TABLE ops.login (
    role name NOT NULL,
    tenant_id integer NOT NULL
);

COMMENT ON TABLE ops.login IS 'Which tenant a login role belongs to (grafana_<tenant>): decided by session_user, which no SET can change.';

CREATE TABLE ops.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE ops.migration IS 'Which SQL files this database has had, with the checksum each had then.';

CREATE TABLE ops.pending (
    id bigint NOT NULL,
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    what text NOT NULL,
    since timestamp with time zone,
    until timestamp with time zone
);

ALTER TABLE ONLY ops.pending FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.pending IS 'What changed in the raw logs and is not derived yet; written with the rows, so it survives any stop.';

ALTER TABLE ops.pending ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ops.pending_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE ops.position_mark (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    links text NOT NULL,
    data text NOT NULL
);

ALTER TABLE ONLY ops.position_mark FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.position_mark IS 'The books of all positions at the ends of months, so that they are kept on from there; may be emptied at any time.';

COMMENT ON COLUMN ops.position_mark.links IS 'Stands for the transfers between own accounts that they were made with.';

CREATE TABLE ops.run (
    id bigint NOT NULL,
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    feed text NOT NULL,
    tick timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    outcome text DEFAULT 'running'::text NOT NULL,
    snapshots integer DEFAULT 0 NOT NULL,
    rates integer DEFAULT 0 NOT NULL,
    events integer DEFAULT 0 NOT NULL,
    revised integer DEFAULT 0 NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    error_class text,
    error text,
    CONSTRAINT run_outcome_check CHECK ((outcome = ANY (ARRAY['running'::text, 'done'::text, 'partial'::text, 'retry'::text, 'auth'::text, 'config'::text, 'over_time'::text, 'failed'::text, 'interrupted'::text])))
);

ALTER TABLE ONLY ops.run FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.run IS 'The activity log: one execution of one feed, what it brought and how it ended.';

ALTER TABLE ops.run ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ops.run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE ops.tenant (
    id integer NOT NULL,
    name text NOT NULL,
    base_currency text NOT NULL,
    timezone text NOT NULL,
    CONSTRAINT tenant_name_check CHECK ((name <> ''::text))
);

COMMENT ON TABLE ops.tenant IS 'Whose money: a person, household or company.';

ALTER TABLE ops.tenant ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ops.tenant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE ops.token (
    tenant_id integer NOT NULL,
    connection text NOT NULL,
    ciphertext bytea NOT NULL,
    key_id text NOT NULL,
    version bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT token_ciphertext_check CHECK ((octet_length(ciphertext) < 262144)),
    CONSTRAINT token_connection_check CHECK ((connection <> ''::text)),
    CONSTRAINT token_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY ops.token FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.token IS 'The tokens of connections that were linked: sealed text, which only the key in flowd.yaml opens.';

COMMENT ON COLUMN ops.token.key_id IS 'The name of the key that sealed it, which does not tell the key.';

COMMENT ON COLUMN ops.token.version IS 'Goes up with every renewal and every new link.';

CREATE TABLE ops.view (
    tenant_id integer NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    digest text NOT NULL,
    data jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT view_name_check CHECK ((name <> ''::text)),
    CONSTRAINT view_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY ops.view FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE ops.view IS 'JSON documents for interfaces, made of report views whenever something was derived.';

COMMENT ON COLUMN ops.view.version IS 'Goes up when the content changes, and only then: who has this version has this content.';

CREATE TABLE raw.event (
    tenant_id integer NOT NULL,
    subject uuid NOT NULL,
    version integer NOT NULL,
    type text NOT NULL,
    connection text NOT NULL,
    key uuid NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamp with time zone,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT event_connection_check CHECK ((connection <> ''::text)),
    CONSTRAINT event_type_check CHECK ((type <> ''::text)),
    CONSTRAINT event_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY raw.event FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE raw.event IS 'What happened, append-only: a correction is the next version of the same subject.';

COMMENT ON COLUMN raw.event.subject IS 'Hash of the natural key: what the event is about.';

COMMENT ON COLUMN raw.event.key IS 'Hash of subject and content: a repeat of the newest version has the same key and is not added.';

COMMENT ON COLUMN raw.event.data IS 'The content; amounts are strings, so that no digit is lost.';

COMMENT ON COLUMN raw.event.occurred_at IS 'When it happened; a day without a time stands at noon UTC and has its day in data; NULL where time means nothing.';

ALTER TABLE raw.event ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME raw.event_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE raw.series ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME raw.series_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW report.account WITH (security_barrier='true') AS
 WITH known AS (
         SELECT a.tenant_id,
            a.connection,
            a.account
           FROM derived.known_account a
          WHERE (a.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        UNION
         SELECT s.tenant_id,
            s.connection,
            s.account
           FROM raw.series s
          WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        UNION
         SELECT o.tenant_id,
            o.connection,
            o.account
           FROM derived.account_left_out o
          WHERE (o.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        ), slowest AS (
         SELECT c.tenant_id,
            c.connection,
            GREATEST('1 day'::interval, ((max(c.every_s))::double precision * '00:00:01.25'::interval)) AS fresh
           FROM ops.connection_state c
          WHERE (c.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
          GROUP BY c.tenant_id, c.connection
        ), held AS (
         SELECT k.connection,
            k.account,
            COALESCE(a.name, k.account) AS name,
            a.kind,
            COALESCE(s.asset, a.asset) AS asset,
            reading.quantity,
            reading.value_base,
            t.base_currency,
            reading.at,
            t.name AS tenant,
                CASE
                    WHEN (own.account IS NOT NULL) THEN NULL::numeric
                    WHEN (reading.quantity = (0)::numeric) THEN (0)::numeric
                    WHEN (reading.at > (now() - '100 days'::interval)) THEN reading.value_base
                    ELSE NULL::numeric
                END AS worth,
            GREATEST((0)::numeric, (EXTRACT(epoch FROM (now() - reading.at)))::numeric(20,3)) AS age_s,
                CASE
                    WHEN ((reading.quantity IS NULL) OR (own.account IS NOT NULL)) THEN NULL::text
                    WHEN (reading.quantity = (0)::numeric) THEN 'exact'::text
                    WHEN ((reading.count = 0) AND (reading.day > told.told_until)) THEN 'estimated'::text
                    WHEN (reading.at < (now() - COALESCE(f.fresh, '1 day'::interval))) THEN 'stale'::text
                    WHEN (reading.value_base IS NULL) THEN 'partial'::text
                    ELSE 'exact'::text
                END AS quality,
            began.day AS began,
            month.worth AS worth_30d,
            year.worth AS worth_365d,
            min(began.day) OVER (PARTITION BY k.tenant_id, k.connection, k.account) AS account_began,
            today.day AS today,
            reading.count AS readings,
            (own.account IS NOT NULL) AS left_out,
            ((own.same_connection || '/'::text) || own.same_account) AS same_as
           FROM (((((((((((known k
             JOIN ops.tenant t ON ((t.id = k.tenant_id)))
             CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE t.timezone))::date AS day) today)
             LEFT JOIN slowest f ON (((f.tenant_id = k.tenant_id) AND (f.connection = k.connection))))
             LEFT JOIN derived.known_account a ON (((a.tenant_id = k.tenant_id) AND (a.connection = k.connection) AND (a.account = k.account))))
             LEFT JOIN raw.series s ON (((s.tenant_id = k.tenant_id) AND (s.connection = k.connection) AND (s.account = k.account))))
             LEFT JOIN derived.account_left_out own ON (((own.tenant_id = k.tenant_id) AND (own.connection = k.connection) AND (own.account = k.account))))
             LEFT JOIN LATERAL ( SELECT d.last AS quantity,
                    d.last_base AS value_base,
                    d.last_at AS at,
                    d.count,
                    d.day
                   FROM derived.snapshot_daily d
                  WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id))
                  ORDER BY d.day DESC
                 LIMIT 1) reading ON (true))
             LEFT JOIN derived.balance_line told ON (((told.tenant_id = s.tenant_id) AND (told.connection = s.connection) AND (told.account = s.account) AND (told.asset = s.asset))))
             LEFT JOIN LATERAL ( SELECT d.day
                   FROM derived.snapshot_daily d
                  WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id))
                  ORDER BY d.day
                 LIMIT 1) began ON (true))
             LEFT JOIN LATERAL ( SELECT
                        CASE
                            WHEN (d.last = (0)::numeric) THEN (0)::numeric
                            WHEN (d.day >= (today.day - 130)) THEN d.last_base
                            ELSE NULL::numeric
                        END AS worth
                   FROM derived.snapshot_daily d
                  WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id) AND (d.day <= (today.day - 30)))
                  ORDER BY d.day DESC
                 LIMIT 1) month ON (true))
             LEFT JOIN LATERAL ( SELECT
                        CASE
                            WHEN (d.last = (0)::numeric) THEN (0)::numeric
                            WHEN (d.day >= (today.day - 465)) THEN d.last_base
                            ELSE NULL::numeric
                        END AS worth
                   FROM derived.snapshot_daily d
                  WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id) AND (d.day <= (today.day - 365)))
                  ORDER BY d.day DESC
                 LIMIT 1) year ON (true))
        ), traded AS (
         SELECT p.connection,
            p.account,
            a.name,
            a.kind,
            p.asset,
            p.quantity,
            p.value_base,
            p.price_day,
            p.quality,
            p.reason,
            t.base_currency,
            t.timezone,
            t.name AS tenant,
            today.day AS today,
            began.day AS began,
            month.worth AS worth_30d,
            year.worth AS worth_365d
           FROM ((((((derived."position" p
             JOIN ops.tenant t ON ((t.id = p.tenant_id)))
             JOIN derived.unread_account a ON (((a.tenant_id = p.tenant_id) AND (a.connection = p.connection) AND (a.account = p.account))))
             CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE t.timezone))::date AS day) today)
             CROSS JOIN LATERAL ( SELECT min(d.day) AS day
                   FROM derived.position_day d
                  WHERE ((d.tenant_id = p.tenant_id) AND (d.connection = p.connection) AND (d.account = p.account) AND (d.asset = p.asset) AND (d.method = p.method))) began)
             LEFT JOIN LATERAL ( SELECT
                        CASE
                            WHEN (d.quantity = (0)::numeric) THEN (0)::numeric
                            ELSE d.value_base
                        END AS worth
                   FROM derived.position_day d
                  WHERE ((d.tenant_id = p.tenant_id) AND (d.connection = p.connection) AND (d.account = p.account) AND (d.asset = p.asset) AND (d.method = p.method) AND (d.day <= (today.day - 30)))
                  ORDER BY d.day DESC
                 LIMIT 1) month ON (true))
             LEFT JOIN LATERAL ( SELECT
                        CASE
                            WHEN (d.quantity = (0)::numeric) THEN (0)::numeric
                            ELSE d.value_base
                        END AS worth
                   FROM derived.position_day d
                  WHERE ((d.tenant_id = p.tenant_id) AND (d.connection = p.connection) AND (d.account = p.account) AND (d.asset = p.asset) AND (d.method = p.method) AND (d.day <= (today.day - 365)))
                  ORDER BY d.day DESC
                 LIMIT 1) year ON (true))
          WHERE ((p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (p.method = 'fifo'::text) AND (p.quantity > (0)::numeric))
        )
 SELECT h.connection,
    h.account,
    h.name,
    h.kind,
    h.asset,
    h.quantity,
    h.value_base,
    h.base_currency,
    h.at,
    h.tenant,
    h.worth,
    h.age_s,
    h.quality,
        CASE
            WHEN h.left_out THEN ('left out by you: '::text || COALESCE(('the same as '::text || h.same_as), 'it does not count'::text))
            WHEN (h.quantity IS NULL) THEN 'its source states movements, but no balance: give one with flowd account balance'::text
            WHEN ((h.worth IS NULL) AND (h.value_base IS NOT NULL) AND (h.readings = 0)) THEN 'not counted: its last statement is more than 100 days old'::text
            WHEN ((h.worth IS NULL) AND (h.value_base IS NOT NULL)) THEN 'not counted: its last reading is more than 100 days old'::text
            WHEN (h.worth IS NULL) THEN ((('not counted: no rate from '::text || h.asset) || ' to '::text) || h.base_currency)
            WHEN (h.quality = 'estimated'::text) THEN 'as it was stated last'::text
            WHEN ((h.quality = 'stale'::text) AND (h.readings = 0)) THEN 'its last statement is old; counted as it was then'::text
            WHEN (h.quality = 'stale'::text) THEN 'its last reading is old; counted as it was then'::text
            ELSE ''::text
        END AS reason,
    h.began,
        CASE
            WHEN (h.account_began <= (h.today - 30)) THEN (h.worth -
            CASE
                WHEN (h.began > (h.today - 30)) THEN (0)::numeric
                ELSE h.worth_30d
            END)
            ELSE NULL::numeric
        END AS change_30d,
        CASE
            WHEN (h.account_began <= (h.today - 365)) THEN (h.worth -
            CASE
                WHEN (h.began > (h.today - 365)) THEN (0)::numeric
                ELSE h.worth_365d
            END)
            ELSE NULL::numeric
        END AS change_365d,
    h.left_out,
    h.same_as
   FROM held h
  WHERE ((h.quantity IS NOT NULL) OR h.left_out OR (NOT (EXISTS ( SELECT
           FROM traded x
          WHERE ((x.tenant = h.tenant) AND (x.connection = h.connection) AND (x.account = h.account))))))
UNION ALL
 SELECT x.connection,
    x.account,
    x.name,
    x.kind,
    x.asset,
    x.quantity,
    x.value_base,
    x.base_currency,
    ((((x.price_day + 1))::timestamp without time zone AT TIME ZONE x.timezone) - '00:00:01'::interval) AS at,
    x.tenant,
    x.value_base AS worth,
    GREATEST((0)::numeric, (EXTRACT(epoch FROM (now() - (((x.price_day + 1))::timestamp without time zone AT TIME ZONE x.timezone))))::numeric(20,3)) AS age_s,
        CASE
            WHEN (x.value_base IS NULL) THEN 'partial'::text
            ELSE x.quality
        END AS quality,
        CASE
            WHEN (x.value_base IS NULL) THEN ((('not counted: no rate from '::text || x.asset) || ' to '::text) || x.base_currency)
            WHEN (x.reason = ''::text) THEN 'told by what was bought, sold and moved'::text
            ELSE x.reason
        END AS reason,
    x.began,
        CASE
            WHEN (x.began <= (x.today - 30)) THEN (x.value_base - x.worth_30d)
            ELSE NULL::numeric
        END AS change_30d,
        CASE
            WHEN (x.began <= (x.today - 365)) THEN (x.value_base - x.worth_365d)
            ELSE NULL::numeric
        END AS change_365d,
    false AS left_out,
    NULL::text AS same_as
   FROM traded x;

COMMENT ON VIEW report.account IS 'Where money is held: one row per account and asset, with the last reading, or what statements, transactions and trades tell.';

COMMENT ON COLUMN report.account.connection IS 'The connection that reads it.';

COMMENT ON COLUMN report.account.account IS 'The source''s own id of the account.';

COMMENT ON COLUMN report.account.name IS 'Its name.';

COMMENT ON COLUMN report.account.kind IS 'bank, card, cash, wallet, broker, payout, manual …; NULL where the source did not say.';

COMMENT ON COLUMN report.account.asset IS 'The currency or coin of this row.';

COMMENT ON COLUMN report.account.quantity IS 'How much of it there was at the last reading, or after the last transaction where a balance is stated; NULL for an account of which only transactions are known.';

COMMENT ON COLUMN report.account.value_base IS 'The same in base_currency; NULL where no rate is known.';

COMMENT ON COLUMN report.account.base_currency IS 'The tenant''s base currency.';

COMMENT ON COLUMN report.account.at IS 'When that reading was taken; the end of the day where statements and transactions tell it.';

COMMENT ON COLUMN report.account.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

COMMENT ON COLUMN report.account.worth IS 'What counts when accounts are added up: value_base, as long as the reading is at most 100 days old; 0 where nothing is held; NULL where the account is left out.';

COMMENT ON COLUMN report.account.age_s IS 'Seconds since that reading.';

COMMENT ON COLUMN report.account.quality IS 'exact, estimated (kept by a person, and as it was stated last), partial (no rate) or stale (no reading for a day, or for 1.25 times the interval of the connection''s slowest feed); NULL without a balance, and where the account is left out.';

COMMENT ON COLUMN report.account.reason IS 'Why it does not count, or is less than exact; else empty.';

COMMENT ON COLUMN report.account.began IS 'The day of the first reading.';

COMMENT ON COLUMN report.account.change_30d IS 'By how much worth changed in 30 days, deposits and withdrawals included. An asset that is new in an older account counts from nothing; NULL for an account that is new itself, and where one end is not known.';

COMMENT ON COLUMN report.account.change_365d IS 'The same in 365 days.';

COMMENT ON COLUMN report.account.left_out IS 'True where somebody said that the account does not count: flowd account leave-out.';

COMMENT ON COLUMN report.account.same_as IS 'CONNECTION/ACCOUNT that it is the same as, where somebody said so; else NULL.';

CREATE VIEW report.account_colour WITH (security_barrier='true') AS
 WITH held AS (
         SELECT s.tenant_id,
            s.connection,
            s.account,
            s.asset,
            COALESCE(a.kind, 'unknown'::text) AS kind,
            began.day AS began
           FROM ((raw.series s
             LEFT JOIN derived.known_account a ON (((a.tenant_id = s.tenant_id) AND (a.connection = s.connection) AND (a.account = s.account))))
             LEFT JOIN LATERAL ( SELECT d.day
                   FROM derived.snapshot_daily d
                  WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id))
                  ORDER BY d.day
                 LIMIT 1) began ON (true))
          WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        UNION ALL
         SELECT p_1.tenant_id,
            p_1.connection,
            p_1.account,
            p_1.asset,
            COALESCE(a.kind, 'unknown'::text) AS "coalesce",
            began.day
           FROM ((derived."position" p_1
             LEFT JOIN derived.known_account a ON (((a.tenant_id = p_1.tenant_id) AND (a.connection = p_1.connection) AND (a.account = p_1.account))))
             CROSS JOIN LATERAL ( SELECT min(d.day) AS day
                   FROM derived.position_day d
                  WHERE ((d.tenant_id = p_1.tenant_id) AND (d.connection = p_1.connection) AND (d.account = p_1.account) AND (d.asset = p_1.asset) AND (d.method = p_1.method))) began)
          WHERE ((p_1.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (p_1.method = 'fifo'::text) AND (NOT (EXISTS ( SELECT
                   FROM raw.series s
                  WHERE ((s.tenant_id = p_1.tenant_id) AND (s.connection = p_1.connection) AND (s.account = p_1.account) AND (s.asset = p_1.asset))))))
        ), line AS (
         SELECT h.tenant_id,
            part.scope,
            part.name,
            min(h.began) AS began
           FROM (held h
             CROSS JOIN LATERAL ( VALUES ('connection'::text,h.connection), ('account'::text,((h.connection || '/'::text) || h.account)), ('kind'::text,h.kind), ('asset'::text,h.asset)) part(scope, name))
          GROUP BY h.tenant_id, part.scope, part.name
        ), placed AS (
         SELECT l.tenant_id,
            l.scope,
            l.name,
            ((row_number() OVER (PARTITION BY l.tenant_id, l.scope ORDER BY l.began, (l.name COLLATE "C")) - 1) % (23)::bigint) AS place
           FROM line l
        )
 SELECT p.scope,
    p.name,
    to_char(((1 + p.place) +
        CASE
            WHEN (p.place >= 15) THEN 1
            ELSE 0
        END), 'FM00'::text) AS paint,
    t.name AS tenant
   FROM (placed p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)));

COMMENT ON VIEW report.account_colour IS 'The colour each account, connection, kind of account and asset has on the dashboards.';

COMMENT ON COLUMN report.account_colour.scope IS 'account, connection, kind or asset.';

COMMENT ON COLUMN report.account_colour.name IS 'CONNECTION/ACCOUNT, the connection''s name, the kind (unknown where the source did not say) or the asset.';

COMMENT ON COLUMN report.account_colour.paint IS 'Which of the dashboards'' colours (report.palette), in two digits: the next free one in the order in which they began.';

COMMENT ON COLUMN report.account_colour.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.activity WITH (security_barrier='true') AS
 SELECT r.id AS run,
    r.started_at,
    r.finished_at,
    (EXTRACT(epoch FROM (r.finished_at - r.started_at)))::numeric(20,3) AS seconds,
    r.connection,
    r.feed,
    r.tick,
    r.outcome,
    r.snapshots,
    r.rates,
    r.events,
    r.revised,
    r.unchanged,
    r.error_class,
    r.error,
    t.name AS tenant
   FROM (ops.run r
     JOIN ops.tenant t ON ((t.id = r.tenant_id)))
  WHERE (r.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.activity IS 'The activity log: one row per run of a feed.';

COMMENT ON COLUMN report.activity.run IS 'Number of the run.';

COMMENT ON COLUMN report.activity.started_at IS 'When it started.';

COMMENT ON COLUMN report.activity.finished_at IS 'When it ended; NULL while it runs.';

COMMENT ON COLUMN report.activity.seconds IS 'How long it took.';

COMMENT ON COLUMN report.activity.connection IS 'The connection that was read.';

COMMENT ON COLUMN report.activity.feed IS 'The feed that was read.';

COMMENT ON COLUMN report.activity.tick IS 'The moment the run was due, which its readings carry.';

COMMENT ON COLUMN report.activity.outcome IS 'running, done, partial (some could not be read, the rest is kept), retry, auth, config, over_time, failed or interrupted.';

COMMENT ON COLUMN report.activity.snapshots IS 'New readings of quantities.';

COMMENT ON COLUMN report.activity.rates IS 'New prices.';

COMMENT ON COLUMN report.activity.events IS 'New events, such as transactions.';

COMMENT ON COLUMN report.activity.revised IS 'Events that changed something already known.';

COMMENT ON COLUMN report.activity.unchanged IS 'Records that were already known.';

COMMENT ON COLUMN report.activity.error_class IS 'The kind of error, where one ended it.';

COMMENT ON COLUMN report.activity.error IS 'The error in words; for partial, what is missing and why.';

COMMENT ON COLUMN report.activity.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.attribution WITH (security_barrier='true') AS
 SELECT ((m.at AT TIME ZONE t.timezone))::date AS day,
    m.subject AS connection,
    max(m.value) FILTER (WHERE (m.name = 'change'::text)) AS change,
    max(m.value) FILTER (WHERE (m.name = 'outside'::text)) AS outside,
    max(m.value) FILTER (WHERE (m.name = 'realised_pnl'::text)) AS realised_pnl,
    max(m.value) FILTER (WHERE (m.name = 'funding'::text)) AS funding,
    max(m.value) FILTER (WHERE (m.name = 'fees'::text)) AS fees,
    max(m.value) FILTER (WHERE (m.name = 'rebates'::text)) AS rebates,
    max(m.value) FILTER (WHERE (m.name = 'staking'::text)) AS staking,
    max(m.value) FILTER (WHERE (m.name = 'other'::text)) AS other,
    max(m.value) FILTER (WHERE (m.name = 'unexplained'::text)) AS unexplained,
    max(m.unit) AS base_currency,
    t.name AS tenant
   FROM (derived.metric m
     JOIN ops.tenant t ON ((t.id = m.tenant_id)))
  WHERE ((m.analytic = 'attribution'::text) AND (m."window" = '1d'::text) AND (m.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])))
  GROUP BY t.id, t.name, t.timezone, m.subject, m.at;

COMMENT ON VIEW report.attribution IS 'Where the change in value of wallets and brokers came from, one row per connection and day: change = outside + realised_pnl + funding + fees + rebates + staking + other + unexplained.';

COMMENT ON COLUMN report.attribution.day IS 'The day, in the tenant''s time zone.';

COMMENT ON COLUMN report.attribution.connection IS 'The connection whose accounts are worth something.';

COMMENT ON COLUMN report.attribution.change IS 'By how much their value changed, in base_currency; NULL where it is not known. A change across a gap in the readings is spread over its days.';

COMMENT ON COLUMN report.attribution.outside IS 'Money that came from outside (below zero: left): deposits, withdrawals, transfers, loans. It is no gain.';

COMMENT ON COLUMN report.attribution.realised_pnl IS 'Realised profit and loss, as the source''s ledger states it; NULL here and in the next columns where a rate is missing.';

COMMENT ON COLUMN report.attribution.funding IS 'Funding received, below zero: paid.';

COMMENT ON COLUMN report.attribution.fees IS 'Fees charged by themselves, below zero.';

COMMENT ON COLUMN report.attribution.rebates IS 'Rebates and commissions paid back.';

COMMENT ON COLUMN report.attribution.staking IS 'Rewards of staking and earn products.';

COMMENT ON COLUMN report.attribution.other IS 'Everything else that the ledger states: interest, dividends …';

COMMENT ON COLUMN report.attribution.unexplained IS 'What is left: prices, open positions, and what the source does not state. NULL where one of the others is.';

COMMENT ON COLUMN report.attribution.base_currency IS 'The tenant''s base currency at the time it was computed.';

COMMENT ON COLUMN report.attribution.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.balance WITH (security_barrier='true') AS
 WITH line AS (
         SELECT s.tenant_id,
            s.connection,
            s.account,
            s.asset,
            s.id AS series_id,
            began.day AS first_day,
            told.told_until
           FROM ((raw.series s
             CROSS JOIN LATERAL ( SELECT d.day
                   FROM derived.snapshot_daily d
                  WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id))
                  ORDER BY d.day
                 LIMIT 1) began)
             LEFT JOIN derived.balance_line told ON (((told.tenant_id = s.tenant_id) AND (told.connection = s.connection) AND (told.account = s.account) AND (told.asset = s.asset))))
          WHERE ((s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (NOT (EXISTS ( SELECT
                   FROM derived.account_left_out o
                  WHERE ((o.tenant_id = s.tenant_id) AND (o.connection = s.connection) AND (o.account = s.account))))))
        UNION ALL
         SELECT told.tenant_id,
            told.connection,
            told.account,
            told.asset,
            NULL::integer,
            told.first_day,
            told.told_until
           FROM derived.balance_line told
          WHERE ((told.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (told.known_from IS NULL))
        )
 SELECT step.step,
    grid.first_day,
    grid.day,
    l.connection,
    l.account,
    COALESCE(a.name, l.account) AS name,
    COALESCE(a.kind, 'unknown'::text) AS kind,
    l.asset,
    held.last AS balance,
    moved.amount AS moved,
    COALESCE(held.day, moved.day) AS as_of,
        CASE
            WHEN (l.series_id IS NULL) THEN 'relative'::text
            WHEN (held.count > 0) THEN 'read'::text
            WHEN (held.day > l.told_until) THEN 'carried'::text
            ELSE COALESCE(own.source, 'computed'::text)
        END AS source,
    l.told_until,
    t.name AS tenant
   FROM (((((((((line l
     JOIN ops.tenant t ON ((t.id = l.tenant_id)))
     CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE t.timezone))::date AS day
         OFFSET 0) today)
     LEFT JOIN derived.known_account a ON (((a.tenant_id = l.tenant_id) AND (a.connection = l.connection) AND (a.account = l.account))))
     CROSS JOIN ( VALUES ('day'::text,'1 day'::interval), ('week'::text,'7 days'::interval), ('month'::text,'1 mon'::interval), ('quarter'::text,'3 mons'::interval), ('year'::text,'1 year'::interval)) step(step, width))
     CROSS JOIN LATERAL generate_series(date_trunc(step.step, (l.first_day)::timestamp without time zone), (today.day)::timestamp without time zone, step.width) g(at))
     CROSS JOIN LATERAL ( SELECT (g.at)::date AS first_day,
            LEAST((((g.at + step.width))::date - 1), today.day) AS day) grid)
     LEFT JOIN LATERAL ( SELECT d.day,
            d.last,
            d.count
           FROM derived.snapshot_daily d
          WHERE ((d.tenant_id = l.tenant_id) AND (d.series_id = l.series_id) AND (d.day <= grid.day))
          ORDER BY d.day DESC
         LIMIT 1) held ON (true))
     LEFT JOIN LATERAL ( SELECT b.day,
            b.amount
           FROM derived.balance_day b
          WHERE ((l.series_id IS NULL) AND (b.tenant_id = l.tenant_id) AND (b.connection = l.connection) AND (b.account = l.account) AND (b.asset = l.asset) AND (b.day <= grid.day))
          ORDER BY b.day DESC
         LIMIT 1) moved ON (true))
     LEFT JOIN LATERAL ( SELECT b.source
           FROM derived.balance_day b
          WHERE ((held.count = 0) AND (b.tenant_id = l.tenant_id) AND (b.connection = l.connection) AND (b.account = l.account) AND (b.asset = l.asset) AND (b.day = held.day))
         LIMIT 1) own ON (true));

COMMENT ON VIEW report.balance IS 'What each account that counts held of each asset at the end of each day, week, month, quarter and year: as it was read, or as statements and transactions tell.';

COMMENT ON COLUMN report.balance.step IS 'day, week, month, quarter or year: choose one.';

COMMENT ON COLUMN report.balance.first_day IS 'The first day of the step.';

COMMENT ON COLUMN report.balance.day IS 'Its last day, at whose end the row stands; today for the step that is not over.';

COMMENT ON COLUMN report.balance.connection IS 'The connection that reads the account, or its files were read into.';

COMMENT ON COLUMN report.balance.account IS 'The source''s own id of the account.';

COMMENT ON COLUMN report.balance.name IS 'Its name.';

COMMENT ON COLUMN report.balance.kind IS 'bank, card, cash, wallet, broker, payout, manual …; unknown where the source did not say.';

COMMENT ON COLUMN report.balance.asset IS 'The currency or coin of this row.';

COMMENT ON COLUMN report.balance.balance IS 'How much of it was held, below zero where it is owed; NULL where no balance was ever stated or read.';

COMMENT ON COLUMN report.balance.moved IS 'Where no balance is known: the sum of all that was booked since the first transaction; else NULL.';

COMMENT ON COLUMN report.balance.as_of IS 'The day this is of: earlier than day where nothing was known of since.';

COMMENT ON COLUMN report.balance.source IS 'read (at the source), stated (by a statement), you (somebody said it), computed (from these and the transactions since or until then), carried (a person keeps the account; as it was last) or relative (no balance is known).';

COMMENT ON COLUMN report.balance.told_until IS 'The last day on which anything was booked, stated or read in the account; NULL for one without transactions or statements.';

COMMENT ON COLUMN report.balance.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.balance_gap WITH (security_barrier='true') AS
 SELECT g.connection,
    g.account,
    COALESCE(a.name, g.account) AS name,
    g.asset,
    g.against,
    g.first_day,
    g.last_day,
    g.stated,
    g.booked,
    g.gap,
    g.what,
    t.name AS tenant
   FROM ((derived.balance_gap g
     JOIN ops.tenant t ON ((t.id = g.tenant_id)))
     LEFT JOIN derived.known_account a ON (((a.tenant_id = g.tenant_id) AND (a.connection = g.connection) AND (a.account = g.account))))
  WHERE (g.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.balance_gap IS 'Where an account''s balance changed by something else than its transactions: between two statements, or in its readings.';

COMMENT ON COLUMN report.balance_gap.connection IS 'The connection that reads the account, or its files were read into.';

COMMENT ON COLUMN report.balance_gap.account IS 'The source''s own id of the account.';

COMMENT ON COLUMN report.balance_gap.name IS 'Its name.';

COMMENT ON COLUMN report.balance_gap.asset IS 'The currency or coin.';

COMMENT ON COLUMN report.balance_gap.against IS 'What transactions were held against: statement (balances that are stated, by a file or a person) or reading.';

COMMENT ON COLUMN report.balance_gap.first_day IS 'The first day on which what is missing may have been booked.';

COMMENT ON COLUMN report.balance_gap.last_day IS 'The last of them: the day of the balance that does not fit.';

COMMENT ON COLUMN report.balance_gap.stated IS 'By how much the balance changed over these days.';

COMMENT ON COLUMN report.balance_gap.booked IS 'What was booked on them.';

COMMENT ON COLUMN report.balance_gap.gap IS 'What transactions do not explain, below zero where money is missing; of readings at least that much.';

COMMENT ON COLUMN report.balance_gap.what IS 'gap; timing: it is made good within a few days, because one side counts by value date; or rounding, by its source.';

COMMENT ON COLUMN report.balance_gap.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.colour WITH (security_barrier='true') AS
 WITH line AS (
         SELECT s.tenant_id,
            'stream'::text AS scope,
            s.stream AS name,
            s.color,
            began.day AS began
           FROM (derived.stream s
             CROSS JOIN LATERAL ( SELECT min(i.day) AS day
                   FROM derived.income_daily i
                  WHERE ((i.tenant_id = s.tenant_id) AND (i.stream = s.stream))) began)
          WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        UNION ALL
         SELECT s.tenant_id,
            'group'::text,
            s.grp,
            NULL::text,
            min(began.day) AS min
           FROM (derived.stream s
             CROSS JOIN LATERAL ( SELECT min(i.day) AS day
                   FROM derived.income_daily i
                  WHERE ((i.tenant_id = s.tenant_id) AND (i.stream = s.stream))) began)
          WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
          GROUP BY s.tenant_id, s.grp
        ), asked AS (
         SELECT l.tenant_id,
            l.scope,
            l.name,
            l.color,
            l.began,
            near.slot
           FROM (line l
             LEFT JOIN LATERAL ( SELECT p_1.slot
                   FROM report.palette() p_1(slot, colour)
                  ORDER BY (((((((('x'::text || substr(p_1.colour, 2, 2)))::bit(8))::integer - ((('x'::text || substr(l.color, 2, 2)))::bit(8))::integer))::double precision ^ (2)::double precision) + (((((('x'::text || substr(p_1.colour, 4, 2)))::bit(8))::integer - ((('x'::text || substr(l.color, 4, 2)))::bit(8))::integer))::double precision ^ (2)::double precision)) + (((((('x'::text || substr(p_1.colour, 6, 2)))::bit(8))::integer - ((('x'::text || substr(l.color, 6, 2)))::bit(8))::integer))::double precision ^ (2)::double precision)), p_1.slot
                 LIMIT 1) near ON ((l.color ~ '^#[0-9a-fA-F]{6}$'::text)))
        ), left_over AS (
         SELECT kinds.tenant_id,
            kinds.scope,
            p_1.slot,
            row_number() OVER (PARTITION BY kinds.tenant_id, kinds.scope ORDER BY p_1.slot) AS place,
            count(*) OVER (PARTITION BY kinds.tenant_id, kinds.scope) AS places
           FROM (( SELECT DISTINCT a_1.tenant_id,
                    a_1.scope
                   FROM asked a_1) kinds
             CROSS JOIN report.palette() p_1(slot, colour))
          WHERE (NOT (EXISTS ( SELECT
                   FROM asked a_1
                  WHERE ((a_1.tenant_id = kinds.tenant_id) AND (a_1.scope = kinds.scope) AND (a_1.slot = p_1.slot)))))
        ), placed AS (
         SELECT a_1.tenant_id,
            a_1.scope,
            a_1.name,
            row_number() OVER (PARTITION BY a_1.tenant_id, a_1.scope ORDER BY a_1.began, a_1.name) AS place
           FROM asked a_1
          WHERE (a_1.slot IS NULL)
        )
 SELECT a.scope,
    a.name,
    COALESCE(a.slot, o.slot, 1) AS slot,
    to_char(COALESCE(a.slot, o.slot, 1), 'FM00'::text) AS paint,
    p.colour,
    t.name AS tenant
   FROM ((((asked a
     JOIN ops.tenant t ON ((t.id = a.tenant_id)))
     LEFT JOIN placed d ON (((d.tenant_id = a.tenant_id) AND (d.scope = a.scope) AND (d.name = a.name))))
     LEFT JOIN left_over o ON (((o.tenant_id = a.tenant_id) AND (o.scope = a.scope) AND (o.place = (1 + ((d.place - 1) % o.places))))))
     JOIN report.palette() p(slot, colour) ON ((p.slot = COALESCE(a.slot, o.slot, 1))));

COMMENT ON VIEW report.colour IS 'The colour each stream and each group has on the dashboards.';

COMMENT ON COLUMN report.colour.scope IS 'stream or group.';

COMMENT ON COLUMN report.colour.name IS 'The stream''s key or the group''s name.';

COMMENT ON COLUMN report.colour.slot IS 'Which of the dashboards'' colours: the nearest to the one asked for in flowd.yaml, else the next free one in the order in which they began.';

COMMENT ON COLUMN report.colour.paint IS 'The same in two digits, which is the label a query hands to Grafana.';

COMMENT ON COLUMN report.colour.colour IS 'That colour, as #rrggbb.';

COMMENT ON COLUMN report.colour.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.connection WITH (security_barrier='true') AS
 SELECT c.connection,
    c.feed,
    c.state,
    c.since,
    c.reason,
    c.failures,
    c.last_success,
    c.next_try,
    c.every_s,
    (EXTRACT(epoch FROM (now() - c.last_success)))::numeric(20,3) AS age_s,
    COALESCE(((now() - c.last_success) > ((GREATEST(((3)::numeric * c.every_s), (60)::numeric))::double precision * '00:00:01'::interval)), (c.every_s IS NOT NULL)) AS late,
    t.name AS tenant,
    e.expires_at,
        CASE
            WHEN (c.state = 'needs_reauth'::text) THEN ('Renew its key or consent in flowd.yaml, then run: flowd check '::text || c.connection)
            WHEN (c.state = 'misconfigured'::text) THEN ('Correct its part of flowd.yaml, then run: flowd check '::text || c.connection)
            WHEN (c.state = 'partial'::text) THEN ('What is missing keeps its last value (report.account says of when); see also: flowd check '::text || c.connection)
            WHEN (c.state = 'failing'::text) THEN 'flowd tries again by itself; flowd activity shows every attempt'::text
            WHEN COALESCE(((now() - c.last_success) > ((GREATEST(((3)::numeric * c.every_s), (60)::numeric))::double precision * '00:00:01'::interval)), (c.every_s IS NOT NULL)) THEN 'See flowd activity; is the service running?'::text
            ELSE ''::text
        END AS fix
   FROM ((ops.connection_state c
     JOIN ops.tenant t ON ((t.id = c.tenant_id)))
     LEFT JOIN ops.consent e ON (((e.tenant_id = c.tenant_id) AND (e.connection = c.connection))))
  WHERE (c.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.connection IS 'How each feed of each connection is doing.';

COMMENT ON COLUMN report.connection.connection IS 'The connection''s name in flowd.yaml.';

COMMENT ON COLUMN report.connection.feed IS 'What it reads on an interval of its own.';

COMMENT ON COLUMN report.connection.state IS 'new, healthy, partial (some of it could not be read), failing, needs_reauth or misconfigured.';

COMMENT ON COLUMN report.connection.since IS 'When it came into this state.';

COMMENT ON COLUMN report.connection.reason IS 'Why, in words; empty while it is well.';

COMMENT ON COLUMN report.connection.failures IS 'Failures in a row, or runs that lacked something.';

COMMENT ON COLUMN report.connection.last_success IS 'When it last ended well, or read a part; NULL before the first time.';

COMMENT ON COLUMN report.connection.next_try IS 'When it runs next, where a pause is on; else NULL.';

COMMENT ON COLUMN report.connection.every_s IS 'Its interval in seconds.';

COMMENT ON COLUMN report.connection.age_s IS 'Seconds since last_success.';

COMMENT ON COLUMN report.connection.late IS 'True when three intervals (at least a minute) have passed without a success.';

COMMENT ON COLUMN report.connection.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

COMMENT ON COLUMN report.connection.expires_at IS 'Until when its source answers without somebody logging in again; NULL where that is not known.';

COMMENT ON COLUMN report.connection.fix IS 'What to do about it; empty while it is well and in time.';

CREATE VIEW report.counterparty WITH (security_barrier='true') AS
 SELECT c.month,
    c.direction,
    c.name,
    c.flow_class,
    c.stream,
    c.own,
    c.asset,
    c.amount,
    c.amount_base,
    c.base_currency,
    c.count,
    c.first_day,
    c.last_day,
    t.name AS tenant
   FROM (derived.counterparty_month c
     JOIN ops.tenant t ON ((t.id = c.tenant_id)))
  WHERE (c.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.counterparty IS 'Who paid you and whom you paid: one row per month, name, direction, class, stream and currency.';

COMMENT ON COLUMN report.counterparty.month IS 'The first day of the month; add up twelve for a year.';

COMMENT ON COLUMN report.counterparty.direction IS 'in or out.';

COMMENT ON COLUMN report.counterparty.name IS 'The other side, in small letters and without digits, so that one payer is one; empty where its source does not name it.';

COMMENT ON COLUMN report.counterparty.flow_class IS 'What flowd takes it for: salary, expense, transfer …';

COMMENT ON COLUMN report.counterparty.stream IS 'The stream it is charted in; NULL where it is no income.';

COMMENT ON COLUMN report.counterparty.own IS 'True for transfers between your own accounts: both sides are known.';

COMMENT ON COLUMN report.counterparty.asset IS 'The currency or coin of amount.';

COMMENT ON COLUMN report.counterparty.amount IS 'The sum: in is positive, out is negative.';

COMMENT ON COLUMN report.counterparty.amount_base IS 'The same in base_currency at the rate of each day; NULL where one of them is not known, never one to one.';

COMMENT ON COLUMN report.counterparty.base_currency IS 'The tenant''s base currency.';

COMMENT ON COLUMN report.counterparty.count IS 'How many transactions it is.';

COMMENT ON COLUMN report.counterparty.first_day IS 'The day of the first of them.';

COMMENT ON COLUMN report.counterparty.last_day IS 'The day of the last of them.';

COMMENT ON COLUMN report.counterparty.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.daily_rate WITH (security_barrier='true') AS
 WITH line AS (
         SELECT s.tenant_id,
            s.stream,
            s.name,
            s.grp,
            s.method,
            t.name AS tenant,
            t.base_currency,
            began.day AS began,
                CASE
                    WHEN (began.day < today.day) THEN (today.day - 1)
                    ELSE today.day
                END AS until
           FROM (((derived.stream s
             JOIN ops.tenant t ON ((t.id = s.tenant_id)))
             CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE t.timezone))::date AS day) today)
             LEFT JOIN LATERAL ( SELECT min(i.day) AS day
                   FROM derived.income_daily i
                  WHERE ((i.tenant_id = s.tenant_id) AND (i.stream = s.stream))) began ON (true))
          WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        ), known AS (
         SELECT l.tenant_id,
            l.stream,
            l.name,
            l.grp,
            l.method,
            l.tenant,
            l.base_currency,
            l.began,
                CASE
                    WHEN (EXISTS ( SELECT
                       FROM derived.income_daily w
                      WHERE ((w.tenant_id = l.tenant_id) AND (w.stream = l.stream) AND (w.day = l.until) AND (w.earned IS NULL) AND (w.quality = 'estimated'::text)))) THEN COALESCE(( SELECT max(p.day) AS max
                       FROM derived.income_daily p
                      WHERE ((p.tenant_id = l.tenant_id) AND (p.stream = l.stream) AND (p.day < l.until) AND (p.earned IS NOT NULL))), l.until)
                    ELSE l.until
                END AS until
           FROM line l
        ), daily AS (
         SELECT l.tenant_id,
            l.stream,
            i.day,
            (l.until - i.day) AS age,
                CASE
                    WHEN bool_and((i.earned_base IS NOT NULL)) THEN sum(i.earned_base)
                    ELSE NULL::numeric
                END AS earned,
            sum(i.received_base) AS received,
            max(array_position(ARRAY['exact'::text, 'estimated'::text, 'spread'::text, 'partial'::text, 'stale'::text], i.quality)) AS worst
           FROM (known l
             JOIN derived.income_daily i ON (((i.tenant_id = l.tenant_id) AND (i.stream = l.stream) AND (i.day > (l.until - 90)) AND (i.day <= l.until))))
          GROUP BY l.tenant_id, l.stream, i.day, (l.until - i.day)
        ), measured AS (
         SELECT d.tenant_id,
            d.stream,
            sum(d.earned) FILTER (WHERE (d.age < 30)) AS earned_30d,
            sum(d.earned) FILTER (WHERE ((d.age >= 30) AND (d.age < 60))) AS earned_before,
            sum(d.earned) AS earned_90d,
            sum(d.received) FILTER (WHERE (d.age < 30)) AS received_30d,
            sum(d.received) AS received_90d,
            count(d.earned) FILTER (WHERE (d.age < 30)) AS known,
            count(*) FILTER (WHERE ((d.age < 30) AND (d.earned IS NULL))) AS unknown,
            count(d.earned) FILTER (WHERE ((d.age >= 30) AND (d.age < 60))) AS known_before,
            count(*) FILTER (WHERE ((d.age >= 30) AND (d.age < 60) AND (d.earned IS NULL))) AS unknown_before,
            max(
                CASE
                    WHEN ((d.earned IS NULL) AND (d.worst <> 2)) THEN GREATEST(d.worst, 4)
                    ELSE d.worst
                END) FILTER (WHERE (d.age < 30)) AS worst
           FROM daily d
          GROUP BY d.tenant_id, d.stream
        ), counted AS (
         SELECT l.tenant_id,
            l.stream,
            l.name,
            l.grp,
            l.method,
            l.tenant,
            l.base_currency,
            l.began,
            l.until,
            m.earned_30d,
            m.earned_before,
            m.earned_90d,
            m.received_30d,
            m.received_90d,
            m.worst,
            ((l.method = 'transactions'::text) AND (m.unknown > 0) AND (COALESCE(m.earned_30d, (0)::numeric) = (0)::numeric)) AS unpriced,
                CASE l.method
                    WHEN 'value'::text THEN m.known
                    WHEN 'schedule'::text THEN (LEAST(30, ((l.until - l.began) + 1)) - COALESCE(m.unknown, (0)::bigint))
                    ELSE (30 - COALESCE(m.unknown, (0)::bigint))
                END AS days,
                CASE
                    WHEN (l.began > (l.until - 30)) THEN (0)::bigint
                    WHEN (l.method = 'value'::text) THEN m.known_before
                    WHEN (l.method = 'schedule'::text) THEN (LEAST(30, (((l.until - 30) - l.began) + 1)) - COALESCE(m.unknown_before, (0)::bigint))
                    ELSE (30 - COALESCE(m.unknown_before, (0)::bigint))
                END AS days_before
           FROM (known l
             LEFT JOIN measured m ON (((m.tenant_id = l.tenant_id) AND (m.stream = l.stream))))
        ), rated AS (
         SELECT c.tenant_id,
            c.stream,
            c.name,
            c.grp,
            c.method,
            c.tenant,
            c.base_currency,
            c.began,
            c.until,
            c.earned_30d,
            c.earned_before,
            c.earned_90d,
            c.received_30d,
            c.received_90d,
            c.worst,
            c.unpriced,
            c.days,
            c.days_before,
                CASE
                    WHEN ((c.began IS NOT NULL) AND (c.days > 0) AND (c.unpriced IS NOT TRUE)) THEN (COALESCE(c.earned_30d, (0)::numeric) / (c.days)::numeric)
                    ELSE NULL::numeric
                END AS rate,
                CASE
                    WHEN ((c.began IS NOT NULL) AND (c.days_before > 0)) THEN (COALESCE(c.earned_before, (0)::numeric) / (c.days_before)::numeric)
                    ELSE NULL::numeric
                END AS rate_before
           FROM counted c
        )
 SELECT r.stream,
    r.name,
    r.grp,
    r.base_currency,
    round(r.rate, 8) AS rate,
    round(r.rate_before, 8) AS rate_before,
        CASE
            WHEN (r.rate_before > (0)::numeric) THEN round(((r.rate / r.rate_before) - (1)::numeric), 6)
            ELSE NULL::numeric
        END AS change,
    (
        CASE
            WHEN (r.rate IS NOT NULL) THEN r.days
            ELSE (0)::bigint
        END)::integer AS days,
        CASE
            WHEN (r.began IS NOT NULL) THEN r.until
            ELSE NULL::date
        END AS until,
    r.earned_30d,
    r.earned_90d,
    r.received_30d,
    r.received_90d,
    receipt.day AS last_receipt,
        CASE
            WHEN (r.began IS NULL) THEN NULL::text
            WHEN ((r.worst IS NULL) AND (r.method = 'value'::text)) THEN 'stale'::text
            WHEN (EXISTS ( SELECT
               FROM derived.stream_state e
              WHERE ((e.tenant_id = r.tenant_id) AND (e.scope = 'stream'::text) AND (e.name = r.stream) AND (e.health = 'stale'::text)))) THEN 'stale'::text
            ELSE (ARRAY['exact'::text, 'estimated'::text, 'spread'::text, 'partial'::text, 'stale'::text])[COALESCE(r.worst, 1)]
        END AS quality,
    r.tenant
   FROM (rated r
     LEFT JOIN LATERAL ( SELECT i.day
           FROM derived.income_daily i
          WHERE ((i.tenant_id = r.tenant_id) AND (i.stream = r.stream) AND (i.received <> (0)::numeric))
          ORDER BY i.day DESC
         LIMIT 1) receipt ON (true));

COMMENT ON VIEW report.daily_rate IS 'What each stream earns per day now: the mean of earned over the last 30 whole days, in base currency.';

COMMENT ON COLUMN report.daily_rate.stream IS 'The stream''s key; it does not change when the stream is renamed.';

COMMENT ON COLUMN report.daily_rate.name IS 'The stream''s name as people read it.';

COMMENT ON COLUMN report.daily_rate.grp IS 'The group the stream belongs to.';

COMMENT ON COLUMN report.daily_rate.base_currency IS 'The currency of every amount in this row.';

COMMENT ON COLUMN report.daily_rate.rate IS 'Mean of earned per day over the last 30 whole days; NULL where no day of them is known.';

COMMENT ON COLUMN report.daily_rate.rate_before IS 'The same over the 30 days before those; NULL where the stream had not begun.';

COMMENT ON COLUMN report.daily_rate.change IS 'rate / rate_before - 1, so 0.1 is ten percent more; NULL where rate_before is not above zero.';

COMMENT ON COLUMN report.daily_rate.days IS 'The number of days rate is the mean of: fewer than 30 for a young stream or where days are unknown.';

COMMENT ON COLUMN report.daily_rate.until IS 'The last day of the window: yesterday; today for a stream that began today; the last day paid for while the next payment is awaited.';

COMMENT ON COLUMN report.daily_rate.earned_30d IS 'Sum of earned over the 30 days to until; days that are not known are left out.';

COMMENT ON COLUMN report.daily_rate.earned_90d IS 'Sum of earned over the 90 days to until; days that are not known are left out.';

COMMENT ON COLUMN report.daily_rate.received_30d IS 'Sum of received over the 30 days to until.';

COMMENT ON COLUMN report.daily_rate.received_90d IS 'Sum of received over the 90 days to until.';

COMMENT ON COLUMN report.daily_rate.last_receipt IS 'The last day on which something came in.';

COMMENT ON COLUMN report.daily_rate.quality IS 'The worst quality of the days behind rate: exact, estimated, spread, partial or stale; stale, too, where the stream''s health is; NULL before the first day.';

COMMENT ON COLUMN report.daily_rate.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.decision WITH (security_barrier='true') AS
 SELECT d.subject AS decision,
    d.kind,
    COALESCE(x.day, ((d.decided_at AT TIME ZONE 'UTC'::text))::date) AS day,
    COALESCE(x.connection, (d.data ->> 'connection'::text)) AS connection,
    COALESCE(x.account, (d.data ->> 'account'::text)) AS account,
    x.amount,
    COALESCE(x.asset, (d.data ->> 'asset'::text)) AS asset,
    x.subject AS about,
    d.other,
    d.data AS said,
    COALESCE(m.problem, ''::text) AS problem,
    e.added_at,
    d.version,
    t.name AS tenant
   FROM ((((derived.decision d
     JOIN ops.tenant t ON ((t.id = d.tenant_id)))
     JOIN raw.event e ON (((e.tenant_id = d.tenant_id) AND (e.subject = d.subject) AND (e.version = d.version))))
     LEFT JOIN derived.transaction x ON (((x.tenant_id = d.tenant_id) AND (x.subject =
        CASE
            WHEN (d.kind = 'transaction'::text) THEN d.subject
            ELSE d.about
        END))))
     LEFT JOIN derived.decided m ON (((m.tenant_id = d.tenant_id) AND (m.subject = d.subject))))
  WHERE (d.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.decision IS 'What people decided and did not undo, and whether it applies.';

COMMENT ON COLUMN report.decision.decision IS 'Its key, by which it is undone.';

COMMENT ON COLUMN report.decision.kind IS 'class, split, duplicate, distinct, transfer, account, balance, transaction (money moved by hand) or left_out (an account that does not count).';

COMMENT ON COLUMN report.decision.day IS 'The day of what it is about.';

COMMENT ON COLUMN report.decision.connection IS 'The connection of what it is about; NULL where that is not there any more.';

COMMENT ON COLUMN report.decision.account IS 'The account of what it is about.';

COMMENT ON COLUMN report.decision.amount IS 'The amount of the transaction it is about; else NULL.';

COMMENT ON COLUMN report.decision.asset IS 'The currency or coin of that amount.';

COMMENT ON COLUMN report.decision.about IS 'The key of the transaction it is about; NULL of an account or a balance.';

COMMENT ON COLUMN report.decision.other IS 'The key of the other transaction, where it is about two.';

COMMENT ON COLUMN report.decision.said IS 'What was decided, as JSON.';

COMMENT ON COLUMN report.decision.problem IS 'Why it does not apply; empty where it does.';

COMMENT ON COLUMN report.decision.added_at IS 'When somebody decided so.';

COMMENT ON COLUMN report.decision.version IS 'How often that matter was decided, undoing included.';

COMMENT ON COLUMN report.decision.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.derivation WITH (security_barrier='true') AS
 SELECT d.through,
    (( SELECT count(*) AS count
           FROM ops.pending p
          WHERE (p.tenant_id = d.tenant_id)))::integer AS waiting,
    (d.through < ((now() AT TIME ZONE t.timezone))::date) AS behind,
    t.name AS tenant
   FROM (ops.derivation d
     JOIN ops.tenant t ON ((t.id = d.tenant_id)))
  WHERE (d.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.derivation IS 'How far income and everything else is worked out from what was read; no row before the first time.';

COMMENT ON COLUMN report.derivation.through IS 'The last day there are numbers for: today, while the service runs.';

COMMENT ON COLUMN report.derivation.waiting IS 'How many changes were read and are not worked into the numbers yet; a few for some seconds are usual.';

COMMENT ON COLUMN report.derivation.behind IS 'True where through is not today.';

COMMENT ON COLUMN report.derivation.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.expected WITH (security_barrier='true') AS
 SELECT e.stream,
    COALESCE(s.name, e.stream) AS name,
    COALESCE(s.grp, ''::text) AS grp,
    e.payer,
    e.series,
    e.due,
    e.earliest,
    e.latest,
    e.amount,
    e.currency,
    e.source,
    e.state,
    e.received_on,
    e.received,
    (e.received_on - e.due) AS days_late,
    (e.received - e.amount) AS difference,
    e.reason,
    t.name AS tenant
   FROM ((derived.expected e
     JOIN ops.tenant t ON ((t.id = e.tenant_id)))
     LEFT JOIN derived.stream s ON (((s.tenant_id = e.tenant_id) AND (s.stream = e.stream))))
  WHERE (e.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.expected IS 'Every regular receipt of the last three years and the next 180 days: when it was due, how much, and what came.';

COMMENT ON COLUMN report.expected.stream IS 'The stream''s key.';

COMMENT ON COLUMN report.expected.name IS 'The stream''s name as people read it.';

COMMENT ON COLUMN report.expected.grp IS 'The group the stream belongs to.';

COMMENT ON COLUMN report.expected.payer IS 'Who pays, as the newest receipt names it; empty where nobody is named.';

COMMENT ON COLUMN report.expected.series IS 'Which of several regular series of one payer, counted from 0.';

COMMENT ON COLUMN report.expected.due IS 'The day it is due, in the tenant''s time zone.';

COMMENT ON COLUMN report.expected.earliest IS 'The first day on which it is in time.';

COMMENT ON COLUMN report.expected.latest IS 'The last day on which it is in time.';

COMMENT ON COLUMN report.expected.amount IS 'How much was expected by what came before; NULL for a payer''s first receipt.';

COMMENT ON COLUMN report.expected.currency IS 'The currency of the amounts.';

COMMENT ON COLUMN report.expected.source IS 'declared (flowd.yaml names the period) or detected (found in the receipts).';

COMMENT ON COLUMN report.expected.state IS 'received, short (too little came), late (its window is over), missed (given up), due (its window is open), expected (to come) or unknown (its source was not read).';

COMMENT ON COLUMN report.expected.received_on IS 'The day it came; NULL where nothing came.';

COMMENT ON COLUMN report.expected.received IS 'How much came.';

COMMENT ON COLUMN report.expected.days_late IS 'received_on less due, in days: below 0 it came early.';

COMMENT ON COLUMN report.expected.difference IS 'received less amount.';

COMMENT ON COLUMN report.expected.reason IS 'What is to be said of it, and its rhythm, in words.';

COMMENT ON COLUMN report.expected.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.goal WITH (security_barrier='true') AS
 SELECT g.goal,
    g.kind,
    g.amount,
    g.currency,
    g.scope,
    g.name,
    g.by_day,
    g.since,
    g.as_of,
    g.current,
        CASE
            WHEN (g.amount > (0)::numeric) THEN round(GREATEST((g.current / g.amount), (0)::numeric), 6)
            ELSE NULL::numeric
        END AS progress,
    g.probability,
    g.reached_p10,
    g.reached_p50,
    g.reached_p90,
    g.needed,
    g.reason,
        CASE g.scope
            WHEN 'total'::text THEN 'Everything'::text
            WHEN 'stream'::text THEN COALESCE(s.name, g.name)
            ELSE g.name
        END AS label,
    t.name AS tenant
   FROM ((derived.goal g
     JOIN ops.tenant t ON ((t.id = g.tenant_id)))
     LEFT JOIN derived.stream s ON (((s.tenant_id = g.tenant_id) AND (g.scope = 'stream'::text) AND (s.stream = g.name))))
  WHERE (g.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.goal IS 'What somebody wants to reach (flowd goal add), how likely that is, and when.';

COMMENT ON COLUMN report.goal.goal IS 'The goal''s name.';

COMMENT ON COLUMN report.goal.kind IS 'What is to be reached: monthly (income in a month), saved (income added up since a day) or net_worth.';

COMMENT ON COLUMN report.goal.amount IS 'How much, in currency.';

COMMENT ON COLUMN report.goal.currency IS 'The currency of amount, current and needed.';

COMMENT ON COLUMN report.goal.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.goal.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.goal.by_day IS 'The day by which it is to be reached; NULL for whenever.';

COMMENT ON COLUMN report.goal.since IS 'The first day that counts.';

COMMENT ON COLUMN report.goal.as_of IS 'The day on which this was computed.';

COMMENT ON COLUMN report.goal.current IS 'How much there is now; NULL where that is not known.';

COMMENT ON COLUMN report.goal.progress IS 'current / amount: 1 is reached.';

COMMENT ON COLUMN report.goal.probability IS 'How likely it is reached by by_day, or within two years where there is no such day; NULL where reason says why.';

COMMENT ON COLUMN report.goal.reached_p10 IS 'The day by which it is reached in one of ten cases; NULL where not within two years.';

COMMENT ON COLUMN report.goal.reached_p50 IS 'The day by which it is reached in every second case.';

COMMENT ON COLUMN report.goal.reached_p90 IS 'The day by which it is reached in nine of ten cases.';

COMMENT ON COLUMN report.goal.needed IS 'What a month would have to bring from now on to reach it in time.';

COMMENT ON COLUMN report.goal.reason IS 'How this was found, or why it is not known.';

COMMENT ON COLUMN report.goal.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.goal.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.income WITH (security_barrier='true') AS
 SELECT i.day,
    i.stream,
    COALESCE(s.name, i.stream) AS name,
    COALESCE(s.grp, 'other'::text) AS grp,
    i.currency,
    i.received,
    i.earned,
    i.received_base,
    i.earned_base,
    i.base_currency,
    i.quality,
    t.name AS tenant
   FROM ((derived.income_daily i
     JOIN ops.tenant t ON ((t.id = i.tenant_id)))
     LEFT JOIN derived.stream s ON (((s.tenant_id = i.tenant_id) AND (s.stream = i.stream))))
  WHERE (i.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.income IS 'What each stream brought in on each day, one row per stream, currency and day.';

COMMENT ON COLUMN report.income.day IS 'The day, in the tenant''s time zone.';

COMMENT ON COLUMN report.income.stream IS 'The stream''s key; it does not change when the stream is renamed.';

COMMENT ON COLUMN report.income.name IS 'The stream''s name as people read it.';

COMMENT ON COLUMN report.income.grp IS 'The group the stream belongs to.';

COMMENT ON COLUMN report.income.currency IS 'The currency of received and earned.';

COMMENT ON COLUMN report.income.received IS 'What came in on this day, in currency; NULL where it is not known.';

COMMENT ON COLUMN report.income.earned IS 'What was earned for this day, in currency: a receipt with a known cadence is spread over the period it pays for.';

COMMENT ON COLUMN report.income.received_base IS 'received in base_currency at a rate of that time; NULL where no rate is known, never one to one.';

COMMENT ON COLUMN report.income.earned_base IS 'earned in base_currency at a rate of that time; NULL where no rate is known, never one to one.';

COMMENT ON COLUMN report.income.base_currency IS 'The tenant''s base currency.';

COMMENT ON COLUMN report.income.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';

COMMENT ON COLUMN report.income.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.lot WITH (security_barrier='true') AS
 SELECT p.connection,
    p.account,
    p.asset,
    'fifo'::text AS method,
    p.number,
    p.acquired,
    (((p.acquired + '1 year'::interval))::date + 1) AS year_over,
    p.quantity,
    p.cost,
    p.quote,
    p.cost_base,
    p.base_currency,
    p.quality,
    t.name AS tenant
   FROM (derived.lot p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)))
  WHERE (p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.lot IS 'The units that are held, by the day on which they came, the oldest first: by fifo those leave first.';

COMMENT ON COLUMN report.lot.connection IS 'The connection it was read by.';

COMMENT ON COLUMN report.lot.account IS 'The source''s id of the account.';

COMMENT ON COLUMN report.lot.asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';

COMMENT ON COLUMN report.lot.method IS 'Always fifo: on average there are no lots.';

COMMENT ON COLUMN report.lot.number IS '1 is the oldest.';

COMMENT ON COLUMN report.lot.acquired IS 'The day on which they came; NULL where it is not known.';

COMMENT ON COLUMN report.lot.year_over IS 'The first day on which a disposal comes more than a year after it.';

COMMENT ON COLUMN report.lot.quantity IS 'Units of it that are still held; below zero where they are owed.';

COMMENT ON COLUMN report.lot.cost IS 'What those cost with fees, in quote.';

COMMENT ON COLUMN report.lot.quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';

COMMENT ON COLUMN report.lot.cost_base IS 'The same in base currency, at the rate of the day of acquisition.';

COMMENT ON COLUMN report.lot.base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';

COMMENT ON COLUMN report.lot.quality IS 'exact; estimated where the cost is the price of the day; partial where a rate is missing.';

COMMENT ON COLUMN report.lot.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.metric WITH (security_barrier='true') AS
 SELECT ((m.at AT TIME ZONE t.timezone))::date AS day,
    m.analytic,
    m.subject,
    m.name,
    m."window",
    m.at,
    m.value,
    m.unit,
    t.name AS tenant
   FROM (derived.metric m
     JOIN ops.tenant t ON ((t.id = m.tenant_id)))
  WHERE (m.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.metric IS 'Numbers that analytics derive beside income, such as recurring revenue and why it changed.';

COMMENT ON COLUMN report.metric.day IS 'The day it is of, in the tenant''s time zone; the first one of a longer window, of statistics the last one.';

COMMENT ON COLUMN report.metric.analytic IS 'The analytic it comes from, such as stripe_mrr.';

COMMENT ON COLUMN report.metric.subject IS 'What it is about, such as a connection and its currency: shop/USD.';

COMMENT ON COLUMN report.metric.name IS 'What it is: mrr, mrr_new, mrr_churn and so on; the analytic''s plugin describes its names.';

COMMENT ON COLUMN report.metric."window" IS 'The stretch of time it is of: 1d is a day, 1mo a month.';

COMMENT ON COLUMN report.metric.at IS 'When the window begins; of statistics, when its last day begins.';

COMMENT ON COLUMN report.metric.value IS 'The number; NULL where it is not available.';

COMMENT ON COLUMN report.metric.unit IS 'What it is counted in: a currency, or a word such as customers.';

COMMENT ON COLUMN report.metric.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.worth WITH (security_barrier='true') AS
 SELECT step.step,
    grid.first_day,
    grid.day,
    s.connection,
    s.account,
    COALESCE(a.name, s.account) AS name,
    COALESCE(a.kind, 'unknown'::text) AS kind,
    s.asset,
    reading.last AS quantity,
        CASE
            WHEN (reading.last = (0)::numeric) THEN (0)::numeric
            WHEN (reading.day >= (grid.day - 100)) THEN reading.last_base
            ELSE NULL::numeric
        END AS worth,
    t.base_currency,
    reading.last_at AS at,
        CASE
            WHEN (reading.last = (0)::numeric) THEN 'exact'::text
            WHEN ((reading.count = 0) AND (reading.day > told.told_until)) THEN 'estimated'::text
            WHEN (reading.day < (grid.day - GREATEST(1, f.days))) THEN 'stale'::text
            WHEN (reading.last_base IS NULL) THEN 'partial'::text
            WHEN ((reading.count = 0) AND (EXISTS ( SELECT
               FROM derived.balance_gap g_1
              WHERE ((g_1.tenant_id = s.tenant_id) AND (g_1.connection = s.connection) AND (g_1.account = s.account) AND (g_1.asset = s.asset) AND (g_1.what = 'gap'::text) AND (reading.day >= g_1.first_day) AND (reading.day < g_1.last_day))))) THEN 'estimated'::text
            ELSE 'exact'::text
        END AS quality,
    t.name AS tenant,
        CASE
            WHEN (reading.count > 0) THEN 'read'::text
            ELSE 'ledger'::text
        END AS source
   FROM ((((((((((raw.series s
     JOIN ops.tenant t ON ((t.id = s.tenant_id)))
     CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE t.timezone))::date AS day
         OFFSET 0) today)
     LEFT JOIN derived.known_account a ON (((a.tenant_id = s.tenant_id) AND (a.connection = s.connection) AND (a.account = s.account))))
     LEFT JOIN derived.balance_line told ON (((told.tenant_id = s.tenant_id) AND (told.connection = s.connection) AND (told.account = s.account) AND (told.asset = s.asset))))
     LEFT JOIN LATERAL ( SELECT (ceil(((max(c.every_s) * 1.25) / (86400)::numeric)))::integer AS days
           FROM ops.connection_state c
          WHERE ((c.tenant_id = s.tenant_id) AND (c.connection = s.connection))) f ON (true))
     CROSS JOIN LATERAL ( SELECT d.day
           FROM derived.snapshot_daily d
          WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id))
          ORDER BY d.day
         LIMIT 1) began)
     CROSS JOIN ( VALUES ('day'::text,'1 day'::interval), ('week'::text,'7 days'::interval), ('month'::text,'1 mon'::interval), ('quarter'::text,'3 mons'::interval), ('year'::text,'1 year'::interval)) step(step, width))
     CROSS JOIN LATERAL generate_series(date_trunc(step.step, (began.day)::timestamp without time zone), (today.day)::timestamp without time zone, step.width) g(at))
     CROSS JOIN LATERAL ( SELECT (g.at)::date AS first_day,
            LEAST((((g.at + step.width))::date - 1), today.day) AS day) grid)
     CROSS JOIN LATERAL ( SELECT d.day,
            d.last,
            d.last_base,
            d.last_at,
            d.count
           FROM derived.snapshot_daily d
          WHERE ((d.tenant_id = s.tenant_id) AND (d.series_id = s.id) AND (d.day <= grid.day))
          ORDER BY d.day DESC
         LIMIT 1) reading)
  WHERE ((s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (NOT (EXISTS ( SELECT
           FROM derived.account_left_out o
          WHERE ((o.tenant_id = s.tenant_id) AND (o.connection = s.connection) AND (o.account = s.account))))))
UNION ALL
 SELECT step.step,
    grid.first_day,
    grid.day,
    p.connection,
    p.account,
    a.name,
    a.kind,
    p.asset,
    held.quantity,
        CASE
            WHEN (held.quantity = (0)::numeric) THEN (0)::numeric
            ELSE held.value_base
        END AS worth,
    t.base_currency,
    ((((held.day + 1))::timestamp without time zone AT TIME ZONE t.timezone) - '00:00:01'::interval) AS at,
        CASE
            WHEN (held.quantity = (0)::numeric) THEN 'exact'::text
            WHEN (held.value_base IS NULL) THEN 'partial'::text
            WHEN ((held.quality = 'exact'::text) AND (held.day < grid.day)) THEN 'estimated'::text
            ELSE held.quality
        END AS quality,
    t.name AS tenant,
    'trades'::text AS source
   FROM ((((((((derived."position" p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)))
     JOIN derived.unread_account a ON (((a.tenant_id = p.tenant_id) AND (a.connection = p.connection) AND (a.account = p.account))))
     CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE t.timezone))::date AS day
         OFFSET 0) today)
     CROSS JOIN ( VALUES ('day'::text,'1 day'::interval), ('week'::text,'7 days'::interval), ('month'::text,'1 mon'::interval), ('quarter'::text,'3 mons'::interval), ('year'::text,'1 year'::interval)) step(step, width))
     CROSS JOIN LATERAL ( SELECT min(d.day) AS day
           FROM derived.position_day d
          WHERE ((d.tenant_id = p.tenant_id) AND (d.connection = p.connection) AND (d.account = p.account) AND (d.asset = p.asset) AND (d.method = p.method))) began)
     CROSS JOIN LATERAL generate_series(date_trunc(step.step, (began.day)::timestamp without time zone), (today.day)::timestamp without time zone, step.width) g(at))
     CROSS JOIN LATERAL ( SELECT (g.at)::date AS first_day,
            LEAST((((g.at + step.width))::date - 1), today.day) AS day) grid)
     CROSS JOIN LATERAL ( SELECT d.day,
            d.quantity,
            d.value_base,
            d.quality
           FROM derived.position_day d
          WHERE ((d.tenant_id = p.tenant_id) AND (d.connection = p.connection) AND (d.account = p.account) AND (d.asset = p.asset) AND (d.method = p.method) AND (d.day <= grid.day) AND (grid.day < today.day))
        UNION ALL
         SELECT today.day,
            p.quantity,
            p.value_base,
            p.quality
          WHERE (grid.day = today.day)
  ORDER BY 1 DESC
 LIMIT 1) held)
  WHERE ((p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (p.method = 'fifo'::text) AND (p.quantity >= (0)::numeric));

COMMENT ON VIEW report.worth IS 'What was held in each account that counts at the end of each day, week, month, quarter and year: the last reading by then, or what statements, transactions and trades tell.';

COMMENT ON COLUMN report.worth.step IS 'day, week, month, quarter or year: choose one.';

COMMENT ON COLUMN report.worth.first_day IS 'The first day of the step.';

COMMENT ON COLUMN report.worth.day IS 'Its last day, at whose end the row stands; today for the step that is not over.';

COMMENT ON COLUMN report.worth.connection IS 'The connection that reads the account.';

COMMENT ON COLUMN report.worth.account IS 'The source''s own id of the account.';

COMMENT ON COLUMN report.worth.name IS 'Its name.';

COMMENT ON COLUMN report.worth.kind IS 'bank, card, cash, wallet, broker, payout, manual …; unknown where the source did not say.';

COMMENT ON COLUMN report.worth.asset IS 'The currency or coin of this row.';

COMMENT ON COLUMN report.worth.quantity IS 'How much of it there was at the last reading by then.';

COMMENT ON COLUMN report.worth.worth IS 'What that was worth on the day of the reading, in base_currency: NULL where no rate is known, and once the reading is more than 100 days old; 0 where nothing was held.';

COMMENT ON COLUMN report.worth.base_currency IS 'The tenant''s base currency.';

COMMENT ON COLUMN report.worth.at IS 'When that reading was taken; the end of the day where statements and transactions tell it.';

COMMENT ON COLUMN report.worth.quality IS 'exact, estimated (kept by a person, and as it was stated last; or transactions do not lead from one statement to the next), partial (no rate) or stale (no reading for a day, or for 1.25 times the interval of the connection''s slowest feed).';

COMMENT ON COLUMN report.worth.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

COMMENT ON COLUMN report.worth.source IS 'read (at the source), ledger (told by statements and transactions) or trades (told by what was bought, sold and moved).';

CREATE VIEW report.net_worth WITH (security_barrier='true') AS
 SELECT w.step,
    w.first_day,
    w.day,
    part.by,
    part.name,
    COALESCE(sum(w.worth), (0)::numeric) AS worth,
    COALESCE(sum(w.worth) FILTER (WHERE (w.worth > (0)::numeric)), (0)::numeric) AS assets,
    COALESCE(sum(w.worth) FILTER (WHERE (w.worth < (0)::numeric)), (0)::numeric) AS debts,
    (count(*) FILTER (WHERE (w.worth IS NULL)))::integer AS lacking,
    (ARRAY['exact'::text, 'estimated'::text, 'spread'::text, 'partial'::text, 'stale'::text])[GREATEST(max(array_position(ARRAY['exact'::text, 'estimated'::text, 'spread'::text, 'partial'::text, 'stale'::text], w.quality)),
        CASE
            WHEN bool_or((w.worth IS NULL)) THEN 4
            ELSE NULL::integer
        END)] AS quality,
    w.base_currency,
    w.tenant
   FROM (report.worth w
     CROSS JOIN LATERAL ( VALUES ('total'::text,''::text), ('kind'::text,w.kind), ('asset'::text,w.asset), ('connection'::text,w.connection), ('account'::text,((w.connection || '/'::text) || w.account))) part(by, name))
  GROUP BY w.step, w.first_day, w.day, part.by, part.name, w.base_currency, w.tenant;

COMMENT ON VIEW report.net_worth IS 'What everything was worth at the end of each day, week, month, quarter and year, debts taken off: in total, and by account, connection, kind of account and asset.';

COMMENT ON COLUMN report.net_worth.step IS 'day, week, month, quarter or year: choose one.';

COMMENT ON COLUMN report.net_worth.first_day IS 'The first day of the step.';

COMMENT ON COLUMN report.net_worth.day IS 'Its last day, at whose end the row stands; today for the step that is not over.';

COMMENT ON COLUMN report.net_worth.by IS 'What is added up: total, kind, asset, connection or account; choose one.';

COMMENT ON COLUMN report.net_worth.name IS 'The kind, the asset, the connection''s name, or CONNECTION/ACCOUNT; empty for the total.';

COMMENT ON COLUMN report.net_worth.worth IS 'assets and debts together, in base_currency.';

COMMENT ON COLUMN report.net_worth.assets IS 'What is held, each asset of each account by itself.';

COMMENT ON COLUMN report.net_worth.debts IS 'What is owed, zero or below: cards, loans, overdrawn accounts.';

COMMENT ON COLUMN report.net_worth.lacking IS 'How many assets of accounts are not in it, because their worth is not known.';

COMMENT ON COLUMN report.net_worth.quality IS 'The worst of what it is made of: exact, estimated, partial (or something is lacking) or stale.';

COMMENT ON COLUMN report.net_worth.base_currency IS 'The currency of the amounts.';

COMMENT ON COLUMN report.net_worth.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.performance WITH (security_barrier='true') AS
 SELECT p.day,
    p.scope,
    p.name,
    p.value,
    p.flow,
    p.pnl,
    p.day_return,
        CASE
            WHEN p.linked THEN round(((p.linked_to - (1)::double precision))::numeric, 10)
            ELSE NULL::numeric
        END AS twr,
        CASE
            WHEN p.linked THEN p.chain_since
            ELSE NULL::date
        END AS twr_since,
        CASE
            WHEN p.linked THEN round((((p.linked_to / GREATEST(p.peak, (1)::double precision)) - (1)::double precision))::numeric, 10)
            ELSE NULL::numeric
        END AS drawdown,
    p.income,
    p.price,
    p.fx,
    p.fees,
    p.other,
    p.quality,
    p.reason,
    p.base_currency,
    t.name AS tenant
   FROM (( SELECT i.tenant_id,
            i.scope,
            i.name,
            i.day,
            i.value,
            i.flow,
            i.pnl,
            i.day_return,
            i.income,
            i.price,
            i.fx,
            i.fees,
            i.other,
            i.base_currency,
            i.quality,
            i.reason,
            i.linked,
            i.chain,
            i.linked_to,
            max(i.linked_to) OVER so_far AS peak,
            min(i.day) FILTER (WHERE i.linked) OVER so_far AS chain_since
           FROM ( SELECT c.tenant_id,
                    c.scope,
                    c.name,
                    c.day,
                    c.value,
                    c.flow,
                    c.pnl,
                    c.day_return,
                    c.income,
                    c.price,
                    c.fx,
                    c.fees,
                    c.other,
                    c.base_currency,
                    c.quality,
                    c.reason,
                    c.linked,
                    c.chain,
                    exp(sum(
                        CASE
                            WHEN c.linked THEN ln((((1)::numeric + COALESCE(c.day_return, (0)::numeric)))::double precision)
                            ELSE (0)::double precision
                        END) OVER so_far) AS linked_to
                   FROM ( SELECT d.tenant_id,
                            d.scope,
                            d.name,
                            d.day,
                            d.value,
                            d.flow,
                            d.pnl,
                            d.day_return,
                            d.income,
                            d.price,
                            d.fx,
                            d.fees,
                            d.other,
                            d.base_currency,
                            d.quality,
                            d.reason,
                            l.linked,
                            count(*) FILTER (WHERE (NOT l.linked)) OVER so_far AS chain
                           FROM (derived.performance d
                             CROSS JOIN LATERAL ( SELECT COALESCE((d.day_return > ('-1'::integer)::numeric), ((d.value = (0)::numeric) AND (d.flow = (0)::numeric) AND (d.pnl = (0)::numeric)), false) AS linked) l)
                          WHERE (d.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
                          WINDOW so_far AS (PARTITION BY d.tenant_id, d.scope, d.name ORDER BY d.day)) c
                  WINDOW so_far AS (PARTITION BY c.tenant_id, c.scope, c.name, c.chain ORDER BY c.day)) i
          WINDOW so_far AS (PARTITION BY i.tenant_id, i.scope, i.name, i.chain ORDER BY i.day)) p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)));

COMMENT ON VIEW report.performance IS 'What accounts, connections, groups and everything were worth at the end of each day, and why that changed: pnl = income + price + fx + fees + other.';

COMMENT ON COLUMN report.performance.day IS 'The day, in the tenant''s time zone.';

COMMENT ON COLUMN report.performance.scope IS 'What it is about: account, connection, group or total.';

COMMENT ON COLUMN report.performance.name IS 'CONNECTION/ACCOUNT, the connection''s or the group''s name; empty for the total.';

COMMENT ON COLUMN report.performance.value IS 'What it was worth at the end of the day, in base_currency; NULL where that is not known. Within a gap that is over: with the change spread.';

COMMENT ON COLUMN report.performance.flow IS 'Money that came from outside (below zero: left); what was there at the first reading came from outside.';

COMMENT ON COLUMN report.performance.pnl IS 'What it gained: change in value less flow.';

COMMENT ON COLUMN report.performance.day_return IS 'The same as a share of what was there the day before and came in since: 0.01 is one per cent. NULL where that is not above zero.';

COMMENT ON COLUMN report.performance.twr IS 'Time-weighted return since twr_since, as a share: the returns of the days linked; not per year.';

COMMENT ON COLUMN report.performance.twr_since IS 'The first day of the chain that twr links. A day without a return (unless nothing was there and nothing happened), or on which everything was lost, breaks it; the next begins a new one.';

COMMENT ON COLUMN report.performance.drawdown IS 'How far below its highest point since then, as a share: -0.2 is a fifth below.';

COMMENT ON COLUMN report.performance.income IS 'Of pnl: what the ledger states as income, such as realised_pnl, funding, staking, dividends, interest, rebates.';

COMMENT ON COLUMN report.performance.price IS 'Of pnl: what was held changed its price in the currency it is quoted in.';

COMMENT ON COLUMN report.performance.fx IS 'Of pnl: currencies changed, those held and those that assets are quoted in.';

COMMENT ON COLUMN report.performance.fees IS 'Of pnl: fees charged by themselves, below zero.';

COMMENT ON COLUMN report.performance.other IS 'Of pnl: the rest. Trades at another price than the day''s last, open positions, what the source does not state.';

COMMENT ON COLUMN report.performance.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';

COMMENT ON COLUMN report.performance.reason IS 'Why a number is NULL or less than exact, in words; else empty.';

COMMENT ON COLUMN report.performance.base_currency IS 'The currency of the amounts.';

COMMENT ON COLUMN report.performance.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.performance_day WITH (security_barrier='true') AS
 SELECT p.day,
    p.scope,
    p.name,
    p.value,
    p.flow,
    p.pnl,
    p.day_return,
    p.income,
    p.price,
    p.fx,
    p.fees,
    p.other,
    p.quality,
    p.reason,
    p.base_currency,
    t.name AS tenant
   FROM (derived.performance p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)))
  WHERE (p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.performance_day IS 'The rows of report.performance without what is linked over days (twr, twr_since, drawdown): quick where a few days of many portfolios are wanted.';

COMMENT ON COLUMN report.performance_day.day IS 'The day, in the tenant''s time zone.';

COMMENT ON COLUMN report.performance_day.scope IS 'What it is about: account, connection, group or total.';

COMMENT ON COLUMN report.performance_day.name IS 'CONNECTION/ACCOUNT, the connection''s or the group''s name; empty for the total.';

COMMENT ON COLUMN report.performance_day.value IS 'What it was worth at the end of the day, in base_currency; NULL where that is not known. Within a gap that is over: with the change spread.';

COMMENT ON COLUMN report.performance_day.flow IS 'Money that came from outside (below zero: left); what was there at the first reading came from outside.';

COMMENT ON COLUMN report.performance_day.pnl IS 'What it gained: change in value less flow.';

COMMENT ON COLUMN report.performance_day.day_return IS 'The same as a share of what was there the day before and came in since: 0.01 is one per cent. NULL where that is not above zero.';

COMMENT ON COLUMN report.performance_day.income IS 'Of pnl: what the ledger states as income, such as realised_pnl, funding, staking, dividends, interest, rebates.';

COMMENT ON COLUMN report.performance_day.price IS 'Of pnl: what was held changed its price in the currency it is quoted in.';

COMMENT ON COLUMN report.performance_day.fx IS 'Of pnl: currencies changed, those held and those that assets are quoted in.';

COMMENT ON COLUMN report.performance_day.fees IS 'Of pnl: fees charged by themselves, below zero.';

COMMENT ON COLUMN report.performance_day.other IS 'Of pnl: the rest. Trades at another price than the day''s last, open positions, what the source does not state.';

COMMENT ON COLUMN report.performance_day.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';

COMMENT ON COLUMN report.performance_day.reason IS 'Why a number is NULL or less than exact, in words; else empty.';

COMMENT ON COLUMN report.performance_day.base_currency IS 'The currency of the amounts.';

COMMENT ON COLUMN report.performance_day.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report."position" WITH (security_barrier='true') AS
 SELECT p.connection,
    p.account,
    p.asset,
    p.method,
    p.quote,
    p.quantity,
    p.unexplained,
    p.opened,
    p.changed,
    p.cost,
    p.cost_fees,
        CASE
            WHEN (p.quantity <> (0)::numeric) THEN trim_scale(round((p.cost / p.quantity), 12))
            ELSE NULL::numeric
        END AS average_price,
    p.cost_base,
    p.price,
    p.price_day,
    p.value,
    p.value_base,
    p.unrealised,
    p.unrealised_base,
    p.unrealised_price,
    p.unrealised_fx,
    p.realised,
    p.realised_base,
    p.realised_price,
    p.realised_fx,
    p.dividends_base,
    p.interest_base,
    p.staking_base,
    p.other_base,
    p.fees_base,
    p.trades,
    p.base_currency,
    p.quality,
    p.reason,
    t.name AS tenant
   FROM (derived."position" p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)))
  WHERE (p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report."position" IS 'How each asset of each account stands: what is held, what it cost and is worth, and what it ever brought. One row per method.';

COMMENT ON COLUMN report."position".connection IS 'The connection it was read by.';

COMMENT ON COLUMN report."position".account IS 'The source''s id of the account.';

COMMENT ON COLUMN report."position".asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';

COMMENT ON COLUMN report."position".method IS 'fifo (the oldest units leave first) or average (each unit costs the same).';

COMMENT ON COLUMN report."position".quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';

COMMENT ON COLUMN report."position".quantity IS 'Units held; below zero where they are owed (a short position).';

COMMENT ON COLUMN report."position".unexplained IS 'Units that were sold or left without having come: what came before is not known here.';

COMMENT ON COLUMN report."position".opened IS 'The day on which the oldest unit held came; by average: on which there were units again.';

COMMENT ON COLUMN report."position".changed IS 'The last day on which anything happened to it.';

COMMENT ON COLUMN report."position".cost IS 'What the units held cost with fees, in quote; below zero where they are owed: what they were sold for.';

COMMENT ON COLUMN report."position".cost_fees IS 'Of cost: fees.';

COMMENT ON COLUMN report."position".average_price IS 'cost of one unit, with fees, in quote.';

COMMENT ON COLUMN report."position".cost_base IS 'cost at the rates of the days on which they came.';

COMMENT ON COLUMN report."position".price IS 'The latest price of one unit, in quote.';

COMMENT ON COLUMN report."position".price_day IS 'Its day; before today it is the last one known, because nobody stated a rate since.';

COMMENT ON COLUMN report."position".value IS 'quantity at price, in quote.';

COMMENT ON COLUMN report."position".value_base IS 'The same in base currency.';

COMMENT ON COLUMN report."position".unrealised IS 'value - cost, in quote.';

COMMENT ON COLUMN report."position".unrealised_base IS 'value_base - cost_base = unrealised_price + unrealised_fx.';

COMMENT ON COLUMN report."position".unrealised_price IS 'Of it: unrealised at today''s rate.';

COMMENT ON COLUMN report."position".unrealised_fx IS 'Of it: what quote gained against the base currency since the units came.';

COMMENT ON COLUMN report."position".realised IS 'What all disposals gained, in quote, without those that are not known.';

COMMENT ON COLUMN report."position".realised_base IS 'The same in base currency = realised_price + realised_fx.';

COMMENT ON COLUMN report."position".realised_price IS 'Of it: gains in quote at the rates of the disposals.';

COMMENT ON COLUMN report."position".realised_fx IS 'Of it: what quote gained against the base currency while units were held.';

COMMENT ON COLUMN report."position".dividends_base IS 'Dividends, in money or units, in base currency at the rates of their days.';

COMMENT ON COLUMN report."position".interest_base IS 'Interest paid in it.';

COMMENT ON COLUMN report."position".staking_base IS 'Staking rewards paid in it.';

COMMENT ON COLUMN report."position".other_base IS 'Other income paid in it, such as rebates, funding, realised_pnl.';

COMMENT ON COLUMN report."position".fees_base IS 'All fees paid for it or in it, in base currency, where their worth is known.';

COMMENT ON COLUMN report."position".trades IS 'How often it was bought or sold.';

COMMENT ON COLUMN report."position".base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';

COMMENT ON COLUMN report."position".quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';

COMMENT ON COLUMN report."position".reason IS 'Why a number is NULL or less than exact, in words; else empty.';

COMMENT ON COLUMN report."position".tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.position_day WITH (security_barrier='true') AS
 SELECT p.day,
    p.connection,
    p.account,
    p.asset,
    p.method,
    p.quantity,
    p.cost,
    p.quote,
    p.cost_base,
    p.value_base,
    p.base_currency,
    p.quality,
    p.reason,
    t.name AS tenant
   FROM (derived.position_day p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)))
  WHERE (p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.position_day IS 'What was held at the end of each day on which that changed, and of each month. One row per method.';

COMMENT ON COLUMN report.position_day.day IS 'The day, in the tenant''s time zone.';

COMMENT ON COLUMN report.position_day.connection IS 'The connection it was read by.';

COMMENT ON COLUMN report.position_day.account IS 'The source''s id of the account.';

COMMENT ON COLUMN report.position_day.asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';

COMMENT ON COLUMN report.position_day.method IS 'fifo (the oldest units leave first) or average (each unit costs the same).';

COMMENT ON COLUMN report.position_day.quantity IS 'Units held at its end; below zero where they are owed.';

COMMENT ON COLUMN report.position_day.cost IS 'What they cost with fees, in quote.';

COMMENT ON COLUMN report.position_day.quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';

COMMENT ON COLUMN report.position_day.cost_base IS 'cost at the rates of the days on which they came.';

COMMENT ON COLUMN report.position_day.value_base IS 'What they were worth at the end of the day, in base currency; NULL without a rate.';

COMMENT ON COLUMN report.position_day.base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';

COMMENT ON COLUMN report.position_day.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';

COMMENT ON COLUMN report.position_day.reason IS 'Why a number is NULL or less than exact, in words; else empty.';

COMMENT ON COLUMN report.position_day.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.projection WITH (security_barrier='true') AS
 SELECT p.for_day AS day,
    subject.scope,
    subject.name,
    p.p05,
    p.p10,
    p.p25,
    p.p50,
    p.p75,
    p.p90,
    p.p95,
    p.mean,
    p.method,
    p.confidence,
    p.made_on,
    p.made_at,
    p.base_currency,
    subject.label,
    t.name AS tenant
   FROM (((ops.tenant t
     CROSS JOIN LATERAL ( SELECT max(n.made_on) AS made_on
           FROM raw.projection n
          WHERE ((n.tenant_id = t.id) AND (n.scope = 'total'::text) AND (n.name = ''::text))) newest)
     JOIN ( SELECT s.tenant_id,
            'stream'::text AS scope,
            s.stream AS name,
            s.name AS label
           FROM derived.stream s
        UNION ALL
         SELECT DISTINCT g.tenant_id,
            'group'::text,
            g.grp,
            g.grp
           FROM derived.stream g
        UNION ALL
         SELECT o.id,
            'total'::text,
            ''::text,
            'Everything'::text
           FROM ops.tenant o) subject ON ((subject.tenant_id = t.id)))
     CROSS JOIN LATERAL ( SELECT r.tenant_id,
            r.scope,
            r.name,
            r.made_on,
            r.made_at,
            r.span,
            r.for_day,
            r.p05,
            r.p10,
            r.p25,
            r.p50,
            r.p75,
            r.p90,
            r.p95,
            r.mean,
            r.method,
            r.confidence,
            r.base_currency
           FROM raw.projection r
          WHERE ((r.tenant_id = t.id) AND (r.scope = subject.scope) AND (r.name = subject.name) AND (r.made_on = newest.made_on) AND (r.span = 'day'::text))
         OFFSET 0) p)
  WHERE (t.id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.projection IS 'What is foretold for each day to come, as it was said last: per stream, group and in all.';

COMMENT ON COLUMN report.projection.day IS 'The day it is about, in the tenant''s time zone.';

COMMENT ON COLUMN report.projection.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.projection.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.projection.p05 IS 'The 5th percentile: it comes to less than this in one of 20 cases.';

COMMENT ON COLUMN report.projection.p10 IS 'The 10th percentile; p10 to p90 is the 80 % band.';

COMMENT ON COLUMN report.projection.p25 IS 'The 25th percentile; p25 to p75 is the 50 % band.';

COMMENT ON COLUMN report.projection.p50 IS 'The median: as likely more as less.';

COMMENT ON COLUMN report.projection.p75 IS 'The 75th percentile.';

COMMENT ON COLUMN report.projection.p90 IS 'The 90th percentile.';

COMMENT ON COLUMN report.projection.p95 IS 'The 95th percentile: it comes to more than this in one of 20 cases.';

COMMENT ON COLUMN report.projection.mean IS 'The mean of all paths: the means of streams add up to that of the total, quantiles do not.';

COMMENT ON COLUMN report.projection.method IS 'How it was foretold.';

COMMENT ON COLUMN report.projection.confidence IS 'How likely the total of so many days comes within a fifth of its median, as past projections did; NULL where that is not known.';

COMMENT ON COLUMN report.projection.made_on IS 'The day on which it was said, knowing what happened before that day.';

COMMENT ON COLUMN report.projection.made_at IS 'When it was said.';

COMMENT ON COLUMN report.projection.base_currency IS 'The currency of every amount in this row.';

COMMENT ON COLUMN report.projection.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.projection.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.projection_accuracy WITH (security_barrier='true') AS
 SELECT ((m.at AT TIME ZONE t.timezone))::date AS month,
    about.scope,
    about.name,
    ("left"(m."window", '-1'::integer))::integer AS horizon,
    (max(m.value) FILTER (WHERE (m.name = 'scored'::text)))::integer AS scored,
    max(m.value) FILTER (WHERE (m.name = 'coverage_50'::text)) AS coverage_50,
    max(m.value) FILTER (WHERE (m.name = 'coverage_80'::text)) AS coverage_80,
    max(m.value) FILTER (WHERE (m.name = 'coverage_90'::text)) AS coverage_90,
    max(m.value) FILTER (WHERE (m.name = 'within_20'::text)) AS within_20,
    max(m.value) FILTER (WHERE (m.name = 'mape'::text)) AS mape,
    max(m.value) FILTER (WHERE (m.name = 'median_ape'::text)) AS median_ape,
    max(m.value) FILTER (WHERE (m.name = 'bias'::text)) AS bias,
    max(m.value) FILTER (WHERE (m.name = 'crps'::text)) AS crps,
    max(m.value) FILTER (WHERE (m.name = 'skill'::text)) AS skill,
    t.base_currency,
    about.label,
    t.name AS tenant
   FROM ((( SELECT d.tenant_id,
            'stream'::text AS scope,
            d.stream AS name,
            ('stream:'::text || d.stream) AS subject,
            d.name AS label
           FROM derived.stream d
        UNION ALL
         SELECT DISTINCT g.tenant_id,
            'group'::text,
            g.grp,
            ('group:'::text || g.grp),
            g.grp
           FROM derived.stream g
        UNION ALL
         SELECT o.id,
            'total'::text,
            ''::text,
            'total'::text,
            'Everything'::text
           FROM ops.tenant o) about
     JOIN ops.tenant t ON ((t.id = about.tenant_id)))
     JOIN derived.metric m ON (((m.tenant_id = about.tenant_id) AND (m.analytic = 'scores'::text) AND (m.subject = about.subject))))
  WHERE (about.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  GROUP BY m.at, about.scope, about.name, about.label, m."window", t.timezone, t.base_currency, t.name;

COMMENT ON VIEW report.projection_accuracy IS 'How well projections turned out, per month in which their last day fell, and per horizon.';

COMMENT ON COLUMN report.projection_accuracy.month IS 'The first day of the month in which the last days fell.';

COMMENT ON COLUMN report.projection_accuracy.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.projection_accuracy.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.projection_accuracy.horizon IS 'Over how many days, from made_on on.';

COMMENT ON COLUMN report.projection_accuracy.scored IS 'How many projections were scored.';

COMMENT ON COLUMN report.projection_accuracy.coverage_50 IS 'The share of them that came within p25 to p75; it should be near 0.5.';

COMMENT ON COLUMN report.projection_accuracy.coverage_80 IS 'The share that came within p10 to p90; it should be near 0.8.';

COMMENT ON COLUMN report.projection_accuracy.coverage_90 IS 'The share that came within p05 to p95; it should be near 0.9.';

COMMENT ON COLUMN report.projection_accuracy.within_20 IS 'The share that came within a fifth of the median: what confidence foretells.';

COMMENT ON COLUMN report.projection_accuracy.mape IS 'The mean absolute error as a share of what came, over those where something came.';

COMMENT ON COLUMN report.projection_accuracy.median_ape IS 'The median of the same, which one odd month does not move.';

COMMENT ON COLUMN report.projection_accuracy.bias IS 'What was said too little (above zero) or too much, as a share of what came.';

COMMENT ON COLUMN report.projection_accuracy.crps IS 'The continuous ranked probability score, approximated from the seven quantiles; in base currency, the smaller the better.';

COMMENT ON COLUMN report.projection_accuracy.skill IS '1 - crps / the mean absolute error of the median: how much the bands add to a bare number; NULL where that error is 0.';

COMMENT ON COLUMN report.projection_accuracy.base_currency IS 'The tenant''s base currency.';

COMMENT ON COLUMN report.projection_accuracy.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.projection_accuracy.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.projection_model WITH (security_barrier='true') AS
 SELECT m.scope,
    m.name,
    m.as_of,
    m.method,
    m.reason,
    m.history_days,
    m.short,
    m.origins,
    m.error,
    m.coverage,
    m.confidence,
    m.parts,
    m.candidates,
        CASE m.scope
            WHEN 'total'::text THEN 'Everything'::text
            WHEN 'stream'::text THEN COALESCE(s.name, m.name)
            ELSE m.name
        END AS label,
    t.name AS tenant
   FROM ((derived.projection_model m
     JOIN ops.tenant t ON ((t.id = m.tenant_id)))
     LEFT JOIN derived.stream s ON (((s.tenant_id = m.tenant_id) AND (m.scope = 'stream'::text) AND (s.stream = m.name))))
  WHERE (m.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.projection_model IS 'How each stream is foretold, why so, and how far that is to be trusted.';

COMMENT ON COLUMN report.projection_model.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.projection_model.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.projection_model.as_of IS 'The day on which the method was chosen.';

COMMENT ON COLUMN report.projection_model.method IS 'The method that foretells it.';

COMMENT ON COLUMN report.projection_model.reason IS 'Why this method, in words.';

COMMENT ON COLUMN report.projection_model.history_days IS 'How many days of history there are.';

COMMENT ON COLUMN report.projection_model.short IS 'Whether the history is too short to choose by its own past.';

COMMENT ON COLUMN report.projection_model.origins IS 'How many past days the methods were tried from.';

COMMENT ON COLUMN report.projection_model.error IS 'The method''s error in that trial; the smaller the better.';

COMMENT ON COLUMN report.projection_model.coverage IS 'The share of trials in which what came was within the 80 % band.';

COMMENT ON COLUMN report.projection_model.confidence IS 'The share of trials whose total came within a fifth of the median; NULL where there are too few.';

COMMENT ON COLUMN report.projection_model.parts IS 'The components of confidence, by name.';

COMMENT ON COLUMN report.projection_model.candidates IS 'The error of each method that was tried, by name.';

COMMENT ON COLUMN report.projection_model.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.projection_model.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.projection_month WITH (security_barrier='true') AS
 SELECT ((p.for_day - (EXTRACT(day FROM p.for_day))::integer) + 1) AS month,
    p.for_day AS until,
    subject.scope,
    subject.name,
    p.p05,
    p.p10,
    p.p25,
    p.p50,
    p.p75,
    p.p90,
    p.p95,
    p.mean,
    p.method,
    p.confidence,
    p.made_on,
    p.made_at,
    p.base_currency,
    subject.label,
    t.name AS tenant
   FROM (((ops.tenant t
     CROSS JOIN LATERAL ( SELECT max(n.made_on) AS made_on
           FROM raw.projection n
          WHERE ((n.tenant_id = t.id) AND (n.scope = 'total'::text) AND (n.name = ''::text))) newest)
     JOIN ( SELECT s.tenant_id,
            'stream'::text AS scope,
            s.stream AS name,
            s.name AS label
           FROM derived.stream s
        UNION ALL
         SELECT DISTINCT g.tenant_id,
            'group'::text,
            g.grp,
            g.grp
           FROM derived.stream g
        UNION ALL
         SELECT o.id,
            'total'::text,
            ''::text,
            'Everything'::text
           FROM ops.tenant o) subject ON ((subject.tenant_id = t.id)))
     CROSS JOIN LATERAL ( SELECT r.tenant_id,
            r.scope,
            r.name,
            r.made_on,
            r.made_at,
            r.span,
            r.for_day,
            r.p05,
            r.p10,
            r.p25,
            r.p50,
            r.p75,
            r.p90,
            r.p95,
            r.mean,
            r.method,
            r.confidence,
            r.base_currency
           FROM raw.projection r
          WHERE ((r.tenant_id = t.id) AND (r.scope = subject.scope) AND (r.name = subject.name) AND (r.made_on = newest.made_on) AND (r.span = 'month'::text))
         OFFSET 0) p)
  WHERE (t.id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.projection_month IS 'What is foretold for each calendar month that ends within the horizon, as it was said last.';

COMMENT ON COLUMN report.projection_month.month IS 'The first day of the month.';

COMMENT ON COLUMN report.projection_month.until IS 'The last day of the month; of the month under way, what already came is included.';

COMMENT ON COLUMN report.projection_month.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.projection_month.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.projection_month.p05 IS 'The 5th percentile: it comes to less than this in one of 20 cases.';

COMMENT ON COLUMN report.projection_month.p10 IS 'The 10th percentile; p10 to p90 is the 80 % band.';

COMMENT ON COLUMN report.projection_month.p25 IS 'The 25th percentile; p25 to p75 is the 50 % band.';

COMMENT ON COLUMN report.projection_month.p50 IS 'The median: as likely more as less.';

COMMENT ON COLUMN report.projection_month.p75 IS 'The 75th percentile.';

COMMENT ON COLUMN report.projection_month.p90 IS 'The 90th percentile.';

COMMENT ON COLUMN report.projection_month.p95 IS 'The 95th percentile: it comes to more than this in one of 20 cases.';

COMMENT ON COLUMN report.projection_month.mean IS 'The mean of all paths: the means of streams add up to that of the total, quantiles do not.';

COMMENT ON COLUMN report.projection_month.method IS 'How it was foretold.';

COMMENT ON COLUMN report.projection_month.confidence IS 'How likely the total of so many days comes within a fifth of its median, as past projections did; NULL where that is not known.';

COMMENT ON COLUMN report.projection_month.made_on IS 'The day on which it was said, knowing what happened before that day.';

COMMENT ON COLUMN report.projection_month.made_at IS 'When it was said.';

COMMENT ON COLUMN report.projection_month.base_currency IS 'The currency of every amount in this row.';

COMMENT ON COLUMN report.projection_month.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.projection_month.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.projection_said WITH (security_barrier='true') AS
 SELECT p.made_on,
    p.for_day,
    ((p.for_day - p.made_on) + 1) AS horizon,
    p.scope,
    p.name,
    p.p05,
    p.p10,
    p.p25,
    p.p50,
    p.p75,
    p.p90,
    p.p95,
    p.mean,
    c.actual,
    p.method,
    p.confidence,
    p.base_currency,
        CASE p.scope
            WHEN 'total'::text THEN 'Everything'::text
            WHEN 'stream'::text THEN COALESCE(s.name, p.name)
            ELSE p.name
        END AS label,
    t.name AS tenant
   FROM (((raw.projection p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)))
     LEFT JOIN derived.stream s ON (((s.tenant_id = p.tenant_id) AND (p.scope = 'stream'::text) AND (s.stream = p.name))))
     LEFT JOIN derived.projection_score c ON (((c.tenant_id = p.tenant_id) AND (c.scope = p.scope) AND (c.name = p.name) AND (c.made_on = p.made_on) AND (c.horizon = ((p.for_day - p.made_on) + 1)))))
  WHERE ((p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (p.span = 'sum'::text));

COMMENT ON VIEW report.projection_said IS 'Everything that was ever foretold for so many days together, with what came where these days are over.';

COMMENT ON COLUMN report.projection_said.made_on IS 'The day on which it was said, knowing what happened before that day.';

COMMENT ON COLUMN report.projection_said.for_day IS 'The last day of the sum.';

COMMENT ON COLUMN report.projection_said.horizon IS 'Over how many days, from made_on on: 7, 30, 60, 90, 120, 180 …';

COMMENT ON COLUMN report.projection_said.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.projection_said.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.projection_said.p05 IS 'The 5th percentile: it comes to less than this in one of 20 cases.';

COMMENT ON COLUMN report.projection_said.p10 IS 'The 10th percentile; p10 to p90 is the 80 % band.';

COMMENT ON COLUMN report.projection_said.p25 IS 'The 25th percentile; p25 to p75 is the 50 % band.';

COMMENT ON COLUMN report.projection_said.p50 IS 'The median: as likely more as less.';

COMMENT ON COLUMN report.projection_said.p75 IS 'The 75th percentile.';

COMMENT ON COLUMN report.projection_said.p90 IS 'The 90th percentile.';

COMMENT ON COLUMN report.projection_said.p95 IS 'The 95th percentile: it comes to more than this in one of 20 cases.';

COMMENT ON COLUMN report.projection_said.mean IS 'The mean of all paths.';

COMMENT ON COLUMN report.projection_said.actual IS 'What came in on these days; NULL while they are not over, where a day of them is not known, and where it is over for more than 400 days.';

COMMENT ON COLUMN report.projection_said.method IS 'How it was foretold.';

COMMENT ON COLUMN report.projection_said.confidence IS 'How likely the total was said to come within a fifth of its median.';

COMMENT ON COLUMN report.projection_said.base_currency IS 'The currency of every amount in this row.';

COMMENT ON COLUMN report.projection_said.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.projection_said.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.projection_score WITH (security_barrier='true') AS
 SELECT c.for_day,
    c.made_on,
    c.horizon,
    c.scope,
    c.name,
    c.p50,
    c.actual,
    c.error,
    c.ape,
    c.pinball,
    c.inside_50,
    c.inside_80,
    c.inside_90,
    c.within_20,
    t.base_currency,
        CASE c.scope
            WHEN 'total'::text THEN 'Everything'::text
            WHEN 'stream'::text THEN COALESCE(s.name, c.name)
            ELSE c.name
        END AS label,
    t.name AS tenant
   FROM ((derived.projection_score c
     JOIN ops.tenant t ON ((t.id = c.tenant_id)))
     LEFT JOIN derived.stream s ON (((s.tenant_id = c.tenant_id) AND (c.scope = 'stream'::text) AND (s.stream = c.name))))
  WHERE (c.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.projection_score IS 'How each projection turned out whose days are over.';

COMMENT ON COLUMN report.projection_score.for_day IS 'The last day it was about.';

COMMENT ON COLUMN report.projection_score.made_on IS 'The day on which it was said.';

COMMENT ON COLUMN report.projection_score.horizon IS 'Over how many days, from made_on on.';

COMMENT ON COLUMN report.projection_score.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.projection_score.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.projection_score.p50 IS 'The median that was said.';

COMMENT ON COLUMN report.projection_score.actual IS 'What came in on these days, as it is known now.';

COMMENT ON COLUMN report.projection_score.error IS 'actual - p50: above zero, more came than was said.';

COMMENT ON COLUMN report.projection_score.ape IS 'The absolute error as a share of what came: 0.1 is ten per cent; NULL where nothing came.';

COMMENT ON COLUMN report.projection_score.pinball IS 'The mean pinball loss of the seven quantiles: the smaller the better; in base currency.';

COMMENT ON COLUMN report.projection_score.inside_50 IS 'Whether it came within p25 to p75.';

COMMENT ON COLUMN report.projection_score.inside_80 IS 'Whether it came within p10 to p90.';

COMMENT ON COLUMN report.projection_score.inside_90 IS 'Whether it came within p05 to p95.';

COMMENT ON COLUMN report.projection_score.within_20 IS 'Whether it came within a fifth of the median that was said.';

COMMENT ON COLUMN report.projection_score.base_currency IS 'The currency of every amount in this row.';

COMMENT ON COLUMN report.projection_score.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.projection_score.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.projection_sum WITH (security_barrier='true') AS
 SELECT ((p.for_day - p.made_on) + 1) AS horizon,
    p.for_day AS until,
    subject.scope,
    subject.name,
    p.p05,
    p.p10,
    p.p25,
    p.p50,
    p.p75,
    p.p90,
    p.p95,
    p.mean,
    p.method,
    p.confidence,
    p.made_on,
    p.made_at,
    p.base_currency,
    subject.label,
    t.name AS tenant
   FROM (((ops.tenant t
     CROSS JOIN LATERAL ( SELECT max(n.made_on) AS made_on
           FROM raw.projection n
          WHERE ((n.tenant_id = t.id) AND (n.scope = 'total'::text) AND (n.name = ''::text))) newest)
     JOIN ( SELECT s.tenant_id,
            'stream'::text AS scope,
            s.stream AS name,
            s.name AS label
           FROM derived.stream s
        UNION ALL
         SELECT DISTINCT g.tenant_id,
            'group'::text,
            g.grp,
            g.grp
           FROM derived.stream g
        UNION ALL
         SELECT o.id,
            'total'::text,
            ''::text,
            'Everything'::text
           FROM ops.tenant o) subject ON ((subject.tenant_id = t.id)))
     CROSS JOIN LATERAL ( SELECT r.tenant_id,
            r.scope,
            r.name,
            r.made_on,
            r.made_at,
            r.span,
            r.for_day,
            r.p05,
            r.p10,
            r.p25,
            r.p50,
            r.p75,
            r.p90,
            r.p95,
            r.mean,
            r.method,
            r.confidence,
            r.base_currency
           FROM raw.projection r
          WHERE ((r.tenant_id = t.id) AND (r.scope = subject.scope) AND (r.name = subject.name) AND (r.made_on = newest.made_on) AND (r.span = 'sum'::text))
         OFFSET 0) p)
  WHERE (t.id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.projection_sum IS 'What is foretold for the next 7, 30, 60, 90, 120, 180 … days together, as it was said last.';

COMMENT ON COLUMN report.projection_sum.horizon IS 'Over how many days, from made_on on.';

COMMENT ON COLUMN report.projection_sum.until IS 'The last of these days.';

COMMENT ON COLUMN report.projection_sum.scope IS 'What it is about: total, group or stream.';

COMMENT ON COLUMN report.projection_sum.name IS 'The group''s name or the stream''s key; empty for the total.';

COMMENT ON COLUMN report.projection_sum.p05 IS 'The 5th percentile: it comes to less than this in one of 20 cases.';

COMMENT ON COLUMN report.projection_sum.p10 IS 'The 10th percentile; p10 to p90 is the 80 % band.';

COMMENT ON COLUMN report.projection_sum.p25 IS 'The 25th percentile; p25 to p75 is the 50 % band.';

COMMENT ON COLUMN report.projection_sum.p50 IS 'The median: as likely more as less.';

COMMENT ON COLUMN report.projection_sum.p75 IS 'The 75th percentile.';

COMMENT ON COLUMN report.projection_sum.p90 IS 'The 90th percentile.';

COMMENT ON COLUMN report.projection_sum.p95 IS 'The 95th percentile: it comes to more than this in one of 20 cases.';

COMMENT ON COLUMN report.projection_sum.mean IS 'The mean of all paths: the means of streams add up to that of the total, quantiles do not.';

COMMENT ON COLUMN report.projection_sum.method IS 'How it was foretold.';

COMMENT ON COLUMN report.projection_sum.confidence IS 'How likely the total of so many days comes within a fifth of its median, as past projections did; NULL where that is not known.';

COMMENT ON COLUMN report.projection_sum.made_on IS 'The day on which it was said, knowing what happened before that day.';

COMMENT ON COLUMN report.projection_sum.made_at IS 'When it was said.';

COMMENT ON COLUMN report.projection_sum.base_currency IS 'The currency of every amount in this row.';

COMMENT ON COLUMN report.projection_sum.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.projection_sum.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.rate_disagreement WITH (security_barrier='true') AS
 WITH RECURSIVE line AS (
         SELECT first.tenant_id,
            first.base,
            first.quote,
            first.source
           FROM (ops.tenant t_1
             CROSS JOIN LATERAL ( SELECT r.tenant_id,
                    r.base,
                    r.quote,
                    r.source
                   FROM raw.rate r
                  WHERE (r.tenant_id = t_1.id)
                  ORDER BY r.base, r.quote, r.source
                 LIMIT 1) first)
          WHERE (t_1.id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        UNION ALL
         SELECT next.tenant_id,
            next.base,
            next.quote,
            next.source
           FROM (line l
             CROSS JOIN LATERAL ( SELECT r.tenant_id,
                    r.base,
                    r.quote,
                    r.source
                   FROM raw.rate r
                  WHERE ((r.tenant_id = l.tenant_id) AND (ROW(r.base, r.quote, r.source) > ROW(l.base, l.quote, l.source)))
                  ORDER BY r.base, r.quote, r.source
                 LIMIT 1) next)
        ), newest AS (
         SELECT l.tenant_id,
            l.base,
            l.quote,
            stated.value,
            stated.at,
            max(stated.at) OVER (PARTITION BY l.tenant_id, l.base, l.quote) AS last_at
           FROM (line l
             CROSS JOIN LATERAL ( SELECT r.value,
                    r.at
                   FROM raw.rate r
                  WHERE ((r.tenant_id = l.tenant_id) AND (r.base = l.base) AND (r.quote = l.quote) AND (r.source = l.source))
                  ORDER BY r.at DESC
                 LIMIT 1) stated)
        )
 SELECT n.base,
    n.quote,
    (count(*))::integer AS sources,
    min(n.value) AS lowest,
    max(n.value) AS highest,
    ((max(n.value) / min(n.value)) - (1)::numeric) AS disagreement,
    min(n.at) AS since,
    t.name AS tenant
   FROM (newest n
     JOIN ops.tenant t ON ((t.id = n.tenant_id)))
  WHERE ((n.last_at - n.at) <= '02:00:00'::interval)
  GROUP BY t.name, n.base, n.quote
 HAVING (count(*) > 1);

COMMENT ON VIEW report.rate_disagreement IS 'Pairs that two or more sources stated within two hours of the newest, and by how much they differ.';

COMMENT ON COLUMN report.rate_disagreement.base IS 'What is priced.';

COMMENT ON COLUMN report.rate_disagreement.quote IS 'What it is priced in.';

COMMENT ON COLUMN report.rate_disagreement.sources IS 'How many sources stated it.';

COMMENT ON COLUMN report.rate_disagreement.lowest IS 'The lowest of their newest rates.';

COMMENT ON COLUMN report.rate_disagreement.highest IS 'The highest of their newest rates.';

COMMENT ON COLUMN report.rate_disagreement.disagreement IS 'The highest over the lowest, less one: 0.02 is two per cent.';

COMMENT ON COLUMN report.rate_disagreement.since IS 'When the oldest of these rates was stated.';

COMMENT ON COLUMN report.rate_disagreement.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.rate_missing WITH (security_barrier='true') AS
 SELECT m.base,
    m.quote,
    m.first_day,
    m.last_day,
    m.days,
    t.name AS tenant
   FROM (derived.rate_missing m
     JOIN ops.tenant t ON ((t.id = m.tenant_id)))
  WHERE (m.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.rate_missing IS 'Rates that a number needed and nobody had; those numbers are NULL.';

COMMENT ON COLUMN report.rate_missing.base IS 'The currency or coin that could not be converted.';

COMMENT ON COLUMN report.rate_missing.quote IS 'The currency it was to be converted into.';

COMMENT ON COLUMN report.rate_missing.first_day IS 'The first day a rate was missing for.';

COMMENT ON COLUMN report.rate_missing.last_day IS 'The last day a rate was missing for.';

COMMENT ON COLUMN report.rate_missing.days IS 'For how many days one was missing.';

COMMENT ON COLUMN report.rate_missing.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.realised WITH (security_barrier='true') AS
 SELECT p.day,
    p.connection,
    p.account,
    p.asset,
    p.method,
    p.part,
    p.acquired,
    (p.day - p.acquired) AS held_days,
    (p.day > ((p.acquired + '1 year'::interval))::date) AS over_a_year,
    p.disposals,
    p.quantity,
    p.quote,
    p.proceeds,
    p.fee,
    p.cost,
    p.gain,
    p.proceeds_base,
    p.fee_base,
    p.cost_base,
    p.gain_base,
    p.price,
    p.fx,
    p.base_currency,
    p.quality,
    p.reason,
    t.name AS tenant
   FROM (derived.realised p
     JOIN ops.tenant t ON ((t.id = p.tenant_id)))
  WHERE (p.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.realised IS 'What was gained by selling, spending and changing units, by day; by fifo also by the day of acquisition.';

COMMENT ON COLUMN report.realised.day IS 'The day of the disposal, in the tenant''s time zone.';

COMMENT ON COLUMN report.realised.connection IS 'The connection it was read by.';

COMMENT ON COLUMN report.realised.account IS 'The source''s id of the account.';

COMMENT ON COLUMN report.realised.asset IS 'What is held: a coin, a share; never a currency of ISO 4217.';

COMMENT ON COLUMN report.realised.method IS 'fifo (the oldest units leave first) or average (each unit costs the same).';

COMMENT ON COLUMN report.realised.part IS 'long (units that were held), short (units that were owed and are bought back), unknown (units that never came).';

COMMENT ON COLUMN report.realised.acquired IS 'The day on which the units came, of a short position: on which they were sold; NULL by average and where it is not known.';

COMMENT ON COLUMN report.realised.held_days IS 'Days between both.';

COMMENT ON COLUMN report.realised.over_a_year IS 'True where the disposal came after the first anniversary of the acquisition; NULL where that is not known.';

COMMENT ON COLUMN report.realised.disposals IS 'How many are added up in this row.';

COMMENT ON COLUMN report.realised.quantity IS 'Units that were given away.';

COMMENT ON COLUMN report.realised.quote IS 'The currency or coin the asset is traded in there: that of its first trade, else the base currency.';

COMMENT ON COLUMN report.realised.proceeds IS 'What came in for them, before the fee, in quote.';

COMMENT ON COLUMN report.realised.fee IS 'The fee of the disposal, in quote.';

COMMENT ON COLUMN report.realised.cost IS 'What they had cost with fees, in quote.';

COMMENT ON COLUMN report.realised.gain IS 'proceeds - fee - cost; NULL where a part is not known.';

COMMENT ON COLUMN report.realised.proceeds_base IS 'proceeds at the rate of the day.';

COMMENT ON COLUMN report.realised.fee_base IS 'fee at the rate of the day.';

COMMENT ON COLUMN report.realised.cost_base IS 'cost at the rates of the days of acquisition.';

COMMENT ON COLUMN report.realised.gain_base IS 'proceeds_base - fee_base - cost_base = price + fx.';

COMMENT ON COLUMN report.realised.price IS 'Of gain_base: gain at the rate of the day.';

COMMENT ON COLUMN report.realised.fx IS 'Of gain_base: what quote gained against the base currency meanwhile.';

COMMENT ON COLUMN report.realised.base_currency IS 'The currency of the columns that end in _base, and of the price and FX parts.';

COMMENT ON COLUMN report.realised.quality IS 'exact, estimated, spread, partial or stale: how far the numbers of this row can be trusted.';

COMMENT ON COLUMN report.realised.reason IS 'Why a number is NULL or less than exact, in words; else empty.';

COMMENT ON COLUMN report.realised.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.resilience WITH (security_barrier='true') AS
 WITH d AS (
         SELECT t.name AS tenant,
            ((m.at AT TIME ZONE t.timezone))::date AS as_of,
            COALESCE(bool_or((((m.at AT TIME ZONE t.timezone))::date = s.as_of)), false) AS latest,
            max(m.value) FILTER (WHERE (m.name = 'hhi_streams'::text)) AS hhi_streams,
            max(m.value) FILTER (WHERE (m.name = 'effective_streams'::text)) AS effective_streams,
            max(m.value) FILTER (WHERE (m.name = 'largest_streams'::text)) AS largest_streams,
            max(m.value) FILTER (WHERE (m.name = 'hhi_groups'::text)) AS hhi_groups,
            max(m.value) FILTER (WHERE (m.name = 'effective_groups'::text)) AS effective_groups,
            max(m.value) FILTER (WHERE (m.name = 'largest_groups'::text)) AS largest_groups,
            max(m.value) FILTER (WHERE (m.name = 'floor'::text)) AS floor,
            max(m.value) FILTER (WHERE (m.name = 'floor_recurring'::text)) AS floor_recurring,
            max(m.value) FILTER (WHERE (m.name = 'volatility'::text)) AS volatility,
            max(m.value) FILTER (WHERE (m.name = 'passive'::text)) AS passive,
            max(m.value) FILTER (WHERE (m.name = 'expenses'::text)) AS expenses,
            max(m.value) FILTER (WHERE (m.name = 'covered'::text)) AS covered,
            max(m.value) FILTER (WHERE (m.name = 'crossover'::text)) AS crossover,
            max(m.value) FILTER (WHERE (m.name = 'cash'::text)) AS cash,
            max(m.value) FILTER (WHERE (m.name = 'runway'::text)) AS runway,
            max(m.value) FILTER (WHERE (m.name = 'runway_bare'::text)) AS runway_bare,
            max(m.unit) FILTER (WHERE (m.name = 'floor'::text)) AS unit
           FROM ((derived.metric m
             JOIN ops.tenant t ON ((t.id = m.tenant_id)))
             LEFT JOIN derived.stream_state s ON (((s.tenant_id = m.tenant_id) AND (s.scope = 'total'::text))))
          WHERE ((m.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (m.analytic = 'statistics'::text) AND (m.subject = 'total'::text) AND (m.name = ANY (ARRAY['hhi_streams'::text, 'effective_streams'::text, 'largest_streams'::text, 'hhi_groups'::text, 'effective_groups'::text, 'largest_groups'::text, 'floor'::text, 'floor_recurring'::text, 'volatility'::text, 'passive'::text, 'expenses'::text, 'covered'::text, 'crossover'::text, 'cash'::text, 'runway'::text, 'runway_bare'::text])))
          GROUP BY m.tenant_id, t.name, t.timezone, m.at
        )
 SELECT as_of,
    latest,
    hhi_streams,
    effective_streams,
    largest_streams AS largest_stream,
    hhi_groups,
    effective_groups,
    largest_groups AS largest_group,
    floor,
    floor_recurring,
    volatility,
    passive,
    expenses,
    covered,
    ((date_trunc('month'::text, (as_of)::timestamp without time zone) + ((crossover)::double precision * '1 mon'::interval)))::date AS crossover,
        CASE
            WHEN (expenses IS NULL) THEN 'expenses of three whole months are needed'::text
            WHEN (passive IS NULL) THEN 'passive income of three whole months is needed'::text
            WHEN (expenses <= (0)::numeric) THEN 'there are no expenses to cover'::text
            WHEN (covered >= (1)::numeric) THEN 'passive income covers the expenses'::text
            WHEN (crossover IS NOT NULL) THEN ''::text
            WHEN (passive = (0)::numeric) THEN 'there is no passive income'::text
            ELSE 'passive income does not gain on the expenses, or too slowly, or is too young to tell'::text
        END AS crossover_reason,
    cash,
    runway,
    runway_bare,
        CASE
            WHEN (NOT latest) THEN 'known for the last day only'::text
            WHEN (cash IS NULL) THEN 'no balance of a bank, card or cash account is known'::text
            WHEN (expenses IS NULL) THEN 'expenses of three whole months are needed'::text
            WHEN (cash <= (0)::numeric) THEN 'there is no money left'::text
            WHEN (runway IS NULL) THEN 'floor income covers the expenses: it lasts for ever'::text
            ELSE ''::text
        END AS runway_reason,
    unit,
    tenant
   FROM d;

COMMENT ON VIEW report.resilience IS 'How income would stand a loss: concentration, floor, what passive income covers, and for how long money lasts.';

COMMENT ON COLUMN report.resilience.as_of IS 'The last day that was looked at: the end of a month, or the last whole day.';

COMMENT ON COLUMN report.resilience.latest IS 'True for the row of the last whole day.';

COMMENT ON COLUMN report.resilience.hhi_streams IS 'Herfindahl-Hirschman index of the streams over 90 days: 1 is all from one, 0.25 as from four equal ones.';

COMMENT ON COLUMN report.resilience.effective_streams IS 'As from how many equal streams that is: 1 / hhi_streams.';

COMMENT ON COLUMN report.resilience.largest_stream IS 'Share of the largest stream.';

COMMENT ON COLUMN report.resilience.hhi_groups IS 'The same over groups.';

COMMENT ON COLUMN report.resilience.effective_groups IS 'As from how many equal groups that is.';

COMMENT ON COLUMN report.resilience.largest_group IS 'Share of the largest group.';

COMMENT ON COLUMN report.resilience.floor IS 'Income of a month that nine of ten past months reached, of the streams that still bring something; NULL under three months.';

COMMENT ON COLUMN report.resilience.floor_recurring IS 'The same of the streams that are declared or regular.';

COMMENT ON COLUMN report.resilience.volatility IS 'How much months differ: standard deviation / mean of the last twelve.';

COMMENT ON COLUMN report.resilience.passive IS 'What passive streams bring in a typical month.';

COMMENT ON COLUMN report.resilience.expenses IS 'What a typical month costs; NULL where no account tells.';

COMMENT ON COLUMN report.resilience.covered IS 'passive / expenses: from 1 on, passive income covers the expenses.';

COMMENT ON COLUMN report.resilience.crossover IS 'The month in which passive income will cover the expenses, if both go on as they do; NULL where crossover_reason says why.';

COMMENT ON COLUMN report.resilience.crossover_reason IS 'Why there is no month, or that it has come; else empty.';

COMMENT ON COLUMN report.resilience.cash IS 'What is in bank, card and cash accounts; known for the last day only.';

COMMENT ON COLUMN report.resilience.runway IS 'For how many months cash lasts with the floor income; NULL where runway_reason says why.';

COMMENT ON COLUMN report.resilience.runway_bare IS 'The same without any income.';

COMMENT ON COLUMN report.resilience.runway_reason IS 'Why there is no runway, or that it is at its end; else empty.';

COMMENT ON COLUMN report.resilience.unit IS 'The currency of the amounts.';

COMMENT ON COLUMN report.resilience.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.return_window WITH (security_barrier='true') AS
 SELECT w.scope,
    w.name,
    w."window",
    w.since,
    w.until,
    w.days,
    w.opening,
    w.closing,
    w.flow,
    w.pnl,
    w.pnl_pct,
    w.twr,
    w.twr_annual,
    w.mwr,
    w.xirr,
    w.volatility,
    w.sharpe,
    w.sortino,
    w.drawdown,
    w.max_drawdown,
    w.peak_day,
    w.trough_day,
    w.recovered_day,
    w.income,
    w.price,
    w.fx,
    w.fees,
    w.other,
    w.base_currency,
    w.quality,
    w.reason,
        CASE w.scope
            WHEN 'total'::text THEN 'Everything'::text
            ELSE w.name
        END AS label,
    t.name AS tenant
   FROM (derived.return_window w
     JOIN ops.tenant t ON ((t.id = w.tenant_id)))
  WHERE (w.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.return_window IS 'What accounts, connections, groups and everything returned over 7, 30, 90 and 365 days, the year to date and the whole time.';

COMMENT ON COLUMN report.return_window.scope IS 'What it is about: total, group, connection or account.';

COMMENT ON COLUMN report.return_window.name IS 'The group''s or the connection''s name, or CONNECTION/ACCOUNT; empty for the total.';

COMMENT ON COLUMN report.return_window."window" IS '7d, 30d, 90d, 365d, ytd (the year to date) or total (since it is known).';

COMMENT ON COLUMN report.return_window.since IS 'The day whose end is the opening: the first day of the window is the one after it.';

COMMENT ON COLUMN report.return_window.until IS 'The last day of the window, the last one whose value is known.';

COMMENT ON COLUMN report.return_window.days IS 'How many days that are.';

COMMENT ON COLUMN report.return_window.opening IS 'What it was worth at the end of since, in base_currency.';

COMMENT ON COLUMN report.return_window.closing IS 'What it was worth at the end of until.';

COMMENT ON COLUMN report.return_window.flow IS 'Money that came from outside in between (below zero: left).';

COMMENT ON COLUMN report.return_window.pnl IS 'What it gained: closing - opening - flow; the sum of income, price, fx, fees and other.';

COMMENT ON COLUMN report.return_window.pnl_pct IS 'The gain as a share of the capital there was on average (Modified Dietz); NULL where that is not above zero.';

COMMENT ON COLUMN report.return_window.twr IS 'Time-weighted return over the window, as a share and not per year: what a unit of money would have returned, whatever came or left.';

COMMENT ON COLUMN report.return_window.twr_annual IS 'The same per year; NULL for less than 365 days.';

COMMENT ON COLUMN report.return_window.mwr IS 'Money-weighted return over the window, as a share and not per year: what the money that was there returned.';

COMMENT ON COLUMN report.return_window.xirr IS 'The same per year (XIRR, act/365), also for short windows, where it says little: the headline under 365 days is mwr.';

COMMENT ON COLUMN report.return_window.volatility IS 'Standard deviation of the days'' returns, per year of 365 days; NULL for fewer than 20 returns.';

COMMENT ON COLUMN report.return_window.sharpe IS 'Sharpe ratio per year: the mean return above the risk-free rate for each unit of volatility.';

COMMENT ON COLUMN report.return_window.sortino IS 'Sortino ratio per year: the mean return above the target for each unit of downside deviation.';

COMMENT ON COLUMN report.return_window.drawdown IS 'How far below its highest point in the window it is at the end, as a share: -0.2 is a fifth below.';

COMMENT ON COLUMN report.return_window.max_drawdown IS 'The deepest fall from a highest point in the window.';

COMMENT ON COLUMN report.return_window.peak_day IS 'The day from which it fell deepest; NULL where it never fell.';

COMMENT ON COLUMN report.return_window.trough_day IS 'The day on which it was deepest.';

COMMENT ON COLUMN report.return_window.recovered_day IS 'The first day on which it was as high as on peak_day; NULL while it is not.';

COMMENT ON COLUMN report.return_window.income IS 'Of pnl: what the ledger states as income.';

COMMENT ON COLUMN report.return_window.price IS 'Of pnl: what was held changed its price.';

COMMENT ON COLUMN report.return_window.fx IS 'Of pnl: currencies changed.';

COMMENT ON COLUMN report.return_window.fees IS 'Of pnl: fees charged by themselves, below zero.';

COMMENT ON COLUMN report.return_window.other IS 'Of pnl: the rest.';

COMMENT ON COLUMN report.return_window.base_currency IS 'The currency of the amounts.';

COMMENT ON COLUMN report.return_window.quality IS 'exact, estimated, spread, partial or stale: the worst of its days; stale where its value is no longer known.';

COMMENT ON COLUMN report.return_window.reason IS 'Which of these are NULL or need a word, and why; else empty.';

COMMENT ON COLUMN report.return_window.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.return_window.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.sparkline WITH (security_barrier='true') AS
 WITH line AS (
         SELECT s.tenant_id,
            s.stream,
            s.name,
            s.grp,
            s.method,
            t_1.name AS tenant,
            t_1.base_currency,
            began.day AS began,
            ((now() AT TIME ZONE t_1.timezone))::date AS today
           FROM ((derived.stream s
             JOIN ops.tenant t_1 ON ((t_1.id = s.tenant_id)))
             LEFT JOIN LATERAL ( SELECT min(i.day) AS day
                   FROM derived.income_daily i
                  WHERE ((i.tenant_id = s.tenant_id) AND (i.stream = s.stream))) began ON (true))
          WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
        ), daily AS (
         SELECT l_1.tenant_id,
            l_1.stream,
            (((l_1.today - 1) - i.day) / 7) AS ago,
                CASE
                    WHEN bool_and((i.earned_base IS NOT NULL)) THEN sum(i.earned_base)
                    ELSE NULL::numeric
                END AS earned
           FROM (line l_1
             JOIN derived.income_daily i ON (((i.tenant_id = l_1.tenant_id) AND (i.stream = l_1.stream) AND (i.day >= (l_1.today - 84)) AND (i.day < l_1.today))))
          GROUP BY l_1.tenant_id, l_1.stream, l_1.today, i.day
        ), weekly AS (
         SELECT d.tenant_id,
            d.stream,
            d.ago,
            sum(d.earned) AS earned,
            count(d.earned) AS known,
            count(*) AS rows
           FROM daily d
          GROUP BY d.tenant_id, d.stream, d.ago
        ), told AS (
         SELECT l_1.tenant_id,
            l_1.stream,
            g.ago,
                CASE
                    WHEN ((l_1.began IS NULL) OR (l_1.began > ((l_1.today - 1) - (7 * g.ago)))) THEN NULL::numeric
                    WHEN (l_1.method = 'value'::text) THEN (w.earned / (NULLIF(w.known, 0))::numeric)
                    ELSE (COALESCE(w.earned, (0)::numeric) / (NULLIF((7 - COALESCE((w.rows - w.known), (0)::bigint)), 0))::numeric)
                END AS mean
           FROM ((line l_1
             CROSS JOIN generate_series(0, 11) g(ago))
             LEFT JOIN weekly w ON (((w.tenant_id = l_1.tenant_id) AND (w.stream = l_1.stream) AND (w.ago = g.ago))))
        )
 SELECT l.stream,
    l.name,
    l.grp,
    report.spark(array_agg(t.mean ORDER BY t.ago DESC)) AS weeks,
    round(min(t.mean), 8) AS lowest,
    round(max(t.mean), 8) AS highest,
    l.base_currency,
    l.tenant
   FROM (line l
     JOIN told t ON (((t.tenant_id = l.tenant_id) AND (t.stream = l.stream))))
  GROUP BY l.tenant, l.stream, l.name, l.grp, l.base_currency;

COMMENT ON VIEW report.sparkline IS 'What each stream earned per day in the last twelve weeks, as a small chart made of text.';

COMMENT ON COLUMN report.sparkline.stream IS 'The stream''s key; it does not change when the stream is renamed.';

COMMENT ON COLUMN report.sparkline.name IS 'The stream''s name as people read it.';

COMMENT ON COLUMN report.sparkline.grp IS 'The group the stream belongs to.';

COMMENT ON COLUMN report.sparkline.weeks IS 'Twelve weeks to yesterday, the oldest first: ▁ is the lowest or zero, █ the highest, · a week that is not known.';

COMMENT ON COLUMN report.sparkline.lowest IS 'What a day earned in the lowest of these weeks, in base_currency.';

COMMENT ON COLUMN report.sparkline.highest IS 'What a day earned in the highest of them.';

COMMENT ON COLUMN report.sparkline.base_currency IS 'The currency of the amounts.';

COMMENT ON COLUMN report.sparkline.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.statistic WITH (security_barrier='true') AS
 SELECT ((m.at AT TIME ZONE t.timezone))::date AS as_of,
    bool_or((((m.at AT TIME ZONE t.timezone))::date = s.as_of)) AS latest,
    about.scope,
    about.name,
    m."window",
    max(m.value) FILTER (WHERE (m.name = 'mean'::text)) AS mean,
    max(m.value) FILTER (WHERE (m.name = 'median'::text)) AS median,
    max(m.value) FILTER (WHERE (m.name = 'std'::text)) AS std,
    max(m.value) FILTER (WHERE (m.name = 'mad'::text)) AS mad,
    max(m.value) FILTER (WHERE (m.name = 'min'::text)) AS min,
    max(m.value) FILTER (WHERE (m.name = 'max'::text)) AS max,
    max(m.value) FILTER (WHERE (m.name = 'cv'::text)) AS cv,
    (max(m.value) FILTER (WHERE (m.name = 'days'::text)))::integer AS days,
    (max(m.value) FILTER (WHERE (m.name = 'unknown_days'::text)))::integer AS unknown_days,
    max(m.value) FILTER (WHERE (m.name = 'tax_reserve'::text)) AS tax_reserve,
    max(m.unit) FILTER (WHERE (m.name = 'mean'::text)) AS unit,
    t.name AS tenant
   FROM (((( SELECT d.tenant_id,
            'stream'::text AS scope,
            d.stream AS name,
            ('stream:'::text || d.stream) AS subject
           FROM derived.stream d
        UNION ALL
         SELECT DISTINCT g.tenant_id,
            'group'::text,
            g.grp,
            ('group:'::text || g.grp)
           FROM derived.stream g
        UNION ALL
         SELECT o.id,
            'total'::text,
            ''::text,
            'total'::text
           FROM ops.tenant o) about
     JOIN ops.tenant t ON ((t.id = about.tenant_id)))
     JOIN derived.metric m ON (((m.tenant_id = about.tenant_id) AND (m.analytic = 'statistics'::text) AND (m.subject = about.subject) AND (m."window" = ANY (ARRAY['7d'::text, '30d'::text, '90d'::text, '365d'::text])))))
     LEFT JOIN derived.stream_state s ON (((s.tenant_id = m.tenant_id) AND (s.scope = 'total'::text))))
  WHERE (about.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))
  GROUP BY m.tenant_id, t.name, t.timezone, about.scope, about.name, m.at, m."window"
 HAVING bool_or((m.name = 'mean'::text));

COMMENT ON VIEW report.statistic IS 'What days earn, per stream, group and in total, over 7, 30, 90 and 365 days: now, and at the end of every month.';

COMMENT ON COLUMN report.statistic.as_of IS 'The last day of the window: the end of a month, or the last whole day.';

COMMENT ON COLUMN report.statistic.latest IS 'True for the rows of the last whole day.';

COMMENT ON COLUMN report.statistic.scope IS 'What it is about: stream, group or total.';

COMMENT ON COLUMN report.statistic.name IS 'The stream''s key or the group''s name; empty for the total.';

COMMENT ON COLUMN report.statistic."window" IS 'The days that are looked at, to as_of: 7d, 30d, 90d or 365d; fewer where it is younger.';

COMMENT ON COLUMN report.statistic.mean IS 'Mean of what a day earned, in unit; over 30d it is the daily rate.';

COMMENT ON COLUMN report.statistic.median IS 'Half of the days earned less.';

COMMENT ON COLUMN report.statistic.std IS 'Sample standard deviation of the days; NULL for a single one.';

COMMENT ON COLUMN report.statistic.mad IS 'Median distance of the days from their median.';

COMMENT ON COLUMN report.statistic.min IS 'The least that a day earned.';

COMMENT ON COLUMN report.statistic.max IS 'The most that a day earned.';

COMMENT ON COLUMN report.statistic.cv IS 'Coefficient of variation: std / mean; NULL unless mean is above zero.';

COMMENT ON COLUMN report.statistic.days IS 'How many days the numbers are made of.';

COMMENT ON COLUMN report.statistic.unknown_days IS 'How many days of the window are not known and left out.';

COMMENT ON COLUMN report.statistic.tax_reserve IS 'What to set aside for tax of what was received in the window; NULL where flowd.yaml names no share.';

COMMENT ON COLUMN report.statistic.unit IS 'The currency of the amounts.';

COMMENT ON COLUMN report.statistic.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.storage WITH (security_barrier='true') AS
 WITH RECURSIVE part AS (
         SELECT kept.place,
            kept.what,
            (kept.stored)::oid AS id
           FROM ( VALUES (1,'Readings'::text,'raw.snapshot'::regclass), (1,'Readings'::text,'raw.series'::regclass), (2,'Exchange rates'::text,'raw.rate'::regclass), (3,'Events: all that sources said of transactions, trades and accounts'::text,'raw.event'::regclass), (4,'Projections as they were said'::text,'raw.projection'::regclass), (5,'Transactions and trades'::text,'derived.transaction'::regclass), (5,'Transactions and trades'::text,'derived.trade'::regclass), (5,'Transactions and trades'::text,'derived.flow'::regclass), (6,'Readings by hour and day'::text,'derived.snapshot_hourly'::regclass), (6,'Readings by hour and day'::text,'derived.snapshot_daily'::regclass), (7,'Income by day'::text,'derived.income_daily'::regclass), (8,'Returns and statistics'::text,'derived.performance'::regclass), (8,'Returns and statistics'::text,'derived.metric'::regclass), (9,'Balances and counterparties'::text,'derived.balance_day'::regclass), (9,'Balances and counterparties'::text,'derived.balance'::regclass), (9,'Balances and counterparties'::text,'derived.counterparty_month'::regclass), (9,'Balances and counterparties'::text,'derived.transfer'::regclass), (10,'Positions and gains'::text,'derived.position_day'::regclass), (10,'Positions and gains'::text,'derived.realised'::regclass), (10,'Positions and gains'::text,'derived."position"'::regclass), (10,'Positions and gains'::text,'derived.lot'::regclass), (10,'Positions and gains'::text,'ops.position_mark'::regclass), (11,'Activity log'::text,'ops.run'::regclass)) kept(place, what, stored)
        UNION ALL
         SELECT p.place,
            p.what,
            i.inhrelid
           FROM (part p
             JOIN pg_inherits i ON ((i.inhparent = p.id)))
        ), told AS (
         SELECT (count(*) = 1) AS alone
           FROM ops.tenant
        ), measured AS (
         SELECT p.place,
            p.what,
            (sum(
                CASE
                    WHEN told.alone THEN pg_total_relation_size((p.id)::regclass)
                    ELSE NULL::bigint
                END))::bigint AS bytes,
            (sum(c.reltuples) FILTER (WHERE (told.alone AND (c.reltuples >= (0)::double precision))))::bigint AS rows
           FROM ((part p
             JOIN pg_class c ON ((c.oid = p.id)))
             CROSS JOIN told)
          GROUP BY p.place, p.what
        ), whole AS (
         SELECT
                CASE
                    WHEN (told.alone AND has_database_privilege((current_database())::text, 'CONNECT'::text)) THEN pg_database_size(current_database())
                    ELSE NULL::bigint
                END AS bytes
           FROM told
        )
 SELECT s.what,
    s.bytes,
    s.rows,
    t.name AS tenant
   FROM (ops.tenant t
     CROSS JOIN ( SELECT m.what,
            m.bytes,
            m.rows
           FROM measured m
        UNION ALL
         SELECT 'The rest'::text,
            (( SELECT w.bytes
                   FROM whole w) - ( SELECT (sum(m.bytes))::bigint AS sum
                   FROM measured m)),
            NULL::bigint
        UNION ALL
         SELECT 'Everything'::text,
            w.bytes,
            NULL::bigint
           FROM whole w) s)
  WHERE (t.id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.storage IS 'How much room everything takes in the database.';

COMMENT ON COLUMN report.storage.what IS 'What is kept; The rest is everything not named here, Everything is the whole database.';

COMMENT ON COLUMN report.storage.bytes IS 'How many bytes it takes with its indexes; NULL where several tenants share the tables.';

COMMENT ON COLUMN report.storage.rows IS 'How many rows there are, as the server estimated it last; NULL where it has not, or bytes is NULL.';

COMMENT ON COLUMN report.storage.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.stream WITH (security_barrier='true') AS
 SELECT s.stream,
    s.name,
    s.grp,
    s.method,
    s.connection,
    s.color,
    s.target,
    ( SELECT min(i.day) AS min
           FROM derived.income_daily i
          WHERE ((i.tenant_id = s.tenant_id) AND (i.stream = s.stream))) AS first_day,
    ( SELECT max(i.day) AS max
           FROM derived.income_daily i
          WHERE ((i.tenant_id = s.tenant_id) AND (i.stream = s.stream))) AS last_day,
    ( SELECT i.day
           FROM derived.income_daily i
          WHERE ((i.tenant_id = s.tenant_id) AND (i.stream = s.stream) AND (i.received <> (0)::numeric))
          ORDER BY i.day DESC
         LIMIT 1) AS last_receipt,
    t.name AS tenant,
    state.health,
    state.health_reason,
    state.trend,
    state.share,
    state.passive,
    state.tax_rate
   FROM ((derived.stream s
     JOIN ops.tenant t ON ((t.id = s.tenant_id)))
     LEFT JOIN derived.stream_state state ON (((state.tenant_id = s.tenant_id) AND (state.scope = 'stream'::text) AND (state.name = s.stream))))
  WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.stream IS 'The lines of income: where each comes from, and since when.';

COMMENT ON COLUMN report.stream.stream IS 'The stream''s key; it does not change when the stream is renamed.';

COMMENT ON COLUMN report.stream.name IS 'The stream''s name as people read it.';

COMMENT ON COLUMN report.stream.grp IS 'The group the stream belongs to.';

COMMENT ON COLUMN report.stream.method IS 'What it is computed from: value (an account''s change), transactions, or schedule (declared).';

COMMENT ON COLUMN report.stream.connection IS 'The connection it comes from.';

COMMENT ON COLUMN report.stream.color IS 'The colour asked for in flowd.yaml, as #rrggbb; NULL where none is.';

COMMENT ON COLUMN report.stream.target IS 'What it is meant to bring in a month, in base currency; NULL where nothing is asked for.';

COMMENT ON COLUMN report.stream.first_day IS 'The first day it has income for; NULL before the first.';

COMMENT ON COLUMN report.stream.last_day IS 'The last day it has income for.';

COMMENT ON COLUMN report.stream.last_receipt IS 'The last day on which something came in.';

COMMENT ON COLUMN report.stream.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

COMMENT ON COLUMN report.stream.health IS 'growing, stable, volatile, declining, stalled, stale or unknown; NULL before it was looked at.';

COMMENT ON COLUMN report.stream.health_reason IS 'Why, in words.';

COMMENT ON COLUMN report.stream.trend IS 'growing, flat, declining or unknown; report.stream_state has the numbers that decided.';

COMMENT ON COLUMN report.stream.share IS 'Share of what all streams earned in 90 days.';

COMMENT ON COLUMN report.stream.passive IS 'Whether it comes in without work.';

COMMENT ON COLUMN report.stream.tax_rate IS 'The share to set aside for tax, as flowd.yaml says.';

CREATE VIEW report.stream_state WITH (security_barrier='true') AS
 SELECT s.scope,
    s.name,
        CASE s.scope
            WHEN 'total'::text THEN 'Everything'::text
            WHEN 'stream'::text THEN COALESCE(d.name, s.name)
            ELSE s.name
        END AS label,
        CASE s.scope
            WHEN 'stream'::text THEN d.grp
            WHEN 'group'::text THEN s.name
            ELSE NULL::text
        END AS grp,
    s.as_of,
    s.health,
    s.health_reason,
    s.trend,
    s.trend_reason,
    s.slope,
    s.slope_pct,
    s.p_value,
    s.share,
    s.floor,
    s.volatility,
    s.cadence,
    s.next_due,
    s.next_amount,
    s.passive,
    s.tax_rate,
    s.tax_reserve,
    s.base_currency,
    t.name AS tenant
   FROM ((derived.stream_state s
     JOIN ops.tenant t ON ((t.id = s.tenant_id)))
     LEFT JOIN derived.stream d ON (((d.tenant_id = s.tenant_id) AND (s.scope = 'stream'::text) AND (d.stream = s.name))))
  WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.stream_state IS 'How each stream, each group and everything is doing: trend, health and what decided it.';

COMMENT ON COLUMN report.stream_state.scope IS 'What it is about: stream, group or total.';

COMMENT ON COLUMN report.stream_state.name IS 'The stream''s key or the group''s name; empty for the total.';

COMMENT ON COLUMN report.stream_state.label IS 'The name as people read it; Everything for the total.';

COMMENT ON COLUMN report.stream_state.grp IS 'The group it belongs to; NULL for the total.';

COMMENT ON COLUMN report.stream_state.as_of IS 'The last day that was looked at.';

COMMENT ON COLUMN report.stream_state.health IS 'growing, stable, volatile, declining, stalled (nothing came in for too long), stale (not read any more) or unknown.';

COMMENT ON COLUMN report.stream_state.health_reason IS 'Why, in words.';

COMMENT ON COLUMN report.stream_state.trend IS 'growing, flat, declining or unknown.';

COMMENT ON COLUMN report.stream_state.trend_reason IS 'The numbers that decided, in words.';

COMMENT ON COLUMN report.stream_state.slope IS 'By how much a day earns more than the day before, in base_currency.';

COMMENT ON COLUMN report.stream_state.slope_pct IS 'The change in 30 days as a share of the level: 0.02 is two per cent.';

COMMENT ON COLUMN report.stream_state.p_value IS 'How likely chance alone makes such a trend; under 0.05 it counts.';

COMMENT ON COLUMN report.stream_state.share IS 'Share of what was earned in 90 days.';

COMMENT ON COLUMN report.stream_state.floor IS 'Income of a month that nine of ten past months reached, in base_currency.';

COMMENT ON COLUMN report.stream_state.volatility IS 'How much months differ: standard deviation / mean of the last twelve.';

COMMENT ON COLUMN report.stream_state.cadence IS 'How often something comes in, in words; NULL where it is not regular.';

COMMENT ON COLUMN report.stream_state.next_due IS 'When the next receipt is due; NULL where nothing is expected.';

COMMENT ON COLUMN report.stream_state.next_amount IS 'How much is expected then, in base_currency.';

COMMENT ON COLUMN report.stream_state.passive IS 'Whether it comes in without work; NULL for a sum of both.';

COMMENT ON COLUMN report.stream_state.tax_rate IS 'The share to set aside for tax, as flowd.yaml says; NULL where it says none, or several.';

COMMENT ON COLUMN report.stream_state.tax_reserve IS 'What to set aside of what was received since the year began, in base_currency.';

COMMENT ON COLUMN report.stream_state.base_currency IS 'The currency of every amount in this row.';

COMMENT ON COLUMN report.stream_state.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.study WITH (security_barrier='true') AS
 SELECT s.study,
    s.as_of,
    ((s.digest = ''::text) OR (s.as_of < (((now() AT TIME ZONE t.timezone))::date - 1))) AS outdated,
    t.name AS tenant
   FROM (derived.study s
     JOIN ops.tenant t ON ((t.id = s.tenant_id)))
  WHERE (s.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.study IS 'For which day returns, statistics, expected receipts, projections and goals were computed last.';

COMMENT ON COLUMN report.study.study IS 'What was computed: returns, statistics, expected, projection and so on.';

COMMENT ON COLUMN report.study.as_of IS 'The last whole day that was known then.';

COMMENT ON COLUMN report.study.outdated IS 'True where that is not yesterday, or where everything derived was made anew since.';

COMMENT ON COLUMN report.study.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.tenant WITH (security_barrier='true') AS
 SELECT name AS tenant,
    base_currency,
    timezone,
    ((now() AT TIME ZONE timezone))::date AS today
   FROM ops.tenant t
  WHERE (id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.tenant IS 'Whose money this is, and in what terms it is counted.';

COMMENT ON COLUMN report.tenant.tenant IS 'Name of the tenant.';

COMMENT ON COLUMN report.tenant.base_currency IS 'The currency totals are in.';

COMMENT ON COLUMN report.tenant.timezone IS 'The time zone that decides what a day is.';

COMMENT ON COLUMN report.tenant.today IS 'The current day in that time zone.';

CREATE VIEW report.transaction WITH (security_barrier='true') AS
 SELECT x.day,
    x.booked_at,
    x.connection,
    x.account,
    COALESCE(f.amount, x.amount) AS amount,
    x.asset,
    x.counterparty,
    x.description,
    x.kind,
    x.pending,
    f.flow_class,
    f.stream,
    f.rule,
    x.external_id,
    x.subject,
    x.version,
    t.name AS tenant,
    f.category,
    f.note,
    f.part_of,
        CASE
            WHEN (f.subject IS NULL) THEN d.other
            ELSE NULL::uuid
        END AS duplicate_of,
    (own.account IS NOT NULL) AS left_out
   FROM ((((derived.transaction x
     JOIN ops.tenant t ON ((t.id = x.tenant_id)))
     LEFT JOIN derived.flow f ON (((f.tenant_id = x.tenant_id) AND (f.subject = x.subject))))
     LEFT JOIN ( SELECT DISTINCT ON (d_1.tenant_id, d_1.about) d_1.tenant_id,
            d_1.about,
            d_1.other
           FROM derived.decision d_1
          WHERE ((d_1.kind = 'duplicate'::text) AND (d_1.other IS NOT NULL) AND (d_1.other <> d_1.about))
          ORDER BY d_1.tenant_id, d_1.about, d_1.subject) d ON (((d.tenant_id = x.tenant_id) AND (d.about = x.subject))))
     LEFT JOIN derived.account_left_out own ON (((own.tenant_id = x.tenant_id) AND (own.connection = x.connection) AND (own.account = x.account))))
  WHERE ((x.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND ((NOT x.pending) OR (EXISTS ( SELECT
           FROM (raw.series r
             JOIN derived.snapshot_daily s ON (((s.tenant_id = r.tenant_id) AND (s.series_id = r.id) AND (s.count > 0))))
          WHERE ((r.tenant_id = x.tenant_id) AND (r.connection = x.connection) AND (r.account = x.account)))) OR (NOT (EXISTS ( SELECT
           FROM derived.transaction b
          WHERE ((b.tenant_id = x.tenant_id) AND (b.connection = x.connection) AND (b.account = x.account) AND (NOT b.pending) AND (b.day >= (x.day - 1)) AND ((b.day > (x.day + 5)) OR ((b.asset = x.asset) AND (b.amount = x.amount)))))))))
UNION ALL
 SELECT x.day,
    x.booked_at,
    x.connection,
    x.account,
    f.amount,
    x.asset,
    x.counterparty,
    x.description,
    x.kind,
    x.pending,
    f.flow_class,
    f.stream,
    f.rule,
    x.external_id,
    f.subject,
    x.version,
    t.name AS tenant,
    f.category,
    f.note,
    f.part_of,
    NULL::uuid AS duplicate_of,
    false AS left_out
   FROM ((derived.flow f
     JOIN ops.tenant t ON ((t.id = f.tenant_id)))
     JOIN derived.transaction x ON (((x.tenant_id = f.tenant_id) AND (x.subject = f.part_of))))
  WHERE ((f.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])) AND (f.part_of IS NOT NULL) AND (f.subject <> f.part_of));

COMMENT ON VIEW report.transaction IS 'Every movement of money, as its source last stated it, with what flowd takes it for; a split one has a row for each part. What files say is pending is left out when it is booked, or the account is booked for days after it.';

COMMENT ON COLUMN report.transaction.day IS 'The day it counts on.';

COMMENT ON COLUMN report.transaction.booked_at IS 'When it was booked; a day without a time stands at noon UTC.';

COMMENT ON COLUMN report.transaction.connection IS 'The connection it was read by.';

COMMENT ON COLUMN report.transaction.account IS 'The source''s id of the account it moved.';

COMMENT ON COLUMN report.transaction.amount IS 'How much: in is positive, out is negative. Of a split one, this part of it.';

COMMENT ON COLUMN report.transaction.asset IS 'Of which currency or coin.';

COMMENT ON COLUMN report.transaction.counterparty IS 'Who it came from or went to; empty where the source did not say.';

COMMENT ON COLUMN report.transaction.description IS 'The source''s text.';

COMMENT ON COLUMN report.transaction.kind IS 'The source''s own word for what it is.';

COMMENT ON COLUMN report.transaction.pending IS 'True while it is not booked; such a one is no income yet.';

COMMENT ON COLUMN report.transaction.flow_class IS 'What flowd takes it for: salary, interest, expense, transfer …; NULL while pending, of a duplicate, in an account that is left out, or not yet derived.';

COMMENT ON COLUMN report.transaction.stream IS 'The stream it is charted in; NULL where it is no income.';

COMMENT ON COLUMN report.transaction.rule IS 'The rule that decided; you: somebody said so.';

COMMENT ON COLUMN report.transaction.external_id IS 'The source''s id of it; NULL where the source has none.';

COMMENT ON COLUMN report.transaction.subject IS 'flowd''s key of it, the same in every version; of a split one, the first part has it and the others have their own.';

COMMENT ON COLUMN report.transaction.version IS 'How often the source has stated it differently, from 1 on.';

COMMENT ON COLUMN report.transaction.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

COMMENT ON COLUMN report.transaction.category IS 'What you filed it under, else what its source did; NULL where nobody did.';

COMMENT ON COLUMN report.transaction.note IS 'What somebody noted about it; NULL where nobody did.';

COMMENT ON COLUMN report.transaction.part_of IS 'Of a part of a split one, the key of the whole; else NULL.';

COMMENT ON COLUMN report.transaction.duplicate_of IS 'The payment that it is the same as, by somebody''s word: it does not count; else NULL.';

COMMENT ON COLUMN report.transaction.left_out IS 'True where somebody said that its account does not count: flowd account leave-out.';

CREATE VIEW report.transfer WITH (security_barrier='true') AS
 SELECT d.transfer,
    d.day,
    d.state,
    d.kind,
    d.score,
    d.next_best,
    d.why,
    d.out_connection,
    d.out_account,
    COALESCE(a.name, d.out_account) AS out_name,
    d.out_day,
    d.out_amount,
    d.out_asset,
    NULLIF(concat_ws(' · '::text, NULLIF(o.counterparty, ''::text), NULLIF(o.description, ''::text)), ''::text) AS out_text,
    d.in_connection,
    d.in_account,
    COALESCE(b.name, d.in_account) AS in_name,
    d.in_day,
    d.in_amount,
    d.in_asset,
    NULLIF(concat_ws(' · '::text, NULLIF(i.counterparty, ''::text), NULLIF(i.description, ''::text)), ''::text) AS in_text,
    d.days,
    d.fee,
    d.fee_asset,
    d.rate,
    d.market,
    d.out_subject,
    d.in_subject,
    t.name AS tenant
   FROM (((((derived.transfer d
     JOIN ops.tenant t ON ((t.id = d.tenant_id)))
     LEFT JOIN derived.known_account a ON (((a.tenant_id = d.tenant_id) AND (a.connection = d.out_connection) AND (a.account = d.out_account))))
     LEFT JOIN derived.known_account b ON (((b.tenant_id = d.tenant_id) AND (b.connection = d.in_connection) AND (b.account = d.in_account))))
     LEFT JOIN derived.transaction o ON (((o.tenant_id = d.tenant_id) AND (o.subject = d.out_subject))))
     LEFT JOIN derived.transaction i ON (((i.tenant_id = d.tenant_id) AND (i.subject = d.in_subject))))
  WHERE (d.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.transfer IS 'Transfers between your own accounts: pairs of what was sent and what arrived, and those whose other side was not seen.';

COMMENT ON COLUMN report.transfer.transfer IS 'flowd''s key of it; flowd transfers shows its beginning.';

COMMENT ON COLUMN report.transfer.day IS 'The day it was sent; where only what arrived is known, that day.';

COMMENT ON COLUMN report.transfer.state IS 'applied (counts as a transfer), proposed (waits for your word, counts as what it is by itself), confirmed or refused by you, open (the other side was not seen).';

COMMENT ON COLUMN report.transfer.kind IS 'within (one connection), bank, card, cash, payout, broker, exchange (bank and wallet), chain (wallets), currency (two of them), unknown (open).';

COMMENT ON COLUMN report.transfer.score IS 'How well the two sides fit, from 0 to 1; NULL for an open one, and for one you confirmed that flowd would not have found.';

COMMENT ON COLUMN report.transfer.next_best IS 'The score of the likeliest other pair of one of its sides that has none of its own; NULL where there is none.';

COMMENT ON COLUMN report.transfer.why IS 'What the score is made of, or why it is open.';

COMMENT ON COLUMN report.transfer.out_connection IS 'The connection it was sent from; NULL where that was not seen.';

COMMENT ON COLUMN report.transfer.out_account IS 'The account it was sent from.';

COMMENT ON COLUMN report.transfer.out_name IS 'The name of that account.';

COMMENT ON COLUMN report.transfer.out_day IS 'The day on which it left.';

COMMENT ON COLUMN report.transfer.out_amount IS 'What was sent, with the fee; without a sign.';

COMMENT ON COLUMN report.transfer.out_asset IS 'The currency or coin that was sent.';

COMMENT ON COLUMN report.transfer.out_text IS 'What its statement says there.';

COMMENT ON COLUMN report.transfer.in_connection IS 'The connection it arrived at; NULL where that was not seen.';

COMMENT ON COLUMN report.transfer.in_account IS 'The account it arrived in.';

COMMENT ON COLUMN report.transfer.in_name IS 'The name of that account.';

COMMENT ON COLUMN report.transfer.in_day IS 'The day on which it arrived.';

COMMENT ON COLUMN report.transfer.in_amount IS 'What arrived.';

COMMENT ON COLUMN report.transfer.in_asset IS 'The currency or coin that arrived.';

COMMENT ON COLUMN report.transfer.in_text IS 'What its statement says there.';

COMMENT ON COLUMN report.transfer.days IS 'Days from one to the other; below zero where it was booked there first.';

COMMENT ON COLUMN report.transfer.fee IS 'What was kept on the way, where both sides are in one currency or coin; counted as a fee of the account that sent it.';

COMMENT ON COLUMN report.transfer.fee_asset IS 'The currency or coin of the fee.';

COMMENT ON COLUMN report.transfer.rate IS 'What arrived for one unit sent, where the two sides differ in currency.';

COMMENT ON COLUMN report.transfer.market IS 'The rate of that day, which rate was compared with; NULL where nobody knew it.';

COMMENT ON COLUMN report.transfer.out_subject IS 'The transaction that left, as in report.transaction.';

COMMENT ON COLUMN report.transfer.in_subject IS 'The transaction that arrived, as in report.transaction.';

COMMENT ON COLUMN report.transfer.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.view WITH (security_barrier='true') AS
 SELECT v.name,
    v.version,
    v.data,
    v.changed_at,
    t.name AS tenant
   FROM (ops.view v
     JOIN ops.tenant t ON ((t.id = v.tenant_id)))
  WHERE (v.tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]));

COMMENT ON VIEW report.view IS 'JSON documents for interfaces, by name: what dashboards show, ready to be read.';

COMMENT ON COLUMN report.view.name IS 'overview, streams, accounts, months, expected, projections, goals, returns, net_worth, positions, transfers, gaps, connections or warnings.';

COMMENT ON COLUMN report.view.version IS 'Goes up when the content changes, and only then; NOTIFY flowd_view tells it.';

COMMENT ON COLUMN report.view.data IS 'The document: amounts are strings, days and times ISO 8601.';

COMMENT ON COLUMN report.view.changed_at IS 'Since when it has this content.';

COMMENT ON COLUMN report.view.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

CREATE VIEW report.warning WITH (security_barrier='true') AS
 SELECT severity,
    subject,
    what,
    fix,
    tenant
   FROM ( SELECT 'bad'::text AS severity,
            ((c.connection || '/'::text) || c.feed) AS subject,
            (
                CASE c.state
                    WHEN 'needs_reauth'::text THEN 'no longer lets flowd in'::text
                    WHEN 'misconfigured'::text THEN 'cannot run as it is configured'::text
                    WHEN 'partial'::text THEN 'could be read in part only'::text
                    ELSE (('has failed '::text || c.failures) || ' times in a row'::text)
                END ||
                CASE
                    WHEN (c.reason <> ''::text) THEN (': '::text || c.reason)
                    ELSE ''::text
                END) AS what,
            c.fix,
            c.tenant
           FROM report.connection c
          WHERE (c.state <> ALL (ARRAY['new'::text, 'healthy'::text]))
        UNION ALL
         SELECT 'bad'::text,
            ((c.connection || '/'::text) || c.feed),
            COALESCE((('has brought nothing since '::text || to_char((c.last_success AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD HH24:MI'::text)) || ' UTC'::text), 'has never been read'::text) AS "coalesce",
            'See flowd activity; is the service running?'::text,
            c.tenant
           FROM report.connection c
          WHERE (c.late AND (c.state = ANY (ARRAY['new'::text, 'healthy'::text, 'partial'::text])))
        UNION ALL
         SELECT 'bad'::text,
            ((m.base || ' in '::text) || m.quote),
            (((((('has no rate for '::text || m.days) || ' days from '::text) || m.first_day) || ' to '::text) || m.last_day) || '; amounts of those days are left out'::text),
            'Add a connection that knows this rate, such as ecb or an exchange'::text,
            m.tenant
           FROM report.rate_missing m
        UNION ALL
         SELECT
                CASE
                    WHEN (r.quality = ANY (ARRAY['partial'::text, 'stale'::text])) THEN 'bad'::text
                    ELSE 'note'::text
                END AS "case",
            r.name,
                CASE r.quality
                    WHEN 'estimated'::text THEN 'is estimated: its days were found by the rhythm of the payments, or flowd took payments it did not recognise for income'::text
                    WHEN 'spread'::text THEN 'has a gap in its readings; what changed meanwhile is spread over those days'::text
                    WHEN 'partial'::text THEN 'lacks something on some of the last 30 days; what is known is counted'::text
                    ELSE COALESCE(('is old: '::text || e.health_reason), 'has no recent readings; its rate is from before'::text)
                END AS "coalesce",
                CASE r.quality
                    WHEN 'estimated'::text THEN 'See the rule of each payment in report.transaction; a rule in flowd.yaml, or every: under streams, makes it exact'::text
                    WHEN 'spread'::text THEN 'Nothing to do: the total is right, its days are not'::text
                    WHEN 'partial'::text THEN 'See the rates and connections named here'::text
                    ELSE 'Look at its connection with flowd status; where files are imported, import newer ones'::text
                END AS "case",
            r.tenant
           FROM (report.daily_rate r
             LEFT JOIN report.stream_state e ON (((e.tenant = r.tenant) AND (e.scope = 'stream'::text) AND (e.name = r.stream) AND (e.health = 'stale'::text))))
          WHERE (r.quality <> 'exact'::text)
        UNION ALL
         SELECT 'note'::text,
            ('A decision about '::text || COALESCE(((((d.connection || '/'::text) || d.account) || ' on '::text) || d.day), (d.day)::text)),
            ('does not apply: '::text || d.problem),
            ('Decide again, or take it back: flowd undo '::text || "left"((d.decision)::text, 8)),
            d.tenant
           FROM report.decision d
          WHERE (d.problem <> ''::text)
        UNION ALL
         SELECT 'note'::text,
            'Income'::text,
            'has not been seen yet'::text,
            'Put a statement into the inbox folder, or add a connection to flowd.yaml (flowd init asks the questions)'::text,
            t.tenant
           FROM report.tenant t
          WHERE (NOT (EXISTS ( SELECT
                   FROM report.stream s
                  WHERE (s.tenant = t.tenant))))) w;

COMMENT ON VIEW report.warning IS 'Why a number is not exact, or not there, and what to do about it; no rows means that all is well.';

COMMENT ON COLUMN report.warning.severity IS 'bad: a number is missing or old; note: a number is less than exact, for a known reason.';

COMMENT ON COLUMN report.warning.subject IS 'What it is about: a stream, a feed, a rate or a decision.';

COMMENT ON COLUMN report.warning.what IS 'What is the matter with it.';

COMMENT ON COLUMN report.warning.fix IS 'What to do about it.';

COMMENT ON COLUMN report.warning.tenant IS 'Name of the tenant; a dashboard''s login sees only one.';

ALTER TABLE ONLY derived.account_left_out
    ADD CONSTRAINT account_left_out_pkey PRIMARY KEY (tenant_id, connection, account);

ALTER TABLE ONLY derived.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (tenant_id, connection, account);

ALTER TABLE ONLY derived.account_word
    ADD CONSTRAINT account_word_pkey PRIMARY KEY (tenant_id, connection, account);

ALTER TABLE ONLY derived.balance_day
    ADD CONSTRAINT balance_day_pkey PRIMARY KEY (tenant_id, connection, account, asset, day);

ALTER TABLE ONLY derived.balance_gap
    ADD CONSTRAINT balance_gap_pkey PRIMARY KEY (tenant_id, connection, account, asset, against, last_day);

ALTER TABLE ONLY derived.balance_left_out
    ADD CONSTRAINT balance_left_out_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY derived.balance_line
    ADD CONSTRAINT balance_line_pkey PRIMARY KEY (tenant_id, connection, account, asset);

ALTER TABLE ONLY derived.balance
    ADD CONSTRAINT balance_pkey PRIMARY KEY (tenant_id, connection, account, asset, day);

ALTER TABLE ONLY derived.decided
    ADD CONSTRAINT decided_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY derived.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY derived.expected
    ADD CONSTRAINT expected_pkey PRIMARY KEY (tenant_id, stream, payer, series, currency, due);

ALTER TABLE ONLY derived.flow
    ADD CONSTRAINT flow_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY derived.goal
    ADD CONSTRAINT goal_pkey PRIMARY KEY (tenant_id, goal);

ALTER TABLE ONLY derived.income_daily
    ADD CONSTRAINT income_daily_pkey PRIMARY KEY (tenant_id, stream, day, currency);

ALTER TABLE ONLY derived.lot
    ADD CONSTRAINT lot_pkey PRIMARY KEY (tenant_id, connection, account, asset, number);

ALTER TABLE ONLY derived.metric
    ADD CONSTRAINT metric_pkey PRIMARY KEY (tenant_id, analytic, subject, name, "window", at);

ALTER TABLE ONLY derived.performance
    ADD CONSTRAINT performance_pkey PRIMARY KEY (tenant_id, scope, name, day);

ALTER TABLE ONLY derived.position_day
    ADD CONSTRAINT position_day_pkey PRIMARY KEY (tenant_id, connection, account, asset, method, day);

ALTER TABLE ONLY derived."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (tenant_id, connection, account, asset, method);

ALTER TABLE ONLY derived.projection_model
    ADD CONSTRAINT projection_model_pkey PRIMARY KEY (tenant_id, scope, name);

ALTER TABLE ONLY derived.projection_score
    ADD CONSTRAINT projection_score_pkey PRIMARY KEY (tenant_id, scope, name, made_on, horizon);

ALTER TABLE ONLY derived.rate_gap
    ADD CONSTRAINT rate_gap_pkey PRIMARY KEY (tenant_id, stream, base, quote, day);

ALTER TABLE ONLY derived.rate_missing
    ADD CONSTRAINT rate_missing_pkey PRIMARY KEY (tenant_id, base, quote);

ALTER TABLE ONLY derived.return_window
    ADD CONSTRAINT return_window_pkey PRIMARY KEY (tenant_id, scope, name, "window");

ALTER TABLE ONLY derived.schedule_term
    ADD CONSTRAINT schedule_term_pkey PRIMARY KEY (tenant_id, connection, term);

ALTER TABLE ONLY derived.snapshot_daily
    ADD CONSTRAINT snapshot_daily_pkey PRIMARY KEY (tenant_id, series_id, day);

ALTER TABLE ONLY derived.snapshot_hourly
    ADD CONSTRAINT snapshot_hourly_pkey PRIMARY KEY (tenant_id, series_id, hour);

ALTER TABLE ONLY derived.stream
    ADD CONSTRAINT stream_pkey PRIMARY KEY (tenant_id, stream);

ALTER TABLE ONLY derived.stream_state
    ADD CONSTRAINT stream_state_pkey PRIMARY KEY (tenant_id, scope, name);

ALTER TABLE ONLY derived.study
    ADD CONSTRAINT study_pkey PRIMARY KEY (tenant_id, study);

ALTER TABLE ONLY derived.trade
    ADD CONSTRAINT trade_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY derived.transaction
    ADD CONSTRAINT transaction_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY derived.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (tenant_id, transfer);

ALTER TABLE ONLY derived.transfer_rate
    ADD CONSTRAINT transfer_rate_pkey PRIMARY KEY (tenant_id, asset, day);

ALTER TABLE ONLY ops.backfill
    ADD CONSTRAINT backfill_pkey PRIMARY KEY (tenant_id, connection);

ALTER TABLE ONLY ops.budget
    ADD CONSTRAINT budget_pkey PRIMARY KEY (tenant_id, credential, period);

ALTER TABLE ONLY ops.connection_state
    ADD CONSTRAINT connection_state_pkey PRIMARY KEY (tenant_id, connection, feed);

ALTER TABLE ONLY ops.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (tenant_id, connection);

ALTER TABLE ONLY ops.cursor
    ADD CONSTRAINT cursor_pkey PRIMARY KEY (tenant_id, connection, feed);

ALTER TABLE ONLY ops.derivation
    ADD CONSTRAINT derivation_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY ops.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (role);

ALTER TABLE ONLY ops.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY ops.pending
    ADD CONSTRAINT pending_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY ops.position_mark
    ADD CONSTRAINT position_mark_pkey PRIMARY KEY (tenant_id, day);

ALTER TABLE ONLY ops.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY ops.tenant
    ADD CONSTRAINT tenant_name_key UNIQUE (name);

ALTER TABLE ONLY ops.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ops.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (tenant_id, connection);

ALTER TABLE ONLY ops.view
    ADD CONSTRAINT view_pkey PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY raw.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (tenant_id, subject, version);

ALTER TABLE ONLY raw.projection
    ADD CONSTRAINT projection_pkey PRIMARY KEY (tenant_id, scope, name, made_on, span, for_day);

ALTER TABLE ONLY raw.rate
    ADD CONSTRAINT rate_pkey PRIMARY KEY (tenant_id, base, quote, source, at);

ALTER TABLE ONLY raw.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY raw.series
    ADD CONSTRAINT series_tenant_id_connection_account_asset_key UNIQUE (tenant_id, connection, account, asset);

ALTER TABLE ONLY raw.snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (tenant_id, series_id, at);

CREATE INDEX balance_day_you ON derived.balance_day USING btree (tenant_id) WHERE (source = 'you'::text);

CREATE INDEX counterparty_month_month ON derived.counterparty_month USING btree (tenant_id, month);

CREATE INDEX decision_about ON derived.decision USING btree (tenant_id, about) WHERE (about IS NOT NULL);

CREATE INDEX flow_day ON derived.flow USING btree (tenant_id, connection, day);

CREATE INDEX flow_part ON derived.flow USING btree (tenant_id, part_of) WHERE (part_of IS NOT NULL);

CREATE INDEX flow_stream ON derived.flow USING btree (tenant_id, stream, day) WHERE (stream IS NOT NULL);

CREATE INDEX flow_units ON derived.flow USING btree (tenant_id, day) WHERE (NOT derived.is_currency(asset));

CREATE INDEX income_daily_day ON derived.income_daily USING btree (tenant_id, day);

CREATE INDEX metric_at ON derived.metric USING btree (tenant_id, analytic, at);

COMMENT ON INDEX derived.metric_at IS 'The metrics of some days, which are compared when those days are computed anew.';

CREATE INDEX performance_day ON derived.performance USING btree (tenant_id, scope, day);

COMMENT ON INDEX derived.performance_day IS 'A day of all connections, which is added up to groups and the total.';

CREATE INDEX position_day_day ON derived.position_day USING btree (tenant_id, day);

CREATE UNIQUE INDEX realised_key ON derived.realised USING btree (tenant_id, day, connection, account, asset, method, part, COALESCE(acquired, '-infinity'::date));

CREATE INDEX trade_at ON derived.trade USING btree (tenant_id, at);

CREATE INDEX transaction_day ON derived.transaction USING btree (tenant_id, connection, day);

CREATE INDEX transaction_dividend ON derived.transaction USING btree (tenant_id, connection) WHERE (kind = 'dividend'::text);

CREATE INDEX transfer_day ON derived.transfer USING btree (tenant_id, connection, day);

CREATE INDEX transfer_rate_day ON derived.transfer_rate USING btree (tenant_id, day);

CREATE INDEX run_feed ON ops.run USING btree (tenant_id, connection, feed, started_at DESC);

CREATE INDEX run_started ON ops.run USING btree (tenant_id, started_at DESC);

CREATE INDEX event_added ON raw.event USING brin (added_at);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON raw.event FOR EACH ROW EXECUTE FUNCTION raw.refuse_change();

CREATE TRIGGER append_only_all BEFORE TRUNCATE ON raw.event FOR EACH STATEMENT EXECUTE FUNCTION raw.refuse_change();

ALTER TABLE ONLY derived.account
    ADD CONSTRAINT account_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.expected
    ADD CONSTRAINT expected_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.goal
    ADD CONSTRAINT goal_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.projection_model
    ADD CONSTRAINT projection_model_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.projection_score
    ADD CONSTRAINT projection_score_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.rate_gap
    ADD CONSTRAINT rate_gap_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.rate_missing
    ADD CONSTRAINT rate_missing_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.return_window
    ADD CONSTRAINT return_window_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.schedule_term
    ADD CONSTRAINT schedule_term_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.stream_state
    ADD CONSTRAINT stream_state_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.stream
    ADD CONSTRAINT stream_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY derived.study
    ADD CONSTRAINT study_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.backfill
    ADD CONSTRAINT backfill_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.budget
    ADD CONSTRAINT budget_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.connection_state
    ADD CONSTRAINT connection_state_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.consent
    ADD CONSTRAINT consent_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.cursor
    ADD CONSTRAINT cursor_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.derivation
    ADD CONSTRAINT derivation_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.login
    ADD CONSTRAINT login_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id) ON DELETE CASCADE;

ALTER TABLE ONLY ops.pending
    ADD CONSTRAINT pending_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.run
    ADD CONSTRAINT run_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.token
    ADD CONSTRAINT token_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY ops.view
    ADD CONSTRAINT view_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE ONLY raw.series
    ADD CONSTRAINT series_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES ops.tenant(id);

ALTER TABLE derived.account ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.account_left_out ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.account_word ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.balance ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.balance_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.balance_gap ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.balance_left_out ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.balance_line ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.counterparty_month ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.decided ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.decision ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.expected ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.flow ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.goal ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.lot ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived."position" ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.position_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.projection_model ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.projection_score ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.rate_gap ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.rate_missing ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.realised ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.return_window ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.schedule_term ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.stream ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.stream_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.study ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON derived.account USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.account_left_out USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.account_word USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.balance USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.balance_day USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.balance_gap USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.balance_left_out USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.balance_line USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.counterparty_month USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.decided USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.decision USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.expected USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.flow USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.goal USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.lot USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived."position" USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.position_day USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.projection_model USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.projection_score USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.rate_gap USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.rate_missing USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.realised USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.return_window USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.schedule_term USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.stream USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.stream_state USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.study USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.trade USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.transaction USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.transfer USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON derived.transfer_rate USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

ALTER TABLE derived.trade ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.transaction ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.transfer ENABLE ROW LEVEL SECURITY;

ALTER TABLE derived.transfer_rate ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.backfill ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.budget ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.connection_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.consent ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.cursor ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.derivation ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.pending ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.position_mark ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.run ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON ops.backfill USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.budget USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.connection_state USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.consent USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.cursor USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.derivation USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.pending USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.position_mark USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.run USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.token USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON ops.view USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

ALTER TABLE ops.token ENABLE ROW LEVEL SECURITY;

ALTER TABLE ops.view ENABLE ROW LEVEL SECURITY;

ALTER TABLE raw.event ENABLE ROW LEVEL SECURITY;

ALTER TABLE raw.series ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raw.event USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

CREATE POLICY tenant ON raw.series USING ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[]))) WITH CHECK ((tenant_id = ANY (( SELECT ops.visible_tenants() AS visible_tenants)::integer[])));

GRANT USAGE ON SCHEMA app TO flowd_app;

GRANT USAGE ON SCHEMA derived TO flowd_app;

GRANT USAGE ON SCHEMA ops TO flowd_app;
GRANT USAGE ON SCHEMA ops TO flowd_report;
GRANT USAGE ON SCHEMA ops TO flowd_admin;

GRANT USAGE ON SCHEMA raw TO flowd_app;

GRANT USAGE ON SCHEMA report TO flowd_app;
GRANT USAGE ON SCHEMA report TO flowd_report;
GRANT USAGE ON SCHEMA report TO flowd_admin;

REVOKE ALL ON PROCEDURE ops.guard(VARIADIC tables text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION report.bucket(since timestamp with time zone, until timestamp with time zone, bucket text) FROM PUBLIC;
GRANT ALL ON FUNCTION report.bucket(since timestamp with time zone, until timestamp with time zone, bucket text) TO flowd_app;
GRANT ALL ON FUNCTION report.bucket(since timestamp with time zone, until timestamp with time zone, bucket text) TO flowd_report;
GRANT ALL ON FUNCTION report.bucket(since timestamp with time zone, until timestamp with time zone, bucket text) TO flowd_admin;

REVOKE ALL ON FUNCTION report.income(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) FROM PUBLIC;
GRANT ALL ON FUNCTION report.income(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) TO flowd_app;
GRANT ALL ON FUNCTION report.income(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) TO flowd_report;
GRANT ALL ON FUNCTION report.income(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) TO flowd_admin;

REVOKE ALL ON FUNCTION report.income_before(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) FROM PUBLIC;
GRANT ALL ON FUNCTION report.income_before(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) TO flowd_app;
GRANT ALL ON FUNCTION report.income_before(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) TO flowd_report;
GRANT ALL ON FUNCTION report.income_before(since timestamp with time zone, until timestamp with time zone, bucket text, basis text, shown text) TO flowd_admin;

REVOKE ALL ON FUNCTION report.income_by(bucket text, basis text, shown text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION report.income_by(bucket text, basis text, shown text, since timestamp with time zone, until timestamp with time zone) TO flowd_app;
GRANT ALL ON FUNCTION report.income_by(bucket text, basis text, shown text, since timestamp with time zone, until timestamp with time zone) TO flowd_report;
GRANT ALL ON FUNCTION report.income_by(bucket text, basis text, shown text, since timestamp with time zone, until timestamp with time zone) TO flowd_admin;

REVOKE ALL ON FUNCTION report.income_shown(basis text, shown text) FROM PUBLIC;
GRANT ALL ON FUNCTION report.income_shown(basis text, shown text) TO flowd_app;
GRANT ALL ON FUNCTION report.income_shown(basis text, shown text) TO flowd_report;
GRANT ALL ON FUNCTION report.income_shown(basis text, shown text) TO flowd_admin;

REVOKE ALL ON FUNCTION report.palette() FROM PUBLIC;
GRANT ALL ON FUNCTION report.palette() TO flowd_app;
GRANT ALL ON FUNCTION report.palette() TO flowd_report;
GRANT ALL ON FUNCTION report.palette() TO flowd_admin;

REVOKE ALL ON FUNCTION report.spark(amounts numeric[]) FROM PUBLIC;
GRANT ALL ON FUNCTION report.spark(amounts numeric[]) TO flowd_app;
GRANT ALL ON FUNCTION report.spark(amounts numeric[]) TO flowd_report;
GRANT ALL ON FUNCTION report.spark(amounts numeric[]) TO flowd_admin;

REVOKE ALL ON FUNCTION report.today() FROM PUBLIC;
GRANT ALL ON FUNCTION report.today() TO flowd_app;
GRANT ALL ON FUNCTION report.today() TO flowd_report;
GRANT ALL ON FUNCTION report.today() TO flowd_admin;

REVOKE ALL ON FUNCTION report.today(whose text) FROM PUBLIC;
GRANT ALL ON FUNCTION report.today(whose text) TO flowd_app;
GRANT ALL ON FUNCTION report.today(whose text) TO flowd_report;
GRANT ALL ON FUNCTION report.today(whose text) TO flowd_admin;

REVOKE ALL ON FUNCTION report.worth(since timestamp with time zone, until timestamp with time zone, bucket text) FROM PUBLIC;
GRANT ALL ON FUNCTION report.worth(since timestamp with time zone, until timestamp with time zone, bucket text) TO flowd_app;
GRANT ALL ON FUNCTION report.worth(since timestamp with time zone, until timestamp with time zone, bucket text) TO flowd_report;
GRANT ALL ON FUNCTION report.worth(since timestamp with time zone, until timestamp with time zone, bucket text) TO flowd_admin;

REVOKE ALL ON FUNCTION report.written(amount numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION report.written(amount numeric) TO flowd_app;
GRANT ALL ON FUNCTION report.written(amount numeric) TO flowd_report;
GRANT ALL ON FUNCTION report.written(amount numeric) TO flowd_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.income_daily TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.metric TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.performance TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.projection TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.rate TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.snapshot TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.snapshot_daily TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.snapshot_hourly TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.account TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.account_left_out TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.account_word TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.balance TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.balance_day TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.balance_gap TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.balance_left_out TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.balance_line TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.counterparty_month TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.decided TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.decision TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.expected TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.flow TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.goal TO flowd_app;

GRANT SELECT ON TABLE derived.known_account TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.lot TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived."position" TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.position_day TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.projection_model TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.projection_score TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.rate_gap TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.rate_missing TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.realised TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.return_window TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.schedule_term TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.stream TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.stream_state TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.study TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.trade TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.transaction TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.transfer TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE derived.transfer_rate TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE raw.series TO flowd_app;

GRANT SELECT ON TABLE derived.unread_account TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.backfill TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.budget TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.connection_state TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.consent TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.cursor TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.derivation TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.pending TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.position_mark TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.run TO flowd_app;

GRANT SELECT ON TABLE ops.tenant TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.token TO flowd_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ops.view TO flowd_app;

GRANT SELECT,INSERT ON TABLE raw.event TO flowd_app;

GRANT SELECT ON TABLE report.account TO flowd_app;
GRANT SELECT ON TABLE report.account TO flowd_report;
GRANT SELECT ON TABLE report.account TO flowd_admin;

GRANT SELECT ON TABLE report.account_colour TO flowd_app;
GRANT SELECT ON TABLE report.account_colour TO flowd_report;
GRANT SELECT ON TABLE report.account_colour TO flowd_admin;

GRANT SELECT ON TABLE report.activity TO flowd_app;
GRANT SELECT ON TABLE report.activity TO flowd_report;
GRANT SELECT ON TABLE report.activity TO flowd_admin;

GRANT SELECT ON TABLE report.attribution TO flowd_app;
GRANT SELECT ON TABLE report.attribution TO flowd_report;
GRANT SELECT ON TABLE report.attribution TO flowd_admin;

GRANT SELECT ON TABLE report.balance TO flowd_app;
GRANT SELECT ON TABLE report.balance TO flowd_report;
GRANT SELECT ON TABLE report.balance TO flowd_admin;

GRANT SELECT ON TABLE report.balance_gap TO flowd_app;
GRANT SELECT ON TABLE report.balance_gap TO flowd_report;
GRANT SELECT ON TABLE report.balance_gap TO flowd_admin;

GRANT SELECT ON TABLE report.colour TO flowd_app;
GRANT SELECT ON TABLE report.colour TO flowd_report;
GRANT SELECT ON TABLE report.colour TO flowd_admin;

GRANT SELECT ON TABLE report.connection TO flowd_app;
GRANT SELECT ON TABLE report.connection TO flowd_report;
GRANT SELECT ON TABLE report.connection TO flowd_admin;

GRANT SELECT ON TABLE report.counterparty TO flowd_app;
GRANT SELECT ON TABLE report.counterparty TO flowd_report;
GRANT SELECT ON TABLE report.counterparty TO flowd_admin;

GRANT SELECT ON TABLE report.daily_rate TO flowd_app;
GRANT SELECT ON TABLE report.daily_rate TO flowd_report;
GRANT SELECT ON TABLE report.daily_rate TO flowd_admin;

GRANT SELECT ON TABLE report.decision TO flowd_app;
GRANT SELECT ON TABLE report.decision TO flowd_report;
GRANT SELECT ON TABLE report.decision TO flowd_admin;

GRANT SELECT ON TABLE report.derivation TO flowd_app;
GRANT SELECT ON TABLE report.derivation TO flowd_report;
GRANT SELECT ON TABLE report.derivation TO flowd_admin;

GRANT SELECT ON TABLE report.expected TO flowd_app;
GRANT SELECT ON TABLE report.expected TO flowd_report;
GRANT SELECT ON TABLE report.expected TO flowd_admin;

GRANT SELECT ON TABLE report.goal TO flowd_app;
GRANT SELECT ON TABLE report.goal TO flowd_report;
GRANT SELECT ON TABLE report.goal TO flowd_admin;

GRANT SELECT ON TABLE report.income TO flowd_app;
GRANT SELECT ON TABLE report.income TO flowd_report;
GRANT SELECT ON TABLE report.income TO flowd_admin;

GRANT SELECT ON TABLE report.lot TO flowd_app;
GRANT SELECT ON TABLE report.lot TO flowd_report;
GRANT SELECT ON TABLE report.lot TO flowd_admin;

GRANT SELECT ON TABLE report.metric TO flowd_app;
GRANT SELECT ON TABLE report.metric TO flowd_report;
GRANT SELECT ON TABLE report.metric TO flowd_admin;

GRANT SELECT ON TABLE report.worth TO flowd_app;
GRANT SELECT ON TABLE report.worth TO flowd_report;
GRANT SELECT ON TABLE report.worth TO flowd_admin;

GRANT SELECT ON TABLE report.net_worth TO flowd_app;
GRANT SELECT ON TABLE report.net_worth TO flowd_report;
GRANT SELECT ON TABLE report.net_worth TO flowd_admin;

GRANT SELECT ON TABLE report.performance TO flowd_app;
GRANT SELECT ON TABLE report.performance TO flowd_report;
GRANT SELECT ON TABLE report.performance TO flowd_admin;

GRANT SELECT ON TABLE report.performance_day TO flowd_app;
GRANT SELECT ON TABLE report.performance_day TO flowd_report;
GRANT SELECT ON TABLE report.performance_day TO flowd_admin;

GRANT SELECT ON TABLE report."position" TO flowd_app;
GRANT SELECT ON TABLE report."position" TO flowd_report;
GRANT SELECT ON TABLE report."position" TO flowd_admin;

GRANT SELECT ON TABLE report.position_day TO flowd_app;
GRANT SELECT ON TABLE report.position_day TO flowd_report;
GRANT SELECT ON TABLE report.position_day TO flowd_admin;

GRANT SELECT ON TABLE report.projection TO flowd_app;
GRANT SELECT ON TABLE report.projection TO flowd_report;
GRANT SELECT ON TABLE report.projection TO flowd_admin;

GRANT SELECT ON TABLE report.projection_accuracy TO flowd_app;
GRANT SELECT ON TABLE report.projection_accuracy TO flowd_report;
GRANT SELECT ON TABLE report.projection_accuracy TO flowd_admin;

GRANT SELECT ON TABLE report.projection_model TO flowd_app;
GRANT SELECT ON TABLE report.projection_model TO flowd_report;
GRANT SELECT ON TABLE report.projection_model TO flowd_admin;

GRANT SELECT ON TABLE report.projection_month TO flowd_app;
GRANT SELECT ON TABLE report.projection_month TO flowd_report;
GRANT SELECT ON TABLE report.projection_month TO flowd_admin;

GRANT SELECT ON TABLE report.projection_said TO flowd_app;
GRANT SELECT ON TABLE report.projection_said TO flowd_report;
GRANT SELECT ON TABLE report.projection_said TO flowd_admin;

GRANT SELECT ON TABLE report.projection_score TO flowd_app;
GRANT SELECT ON TABLE report.projection_score TO flowd_report;
GRANT SELECT ON TABLE report.projection_score TO flowd_admin;

GRANT SELECT ON TABLE report.projection_sum TO flowd_app;
GRANT SELECT ON TABLE report.projection_sum TO flowd_report;
GRANT SELECT ON TABLE report.projection_sum TO flowd_admin;

GRANT SELECT ON TABLE report.rate_disagreement TO flowd_app;
GRANT SELECT ON TABLE report.rate_disagreement TO flowd_report;
GRANT SELECT ON TABLE report.rate_disagreement TO flowd_admin;

GRANT SELECT ON TABLE report.rate_missing TO flowd_app;
GRANT SELECT ON TABLE report.rate_missing TO flowd_report;
GRANT SELECT ON TABLE report.rate_missing TO flowd_admin;

GRANT SELECT ON TABLE report.realised TO flowd_app;
GRANT SELECT ON TABLE report.realised TO flowd_report;
GRANT SELECT ON TABLE report.realised TO flowd_admin;

GRANT SELECT ON TABLE report.resilience TO flowd_app;
GRANT SELECT ON TABLE report.resilience TO flowd_report;
GRANT SELECT ON TABLE report.resilience TO flowd_admin;

GRANT SELECT ON TABLE report.return_window TO flowd_app;
GRANT SELECT ON TABLE report.return_window TO flowd_report;
GRANT SELECT ON TABLE report.return_window TO flowd_admin;

GRANT SELECT ON TABLE report.sparkline TO flowd_app;
GRANT SELECT ON TABLE report.sparkline TO flowd_report;
GRANT SELECT ON TABLE report.sparkline TO flowd_admin;

GRANT SELECT ON TABLE report.statistic TO flowd_app;
GRANT SELECT ON TABLE report.statistic TO flowd_report;
GRANT SELECT ON TABLE report.statistic TO flowd_admin;

GRANT SELECT ON TABLE report.storage TO flowd_app;
GRANT SELECT ON TABLE report.storage TO flowd_report;
GRANT SELECT ON TABLE report.storage TO flowd_admin;

GRANT SELECT ON TABLE report.stream TO flowd_app;
GRANT SELECT ON TABLE report.stream TO flowd_report;
GRANT SELECT ON TABLE report.stream TO flowd_admin;

GRANT SELECT ON TABLE report.stream_state TO flowd_app;
GRANT SELECT ON TABLE report.stream_state TO flowd_report;
GRANT SELECT ON TABLE report.stream_state TO flowd_admin;

GRANT SELECT ON TABLE report.study TO flowd_app;
GRANT SELECT ON TABLE report.study TO flowd_report;
GRANT SELECT ON TABLE report.study TO flowd_admin;

GRANT SELECT ON TABLE report.tenant TO flowd_app;
GRANT SELECT ON TABLE report.tenant TO flowd_report;
GRANT SELECT ON TABLE report.tenant TO flowd_admin;

GRANT SELECT ON TABLE report.transaction TO flowd_app;
GRANT SELECT ON TABLE report.transaction TO flowd_report;
GRANT SELECT ON TABLE report.transaction TO flowd_admin;

GRANT SELECT ON TABLE report.transfer TO flowd_app;
GRANT SELECT ON TABLE report.transfer TO flowd_report;
GRANT SELECT ON TABLE report.transfer TO flowd_admin;

GRANT SELECT ON TABLE report.view TO flowd_app;
GRANT SELECT ON TABLE report.view TO flowd_report;
GRANT SELECT ON TABLE report.view TO flowd_admin;

GRANT SELECT ON TABLE report.warning TO flowd_app;
GRANT SELECT ON TABLE report.warning TO flowd_report;
GRANT SELECT ON TABLE report.warning TO flowd_admin;
