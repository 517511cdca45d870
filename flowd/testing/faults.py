"""What can go wrong between a connector and its source, and the error flowd expects of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from flowd.api import AuthError, RetryLater
from flowd.errors import FlowdError
from flowd.testing.replay import Reply

#: How long the source asks to wait when there were too many requests.
WAIT: Final = timedelta(seconds=77)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: what becomes of an answer, the error that has to follow, and how long the run may take."""

    name: str
    change: Callable[[Reply], Reply]
    error: type[FlowdError]
    seconds: float = 30.0


FAULTS: Final = (
    Fault(name="401", change=lambda _: Reply(status=401, body={"error": "no"}), error=AuthError),
    Fault(name="403", change=lambda _: Reply(status=403, body={"error": "no"}), error=AuthError),
    Fault(
        name="429",
        change=lambda _: Reply(status=429, headers={"retry-after": "77"}, body={"error": "slow down"}),
        error=RetryLater,
    ),
    Fault(name="500", change=lambda _: Reply(status=500, body={"error": "oops"}), error=RetryLater),
    Fault(name="503", change=lambda _: Reply(status=503, body="down for maintenance"), error=RetryLater),
    Fault(name="timeout", change=lambda reply: replace(reply, after=1.2), error=RetryLater, seconds=0.7),
    Fault(name="broken", change=lambda reply: replace(reply, drop=True), error=RetryLater),
    Fault(name="truncated", change=lambda reply: replace(reply, cut=max(0, len(reply.content) // 2)), error=RetryLater),
    Fault(
        name="html",
        change=lambda reply: replace(reply, body="<html>Please log in</html>", headers={"content-type": "text/html"}),
        error=RetryLater,
    ),
    Fault(
        name="half",
        change=lambda reply: replace(reply, body=reply.content[: len(reply.content) // 2]),
        error=RetryLater,
    ),
)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate nobody trusts, and its key, into `folder`: for a source whose TLS fails."""
    from datetime import UTC, datetime
    from ipaddress import IPv4Address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
