"""OFX and QFX: statements of banks, cards and brokers, as SGML (version 1) and as XML (version 2)."""
