"""flowd's conformance suite, on a made-up bank."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from flowd.testing import ConnectorSuite
from flowd_enablebanking import CONNECTOR


def private_key() -> str:
    """A key made for these tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class TestEnableBanking(ConnectorSuite):
    """Everything a connector must do."""

    connector = CONNECTOR
    config = {"since": "2026-01-01", "reads_per_day": 96, "private_key": private_key()}
    tokens = {
        "session_id": "made-up-session",
        "valid_until": "2026-08-20T09:00:00.000000+00:00",
        "accounts": [
            {"id": "h.one", "uid": "u-1", "name": "Käyttötili ••0785", "kind": "CACC", "currency": "EUR"},
            {"id": "h.one", "uid": "u-2", "name": "Käyttötili ••0785", "kind": "CACC", "currency": "SEK"},
            {"id": "h.card", "uid": "u-3", "name": "Visa ••4242", "kind": "CARD", "currency": "EUR"},
            {"id": "h.shut", "uid": "", "name": "Old account", "kind": "CACC", "currency": "EUR"},
        ],
    }
    most_runs = 6
