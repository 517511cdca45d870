"""The connector `ecb`: exchange rates of the European Central Bank, back to 1999 without a network."""
