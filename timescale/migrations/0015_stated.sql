-- What sources state of a transaction beside its texts: whose account is on the other side, and where it was filed.

ALTER TABLE derived.transaction
    ADD COLUMN other_accounts text NOT NULL DEFAULT '',
    ADD COLUMN category       text;
COMMENT ON COLUMN derived.transaction.other_accounts IS 'The numbers of the other side''s accounts, in small letters and digits, with spaces between; empty where the source states none.';
COMMENT ON COLUMN derived.transaction.category IS 'Where the source, or the program it came from, filed it.';
