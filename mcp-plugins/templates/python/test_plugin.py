"""Starts the plugin as Tutti does and talks to it. Run it with: python3 -m unittest"""

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
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}})

    def tearDown(self):
        self.plugin.communicate()

    def ask(self, method, params):
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        self.plugin.stdin.write(json.dumps(message) + "\n")
        self.plugin.stdin.flush()
        return json.loads(self.plugin.stdout.readline())

    def test_it_greets(self):
        answer = self.ask("tools/call", {"name": "greet", "arguments": {"name": "Ada"}})
        self.assertEqual(answer["result"]["content"], [{"type": "text", "text": "Hello, Ada!"}])

    def test_it_has_a_slash_command(self):
        answer = self.ask("prompts/get", {"name": "explain", "arguments": {"file": "plugin.py"}})
        self.assertIn("Explain plugin.py", answer["result"]["messages"][0]["content"]["text"])

    def test_it_has_a_person_look_at_edits_of_generated_files(self):
        payload = {"tool": "edit", "input": {"new": "# DO NOT EDIT"}}
        answer = self.ask("tutti/hook", {"event": "tool.before", "payload": payload})
        self.assertEqual(answer["result"]["decision"], "ask")

    def test_it_does_not_know_other_methods(self):
        self.assertEqual(self.ask("tutti/theme/list", {})["error"]["code"], -32601)


if __name__ == "__main__":
    unittest.main()
