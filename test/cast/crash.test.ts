/** Sixteen subagents at work when the program is killed: nothing is lost, everything ends, and the session continues them. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { checkEnds } from "../help/invariants.ts";
import {
  answer,
  chunk,
  done,
  finish,
  type Received,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { seed } from "../help/seed.ts";
import { callTools, type Home, useHomes } from "../help/tutti.ts";

const COUNT = 16;
const times = Number(process.env.CRASHES ?? 3);

interface Chat {
  role: string;
  content: string;
}

const chats = ({ body }: Received): Chat[] => body.messages as Chat[];
const firstPrompt = (received: Received): string =>
  String(chats(received).find(({ role }) => role === "user")?.content);

async function* slowly(): AsyncGenerator<string> {
  for (let word = 0; word < 20; word++) {
    await pause(5);
    yield chunk({ content: `word${word} ` });
  }
  yield finish();
  yield done;
}

/** Starts sixteen tasks; after a crash, continues each that is not done. */
function orchestrate(received: Received): Script {
  const results = chats(received).filter(({ role }) => role === "tool");
  if (results.length === 0)
    return callTools(
      ...Array.from({ length: COUNT }, (_, index): [string, unknown] => [
        "task",
        { agent: "general", prompt: `Part ${index}` },
      ]),
    );
  const unfinished = results.slice(0, COUNT).flatMap(({ content }) => {
    const id = /task_id: (\w+)/.exec(content)?.[1];
    return id !== undefined && !/ is done \(/.test(content) ? [id] : [];
  });
  const isContinued = results.length > COUNT;
  if (unfinished.length === 0 || isContinued) return answer("All parts are done.");
  return callTools(...unfinished.map((id): [string, unknown] => ["task", { task_id: id, prompt: "Continue." }]));
}

describe("kill -9 with subagents at work", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  useHomes(
    (opened) => {
      home = opened;
    },
    () => endpoint.close(),
  );

  it(`ends each of ${COUNT}, loses no log, keeps the budget, and continues them (${times} times)`, async function () {
    this.timeout(20_000 + times * 30_000);
    const [moments = []] = fc.sample(
      fc.array(fc.integer({ min: 150, max: 900 }), { minLength: times, maxLength: times }),
      { seed, numRuns: 1 },
    );
    endpoint = await scriptedEndpoint([
      (received) => (firstPrompt(received).startsWith("Part") ? { body: slowly() } : orchestrate(received)),
    ]);
    const config = {
      providers: {
        p: {
          baseUrl: endpoint.baseUrl,
          models: { m: { context: 100_000, output: 1000, cost: { input: 1, output: 1 } } },
        },
      },
      model: "p/m",
      budget: { session: 5 },
    };
    await writeFile(join(home.root, "config.json"), JSON.stringify(config));
    const flags = ["run", "--config", join(home.root, "config.json")];
    for (const moment of moments) {
      const first = endpoint.received.length;
      const running = home.start([...flags, "Orchestrate."]);
      await endpoint.request(first + 1);
      await pause(moment);
      running.child.kill("SIGKILL");
      await running.outcome;
      const session = await home.lastSession();
      const events = await home.events(session);
      checkEnds(events);
      const started = events.flatMap(({ event }) => (event.type === "task.started" ? [event.task] : []));
      const ended = events.flatMap(({ event }) => (event.type === "task.ended" ? [event] : []));
      assert.deepEqual(ended.map(({ task }) => task).toSorted(), started.toSorted());
      for (const { task, outcome } of ended) {
        const child = await home.events(task);
        checkEnds(child);
        const last = child.findLast(({ event }) => event.type === "turn.ended")?.event;
        const childOutcome = last?.type === "turn.ended" ? last.outcome : "interrupted";
        assert.ok(
          outcome === "done" ? childOutcome === "done" : outcome === "interrupted",
          `${task}: ${outcome}, ${childOutcome}`,
        );
      }
      const again = await home.run([...flags, "--session", session, "Continue."]);
      assert.equal(again.code, 0, again.err);
      assert.equal(again.out.trim(), "All parts are done.");
      const after = await home.events(session);
      const states = new Map(
        after.flatMap(({ event }) => (event.type === "task.ended" ? [[event.task, event.outcome] as const] : [])),
      );
      assert.deepEqual([...new Set(states.values())], started.length === 0 ? [] : ["done"]);
    }
  });
});
