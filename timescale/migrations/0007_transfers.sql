-- Own transfers: pairs of what left one account and arrived in another, and legs whose other side nobody saw.

CREATE TABLE derived.transfer (
    tenant_id      int     NOT NULL,
    transfer       uuid    NOT NULL,
    connection     text    NOT NULL,
    day            date    NOT NULL,
    state          text    NOT NULL CHECK (state IN ('applied', 'proposed', 'confirmed', 'refused', 'open')),
    kind           text    NOT NULL,
    score          numeric,
    next_best      numeric,
    why            text    NOT NULL,
    out_subject    uuid,
    out_connection text,
    out_account    text,
    out_day        date,
    out_amount     numeric,
    out_asset      text,
    in_subject     uuid,
    in_connection  text,
    in_account     text,
    in_day         date,
    in_amount      numeric,
    in_asset       text,
    days           int,
    fee            numeric,
    fee_asset      text,
    rate           numeric,
    market         numeric,
    PRIMARY KEY (tenant_id, transfer),
    CHECK (out_subject IS NOT NULL OR in_subject IS NOT NULL)
);
COMMENT ON TABLE derived.transfer IS 'Transfers between accounts: pairs with their score and the reasons, and legs whose other side was not seen (open).';
COMMENT ON COLUMN derived.transfer.connection IS 'The connection of what was sent, of an open one that arrived its own.';
COMMENT ON COLUMN derived.transfer.day IS 'The day of what was sent, of an open one that arrived its own.';
COMMENT ON COLUMN derived.transfer.out_amount IS 'What was sent, with the fee; without a sign.';
CREATE INDEX transfer_day ON derived.transfer (tenant_id, connection, day);

CREATE TABLE derived.transfer_rate (
    tenant_id int  NOT NULL,
    asset     text NOT NULL,
    day       date NOT NULL,
    value     numeric,
    PRIMARY KEY (tenant_id, asset, day)
);
COMMENT ON TABLE derived.transfer_rate IS 'What one unit was worth in base currency where transfers of two assets were looked for, NULL where nobody knew: a new rate makes them due.';
CREATE INDEX transfer_rate_day ON derived.transfer_rate (tenant_id, day);

CALL ops.guard('derived.transfer', 'derived.transfer_rate');
