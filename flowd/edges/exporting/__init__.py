"""Takes all data out of flowd: tables for spreadsheets and programs, and a ledger for beancount."""
