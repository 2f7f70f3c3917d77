/** What a prompt sets is part of the log: it survives a restart, and the next prompt continues with it. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Envelope, Settings } from "../../../protocol/events.ts";
import { emptyView, reduceAll } from "../../../protocol/view.ts";
import type { PermissionRequest } from "../../../server/permission/judge.ts";
import { checksum } from "../../../server/node/clock.ts";
import { formatRecord } from "../../../server/session/log-format.ts";
import { type AgentBench, ada, ofType, openAgentBench, prompted, seen } from "../../help/agent-bench.ts";
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

  it("are those that a queued prompt runs with after a restart", async () => {
    bench = await openAgentBench({ model: scriptedModel([[call("ask", { question: "Which?" }), calls]]), canAnswer: true });
    const session = await bench.create();
    const asked = seen(session, "question.asked");
    await session.prompt("First.", [], { mode: "auto" }, ada);
    await asked;
    await session.prompt("Second.", [], { mode: "plan", effort: "low", model: "acme/other" }, ada);
    const log = [...session.envelopes()];
    await session.close();

    await bench.close();
    bench = await openAgentBench({ model: scriptedModel([runTrue, reply, reply]), judge });
    await writeLog(bench, "restarted", log);
    const restarted = await bench.sessions.open("restarted");
    await prompted(restarted, "Third.");
    assert.deepEqual(judged, [{ mode: "plan", effort: "low", model: "acme/other" }]);
    const started = ofType(restarted.envelopes(), "turn.started").map(({ text: prompt, settings }) => [prompt, settings?.mode]);
    assert.deepEqual(started, [
      ["First.", "auto"],
      ["Second.", "plan"],
      ["Third.", "plan"],
    ]);
  });

  it("are continued by the next prompt, and shown by the view", async () => {
    bench = await openAgentBench({ model: scriptedModel([runTrue, reply, runTrue, reply, runTrue, reply]), judge });
    const session = await bench.create();
    await prompted(session, "One.", { mode: "edit", model: "acme/m", maxSteps: 7, allow: ["bash(ls)"] });
    assert.deepEqual(session.view().settings, { mode: "edit", model: "acme/m" });
    await bench.sessions.close(session.view().id);
    const continued = await bench.sessions.open(session.view().id);
    assert.deepEqual(continued.view().settings, { mode: "edit", model: "acme/m" });
    await prompted(continued, "Two.", { effort: "high" });
    await prompted(continued, "Three.", { mode: "ask" });
    // Limits and rules are of one prompt alone.
    assert.deepEqual(judged.slice(1), [
      { mode: "edit", model: "acme/m", effort: "high" },
      { mode: "ask", model: "acme/m", effort: "high" },
    ]);
  });

  it("are those of the prompt that was submitted last, not of the turn that started last", () => {
    const at = (seq: number, event: Envelope["event"]): Envelope => ({ seq, at: 0, by: ada, event });
    const queue = (seq: number, prompt: string, settings: Settings): Envelope =>
      at(seq, { type: "prompt.queued", prompt, text: "", attachments: [], settings });
    const turn = (id: string) => ({ type: "turn.started" as const, turn: id, text: "", attachments: [], agent: "tutti" });
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
  await writeFile(join(folder, "log.jsonl"), log.map((one) => formatRecord(one, checksum)).join(""));
}
