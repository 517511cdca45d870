-- Units that are held (coins, shares): what they cost, are worth and have gained, first-in-first-out and on average.

-- Every position is made from trades in their order in time.
CREATE INDEX trade_at ON derived.trade (tenant_id, at);
-- What moves units is found without reading what moves money: these are all currencies of ISO 4217 that are in use.
CREATE INDEX flow_units ON derived.flow (tenant_id, day) WHERE asset <> ALL ('{AED,AFN,ALL,AMD,ANG,AOA,ARS,AUD,AWG,AZN,BAM,BBD,BDT,BGN,BHD,BIF,BMD,BND,BOB,BRL,BSD,BTN,BWP,BYN,BZD,CAD,CDF,CHF,CLP,CNY,COP,CRC,CUP,CVE,CZK,DJF,DKK,DOP,DZD,EGP,ERN,ETB,EUR,FJD,FKP,GBP,GEL,GHS,GIP,GMD,GNF,GTQ,GYD,HKD,HNL,HRK,HTG,HUF,IDR,ILS,INR,IQD,IRR,ISK,JMD,JOD,JPY,KES,KGS,KHR,KMF,KPW,KRW,KWD,KYD,KZT,LAK,LBP,LKR,LRD,LSL,LYD,MAD,MDL,MGA,MKD,MMK,MNT,MOP,MRU,MUR,MVR,MWK,MXN,MYR,MZN,NAD,NGN,NIO,NOK,NPR,NZD,OMR,PAB,PEN,PGK,PHP,PKR,PLN,PYG,QAR,RON,RSD,RUB,RWF,SAR,SBD,SCR,SDG,SEK,SGD,SHP,SLE,SOS,SRD,SSP,STN,SVC,SYP,SZL,THB,TJS,TMT,TND,TOP,TRY,TTD,TWD,TZS,UAH,UGX,USD,UYU,UZS,VES,VND,VUV,WST,XAF,XCD,XOF,XPF,YER,ZAR,ZMW,ZWL}'::text[]);
CREATE INDEX transaction_dividend ON derived.transaction (tenant_id, connection) WHERE kind = 'dividend';

CREATE TABLE derived.position (
    tenant_id        int     NOT NULL,
    connection       text    NOT NULL,
    account          text    NOT NULL,
    asset            text    NOT NULL,
    method           text    NOT NULL CHECK (method IN ('fifo', 'average')),
    quote            text    NOT NULL,
    quantity         numeric NOT NULL,
    unexplained      numeric NOT NULL,
    opened           date,
    changed          date    NOT NULL,
    cost             numeric,
    cost_fees        numeric,
    cost_base        numeric,
    price            numeric,
    price_day        date,
    value            numeric,
    value_base       numeric,
    unrealised       numeric,
    unrealised_base  numeric,
    unrealised_price numeric,
    unrealised_fx    numeric,
    realised         numeric,
    realised_base    numeric,
    realised_price   numeric,
    realised_fx      numeric,
    dividends_base   numeric NOT NULL,
    interest_base    numeric NOT NULL,
    staking_base     numeric NOT NULL,
    other_base       numeric NOT NULL,
    fees_base        numeric NOT NULL,
    trades           int     NOT NULL,
    base_currency    text    NOT NULL,
    quality          text    NOT NULL,
    reason           text    NOT NULL,
    PRIMARY KEY (tenant_id, connection, account, asset, method)
);
COMMENT ON TABLE derived.position IS 'How each asset of each account stands, by each method: what is held, what it cost and is worth, and all it ever brought.';

CREATE TABLE derived.position_day (
    tenant_id     int     NOT NULL,
    connection    text    NOT NULL,
    account       text    NOT NULL,
    asset         text    NOT NULL,
    method        text    NOT NULL CHECK (method IN ('fifo', 'average')),
    day           date    NOT NULL,
    quantity      numeric NOT NULL,
    cost          numeric,
    quote         text    NOT NULL,
    cost_base     numeric,
    value_base    numeric,
    base_currency text    NOT NULL,
    quality       text    NOT NULL,
    reason        text    NOT NULL,
    PRIMARY KEY (tenant_id, connection, account, asset, method, day)
);
COMMENT ON TABLE derived.position_day IS 'What was held at the end of each day on which it changed, and of each month.';
CREATE INDEX position_day_day ON derived.position_day (tenant_id, day);

CREATE TABLE derived.realised (
    tenant_id     int     NOT NULL,
    connection    text    NOT NULL,
    account       text    NOT NULL,
    asset         text    NOT NULL,
    method        text    NOT NULL CHECK (method IN ('fifo', 'average')),
    day           date    NOT NULL,
    part          text    NOT NULL CHECK (part IN ('long', 'short', 'unknown')),
    acquired      date,
    disposals     int     NOT NULL,
    quantity      numeric NOT NULL,
    quote         text    NOT NULL,
    proceeds      numeric,
    fee           numeric,
    cost          numeric,
    gain          numeric,
    proceeds_base numeric,
    fee_base      numeric,
    cost_base     numeric,
    gain_base     numeric,
    price         numeric,
    fx            numeric,
    base_currency text    NOT NULL,
    quality       text    NOT NULL,
    reason        text    NOT NULL
);
COMMENT ON TABLE derived.realised IS 'What each day''s disposals gained, those of units acquired on one day together: gain = proceeds - fee - cost, gain_base = price + fx.';
CREATE UNIQUE INDEX realised_key ON derived.realised
    (tenant_id, day, connection, account, asset, method, part, (coalesce(acquired, '-infinity'::date)));

CREATE TABLE derived.lot (
    tenant_id     int     NOT NULL,
    connection    text    NOT NULL,
    account       text    NOT NULL,
    asset         text    NOT NULL,
    number        int     NOT NULL,
    acquired      date,
    quantity      numeric NOT NULL,
    cost          numeric,
    quote         text    NOT NULL,
    cost_base     numeric,
    base_currency text    NOT NULL,
    quality       text    NOT NULL,
    PRIMARY KEY (tenant_id, connection, account, asset, number)
);
COMMENT ON TABLE derived.lot IS 'The units that are held, by the day on which they were acquired, the oldest first: those leave first.';

CREATE TABLE ops.position_mark (
    tenant_id int  NOT NULL,
    day       date NOT NULL,
    links     text NOT NULL,
    data      text NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
COMMENT ON TABLE ops.position_mark IS 'The books of all positions at the ends of months, so that they are kept on from there; may be emptied at any time.';
COMMENT ON COLUMN ops.position_mark.links IS 'Stands for the transfers between own accounts that they were made with.';

CALL ops.guard('derived.position', 'derived.position_day', 'derived.realised', 'derived.lot', 'ops.position_mark');
