"""QIF: what Quicken, MS Money and many banks write, in the dialects of each."""
