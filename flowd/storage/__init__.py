"""Everything that touches PostgreSQL and the spool file: the one layer that knows SQL."""
