"""The program's own seal on a signed PDF: PAdES, with the key that stands outside the database."""

import asyncio
import io
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.utils.translation import gettext as _
from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ledger import keys

# It names the signed PDF's content at its lowest level.
logging.getLogger("pyhanko").setLevel(logging.ERROR)

_DIGEST = "sha256"


class _Signer(signers.SimpleSigner):
    """Its key is read and checked once: pyHanko would do so for each signature."""

    @cached_property
    def _key(self) -> RSAPrivateKey:
        key = load_der_private_key(self.signing_key.dump(), password=None)
        assert isinstance(key, RSAPrivateKey)
        return key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        assert digest_algorithm == _DIGEST
        return self._key.sign(data, PKCS1v15(), SHA256())


@lru_cache(maxsize=2)
def _signer(folder: Path) -> signers.SimpleSigner:
    """Read once a process: reading the key takes longer than signing."""
    return _Signer(
        signing_cert=load_cert_from_pemder(str(folder / keys.CERTIFICATE)),  # type: ignore[no-untyped-call]
        signing_key=load_private_key_from_pemder(str(folder / keys.DOCUMENT), passphrase=None),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )


@lru_cache(maxsize=2)
def _reserved_size(folder: Path) -> int:
    """How many hex digits the signature of this key takes, by a dry run.

    So many are kept free for it, and none more: what is left over is signed by nobody, and could be changed.
    """
    trial = _signer(folder).async_sign(bytes(32), _DIGEST, use_pades=True, dry_run=True)
    return 2 * len(asyncio.run(trial).dump())


def seal_pdf(pdf: bytes) -> bytes:
    """The signed PDF, certified by the program over all of it and against any change; why, in the language that is set.

    Raises NoKeys.
    """
    folder, reason = keys.folder(), _("Sealed by Clearfill when the signature was recorded")
    # In a thread of its own: pyHanko begins an event loop, and there may be one here already.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(_sealed, pdf, folder, reason).result()


def _sealed(pdf: bytes, folder: Path, reason: str) -> bytes:
    about = signers.PdfSignatureMetadata(
        field_name="Clearfill", md_algorithm=_DIGEST, subfilter=fields.SigSeedSubFilter.PADES, reason=reason,
        # No reader may take a later change for one that was permitted.
        certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )  # fmt: skip
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    sealed = signers.sign_pdf(writer, about, signer=_signer(folder), bytes_reserved=_reserved_size(folder))
    data: bytes = sealed.getvalue()
    return data
