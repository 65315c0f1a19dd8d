"""The tree, the proofs, and Ed25519 as the bundle's own verifier has it."""

import errno
import hashlib
import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import mail
from django.core.management import call_command
from django.db import connections

import outbox
from compliance.export import verify
from ledger import checkpoints, keys, log, merkle
from ledger.actor import SYSTEM
from ledger.log import NewRecord
from ledger.merkle import LogHead
from ledger.models import Checkpoint, CheckpointLeaf
from tests import factories, somebodys_keys

AT = datetime(2026, 12, 1, 14, tzinfo=UTC)

#: RFC 8032, section 7.1: secret key, public key, message, signature.
VECTORS = {
    "no bytes": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "24655141438e7a100b",
    ),
    "one byte": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
        "eeb00d291612bb0c00",
    ),
    "two bytes": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
        "8dc027beceea1ec40a",
    ),
    "1,023 bytes": (
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
        "08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f54e9f77b1e355"
        "f6c50544e23fb1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d658675fc"
        "6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc1a858efcb8550ee3a5e1998bd177e93a7363c344fe6b"
        "199ee5d02e82d522c4feba15452f80288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e06203b33890cc9b8"
        "32f79ef80560ccb9a39ce767967ed628c6ad573cb116dbefefd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d"
        "206be6cd9ec7aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed185ce81bd84359d44254d9562"
        "9e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40"
        "cc24554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f27088d78b7e883c8759d2c4f5c65adb7553"
        "878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2cf65bd92dd597b0707e0"
        "917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128bab27af87a71314f318c782b23ebfe808b82b0ce26"
        "401d2e22f04d83d1255dc51addd3b75a2b1ae0784504df543af8969be3ea7082ff7fc9888c144da2af58429ec96031dbcad3"
        "dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb751fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301"
        "651339e22904cc8c42f58c30c04aafdb038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f"
        "92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34dff7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401ade"
        "bf5a7e08d78ff4ef5d63653a65040cf9bfd4aca7984a74d37145986780fc0b16ac451649de6188a7dbdf191f64b5fc5e2ab4"
        "7b57f7f7276cd419c17a3ca8e1b939ae49e488acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a3"
        "2ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e6aed3fb0f9cd71a43dd497f01f17c0e2cb37"
        "97aa2a2f256656168e6c496afc5fb93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b50d334ba7"
        "7c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa933a15ef1369546868a7f3a45a96768d40fd9d03412c091c6315c"
        "f4fde7cb68606937380db2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c0618983f8741c5ef"
        "68d3a101e8a3b8cac60c905c15fc910840b94c00a0b9d0",
        "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350aa5371b1508f9f4528ecea23c436d94b5e8f"
        "cd4f681e30a6ac00a9704a188a03",
    ),
    "SHA of abc": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce8"
        "0e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac1"
        "7ad9bef1177331a704",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_ed25519_holds_against_the_vectors_of_rfc_8032(name: str) -> None:
    secret, public, message, signature = (bytes.fromhex(part) for part in VECTORS[name])
    key = Ed25519PrivateKey.from_private_bytes(secret)
    assert (keys.public_bytes(key), key.sign(message)) == (public, signature)
    assert verify.ed25519_verify(public, message, signature)
    assert not verify.ed25519_verify(public, message + b"x", signature)
    for place in (0, 31, 32, 63):
        broken = bytearray(signature)
        broken[place] ^= 1
        assert not verify.ed25519_verify(public, message, bytes(broken)), place
    other = bytearray(public)
    other[5] ^= 1
    assert not verify.ed25519_verify(bytes(other), message, signature)


@pytest.mark.parametrize("key", [(1).to_bytes(32, "little"), bytes(32), (verify.P - 1).to_bytes(32, "little")])
def test_a_key_of_small_order_signs_nothing(key: bytes) -> None:
    """By such a key a signature that is made without any secret would be good for whatever is written."""
    neutral = (1).to_bytes(32, "little")
    assert not verify.ed25519_verify(key, b"whatever", neutral + bytes(32))


def test_a_signature_with_a_greater_number_for_the_same_is_none() -> None:
    """`s` and `s` plus the group's order are the same multiple: RFC 8032 refuses the second."""
    _secret, public, message, signature = (bytes.fromhex(part) for part in VECTORS["one byte"])
    greater = int.from_bytes(signature[32:], "little") + verify.ORDER
    assert not verify.ed25519_verify(public, message, signature[:32] + greater.to_bytes(32, "little"))


def _heads(count: int) -> list[LogHead]:
    return [LogHead(UUID(int=place), place + 1, f"{place:064x}") for place in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 13, 64, 100])
def test_each_leaf_leads_to_the_root_and_no_other_does(count: int) -> None:
    heads = _heads(count)
    tree = merkle.levels([merkle.leaf(head) for head in heads])
    for place, head in enumerate(heads):
        steps = merkle.proof(tree, place)
        assert merkle.leads_to(merkle.leaf(head), steps) == merkle.root(tree[0])
        start = verify.leaf_hash(str(head.subject), head.number, head.hash)
        assert verify.climb(start, steps) == merkle.root(tree[0])
        changed = head._replace(number=head.number + 1)
        assert merkle.leads_to(merkle.leaf(changed), steps) != merkle.root(tree[0])


