"""Verifies an export of the log by itself: the tree, every checkpoint's signature, and the proof for one record.

Shares nothing with bex but the published formats: RFC 6962 trees, signed notes with Ed25519, tlog-proof. Standard library
only; the signature check follows RFC 8032 and is slow, which is of no matter for a few checkpoints.

    python3 tests/log_check.py FOLDER
"""

import base64
import hashlib
import json
import pathlib
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point")
    return P - x if x & 1 != sign else x


def point(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = x_of(y, sign)
    return (x, y, 1, x * y % P)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, a):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, a)
        a, n = add(a, a), n >> 1
    return total


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (x_of(BASE_Y, 0), BASE_Y, 1, x_of(BASE_Y, 0) * BASE_Y % P)


def signed(public, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    return same(times(s, BASE), add(point(r), times(k, point(public))))


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaves):
    """As the standard defines it; the tree is split at the largest power of two below its size."""
    if not leaves:
        return sha()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\x01", root(leaves[:k]), root(leaves[k:]))


def included(index, size, leaf, path):
    """The root that a proof leads to."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    k = 1 << ((size - 1).bit_length() - 1)
    *below, beside = path
    if index < k:
        left = included(index, k, leaf, below)
        return left and sha(b"\x01", left, beside)
    right = included(index - k, size - k, leaf, below)
    return right and sha(b"\x01", beside, right)


class Key:
    def __init__(self, text):
        self.name, digest, key = text.strip().split("+", 2)
        data = base64.b64decode(key)
        self.public, self.id = data[1:], bytes.fromhex(digest)
        if data[0] != 1 or sha(self.name.encode(), b"\n", data)[:4] != self.id:
            raise SystemExit("the public key is not what it says")

    def checkpoint(self, note):
        """Size and root of a note that this key has signed."""
        text, signatures = note.split("\n\n", 1)
        text += "\n"
        origin, size, digest = text.split("\n")[:3]
        if origin != self.name:
            raise SystemExit("a checkpoint of another log")
        for line in signatures.strip().split("\n"):
            _, name, blob = line.split(" ")
            data = base64.b64decode(blob)
            if name == self.name and data[:4] == self.id and signed(self.public, text.encode(), data[4:]):
                return int(size), base64.b64decode(digest)
        raise SystemExit("a checkpoint that is not signed by the log's key")


def notes(text):
    """The notes of a file one behind another, an empty line between them."""
    parts = text.split("\n\n")
    return [f"{head}\n\n{tail.rstrip()}\n" for head, tail in zip(parts[::2], parts[1::2])]


def whole(folder, key):
    lines = (folder / "leaves.jsonl").read_bytes().split(b"\n")[:-1]
    for n, line in enumerate(lines, 1):
        if json.loads(line)["seq"] != n:
            raise SystemExit(f"record {n} has another number")
    hashes = [sha(b"\x00", line) for line in lines]
    found = notes((folder / "checkpoints").read_text())
    for note in found:
        size, digest = key.checkpoint(note)
        if size > len(hashes) or root(hashes[:size]) != digest:
            raise SystemExit(f"the first {size} records do not lead to the checkpoint's root")
    print(f"{len(lines)} records, {len(found)} checkpoints: good")


def one(folder, key):
    proof = (folder / "leaf.tlog-proof").read_text()
    head, note = proof.split("\n\n", 1)
    form, index, *path = head.split("\n")
    if form != "c2sp.org/tlog-proof@v1" or not index.startswith("index "):
        raise SystemExit("not a proof")
    size, digest = key.checkpoint(note)
    leaf = sha(b"\x00", (folder / "leaf.json").read_bytes())
    if included(int(index[6:]), size, leaf, [base64.b64decode(node) for node in path]) != digest:
        raise SystemExit("the record is not in the log")
    print(f"record {int(index[6:]) + 1} of {size}: in the log")


if __name__ == "__main__":
    where = pathlib.Path(sys.argv[1])
    log_key = Key((where / "log.pub").read_text())
    (one if (where / "leaf.tlog-proof").exists() else whole)(where, log_key)
