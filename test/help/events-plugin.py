"""A plugin that subscribes to every event: it writes down what it is told, and answers what a file says."""
import json
import os
import sys

folder = os.environ["EVENTS_FOLDER"]
with open(os.path.join(folder, "answers.json")) as file:
    answers = json.load(file)

DECLARATION = {"version": 1, "hooks": [{"event": event, **answers.get("spec", {}).get(event, {})} for event in answers["events"]]}


def handle(method, params):
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "serverInfo": {"name": "events", "version": "1"},
            "capabilities": {"experimental": {"dev.tutti/plugin": DECLARATION}},
        }
    if method == "tutti/hook":
        with open(os.path.join(folder, "told.jsonl"), "a") as file:
            file.write(json.dumps(params) + "\n")
        return answers.get(params["event"], {})
    return {}


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message and "method" in message:
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": handle(message["method"], message.get("params") or {})}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
