/** The settings of a prompt are part of the log: they survive a restart and apply to the next prompt. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Envelope, Settings } from "../../../protocol/events.ts";
import { emptyView, reduceAll } from "../../../protocol/view.ts";
import { checksum } from "../../../server/node/checksum.ts";
import type { PermissionRequest } from "../../../server/permission/judge.ts";
import { formatRecord } from "../../../server/session/log-format.ts";
import {
  type AgentBench,
  ada,
  filterByType,
  openAgentBench,
  promptAndWait,
  waitForEvent,
} from "../../help/agent-bench.ts";
import { call, calls, done, scriptedModel, text } from "../../help/scripted-model.ts";

describe("the settings of a prompt", () => {
  let bench: AgentBench;
  let judged: Settings[];
  const judge = async ({ settings }: PermissionRequest) => {
    judged.push(settings);
    return { decision: "allow" } as const;
  };
  const runTrue = [call("bash", { command: "true" }), calls];
  const reply = [text("Ready."), done];
  beforeEach(() => {
    judged = [];
  });
  afterEach(() => bench.close());

  it("apply to a queued prompt after a restart", async () => {
    bench = await openAgentBench({
      model: scriptedModel([[call("ask", { question: "Which?" }), calls]]),
      canAnswer: true,
    });
    const session = await bench.create();
    const asked = waitForEvent(session, "question.asked");
    await session.prompt("First.", [], { mode: "auto" }, ada);
    await asked;
    await session.prompt("Second.", [], { mode: "plan", effort: "low", model: "acme/other" }, ada);
    const log = [...session.envelopes()];
    await session.close();

    await bench.close();
    bench = await openAgentBench({ model: scriptedModel([runTrue, reply, reply]), judge });
    await writeLog(bench, "restarted", log);
    const restarted = await bench.sessions.open("restarted");
    await promptAndWait(restarted, "Third.");
    assert.deepEqual(judged, [{ mode: "plan", effort: "low", model: "acme/other" }]);
    const started = filterByType(restarted.envelopes(), "turn.started").map(({ text: prompt, settings }) => [
      prompt,
      settings?.mode,
    ]);
    assert.deepEqual(started, [
      ["First.", "auto"],
      ["Second.", "plan"],
      ["Third.", "plan"],
    ]);
  });

  it("apply to the next prompt, and are in the view", async () => {
    bench = await openAgentBench({ model: scriptedModel([runTrue, reply, runTrue, reply, runTrue, reply]), judge });
    const session = await bench.create();
    await promptAndWait(session, "One.", { mode: "edit", model: "acme/m", maxSteps: 7, allow: ["bash(ls)"] });
    assert.deepEqual(session.view().settings, { mode: "edit", model: "acme/m" });
    await bench.sessions.close(session.view().id);
    const continued = await bench.sessions.open(session.view().id);
    assert.deepEqual(continued.view().settings, { mode: "edit", model: "acme/m" });
    await promptAndWait(continued, "Two.", { effort: "high" });
    await promptAndWait(continued, "Three.", { mode: "ask" });
    // Limits and rules apply to one prompt only.
    assert.deepEqual(judged.slice(1), [
      { mode: "edit", model: "acme/m", effort: "high" },
      { mode: "ask", model: "acme/m", effort: "high" },
    ]);
  });

  it("let nothing run without an approval in a copy, neither from its prompts nor from its queue", async () => {
    bench = await openAgentBench({ model: scriptedModel([runTrue, reply, runTrue, reply, runTrue, reply]), judge });
    const at = (seq: number, event: Envelope["event"]): Envelope => ({ seq, at: 0, by: ada, event });
    const granted: Settings = { model: "acme/m", effort: "low", mode: "auto", allow: ["bash"], deny: ["fetch"] };
    const queued = { type: "prompt.queued" as const, attachments: [], text: "Queued by the author of the export." };
    const imported = await bench.sessions.importEnvelopes(
      [
        at(1, { type: "session.opened", session: "theirs", cwd: "/theirs", version: "0" }),
        at(2, { ...queued, prompt: "p2", settings: granted }),
        at(3, { ...queued, prompt: "p3", settings: { ...granted, mode: "plan" } }),
      ],
      ada,
    );
    assert.deepEqual(imported.view().settings, { model: "acme/m", effort: "low", mode: "plan" });
    await promptAndWait(imported, "Mine.", { mode: "edit" });
    const kept = { model: "acme/m", effort: "low", deny: ["fetch"] };
    assert.deepEqual(judged, [kept, { ...kept, mode: "plan" }, { model: "acme/m", effort: "low", mode: "edit" }]);
    const forked = await bench.sessions.fork(imported.view().id, ada);
    assert.deepEqual(forked.view().settings, { model: "acme/m", effort: "low" });
  });

  it("are those of the last submitted prompt, not of the last started turn", () => {
    const at = (seq: number, event: Envelope["event"]): Envelope => ({ seq, at: 0, by: ada, event });
    const queue = (seq: number, prompt: string, settings: Settings): Envelope =>
      at(seq, { type: "prompt.queued", prompt, text: "", attachments: [], settings });
    const turn = (id: string) => ({
      type: "turn.started" as const,
      turn: id,
      text: "",
      attachments: [],
      agent: "tutti",
    });
    const view = reduceAll(emptyView, [
      at(1, { ...turn("t1"), settings: { mode: "auto" } }),
      queue(2, "p2", { mode: "plan" }),
      queue(3, "p3", { mode: "edit" }),
      at(4, { ...turn("t2"), prompt: "p2", settings: { mode: "plan" } }),
    ]);
    assert.deepEqual(view.settings, { mode: "edit" });
  });
});

async function writeLog(bench: AgentBench, id: string, log: readonly Envelope[]): Promise<void> {
  const folder = join(bench.dataDir, "sessions", id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "log.jsonl"), log.map((envelope) => formatRecord(envelope, checksum)).join(""));
}
