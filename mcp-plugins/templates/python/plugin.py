#!/usr/bin/env python3
"""A plugin for Tutti without a library; a plain MCP server in other hosts. Reads and writes one JSON message per line."""

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
        "description": "Explains a file to someone new to the project.",
        "arguments": [{"name": "file", "description": "Which file", "required": True}],
    }
]

DECLARATION = {
    "version": 1,
    "hooks": [{"event": "tool.before", "match": "edit|write"}],
    "contributes": ["commands"],
}


class InvalidParams(Exception):
    """Invalid parameters; the response is a JSON-RPC error."""


def initialize(params):
    return {
        "protocolVersion": params["protocolVersion"],
        "serverInfo": {"name": "plugin-name", "version": "0.1.0"},
        "capabilities": {"tools": {}, "prompts": {}, "experimental": {"dev.tutti/plugin": DECLARATION}},
    }


def result(text, failed=False):
    return {"content": [{"type": "text", "text": text}], "isError": failed}


def call_tool(params):
    if params["name"] != "greet":
        raise InvalidParams("no such tool")
    name = params.get("arguments", {}).get("name")
    return result(f"Hello, {name}!") if isinstance(name, str) and name else result("name must be a string", failed=True)


def get_prompt(params):
    if params["name"] != "explain":
        raise InvalidParams("no such prompt")
    text = f"Explain {params['arguments']['file']} to someone who is new to this project."
    return {"messages": [{"role": "user", "content": {"type": "text", "text": text}}]}


def hook(params):
    """Called before Tutti decides on an edit. Without a response, Tutti's own rules decide."""
    if "DO NOT EDIT" in json.dumps(params["payload"]["input"]):
        return {"decision": "ask", "reason": "This looks like a generated file."}
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
    except InvalidParams as error:
        return {"error": {"code": -32602, "message": str(error)}}
    except Exception as error:  # an error in one request must not stop the plugin
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
