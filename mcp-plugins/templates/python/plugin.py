#!/usr/bin/env python3
"""A plugin for Tutti in Python alone; a plain MCP server in any other host. One JSON message a line comes in, one goes out."""

import json
import sys

TOOLS = [
    {
        "name": "greet",
        "description": "Greets a person by name.",
        "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    }
]

PROMPTS = [
    {
        "name": "explain",
        "description": "Explains a file to somebody who is new.",
        "arguments": [{"name": "file", "description": "Which file", "required": True}],
    }
]

DECLARATION = {
    "version": 1,
    "hooks": [{"event": "tool.before", "match": "edit|write"}],
    "contributes": ["commands"],
}


class Refused(Exception):
    """What was asked for is not there; the answer is an error of JSON-RPC."""


def initialize(params):
    return {
        "protocolVersion": params["protocolVersion"],
        "serverInfo": {"name": "plugin-name", "version": "0.1.0"},
        "capabilities": {"tools": {}, "prompts": {}, "experimental": {"dev.tutti/plugin": DECLARATION}},
    }


def text(words, failed=False):
    return {"content": [{"type": "text", "text": words}], "isError": failed}


def call_tool(params):
    if params["name"] != "greet":
        raise Refused("there is no such tool")
    name = params.get("arguments", {}).get("name")
    return text(f"Hello, {name}!") if isinstance(name, str) and name else text("name: a text", failed=True)


def get_prompt(params):
    if params["name"] != "explain":
        raise Refused("there is no such prompt")
    words = f"Explain {params['arguments']['file']} to somebody who sees this project for the first time."
    return {"messages": [{"role": "user", "content": {"type": "text", "text": words}}]}


def hook(params):
    """Called before an edit is judged. What it does not answer is left to Tutti's own rules."""
    if "DO NOT EDIT" in json.dumps(params["payload"]["input"]):
        return {"decision": "ask", "reason": "This looks like a file that a program writes."}
    return {}


METHODS = {
    "initialize": initialize,
    "ping": lambda params: {},
    "tools/list": lambda params: {"tools": TOOLS},
    "tools/call": call_tool,
    "prompts/list": lambda params: {"prompts": PROMPTS},
    "prompts/get": get_prompt,
    "tutti/hook": hook,
}


def reply_to(message):
    method = METHODS.get(message["method"])
    if method is None:
        return {"error": {"code": -32601, "message": "method not found"}}
    try:
        return {"result": method(message.get("params", {}))}
    except Refused as error:
        return {"error": {"code": -32602, "message": str(error)}}
    except Exception as error:  # a fault in one answer must not end the others
        return {"error": {"code": -32603, "message": repr(error)}}


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        message = json.loads(line)
        if "method" in message and "id" in message:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **reply_to(message)}), flush=True)


if __name__ == "__main__":
    main()
