CREATE OR REPLACE VIEW report.transfer WITH (security_barrier = true) AS
SELECT
    d.transfer,
    d.day,
    d.state,
    d.kind,
    d.score,
    d.next_best,
    d.why,
    d.out_connection,
    d.out_account,
    coalesce(a.name, d.out_account)                                    AS out_name,
    d.out_day,
    d.out_amount,
    d.out_asset,
    nullif(concat_ws(' · ', nullif(o.counterparty, ''), nullif(o.description, '')), '') AS out_text,
    d.in_connection,
    d.in_account,
    coalesce(b.name, d.in_account)                                     AS in_name,
    d.in_day,
    d.in_amount,
    d.in_asset,
    nullif(concat_ws(' · ', nullif(i.counterparty, ''), nullif(i.description, '')), '') AS in_text,
    d.days,
    d.fee,
    d.fee_asset,
    d.rate,
    d.market,
    d.out_subject,
    d.in_subject,
    t.name                                                             AS tenant
FROM derived.transfer d
JOIN ops.tenant t ON t.id = d.tenant_id
LEFT JOIN derived.known_account a
    ON a.tenant_id = d.tenant_id AND a.connection = d.out_connection AND a.account = d.out_account
LEFT JOIN derived.known_account b
    ON b.tenant_id = d.tenant_id AND b.connection = d.in_connection AND b.account = d.in_account
LEFT JOIN derived.transaction o ON o.tenant_id = d.tenant_id AND o.subject = d.out_subject
LEFT JOIN derived.transaction i ON i.tenant_id = d.tenant_id AND i.subject = d.in_subject
WHERE d.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

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
GRANT SELECT ON report.transfer TO flowd_app, flowd_report, flowd_admin;
