"""A bundle in the hands of somebody who makes it fit again, with a key of his own."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.export import verify as outside
from ledger import canonical, keys, merkle

from .tampering import run

Json = Any
FIRST_CHECKPOINT = datetime(2026, 12, 18, tzinfo=UTC)
TAMPERING_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


class TamperedBundle:
    """A bundle in its folder, as an attacker changes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = self["records"]
        self.log = next(log for log in self.logs if log["subject_kind"] == "patient")
        self.records = self.log["records"]

    def __getitem__(self, name: str) -> Json:
        return json.loads((self.folder / f"{name}.json").read_text())

    def __setitem__(self, name: str, value: Json) -> None:
        (self.folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False))

    def hashed(self, *, chain: bool = True) -> None:
        """Hashes that fit what the patient's records say."""
        previous = ""
        for record in self.records:
            record["previous_hash"] = previous if chain else record["previous_hash"]
            record["hash"] = previous = outside.hash_of(record)

    def signed(
        self,
        checkpoints: int = 1,
        heads: Callable[[int, int], int] = lambda _number, last: last,
        *,
        every: timedelta = timedelta(days=1),
    ) -> None:
        """Checkpoints after the last record, over the logs as they are, and proofs at each."""
        made: list[Json] = []
        proofs: list[Json] = []
        name = keys.name_of(keys.public_bytes(TAMPERING_KEY))
        for number in range(1, checkpoints + 1):
            ends = [
                (log["subject"], last["number"], last["hash"])
                for log in sorted(self.logs, key=lambda log: str(log["subject"]))
                for last in [log["records"][heads(number, len(log["records"])) - 1]]
            ]
            leaves = [outside.leaf_hash(*end) for end in ends]
            tree = merkle.levels(leaves)
            payload = {
                "at": canonical.instant(FIRST_CHECKPOINT + (number - 1) * every), "key": name,
                "leaves": len(leaves), "number": number,
                "previous": made[-1]["hash"] if made else "", "root": merkle.root(leaves).hex(),
            }  # fmt: skip
            made.append(resigned(payload))
            proofs += [
                {"subject": s, "checkpoint": number, "number": n, "hash": h, "steps": merkle.proof(tree, place)}
                for place, (s, n, h) in enumerate(ends)
            ]
        self["records"], self["checkpoints"], self["proofs"] = self.logs, made, proofs
        self["keys"] = [{"name": name, "public": keys.public_bytes(TAMPERING_KEY).hex()}]


def resigned(checkpoint: Json) -> Json:
    """A checkpoint with the attacker's signature."""
    payload = {name: checkpoint[name] for name in outside.CHECKPOINT_SIGNED}
    signed = outside.canonical(payload)
    return payload | {"hash": outside.sha256(signed), "signature": TAMPERING_KEY.sign(signed).hex()}


def wrong(tampered: TamperedBundle, *arguments: str) -> list[str]:
    """What follows WRONG, without which log or file it is."""
    done = run(tampered.folder, *arguments)
    assert not done.stderr
    problems = [line.removeprefix("WRONG  ") for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert bool(problems) == bool(done.returncode)
    assert (done.stdout.splitlines()[-1] == "It is NOT as it was written.") == bool(problems)
    return [line.rpartition(": ")[2] for line in problems]
