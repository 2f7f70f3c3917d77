import assert from "node:assert/strict";
import fc from "fast-check";
import { exportSession, readExport } from "../../client/export.ts";
import { arbitraryLogs, toEnvelopes } from "../help/random-logs.ts";
import { seededOptions } from "../help/seed.ts";

describe("session export", () => {
  it("restores a session from JSON unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryLogs(), async (log) => {
        assert.deepEqual(await readExport("x.json", exportSession(log, "json")), log);
      }),
      seededOptions(50),
    );
  });

  it("rejects an invalid export with a message that names the file", async () => {
    const wrong = ["", "{", "[]", "{}", '{"tutti":2,"envelopes":[]}', '{"tutti":1,"envelopes":[{"seq":0}]}'];
    for (const text of wrong)
      await assert.rejects(readExport("x.json", text), { code: "usage", message: /^x\.json is not / }, text);
  });

  it("escapes HTML, and uses a longer fence than any in Markdown", () => {
    const evil = '<script>alert(1)</script><img src=x onerror="alert(1)">\n```\n````\nend';
    const log = toEnvelopes([
      { type: "session.opened", session: "s1", cwd: evil, version: "0" },
      { type: "session.titled", title: evil },
      { type: "turn.started", turn: "t1", text: evil, attachments: [], agent: "tutti" },
      {
        type: "call.asked",
        turn: "t1",
        step: 1,
        call: "c1",
        name: evil,
        kind: "read",
        title: evil,
        input: {},
        locations: [],
      },
      { type: "call.done", call: "c1", state: "done", output: evil },
      { type: "turn.ended", turn: "t1", outcome: "failed", failure: { code: "model", message: evil } },
    ]);
    const html = exportSession(log, "html");
    assert.doesNotMatch(html, /<script|<img/);
    assert.match(html, /default-src 'none'/);
    const markdown = exportSession(log, "md");
    assert.match(markdown, /\n`````\n<script>[\s\S]*\n````\nend\n`````\n/);
  });
});
