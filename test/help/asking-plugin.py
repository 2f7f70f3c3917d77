"""A plugin whose tool asks the user as often as its input says, and returns how many questions were refused."""
import json
import sys

TOOL = {"name": "nag", "description": "Asks.", "inputSchema": {"type": "object", "properties": {"count": {"type": "integer"}}}}


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def nag(count):
    refused, last = 0, ""
    for number in range(count):
        params = {"message": f"Question {number}", "requestedSchema": {"type": "object", "properties": {}}}
        send({"id": f"q{number}", "method": "elicitation/create", "params": params})
        for line in sys.stdin:
            answer = json.loads(line)
            if answer.get("id") == f"q{number}":
                break
        if "error" in answer:
            refused, last = refused + 1, answer["error"]["message"]
    return {"content": [{"type": "text", "text": f"{refused} refused: {last}"}]}


for line in sys.stdin:
    message = json.loads(line)
    method, params = message.get("method"), message.get("params") or {}
    if method == "initialize":
        result = {"protocolVersion": params["protocolVersion"], "serverInfo": {"name": "asking", "version": "1"}, "capabilities": {"tools": {}}}
    elif method == "tools/list":
        result = {"tools": [TOOL]}
    elif method == "tools/call":
        result = nag(params["arguments"]["count"])
    else:
        result = {}
    if "id" in message and method is not None:
        send({"id": message["id"], "result": result})
