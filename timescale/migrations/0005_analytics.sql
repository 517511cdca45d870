-- What is computed over whole histories: performance day by day, returns per window, how each stream is doing, what was
-- expected and what came, what was foretold and how that turned out, and goals.
--
-- (scope, name) says whom a row is about: total (with an empty name), group, stream, connection, or account (named
-- CONNECTION/ACCOUNT). Amounts are in the tenant's base currency where no other is named.

CREATE TABLE derived.performance (
    tenant_id     int     NOT NULL,
    scope         text    NOT NULL CHECK (scope IN ('total', 'group', 'connection', 'account')),
    name          text    NOT NULL,
    day           date    NOT NULL,
    value         numeric,
    flow          numeric,
    pnl           numeric,
    day_return    numeric,
    income        numeric,
    price         numeric,
    fx            numeric,
    fees          numeric,
    other         numeric,
    base_currency text    NOT NULL,
    quality       text    NOT NULL CHECK (quality IN ('exact', 'estimated', 'spread', 'partial', 'stale')),
    reason        text    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, scope, name, day)
);
CREATE INDEX performance_day ON derived.performance (tenant_id, scope, day);
COMMENT ON TABLE derived.performance IS 'What accounts, connections, groups and everything were worth at the end of each day, and why that changed.';
COMMENT ON COLUMN derived.performance.flow IS 'Money that came from outside on that day (below zero: left).';
COMMENT ON COLUMN derived.performance.pnl IS 'Change in value less flow; the sum of income, price, fx, fees and other.';
COMMENT ON INDEX derived.performance_day IS 'A day of all connections, which is added up to groups and the total.';
COMMENT ON COLUMN derived.performance.day_return IS 'Return of the day as a share of its base; NULL where reason says why.';

CREATE TABLE derived.return_window (
    tenant_id     int     NOT NULL REFERENCES ops.tenant (id),
    scope         text    NOT NULL CHECK (scope IN ('total', 'group', 'connection', 'account')),
    name          text    NOT NULL,
    "window"      text    NOT NULL,
    since         date    NOT NULL,
    until         date    NOT NULL,
    days          int     NOT NULL,
    opening       numeric,
    closing       numeric,
    flow          numeric,
    pnl           numeric,
    pnl_pct       numeric,
    twr           numeric,
    twr_annual    numeric,
    xirr          numeric,
    mwr           numeric,
    volatility    numeric,
    sharpe        numeric,
    sortino       numeric,
    drawdown      numeric,
    max_drawdown  numeric,
    peak_day      date,
    trough_day    date,
    recovered_day date,
    income        numeric,
    price         numeric,
    fx            numeric,
    fees          numeric,
    other         numeric,
    base_currency text    NOT NULL,
    quality       text    NOT NULL CHECK (quality IN ('exact', 'estimated', 'spread', 'partial', 'stale')),
    reason        text    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, scope, name, "window")
);
COMMENT ON TABLE derived.return_window IS 'Returns over 7, 30, 90 and 365 days, the year to date and the whole time; shares, not per cent.';

CREATE TABLE derived.stream_state (
    tenant_id     int     NOT NULL REFERENCES ops.tenant (id),
    scope         text    NOT NULL CHECK (scope IN ('total', 'group', 'stream')),
    name          text    NOT NULL,
    as_of         date    NOT NULL,
    trend         text    NOT NULL CHECK (trend IN ('growing', 'flat', 'declining', 'unknown')),
    slope         numeric,
    slope_pct     numeric,
    p_value       numeric,
    trend_reason  text    NOT NULL,
    health        text    NOT NULL
        CHECK (health IN ('growing', 'stable', 'volatile', 'declining', 'stalled', 'stale', 'unknown')),
    health_reason text    NOT NULL,
    share         numeric,
    floor         numeric,
    volatility    numeric,
    cadence       text,
    next_due      date,
    next_amount   numeric,
    passive       boolean,
    tax_rate      numeric,
    tax_reserve   numeric,
    base_currency text    NOT NULL,
    PRIMARY KEY (tenant_id, scope, name)
);
COMMENT ON TABLE derived.stream_state IS 'How each stream, each group and everything is doing, in words and the numbers that decided.';

CREATE TABLE derived.expected (
    tenant_id   int     NOT NULL REFERENCES ops.tenant (id),
    stream      text    NOT NULL,
    payer       text    NOT NULL,
    series      int     NOT NULL,
    currency    text    NOT NULL,
    due         date    NOT NULL,
    earliest    date    NOT NULL,
    latest      date    NOT NULL,
    amount      numeric,
    source      text    NOT NULL CHECK (source IN ('declared', 'detected')),
    state       text    NOT NULL
        CHECK (state IN ('received', 'short', 'late', 'missed', 'due', 'expected', 'unknown')),
    received_on date,
    received    numeric,
    reason      text    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, stream, payer, series, currency, due)
);
COMMENT ON TABLE derived.expected IS 'Regular receipts: when each was due, how much, and what came.';
COMMENT ON COLUMN derived.expected.series IS 'Which of several regular series of one payer, counted from 0.';

