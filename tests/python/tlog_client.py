"""A client of a transparency log that knows nothing but the texts of C2SP (signed-note, tlog-checkpoint,
tlog-tiles) and RFC 6962 and 8032. `tlog_client.py <prefix> <verifier key> [<earlier checkpoint>]` reads the
whole log over HTTP, checks it, prints what it saw as JSON, and ends with 0 when all of it holds."""
import base64, hashlib, json, sys, urllib.request

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def leaf(entry): return sha(b"\0", entry)
def node(left, right): return sha(b"\1", left, right)
def need(holds, what):
    if not holds: sys.exit(f"the log does not hold: {what}")

# RFC 8032, section 5.1: points in extended coordinates.
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)
def mul(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1: q = add(q, p)
        p, n = add(p, p), n >> 1
    return q
def point(raw):
    y = int.from_bytes(raw, "little"); sign, y = y >> 255, y & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P: x = x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - x2) % P == 0, "a point of a signature")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)
BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def signed(key, text, signature):
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    p, q = mul(s, BASE), add(point(signature[:32]), mul(h, point(key)))
    return s < L and (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

def checkpoint(note, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    need(key[:1] == b"\1" and sha(name.encode(), b"\n", key)[:4].hex() == key_id, "the verifier key")
    text, signatures = note.rsplit("\n\n", 1)
    text, good = text + "\n", False
    for line in signatures.splitlines():
        dash, signer, raw = line.split(" ")
        raw = base64.b64decode(raw, validate=True)
        if (dash, signer, raw[:4].hex()) == ("\u2014", name, key_id):
            need(signed(key[1:], text.encode(), raw[4:]), "the signature")
            good = True
    need(good, "nobody known signed the checkpoint")
    origin, size, root, *rest = text.splitlines()
    need(origin == name and size == str(int(size)) and not rest, "the text of the checkpoint")
    return int(size), base64.b64decode(root, validate=True)

def path(kind, n, width):
    groups = [f"{n % 1000:03}"]
    while n := n // 1000: groups.insert(0, f"x{n % 1000:03}")
    return f"tile/{kind}/" + "/".join(groups) + (f".p/{width}" if width < 256 else "")
def get(prefix, name, kind):
    with urllib.request.urlopen(f"{prefix}/{name}") as answer:
        need(answer.headers["Content-Type"] == kind, f"the type of {name}")
        return answer.read()
def tiles(prefix, kind, count):
    widths = [256] * (count // 256) + [count % 256] * (count % 256 > 0)
    return [get(prefix, path(kind, n, width), "application/octet-stream") for n, width in enumerate(widths)]
def root_of(hashes):
    if len(hashes) < 2: return hashes[0] if hashes else sha()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:k]), root_of(hashes[k:]))

def main(prefix, vkey, earlier=None):
    note = get(prefix, "checkpoint", "text/plain; charset=utf-8").decode()
    size, root = checkpoint(note, vkey)
    entries, leaves = [], []
    for bundle in tiles(prefix, "entries", size):
        while bundle:
            end = 2 + int.from_bytes(bundle[:2], "big")
            need(len(bundle) >= end, "a length in a bundle")
            entries.append(bundle[2:end])
            bundle = bundle[end:]
    level, below, seen = 0, [leaf(entry) for entry in entries], 0
    while below:
        served = tiles(prefix, level, len(below))
        seen += len(served)
        need(b"".join(served) == b"".join(below), f"the tiles of level {level}")
        leaves = leaves or below
        full = range(0, len(below) - 255, 256)
        level, below = level + 1, [root_of(below[n:n + 256]) for n in full]
    need(len(leaves) == size and root_of(leaves) == root, "the root")
    if earlier:
        old_size, old_root = checkpoint(open(earlier, encoding="utf-8").read(), vkey)
        need(old_size <= size and root_of(leaves[:old_size]) == old_root, "the earlier checkpoint")
    print(json.dumps({"size": size, "tiles": seen, "levels": level, "checkpoint": note, "last": entries[-1].decode()}))

main(*sys.argv[1:])
