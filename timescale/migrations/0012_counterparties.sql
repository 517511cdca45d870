-- Who paid and who was paid: kept by month, so that five years of them are shown without adding up every transaction.

CREATE TABLE derived.counterparty_month (
    tenant_id     int     NOT NULL,
    month         date    NOT NULL,
    direction     text    NOT NULL CHECK (direction IN ('in', 'out')),
    name          text    NOT NULL,
    flow_class    text    NOT NULL,
    stream        text,
    own           boolean NOT NULL,
    asset         text    NOT NULL,
    amount        numeric NOT NULL,
    amount_base   numeric,
    base_currency text    NOT NULL,
    count         bigint  NOT NULL,
    first_day     date    NOT NULL,
    last_day      date    NOT NULL
);
COMMENT ON TABLE derived.counterparty_month IS 'What each payer paid and each payee was paid in a month: the sums of derived.flow, in base currency at the rate of each day.';
COMMENT ON COLUMN derived.counterparty_month.own IS 'Whether both sides are known: it is a transfer between own accounts.';
-- Names are as long as sources make them, so no index holds them: a month is read, and written, as a whole.
CREATE INDEX counterparty_month_month ON derived.counterparty_month (tenant_id, month);

ALTER TABLE derived.counterparty_month ENABLE ROW LEVEL SECURITY;
ALTER TABLE derived.counterparty_month FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON derived.counterparty_month USING (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))
    WITH CHECK (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON derived.counterparty_month TO flowd_app;