CREATE TABLE raw.projection (
    tenant_id     int         NOT NULL,
    scope         text        NOT NULL CHECK (scope IN ('total', 'group', 'stream')),
    name          text        NOT NULL,
    made_on       date        NOT NULL,
    made_at       timestamptz NOT NULL,
    span          text        NOT NULL CHECK (span IN ('day', 'month', 'sum')),
    for_day       date        NOT NULL,
    p05           numeric     NOT NULL,
    p10           numeric     NOT NULL,
    p25           numeric     NOT NULL,
    p50           numeric     NOT NULL,
    p75           numeric     NOT NULL,
    p90           numeric     NOT NULL,
    p95           numeric     NOT NULL,
    mean          numeric     NOT NULL,
    method        text        NOT NULL,
    confidence    numeric     CHECK (confidence BETWEEN 0 AND 1),
    base_currency text        NOT NULL,
    PRIMARY KEY (tenant_id, scope, name, made_on, span, for_day)
);
COMMENT ON TABLE raw.projection IS 'What flowd foretold, kept as it was said: it is scored when its day has come.';
COMMENT ON COLUMN raw.projection.made_on IS 'The tenant''s day on which it was said, knowing what happened before that day; the last word of a day counts.';
COMMENT ON COLUMN raw.projection.span IS 'day: income of for_day. month: income of the calendar month that ends on for_day, what already came included. sum: income from made_on to for_day.';

CREATE TABLE derived.projection_model (
    tenant_id     int     NOT NULL REFERENCES ops.tenant (id),
    scope         text    NOT NULL CHECK (scope IN ('total', 'group', 'stream')),
    name          text    NOT NULL,
    as_of         date    NOT NULL,
    method        text    NOT NULL,
    reason        text    NOT NULL,
    history_days  int     NOT NULL,
    short         boolean NOT NULL,
    origins       int     NOT NULL,
    error         numeric,
    coverage      numeric,
    confidence    numeric,
    parts         jsonb   NOT NULL,
    candidates    jsonb   NOT NULL,
    digest        text    NOT NULL,
    fit           jsonb   NOT NULL,
    PRIMARY KEY (tenant_id, scope, name)
);
COMMENT ON TABLE derived.projection_model IS 'How each stream is foretold: the method, the backtest that chose it, and how far it is to be trusted.';
COMMENT ON COLUMN derived.projection_model.parts IS 'The components of confidence, by name.';
COMMENT ON COLUMN derived.projection_model.candidates IS 'Error of each method in the backtest, by name.';
COMMENT ON COLUMN derived.projection_model.digest IS 'Stands for the history it was chosen on: as long as that is the same, nothing is chosen anew.';

CREATE TABLE derived.projection_score (
    tenant_id  int     NOT NULL REFERENCES ops.tenant (id),
    scope      text    NOT NULL CHECK (scope IN ('total', 'group', 'stream')),
    name       text    NOT NULL,
    made_on    date    NOT NULL,
    horizon    int     NOT NULL CHECK (horizon > 0),
    for_day    date    NOT NULL,
    p50        numeric NOT NULL,
    actual     numeric NOT NULL,
    error      numeric NOT NULL,
    ape        numeric,
    pinball    numeric NOT NULL,
    inside_50  boolean NOT NULL,
    inside_80  boolean NOT NULL,
    inside_90  boolean NOT NULL,
    within_20  boolean NOT NULL,
    PRIMARY KEY (tenant_id, scope, name, made_on, horizon)
);
COMMENT ON TABLE derived.projection_score IS 'What was foretold as a sum over so many days (horizon), against what came.';

CREATE TABLE derived.goal (
    tenant_id     int     NOT NULL REFERENCES ops.tenant (id),
    goal          text    NOT NULL,
    kind          text    NOT NULL CHECK (kind IN ('monthly', 'saved', 'net_worth')),
    scope         text    NOT NULL CHECK (scope IN ('total', 'group', 'stream')),
    name          text    NOT NULL,
    amount        numeric NOT NULL,
    currency      text    NOT NULL,
    by_day        date,
    since         date    NOT NULL,
    as_of         date    NOT NULL,
    current       numeric,
    probability   numeric,
    reached_p10   date,
    reached_p50   date,
    reached_p90   date,
    needed        numeric,
    reason        text    NOT NULL,
    PRIMARY KEY (tenant_id, goal)
);
COMMENT ON TABLE derived.goal IS 'Goals that somebody set, how likely each is reached, and when.';
COMMENT ON COLUMN derived.goal.needed IS 'What a month would have to bring from now on to reach it in time.';

CREATE TABLE derived.study (
    tenant_id int  NOT NULL REFERENCES ops.tenant (id),
    study     text NOT NULL,
    as_of     date NOT NULL,
    digest    text NOT NULL,
    PRIMARY KEY (tenant_id, study)
);
COMMENT ON TABLE derived.study IS 'For which day and on which facts each study was made last.';

CREATE INDEX metric_at ON derived.metric (tenant_id, analytic, at);
COMMENT ON INDEX derived.metric_at IS 'The metrics of some days, which are compared when those days are computed anew.';

ALTER TABLE ops.derivation ADD COLUMN revision bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN ops.derivation.revision IS 'Goes up whenever rows of whole days changed: studies of whole histories are due then.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'derived.return_window', 'derived.stream_state', 'derived.expected', 'derived.projection_model',
        'derived.projection_score', 'derived.goal', 'derived.study'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %s USING (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))'
            ' WITH CHECK (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO flowd_app', name);
    END LOOP;
    -- these become hypertables where TimescaleDB is there: nobody has a grant on them, views stand before them
    FOREACH name IN ARRAY ARRAY['derived.performance', 'raw.projection'] LOOP
        EXECUTE format(
            'CREATE VIEW app.%s WITH (security_barrier = true) AS SELECT * FROM %s'
            ' WHERE tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) WITH CASCADED CHECK OPTION',
            split_part(name, '.', 2), name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%s TO flowd_app', split_part(name, '.', 2));
    END LOOP;
END
$$;
