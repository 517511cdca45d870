-- What is decided of an account or a balance says itself where it belongs; all else is where its transaction is.
CREATE OR REPLACE VIEW report.decision WITH (security_barrier = true) AS
SELECT
    d.subject                                       AS decision,
    d.kind,
    coalesce(x.day, (d.decided_at AT TIME ZONE 'UTC')::date) AS day,
    coalesce(x.connection, d.data ->> 'connection') AS connection,
    coalesce(x.account, d.data ->> 'account')       AS account,
    x.amount                                        AS amount,
    coalesce(x.asset, d.data ->> 'asset')           AS asset,
    x.subject                                       AS about,
    d.other,
    d.data                                          AS said,
    coalesce(m.problem, '')                         AS problem,
    e.added_at,
    d.version,
    t.name                                          AS tenant
FROM derived.decision d
JOIN ops.tenant t ON t.id = d.tenant_id
JOIN raw.event e ON e.tenant_id = d.tenant_id AND e.subject = d.subject AND e.version = d.version
LEFT JOIN derived.transaction x
    ON x.tenant_id = d.tenant_id AND x.subject = CASE WHEN d.kind = 'transaction' THEN d.subject ELSE d.about END
LEFT JOIN derived.decided m ON m.tenant_id = d.tenant_id AND m.subject = d.subject
WHERE d.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]);

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
GRANT SELECT ON report.decision TO flowd_app, flowd_report, flowd_admin;
