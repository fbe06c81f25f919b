"""Plays the software of a tax agency that was written elsewhere: it knows the published schemas and
nothing of the services' code. It takes every step given to its unit, assesses an obligation where the
step is `tax`, completes, and ends after COUNT dossiers with one line of JSON. Every message that it
hears, and every message before it is sent, is checked against its schema."""
import argparse
import asyncio
import json
import pathlib
import uuid

import nats
from jsonschema import Draft202012Validator, FormatChecker
from nats.errors import NoRespondersError, TimeoutError as NatsTimeout

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--unit", required=True, help="its identifier, such as H33-27-92")
arguments.add_argument("--url", required=True, help="the broker, such as nats://127.0.0.1:4222")
arguments.add_argument("--schemas", required=True, type=pathlib.Path, help="the published schemas")
arguments.add_argument("--count", default=1, type=int, help="how many dossiers to complete")
ME = arguments.parse_args()

VALIDATORS = {}
for file in ME.schemas.glob("**/*.v1.json"):
    schema = json.loads(file.read_bytes())
    if "$id" in schema and "examples" not in file.relative_to(ME.schemas).parts:
        VALIDATORS[schema["$id"]] = Draft202012Validator(schema, format_checker=FormatChecker())
REPORT = {"unit": ME.unit, "dossiers": [], "sent": 0, "answers": 0, "refused": 0, "events": 0, "faults": []}


def check(name, message):
    VALIDATORS["urn:motcua:schema:" + name].validate(message)


async def ask(broker, name, dossier, key, data, answered):
    """Sends a command until it is answered. Its id is made of what it is about, so that a repetition,
    even by a later run, is the same command."""
    message = {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{ME.unit}/{name}/{dossier}/{key}")),
               "officer": "tax-software", "data": data} | ({"dossier": dossier} if dossier else {})
    check(f"commands:{name}.v1", message)
    while True:
        try:
            REPORT["sent"] += 1
            reply = await broker.request(f"motcua.v1.cmd.{ME.unit}.{name}", json.dumps(message).encode(), timeout=5)
            code = (reply.headers or {}).get("Nats-Service-Error-Code")
        except (NatsTimeout, NoRespondersError):
            code = "503"
        if code == "503":  # not there, or busy
            await asyncio.sleep(0.1)
            continue
        body = json.loads(reply.data)
        REPORT["refused" if code else "answers"] += 1
        check("answers:refused.v1" if code else f"answers:{answered}.v1", body)
        if code:
            raise RuntimeError(f"{name} {dossier}: {body['code']} ({body['message']})")
        return body


async def perform(broker, item):
    """One step: taken, worked on, completed."""
    dossier, step, key = item["dossier"], item["step"], f"{item['step']}/{item['turn']}"
    if "accepted_at" not in item:
        await ask(broker, "accept", dossier, key, {"step": step}, "answer")
    if step == "tax":
        notice = {"step": step, "amount_vnd": 1_250_000, "notice": f"TB-{len(REPORT['dossiers']) + 1:04}"}
        await ask(broker, "assess_obligation", dossier, key, notice, "answer")
    await ask(broker, "complete", dossier, key, {"step": step, "outcome": "approved"}, "answer")
    REPORT["dossiers"].append(dossier)


async def main():
    broker = await nats.connect(ME.url, name=f"tax agency {ME.unit}", max_reconnect_attempts=-1)
    given = asyncio.Event()

    async def hear(message):
        try:
            event = json.loads(message.data)
            check("event.v1", event)
            VALIDATORS[event["dataschema"]].validate(event["data"])
            REPORT["events"] += 1
        except Exception as fault:  # whatever it is, the report has to show it
            REPORT["faults"].append(f"{message.subject}: {fault}")
        given.set()

    await broker.subscribe("motcua.v1.event.*.step.dispatched.v1", cb=hear)
    while len(REPORT["dossiers"]) < ME.count and not REPORT["faults"]:
        given.clear()
        listed = await ask(broker, "worklist", None, uuid.uuid4(), {}, "worklist")
        for item in listed["items"][: ME.count - len(REPORT["dossiers"])]:
            await perform(broker, item)
        if not listed["items"]:
            # The event may be heard before its step is in the worklist: look again soon in any case.
            await asyncio.wait([asyncio.ensure_future(given.wait())], timeout=0.5)
    await broker.close()
    print(json.dumps(REPORT, ensure_ascii=False))
    return 1 if REPORT["faults"] else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
