#!/usr/bin/env python3
"""The example in Python with all that a screen shows of a plugin and it has not, and with a widget that never changes by itself."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "mcp-plugins" / "examples" / "python"))
sys.dont_write_bytecode = True

import plugin  # noqa: E402

WIDGET = {"name": "board", "slots": ["status", "sidebar", "home", "dialog"], "title": "Board"}
NOTE = {"uri": "board://wall", "name": "Notes on the wall"}

pressed = []


def initialize(params):
    result = plugin.initialize(params)
    result["capabilities"].update(resources={}, completions={})
    return result


def render(params):
    keys = {"text": f"Keys: {' '.join(pressed) or 'none'}", "fg": "accent"}
    if params["slot"] == "status":
        return {"lines": [[keys]]}
    wide = {"text": "w" * (params["width"] + 10), "fg": "no color of a theme"}
    return {"lines": [[keys], [{"text": "Fence: ", "bold": True}, {"text": "red", "fg": "error"}], [wide]]}


def key(params):
    pressed.append(params["key"])
    if params["key"] == "r":
        plugin.THEME["colors"] = {"background": "#112233"}
        changed = {"jsonrpc": "2.0", "method": "tutti/changed", "params": {"what": "themes"}}
        print(json.dumps(changed), flush=True)
    return {}


def complete(params):
    values = [one for one in ("parser", "printer") if one.startswith(params["argument"]["value"])]
    return {"completion": {"values": values}}


plugin.DECLARATION["widgets"] = [WIDGET]
plugin.METHODS.update(
    {
        "initialize": initialize,
        "resources/list": lambda params: {"resources": [NOTE]},
        "resources/templates/list": lambda params: {"resourceTemplates": []},
        "resources/read": lambda params: {"contents": [{**NOTE, "text": "Paint the fence red."}]},
        "completion/complete": complete,
        "tutti/widget/render": render,
        "tutti/widget/key": key,
    }
)
plugin.main()