def _append(subject: UUID, at: datetime = AT) -> None:
    head = log.head_of(log.read(subject))
    log.append("patient", subject, [NewRecord("counselled", {})], head=head, by=SYSTEM, at=at, request_id=uuid4())


def test_a_tree_that_grows_has_the_same_root() -> None:
    leaves = [hashlib.sha256(str(place).encode()).digest() for place in range(140)]
    growing = merkle.GrowingTree()
    for count in range(len(leaves)):
        assert (growing.leaves, growing.root()) == (count, merkle.root(leaves[:count]))
        growing.add(leaves[count])


@pytest.mark.django_db
def test_a_checkpoint_knows_every_log_and_keeps_what_changed() -> None:
    one, other = uuid4(), uuid4()
    _append(one)
    first = checkpoints.make(at=AT)
    _append(other)
    _append(one, AT + timedelta(minutes=1))
    second = checkpoints.make(at=AT + timedelta(hours=1))
    third = checkpoints.make(at=AT + timedelta(hours=2))
    assert [c.leaves for c in (first, second, third)] == [1, 2, 2]
    assert [CheckpointLeaf.objects.filter(checkpoint=c).count() for c in (first, second, third)] == [1, 2, 0]
    assert third.root == second.root != first.root
    assert (second.previous, third.previous) == (first.hash, second.hash)
    assert {(h.subject, h.number) for h in checkpoints.heads(1)} == {(one, 1)}
    assert {(h.subject, h.number) for h in checkpoints.heads(3)} == {(one, 2), (other, 1)}
    assert checkpoints.problems([first, second, third], keys.known()) == []


@pytest.mark.django_db
def test_a_new_key_goes_on_where_the_old_one_stopped(tmp_path: Path, settings: object) -> None:
    settings.KEYS_FOLDER = somebodys_keys.copied(tmp_path)  # type: ignore[attr-defined]
    _append(uuid4())
    first = checkpoints.make(at=AT)
    certificate = (tmp_path / keys.CERTIFICATE).read_bytes()
    (tmp_path / keys.CHECKPOINT).unlink()
    keys.make(tmp_path)
    second = checkpoints.make(at=AT + timedelta(hours=1))
    assert second.key != first.key
    assert set(keys.known()) == {first.key, second.key}
    assert checkpoints.problems([first, second], keys.known()) == []
    assert checkpoints.problems([first, second], {second.key: keys.known()[second.key]}) != []
    assert (tmp_path / keys.CERTIFICATE).read_bytes() == certificate, "what is there stays as it is"


@pytest.mark.django_db
def test_without_its_keys_nothing_is_signed_by_others_made_meanwhile(tmp_path: Path, settings: object) -> None:
    settings.KEYS_FOLDER = tmp_path / "lost"  # type: ignore[attr-defined]
    settings.KEYS_ARE_LOCAL = False  # type: ignore[attr-defined]
    with pytest.raises(keys.NoKeys):
        checkpoints.make(at=AT)
    assert not (tmp_path / "lost").exists()
    assert not Checkpoint.objects.exists()


@pytest.mark.parametrize("refused", ["the folder", "a key"])
def test_keys_that_this_user_may_not_read_are_said_to_be_so(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """Whoever runs the tests may be let read everything: the answers are those to a user who is not."""
    settings.KEYS_FOLDER = somebodys_keys.copied(tmp_path / "keys")  # type: ignore[attr-defined]
    settings.KEYS_ARE_LOCAL = False  # type: ignore[attr-defined]

    def refuse(*_: object) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    if refused == "the folder":
        monkeypatch.setattr(Path, "is_file", refuse)
    else:
        monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(keys.NoKeys, match="this user may not read"):
        keys.folder()


@pytest.mark.parametrize("lost", [keys.DOCUMENT, keys.CERTIFICATE])
def test_half_a_pair_is_not_written_over(tmp_path: Path, lost: str) -> None:
    somebodys_keys.copied(tmp_path)
    (tmp_path / lost).unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(keys.NoKeys):
        keys.make(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.django_db
def test_it_is_handed_outside_once_and_made_good_after_a_crash(tmp_path: Path, settings: object) -> None:
    settings.CHECKPOINT_FOLDER = tmp_path  # type: ignore[attr-defined]
    officer = factories.officer()
    _append(uuid4())
    checkpoints.make(at=AT)  # a crash: nothing was written and nothing laid
    call_command("checkpoint")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-00000001.json", "checkpoint-00000002.json"]
    kept = json.loads((tmp_path / "checkpoint-00000002.json").read_text())
    assert kept == checkpoints.public_form(Checkpoint.objects.get(number=2))
    outbox.deliver(at=datetime.now(UTC))
    (letter,) = mail.outbox
    assert letter.to == [officer.email]
    assert kept["root"] in letter.body
    assert kept["signature"] in letter.body


def test_many_at_once_make_one_chain(committed: str) -> None:
    _append(uuid4())

    def run() -> None:
        try:
            checkpoints.make(at=AT)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = list(Checkpoint.objects.order_by("number"))
    assert len(every) == 6
    assert checkpoints.problems(every, keys.known()) == []
