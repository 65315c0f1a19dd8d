"""The program's own keys: Ed25519 for checkpoints, and a certified RSA key that seals documents.

They stand in the folder KEYS_FOLDER. Where everything is local they are made on first use; elsewhere an operator
makes them once (`python -m ledger.keys FOLDER`) and keeps them out of the database.
"""

import fcntl
import hashlib
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

CHECKPOINT, DOCUMENT, CERTIFICATE = "checkpoint.pem", "document.pem", "document.crt"

#: The ending of the files with public keys of checkpoints, the present one's and those before it.
_PUBLIC = ".pub"

#: The ending of the certificates' files.
_CERTIFICATES = ".crt"

#: How long the certificate of the documents' key is good.
_YEARS = timedelta(days=3650)

_PEM = serialization.Encoding.PEM
_PKCS8 = serialization.PrivateFormat.PKCS8
_PLAIN = serialization.NoEncryption()


class NoKeys(RuntimeError):
    """A key of the program is missing or cannot be read, or others may read or replace it."""


def folder() -> Path:
    """The folder of the keys; they are made first where everything is local. Raises NoKeys."""
    from django.conf import settings

    path: Path = settings.KEYS_FOLDER
    try:
        if not all((path / name).is_file() for name in (CERTIFICATE, DOCUMENT, CHECKPOINT)):
            if not settings.KEYS_ARE_LOCAL:
                raise NoKeys("`python -m ledger.keys FOLDER` makes one")
            make(path)
        if not settings.KEYS_ARE_LOCAL:
            _check_modes(path)
    except OSError as wrong:
        raise NoKeys(f"this user may not read it ({wrong.strerror})") from None
    return path


def _check_modes(path: Path) -> None:
    readable = [name for name in (DOCUMENT, CHECKPOINT) if (path / name).stat().st_mode & 0o077]
    if readable:
        raise NoKeys(f"others may read {' and '.join(readable)}; `chmod 600` ends that")
    if path.stat().st_mode & 0o022:
        raise NoKeys("others may replace what is in it; `chmod 700` ends that")
    for name in (DOCUMENT, CHECKPOINT):
        if not os.access(path / name, os.R_OK):
            raise NoKeys(f"this user may not read {name}")


def make(into: Path) -> None:
    """Make what is missing; what is there stays as it is. Safe when several processes do it at once.

    Raises NoKeys where only one half of the documents' pair is there: a certificate is never written over.
    """
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (into / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (into / CHECKPOINT).exists():
            key = Ed25519PrivateKey.generate()
            _write(into / CHECKPOINT, key.private_bytes(_PEM, _PKCS8, _PLAIN))
            _write(into / f"{name_of(public_bytes(key))[:16]}{_PUBLIC}", public_bytes(key).hex().encode())
        halves = [(into / name).exists() for name in (DOCUMENT, CERTIFICATE)]
        if any(halves) and not all(halves):
            raise NoKeys(f"one of {DOCUMENT} and {CERTIFICATE} is missing: bring it back, or move the other one away")
        if not any(halves):
            sealing = rsa.generate_private_key(public_exponent=65537, key_size=3072)
            _write(into / DOCUMENT, sealing.private_bytes(_PEM, _PKCS8, _PLAIN))
            _write(into / CERTIFICATE, _certificate(sealing).public_bytes(_PEM))


def _write(path: Path, data: bytes) -> None:
    """Write a file atomically, readable by its owner only."""
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    part.rename(path)


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clearfill documents")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    result = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    result = result.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    result = result.not_valid_after(now + _YEARS).add_extension(usage, critical=True)
    return result.sign(key, hashes.SHA256())


def checkpoint_key() -> Ed25519PrivateKey:
    """The key that signs checkpoints."""
    key = serialization.load_pem_private_key((folder() / CHECKPOINT).read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def known() -> dict[str, bytes]:
    """Every public key that ever signed checkpoints, by its name: a key that was replaced stays among them."""
    raw = [bytes.fromhex(path.read_text().strip()) for path in sorted(folder().glob(f"*{_PUBLIC}"))]
    return {name_of(public): public for public in raw}


def certificates() -> frozenset[str]:
    """The names of the certificates that sealed documents: of the present one, and of those that stayed beside it.

    A name is SHA-256 of the certificate's DER, in hex: what is called its fingerprint.
    """
    every = [x509.load_pem_x509_certificate(path.read_bytes()) for path in folder().glob(f"*{_CERTIFICATES}")]
    return frozenset(one.fingerprint(hashes.SHA256()).hex() for one in every)


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The public key as its 32 raw bytes."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def name_of(public: bytes) -> str:
    """The name of a public key: SHA-256 of its raw bytes, in hex."""
    return hashlib.sha256(public).hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say in which folder: python -m ledger.keys FOLDER")
    try:
        make(Path(sys.argv[1]))
    except NoKeys as missing:
        sys.exit(f"No keys made: {missing}.")
    sys.stdout.write(f"The keys are in {sys.argv[1]}. Keep a copy of them away from the database.\n")


def verifies(public: bytes, signature: str, signed: bytes) -> bool:
    """Whether the signature, in hex, is that key's over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True
