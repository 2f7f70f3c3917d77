/** Text from models, tools, files and pastes cannot control the terminal: it receives only Tutti's own sequences. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { useTerminals } from "../../help/screen.ts";
import { answer, chunk, done, finish } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

const EVIL = [
  "\x1b]52;c;ZXZpbA==\x07",
  "\x1b]0;owned\x07",
  "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
  "\x1b[2J\x1b[6n\x1b[?1049l",
  "\x1bP$qm\x1b\\",
  "\x1b]777;notify;a;b\x07",
  "\x9b31m\x9d0;t\x9c",
  "\rover",
  "\x07\x07\x07",
  "\x1bPq#0;2;0;0;0#0~~\x1b\\",
  "\x1b_Ga=T;AAAA\x1b\\",
  "\u202eabc\u2066x\u2069",
].join(" ");

/** What turns the order of what follows around, so that it reads as something else. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;

/** What tui/screen.ts and draw/paint.ts write, and nothing else. */
const ours = [
  /^\x1b\[[0-9;]*m/,
  /^\x1b\[\d+;\d+H/,
  /^\x1b\[\d* q/,
  /^\x1b\[\?(?:1049|7|2004|1004|1000|1002|1003|1006|2026|25)[hl]/,
  /^\x1b\[>4;[01]m/,
  /^\x1b\[(?:>1|<)u/,
  /^\x1b\[\d+;\d+r/,
  /^\x1b\[r/,
  /^\x1b\[\d+[ST]/,
  /^\x1b\[2[23];2t/,
  /^\x1b\[2J/,
  /^\x1b\[H/,
  /^\x1b\[1;1H/,
  /^\x1b\]11;\?\x1b\\/,
  /^\x1b\]2;(?:[?●] )?Tutti: [^\x00-\x1f\x7f-\x9f]*\x1b\\/,
  /^\x1b\]8;;(?:(?:https?|mailto|file):[\x21-\x7e]*)?\x1b\\/,
];

/** Every place where the terminal is steered, by anything that is not on the list. */
function strange(raw: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < raw.length; ) {
    const code = raw.charCodeAt(at);
    if (code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code <= 0x9f)) {
      at++;
      continue;
    }
    const rest = raw.slice(at, at + 4096);
    const length = ours.map((shape) => shape.exec(rest)?.[0].length ?? 0).find((one) => one > 0);
    if (length === undefined) found.push(JSON.stringify(rest.slice(0, 24)));
    at += length ?? 1;
  }
  return found;
}

describe("a terminal showing hostile text", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  it("receives only Tutti's own sequences", async () => {
    writeFileSync(join(terminals.home().work, "evil \x1b]0;x\x07 name.txt"), `${EVIL}\n`);
    await terminals.serve([
      {
        body: [
          chunk({ reasoning_content: `thinking ${EVIL}` }),
          chunk({
            content: `Before ${EVIL} after. [good](https://good.example/a) [bad](javascript:alert(1))\n\n\`\`\`js${EVIL}\n`,
          }),
          chunk({ content: `${EVIL}\n\`\`\`\n| ${EVIL} | b |\n|---|---|\n| c | ${EVIL} |\n` }),
          chunk({
            tool_calls: [
              { index: 0, id: "c", type: "function", function: { name: "list", arguments: '{"path":"."}' } },
            ],
          }),
          finish("tool_calls"),
          done,
        ],
      },
      callTools(["bash", { command: `printf '%s' '${EVIL.replaceAll("'", "")}'` }]),
      answer(`The end ${EVIL}.`),
    ]);
    const terminal = await terminals.ready([], { columns: 120, rows: 40 });
    terminal.paste(`Say ${EVIL} it`);
    await terminal.waitFor(/Say/);
    await terminal.waitUntilSettled();
    terminal.press("enter");
    await terminal.waitUntilAnswerable(/1\. Approve/);
    terminal.press("1");
    await terminal.waitFor(/The end/);
    await terminal.waitUntilSettled();
    terminal.press("ctrl+x");
    terminal.type("o");
    await terminal.waitUntilSettled();
    terminal.type("@evil");
    await terminal.waitFor(/evil .*name/);
    await terminal.waitUntilSettled();
    terminal.press("ctrl+c", "ctrl+x", "home");
    await terminal.waitFor(/good\.example/);
    assert.deepEqual(strange(terminal.raw()), []);
    assert.doesNotMatch(terminal.raw(), BIDI);
    assert.doesNotMatch(terminal.raw(), /\x1b\]8;;javascript/);
    assert.match(terminal.raw(), /\x1b\]8;;https:\/\/good\.example\/a/);
  });

  it("escapes endpoint errors, branch names and titles", async () => {
    execFileSync("git", ["init", "-q", "-b", "evil\u202e\u009b31m"], { cwd: terminals.home().work });
    await terminals.serve([{ status: 400, body: [JSON.stringify({ error: { message: `Bad ${EVIL} request` } })] }]);
    const terminal = await terminals.ready([], { columns: 120, rows: 40 });
    await terminal.waitFor(/evil/);
    terminal.type("Go");
    await terminal.waitFor(/› Go/);
    terminal.press("enter");
    await terminal.waitFor(/Bad/);
    terminal.type("/rename ");
    terminal.paste(`Title ${EVIL}`.replaceAll("\r", ""));
    await terminal.waitFor(/\/rename Title/);
    terminal.press("enter");
    await terminal.waitFor(() => terminal.raw().includes("Tutti: Title"));
    terminal.press("ctrl+x");
    terminal.type("l");
    await terminal.waitFor(/Sessions.* esc[\s\S]*Title/);
    await terminal.waitUntilSettled();
    assert.deepEqual(strange(terminal.raw()), []);
    assert.doesNotMatch(terminal.raw(), BIDI);
  });

  it("inserts a paste that contains the end marker as text", async () => {
    const endpoint = await terminals.serve([answer("Never.")]);
    const terminal = await terminals.ready();
    terminal.paste("one\x1b[201~!touch owned\rtwo");
    await terminal.waitFor(/two/);
    await terminal.waitUntilSettled();
    assert.equal(endpoint.received.length, 0);
    assert.match(terminal.text().join("\n"), /one!touch owned/);
  });
});
