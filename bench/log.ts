/** Measures the session log: appending 10,000 events one by one and opening them again, compared with writing and parsing the same bytes. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Author, SessionEvent } from "../protocol/events.ts";
import { emptyView, reduceAll } from "../protocol/view.ts";
import { checksum } from "../server/node/checksum.ts";
import { clock } from "../server/node/clock.ts";
import { openSessionStore } from "../server/node/store.ts";
import { createHistory } from "../server/session/history.ts";
import { openLog } from "../server/session/log.ts";
import { createLogParser } from "../server/session/log-format.ts";
import { redactor } from "../test/help/redactor.ts";
import { median } from "./lab.ts";

const EVENTS = 10_000;
const agent: Author = { kind: "agent", id: "tutti", name: "tutti" };

const createEvent = (index: number): SessionEvent => ({
  type: "text.done",
  turn: "t1",
  step: Math.floor(index / 4) + 1,
  part: `p${index}`,
  text: `the text of part ${index} in a session that is as long as those of a full day of work`,
});

export async function benchmarkLog(runs: number) {
  const times = { append: [] as number[], bareAppend: [] as number[], open: [] as number[], bareOpen: [] as number[] };
  for (let count = 0; count <= runs; count++) {
    const folder = mkdtempSync(join(tmpdir(), "tutti-bench-log-"));
    const store = openSessionStore(folder, redactor.text);
    const file = await store.create("bench");
    const log = openLog(file, { clock, checksum, redact: (clear) => clear }, 0);
    const recordTime = (times: number[], from: number): void => {
      if (count > 0) times.push(performance.now() - from);
    };

    let from = performance.now();
    for (let index = 0; index < EVENTS; index++) log.append(agent, createEvent(index));
    recordTime(times.append, from);
    log.close();

    const lines: string[] = [];
    for await (const piece of store.read("bench")) lines.push(...piece.lines.split("\n").filter(Boolean));
    from = performance.now();
    const bare = openSync(join(folder, "bare"), "w");
    for (const line of lines) writeSync(bare, `${line}\n`);
    closeSync(bare);
    recordTime(times.bareAppend, from);

    from = performance.now();
    const opened = await store.open("bench");
    const parser = createLogParser(checksum);
    for await (const piece of opened.lines) parser.add(piece.lines);
    const { envelopes } = parser.parsed();
    const history = createHistory();
    for (const envelope of envelopes) history.add(envelope);
    const view = reduceAll(emptyView, envelopes);
    recordTime(times.open, from);
    if (view.parts.length !== EVENTS) throw new Error(`read ${view.parts.length} of ${EVENTS} parts`);
    opened.file.close();

    from = performance.now();
    for (const line of readFileSync(join(folder, "bare"), "utf8").split("\n")) if (line !== "") JSON.parse(line);
    recordTime(times.bareOpen, from);
    rmSync(folder, { recursive: true });
  }
  return [
    {
      figure: "10,000 events appended, each written before it is shown",
      unit: "ms",
      tutti: median(times.append),
      floor: median(times.bareAppend),
      aim: "≤ 40",
    },
    {
      figure: "10,000 events opened: checked, folded to view and history",
      unit: "ms",
      tutti: median(times.open),
      floor: median(times.bareOpen),
      aim: "≤ 60",
    },
  ];
}

/** Writes a session with this many turns, each a prompt and a response, and returns its ID. */
export async function writeLongSession(dataDir: string, cwd: string, turns: number, id = "long"): Promise<string> {
  const file = await openSessionStore(dataDir, redactor.text).create(id);
  const log = openLog(file, { clock, checksum, redact: (clear) => clear }, 0);
  const user: Author = { kind: "person", id: "local", name: "you" };
  log.append(user, { type: "session.opened", session: id, cwd, version: "bench" });
  for (let count = 1; count <= turns; count++) {
    const turn = `t${count}`;
    const text = `message number ${count}: please respond with a short text about item ${count}`;
    log.append(user, { type: "turn.started", turn, text, attachments: [], agent: "tutti" });
    log.append(agent, {
      type: "text.done",
      turn,
      step: 1,
      part: `${turn}.1`,
      text: `A short text about item ${count}.`,
    });
    log.append(agent, { type: "turn.ended", turn, outcome: "done" });
  }
  await log.sync();
  log.close();
  return id;
}
