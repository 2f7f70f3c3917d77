"""A plugin with the skills and agents of a file, and a prompt `greet`; a text of null is an error."""
import json
import os
import sys

file_name = os.environ["SKILLS_FILE"]


def handle(method, params):
    with open(file_name) as file:
        offered = json.load(file)
    if method == "initialize":
        contributes = [kind for kind in ("skills", "agents") if kind in offered]
        return {
            "protocolVersion": params["protocolVersion"],
            "serverInfo": {"name": "skills", "version": "1"},
            "capabilities": {"prompts": {}, "experimental": {"dev.tutti/plugin": {"version": 1, "contributes": contributes}}},
        }
    if method == "prompts/list":
        return {"prompts": [{"name": name} for name in offered.get("prompts", [])]}
    if method == "prompts/get":
        return {"messages": [{"role": "user", "content": {"type": "text", "text": "From the prompt " + params["name"]}}]}
    if method == "tutti/skill/list":
        return {"skills": offered["skills"]}
    if method == "tutti/agent/list":
        return {"agents": offered["agents"]}
    if method == "tutti/skill/read":
        return {"text": offered["texts"][params["name"]]}
    return {}


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message and "method" in message:
        answer = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            answer["result"] = handle(message["method"], message.get("params") or {})
        except KeyError as error:
            answer["error"] = {"code": -32602, "message": "there is no " + str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
