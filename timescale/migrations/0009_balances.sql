-- What accounts held at the end of days, told by their transactions and by what is stated of them.

CREATE TABLE derived.balance_day (
    tenant_id  int     NOT NULL,
    connection text    NOT NULL,
    account    text    NOT NULL,
    asset      text    NOT NULL,
    day        date    NOT NULL,
    booked     numeric,
    amount     numeric NOT NULL,
    source     text    NOT NULL CHECK (source IN ('you', 'stated', 'read', 'computed', 'relative')),
    drift      numeric,
    PRIMARY KEY (tenant_id, connection, account, asset, day)
);
COMMENT ON TABLE derived.balance_day IS 'What accounts with transactions or stated balances held at the end of each day on which something was booked or stated.';
COMMENT ON COLUMN derived.balance_day.booked IS 'The sum of what was booked on the day; NULL where nothing was.';
COMMENT ON COLUMN derived.balance_day.amount IS 'What was held; with the source relative: the sum of all that was booked so far, because no balance is known.';
COMMENT ON COLUMN derived.balance_day.source IS 'you (a person said it), stated (by a statement), read (at the source), computed (from the nearest of these), relative.';
COMMENT ON COLUMN derived.balance_day.drift IS 'What was stated or read, less what the one before and the transactions since make of it; NULL for the first.';
CREATE INDEX balance_day_you ON derived.balance_day (tenant_id) WHERE source = 'you';

CREATE TABLE derived.balance_line (
    tenant_id   int     NOT NULL,
    connection  text    NOT NULL,
    account     text    NOT NULL,
    asset       text    NOT NULL,
    kind        text    NOT NULL,
    first_day   date    NOT NULL,
    last_day    date    NOT NULL,
    known_from  date,
    told_until  date    NOT NULL,
    last_stated date,
    carried     boolean NOT NULL,
    PRIMARY KEY (tenant_id, connection, account, asset)
);
COMMENT ON TABLE derived.balance_line IS 'Each asset of an account of which balances are told by transactions or stated.';
COMMENT ON COLUMN derived.balance_line.known_from IS 'The first day at whose end the balance is known; NULL where none is.';
COMMENT ON COLUMN derived.balance_line.told_until IS 'The last day on which anything was booked, stated or read in the account, in whatever asset.';
COMMENT ON COLUMN derived.balance_line.carried IS 'True where a person keeps it: what was said last counts until something else is said.';

CREATE TABLE derived.balance_left_out (
    tenant_id  int     NOT NULL,
    subject    uuid    NOT NULL,
    connection text    NOT NULL,
    account    text    NOT NULL,
    asset      text    NOT NULL,
    day        date    NOT NULL,
    amount     numeric NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON TABLE derived.balance_left_out IS 'Transactions that balances were made without, because somebody said that they are duplicates.';

CREATE TABLE derived.balance_gap (
    tenant_id  int     NOT NULL,
    connection text    NOT NULL,
    account    text    NOT NULL,
    asset      text    NOT NULL,
    against    text    NOT NULL CHECK (against IN ('statement', 'reading')),
    first_day  date    NOT NULL,
    last_day   date    NOT NULL,
    stated     numeric NOT NULL,
    booked     numeric NOT NULL,
    gap        numeric NOT NULL,
    what       text    NOT NULL CHECK (what IN ('gap', 'timing', 'rounding')),
    PRIMARY KEY (tenant_id, connection, account, asset, against, last_day)
);
COMMENT ON TABLE derived.balance_gap IS 'Where balances that are stated or read changed by something else than what was booked between them.';
COMMENT ON COLUMN derived.balance_gap.gap IS 'What transactions do not explain; of readings, at least that much.';
COMMENT ON COLUMN derived.balance_gap.what IS 'gap; timing: it is made good within a few days, because one side dates by value and the other by booking; or rounding.';

CALL ops.guard('derived.balance_day', 'derived.balance_line', 'derived.balance_left_out', 'derived.balance_gap');
