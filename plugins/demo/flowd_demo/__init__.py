"""The connector `demo`: made-up income of a made-up exchange and payout platform, always the same."""
