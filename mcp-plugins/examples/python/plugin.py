#!/usr/bin/env python3
"""A plugin for Tutti in plain Python, without a library: one JSON message per line on standard input and output.

It has a tool, a slash command, a theme, a widget, and a hook that denies commands that delete whole folders.
In other hosts it is an MCP server with a tool and a prompt.
"""

import json
import random
import re
import shlex
import sys
import time

DECLARATION = {
    "version": 1,
    "hooks": [{"event": "tool.before", "match": "bash", "onFailure": "closed"}],
    "contributes": ["commands", "themes", "widgets"],
    "widgets": [{"name": "time", "slots": ["status"], "title": "Time of day"}],
}

TOOL = {
    "name": "roll",
    "description": "Rolls dice and returns the results.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "sides": {"type": "integer", "minimum": 2, "maximum": 1000},
            "times": {"type": "integer", "minimum": 1, "maximum": 100},
        },
        "required": ["sides"],
    },
}

PROMPT = {
    "name": "standup",
    "description": "Summarizes what was done, what is next, and what is blocked.",
    "arguments": [{"name": "focus", "description": "What to focus on", "required": False}],
}

# Each color, and the names that use it.
PALETTE = {
    "#1b1622": "background onAccent onMatch",
    "#221c2b": "panel codeBackground",
    "#2a2236": "overlay",
    "#40345a": "selection",
    "#4a3f5e": "border",
    "#e6dfee": "text user syntaxVariable",
    "#b3a8c2": "muted quote reasoning syntaxComment syntaxOperator",
    "#7d718c": "faint",
    "#f2a65a": "accent borderActive agent heading listMark match modeEdit syntaxFunction",
    "#c39bf0": "secondary link modePlan diffHunk syntaxType syntaxKeyword",
    "#8cc9f0": "info tool syntaxProperty",
    "#9bd68a": "success code modeAsk diffAdded syntaxString",
    "#f0d06a": "warning syntaxNumber",
    "#f28a9a": "error modeAuto diffRemoved syntaxTag",
    "#24382a": "diffAddedBackground",
    "#355a3f": "diffAddedWord",
    "#45232f": "diffRemovedBackground",
    "#6b3244": "diffRemovedWord",
}

THEME = {
    "name": "dusk",
    "title": "Dusk",
    "kind": "dark",
    "colors": {name: color for color, names in PALETTE.items() for name in names.split()},
}


class RpcError(Exception):
    """The response is a JSON-RPC error."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def initialize(params):
    supported = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
    requested = params.get("protocolVersion")
    return {
        "protocolVersion": requested if requested in supported else supported[0],
        "serverInfo": {"name": "python-example", "version": "1.0.0"},
        "capabilities": {"tools": {}, "prompts": {}, "experimental": {"dev.tutti/plugin": DECLARATION}},
    }


def call_tool(params):
    if params.get("name") != TOOL["name"]:
        raise RpcError(-32602, "no such tool")
    arguments = params.get("arguments") or {}
    sides, times = arguments.get("sides"), arguments.get("times", 1)
    if type(sides) is not int or type(times) is not int or not (2 <= sides <= 1000 and 1 <= times <= 100):
        return {"content": [{"type": "text", "text": "sides: 2 to 1000; times: 1 to 100"}], "isError": True}
    rolled = [random.randint(1, sides) for _ in range(times)]
    return {"content": [{"type": "text", "text": f"{rolled}, total {sum(rolled)}"}]}


def get_prompt(params):
    if params.get("name") != PROMPT["name"]:
        raise RpcError(-32602, "no such prompt")
    focus = (params.get("arguments") or {}).get("focus")
    text = "Read the last commits and summarize in three lines: what was done, what is next, what is blocked."
    if focus:
        text += f" Focus on {focus}."
    return {"messages": [{"role": "user", "content": {"type": "text", "text": text}}]}


def hook(params):
    """Called only for bash, as declared."""
    command = str(params["payload"].get("input", {}).get("command", ""))
    if params.get("event") == "tool.before" and deletes_folders(command):
        return {"decision": "deny", "reason": "rm -rf is not allowed here. Name the files to delete."}
    return {}


def deletes_folders(command):
    """Whether a command line runs rm with both -r and -f anywhere. Text that cannot be parsed is split at spaces."""
    for part in re.split(r"[;&|\n(){}`]+", command):
        try:
            words = shlex.split(part)
        except ValueError:
            words = part.split()
        for at, word in enumerate(words):
            if word.rsplit("/", 1)[-1] == "rm" and is_forced(words[at + 1 :]):
                return True
            if " " in word and deletes_folders(word):
                return True
    return False


def is_forced(words):
    letters = "".join(word[1:] for word in words if re.fullmatch(r"-[A-Za-z]+", word))
    recursive = "r" in letters.lower() or "--recursive" in words
    return recursive and ("f" in letters or "--force" in words)


def render(params):
    if params.get("widget") != "time" or params.get("width", 0) < 5:
        return {"lines": []}
    return {"lines": [[{"text": time.strftime("%H:%M"), "fg": "muted"}]], "refreshMs": 30000}


METHODS = {
    "initialize": initialize,
    "ping": lambda params: {},
    "tools/list": lambda params: {"tools": [TOOL]},
    "tools/call": call_tool,
    "prompts/list": lambda params: {"prompts": [PROMPT]},
    "prompts/get": get_prompt,
    "tutti/hook": hook,
    "tutti/theme/list": lambda params: {"themes": [THEME]},
    "tutti/widget/render": render,
}


def handle(message):
    if message.get("method") not in METHODS:
        raise RpcError(-32601, "method not found")
    return METHODS[message["method"]](message.get("params") or {})


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        message = None
        try:
            message = json.loads(line)
            if not isinstance(message, dict) or "id" not in message or "method" not in message:
                continue  # a notification or a response
            reply = {"result": handle(message)}
        except RpcError as error:
            reply = {"error": {"code": error.code, "message": str(error)}}
        except ValueError:
            reply = {"error": {"code": -32700, "message": "not JSON"}}
        except Exception as error:  # an error in one request must not stop the plugin
            reply = {"error": {"code": -32603, "message": str(error)}}
        request_id = message.get("id") if isinstance(message, dict) else None
        print(json.dumps({"jsonrpc": "2.0", "id": request_id, **reply}), flush=True)


if __name__ == "__main__":
    main()
