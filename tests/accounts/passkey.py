"""A passkey in software: what an authenticator answers, right or, where a test asks for it, wrong."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class Passkey:
    """One credential for one site."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(16)

    def _about(self, flags: int, rp: str, rest: bytes = b"") -> bytes:
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + bytes(4) + rest

    def registration(self) -> dict[str, Any]:
        """What is kept when it is added to an account."""
        known = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        public = cbor.encode(dict(known))
        own = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + public
        about = self._about(PRESENT | VERIFIED | ATTESTED, self.site, own)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": about})
        client = {"type": "webauthn.create", "challenge": "", "origin": f"https://{self.site}", "crossOrigin": False}
        response = {
            "clientDataJSON": websafe_encode(json.dumps(client).encode()),
            "attestationObject": websafe_encode(attestation),
        }
        name = websafe_encode(self.credential)
        credential = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return {"name": "Test", "credential": credential | {"clientExtensionResults": {"credProps": {"rk": True}}}}

    def private(self) -> bytes:
        """Its key, as an authenticator of the browser takes it."""
        return self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def challenge(self, options: dict[str, Any]) -> bytes:
        """What is to be signed."""
        return websafe_decode(options["publicKey"]["challenge"])

    def answer(
        self, challenge: bytes, *, verified: bool = True, present: bool = True, origin: str = "", rp: str = "",
        spoil: bool = False, credential: bytes = b"",
    ) -> dict[str, Any]:  # fmt: skip
        """Its signature on a challenge."""
        client = json.dumps(
            {
                "type": "webauthn.get",
                "challenge": websafe_encode(challenge),
                "origin": origin or f"https://{self.site}",
                "crossOrigin": False,
            }
        ).encode()
        about = self._about(PRESENT * present | VERIFIED * verified, rp or self.site)
        signed = about + hashlib.sha256(client).digest() + (b"x" if spoil else b"")
        name = websafe_encode(credential or self.credential)
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(about),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}
