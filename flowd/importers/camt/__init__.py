"""The formats camt.052, camt.053 and camt.054: bank statements in ISO 20022's XML."""
