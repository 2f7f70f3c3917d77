"""Starts the plugin as Tutti does, and exchanges messages with it. Run: python3 -m unittest"""

import json
import pathlib
import subprocess
import sys
import unittest

PROGRAM = pathlib.Path(__file__).with_name("plugin.py")


class PluginTest(unittest.TestCase):
    def setUp(self):
        self.plugin = subprocess.Popen(
            [sys.executable, str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}})

    def tearDown(self):
        self.plugin.communicate()

    def request(self, method, params):
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        self.plugin.stdin.write(json.dumps(message) + "\n")
        self.plugin.stdin.flush()
        return json.loads(self.plugin.stdout.readline())

    def test_greets_by_name(self):
        response = self.request("tools/call", {"name": "greet", "arguments": {"name": "Ada"}})
        self.assertEqual(response["result"]["content"], [{"type": "text", "text": "Hello, Ada!"}])

    def test_provides_a_slash_command(self):
        response = self.request("prompts/get", {"name": "explain", "arguments": {"file": "plugin.py"}})
        self.assertIn("Explain plugin.py", response["result"]["messages"][0]["content"]["text"])

    def test_asks_before_edits_of_generated_files(self):
        payload = {"tool": "edit", "input": {"new": "# DO NOT EDIT"}}
        response = self.request("tutti/hook", {"event": "tool.before", "payload": payload})
        self.assertEqual(response["result"]["decision"], "ask")

    def test_rejects_unknown_methods(self):
        self.assertEqual(self.request("tutti/theme/list", {})["error"]["code"], -32601)


if __name__ == "__main__":
    unittest.main()
