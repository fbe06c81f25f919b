"""Checks an evidence bundle (`motcua audit bundle`) with nothing of Motcua's code: written from the description
of the format in schemas/evidence.md. Prints every fault with its place; ends with 0 when there is none.

    python3 verify_bundle.py FILE [KEYS]      KEYS: the register of public keys that you trust
"""
import base64
import hashlib
import json
import re
import sys

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

FAULTS = []


def fault(place, what):
    FAULTS.append(f"{place}: {what or type(what).__name__}")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(text, size=None):
    """Padded base64 in its one spelling, of `size` bytes."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text or size not in (None, len(data)):
        raise ValueError(f"{text[:40]!r} is not base64 of what is due")
    return data


def included(leaf, index, size, proof):
    """The root that an inclusion proof leads to, RFC 6962 section 2.1.1 read backwards."""
    if size <= 1:
        if index or not size or proof:
            raise ValueError("the proof is not as long as it has to be")
        return leaf
    half, (*rest, other) = 1 << (size - 1).bit_length() - 1, proof
    if index < half:
        return sha256(b"\x01", included(leaf, index, half, rest), other)
    return sha256(b"\x01", other, included(leaf, index - half, size - half, rest))


def continued(size, later, proof, root):
    """The earlier and the later root that a consistency proof leads to, RFC 6962 section 2.1.2 read backwards."""
    if size == later:
        [same] = [root] + proof if root else proof
        return same, same
    half, (*rest, other) = 1 << (later - 1).bit_length() - 1, proof
    if size <= half:
        old, new = continued(size, half, rest, root)
        return old, sha256(b"\x01", new, other)
    old, new = continued(size - half, later - half, rest, None)
    return sha256(b"\x01", other, old), sha256(b"\x01", other, new)


def read_note(note, keys):
    """Origin, unit, size and root of a signed note, once a key of its unit signed it."""
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    origin, size, root = re.fullmatch(r"(motcua\.vn/log/[^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n", text).groups()
    unit = re.fullmatch(r"motcua\.vn/log/([A-Za-z0-9-]+)/[0-9a-f-]{36}", origin).group(1)
    if not lines.endswith("\n"):
        raise ValueError("the note does not end with a line")
    signed = [re.fullmatch(r"— ([^ \n]+) ([^ \n]+)", line).groups() for line in lines[:-1].split("\n")]
    for name, data in signed:
        for key in keys.get(unit, {}).values():
            if name == origin and b64(data, 68)[:4] == sha256(name.encode(), b"\n\x01", key)[:4]:
                VerifyKey(key).verify(text.encode(), b64(data)[4:])
                return origin, unit, int(size), b64(root, 32)
    raise ValueError(f"no key of {unit} signed it")


def check(bundle, trusted):
    rows = (trusted or bundle["keys"])["units"]
    for row in bundle["keys"]["units"]:
        if row not in rows:
            fault(f"keys of {row['unit']}", "this row is not in the register that you trust")
    keys = {}
    for row in rows:
        key = bytes.fromhex(row["signing"])
        keys.setdefault(row["unit"], {})[hashlib.sha256(key).hexdigest()[:16]] = key
    if set(bundle) != {"format", "asked", "keys", "heads", "events"} or bundle["format"] != "motcua-bundle/v1":
        fault("the file", "it is not a motcua-bundle/v1")
    heads = []
    for number, head in enumerate(bundle["heads"]):
        try:
            read = read_note(head["note"], keys)
            if any(other and other[0] == read[0] for other in heads):
                raise ValueError("a second head of this log")
            heads.append(read)
            for earlier in head.get("earlier", []):
                origin, _, size, root = read_note(earlier["note"], keys)
                proof = [b64(text, 32) for text in earlier["proof"]]
                roots = continued(size, read[2], proof, root) if 0 < size <= read[2] else (root, proof or read[3])
                if origin != read[0] or size > read[2] or roots != (root, read[3]):
                    raise ValueError(f"two histories: the head of {size} entries is not continued")
        except (ValueError, AttributeError, BadSignatureError) as error:
            heads += [None] * (number + 1 - len(heads))
            fault(f"head {number}", error)
    ids, numbers, causes, own, last = {}, set(), [], {}, (-1, -1)
    for number, evidence in enumerate(bundle["events"]):
        place = f"event {number}"
        try:
            exact = b64(evidence["event"])
            event = json.loads(exact)
            place += f" ({event['id']})"
            unit = event["source"].removeprefix("urn:motcua:unit:")
            signature = base64.urlsafe_b64decode(evidence["signature"] + "==")
            if base64.urlsafe_b64encode(signature).decode().rstrip("=") != evidence["signature"]:
                raise ValueError("the signature is not base64url")
            VerifyKey(keys[unit][evidence["key"]]).verify(b"motcua/event/v1\0" + exact, signature)
            if event["subject"] != bundle["asked"]["dossier"]:
                raise ValueError("it is about something else")
            if event["id"] in ids or (unit, event["epoch"], event["sequence"]) in numbers:
                raise ValueError("a second event under its id or number")
            ids[event["id"]] = number
            numbers.add((unit, event["epoch"], event["sequence"]))
            causes += [(place, parent) for parent in event.get("parents", "").split()]
            order = [at["head"] for at in evidence["places"]]
            if not order or order != sorted(set(order)) or (order[0], evidence["places"][0]["index"]) <= last:
                raise ValueError("it has no place, or stands out of order")
            last = (order[0], evidence["places"][0]["index"])
            for at in evidence["places"]:
                _, of, size, root = heads[at["head"]]
                if included(sha256(b"\x00", exact), at["index"], size, [b64(h, 32) for h in at["proof"]]) != root:
                    raise ValueError(f"it is not proved to be entry {at['index']} of {of}")
                if of == unit:
                    own.setdefault((at["head"], event["epoch"]), []).append((at["index"], event["sequence"], place))
            if any(h and h[1] == unit for h in heads) and not any(heads[n][1] == unit for n in order):
                raise ValueError("it has no place in the journal of its own unit")
        except (ValueError, KeyError, TypeError, IndexError, BadSignatureError) as error:
            fault(place, error)
    for entries in own.values():
        entries.sort()
        for before, after in zip(entries, entries[1:]):
            if before[1] >= after[1]:
                fault(after[2], "its number does not rise with the entries of its unit's journal")
    for place, parent in causes:
        if parent not in ids:
            fault(place, f"it names event {parent}, which is not in the bundle")


files = [json.loads(open(name, encoding="utf-8").read()) for name in sys.argv[1:]] + [None]
check(*files[:2])
print("\n".join(FAULTS) or "sound")
sys.exit(bool(FAULTS))
