-- The first part of a split transaction has the transaction's own key; the others are found by what they are part of.
CREATE OR REPLACE VIEW report.transaction WITH (security_barrier = true) AS
SELECT
    x.day,
    x.booked_at,
    x.connection,
    x.account,
    coalesce(f.amount, x.amount) AS amount,
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
    -- one that counts all the same: what it is the same as is in an account that is left out
    CASE WHEN f.subject IS NULL THEN d.other END AS duplicate_of,
    own.account IS NOT NULL AS left_out
FROM derived.transaction x
JOIN ops.tenant t ON t.id = x.tenant_id
LEFT JOIN derived.flow f ON f.tenant_id = x.tenant_id AND f.subject = x.subject
LEFT JOIN (
    SELECT DISTINCT ON (d.tenant_id, d.about) d.tenant_id, d.about, d.other FROM derived.decision d
    WHERE d.kind = 'duplicate' AND d.other IS NOT NULL AND d.other <> d.about
    ORDER BY d.tenant_id, d.about, d.subject
) d ON d.tenant_id = x.tenant_id AND d.about = x.subject
LEFT JOIN derived.account_left_out own
    ON own.tenant_id = x.tenant_id AND own.connection = x.connection AND own.account = x.account
WHERE x.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
    -- A file that says what is pending never says that it is over: the bank books it under another name, or never does.
    -- Who reads an account live takes back what was pending.
    AND (NOT x.pending
        OR EXISTS (
            SELECT FROM raw.series r
            JOIN derived.snapshot_daily s ON s.tenant_id = r.tenant_id AND s.series_id = r.id AND s.count > 0
            WHERE r.tenant_id = x.tenant_id AND r.connection = x.connection AND r.account = x.account)
        OR NOT EXISTS (
            SELECT FROM derived.transaction b
            WHERE b.tenant_id = x.tenant_id AND b.connection = x.connection AND b.account = x.account AND NOT b.pending
                AND b.day >= x.day - 1
                AND (b.day > x.day + 5 OR (b.asset = x.asset AND b.amount = x.amount))))
UNION ALL
SELECT
    x.day,
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
    t.name,
    f.category,
    f.note,
    f.part_of,
    NULL,
    -- parts are made only of what counts
    false
FROM derived.flow f
JOIN ops.tenant t ON t.id = f.tenant_id
JOIN derived.transaction x ON x.tenant_id = f.tenant_id AND x.subject = f.part_of
WHERE f.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND f.part_of IS NOT NULL AND f.subject <> f.part_of;

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
GRANT SELECT ON report.transaction TO flowd_app, flowd_report, flowd_admin;
