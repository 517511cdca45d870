"""The formats MT940 and MT942: statements as SWIFT messages, in the dialects banks write them."""
