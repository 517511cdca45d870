-- The accounts that do not count, because somebody says that they are another one seen twice, or not theirs.

CREATE TABLE derived.account_left_out (
    tenant_id       int  NOT NULL,
    connection      text NOT NULL,
    account         text NOT NULL,
    same_connection text,
    same_account    text,
    PRIMARY KEY (tenant_id, connection, account),
    CHECK ((same_connection IS NULL) = (same_account IS NULL))
);
COMMENT ON TABLE derived.account_left_out IS 'Accounts that do not count, by somebody''s word.';
COMMENT ON COLUMN derived.account_left_out.same_connection IS 'The connection of the account it is the same as, and that counts; NULL where it is left out for another reason.';
COMMENT ON COLUMN derived.account_left_out.same_account IS 'The id of that account.';

CALL ops.guard('derived.account_left_out');
