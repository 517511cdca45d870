-- A run that could read some of what it reads, and a feed that is read so: what is missing keeps its last value and age.

ALTER TABLE ops.run DROP CONSTRAINT run_outcome_check;
ALTER TABLE ops.run ADD CONSTRAINT run_outcome_check CHECK (
    outcome IN ('running', 'done', 'partial', 'retry', 'auth', 'config', 'over_time', 'failed', 'interrupted'));

ALTER TABLE ops.connection_state DROP CONSTRAINT connection_state_state_check;
ALTER TABLE ops.connection_state ADD CONSTRAINT connection_state_state_check CHECK (
    state IN ('new', 'healthy', 'partial', 'failing', 'needs_reauth', 'misconfigured'));
