/** One case of a stream: what an endpoint writes, and the expected events. */
import assert from "node:assert/strict";
import type { Compat, Target } from "../../server/model/target.ts";
import type { ModelEvent, ModelRequest } from "../../server/ports.ts";
import {
  ask,
  collect,
  endOf,
  failureOf,
  filterByType,
  readTool,
  reasoningOf,
  targetFor,
  textOf,
} from "./model-client.ts";
import { type Script, scriptedEndpoint } from "./scripted-endpoint.ts";

export interface StreamCase {
  name: string;
  body: NonNullable<Script["body"]>;
  script?: Partial<Script>;
  compat?: Compat;
  target?: Partial<Target>;
  request?: Partial<ModelRequest>;
  text?: string;
  reasoning?: string;
  calls?: { name: string; input: unknown; id?: string; problem?: RegExp }[];
  end: string;
  says?: RegExp;
  requests?: number;
  more?(events: ModelEvent[]): void;
}

export const tools = { tools: [readTool, { ...readTool, name: "write_file" }] };

function checkCalls(events: ModelEvent[], expected: NonNullable<StreamCase["calls"]>): void {
  const calls = filterByType(events, "call");
  assert.equal(calls.length, expected.length);
  for (const [at, one] of expected.entries()) {
    assert.equal(calls[at]?.name, one.name);
    assert.deepEqual(calls[at]?.input, one.input);
    if (one.id !== undefined) assert.equal(calls[at]?.id, one.id);
    if (one.problem !== undefined) assert.match(calls[at]?.problem ?? "", one.problem);
    else assert.equal(calls[at]?.problem, undefined);
  }
}

export async function checkStream(one: StreamCase): Promise<void> {
  const endpoint = await scriptedEndpoint([{ body: one.body, ...one.script }]);
  try {
    const target = targetFor(endpoint.baseUrl, { compat: one.compat ?? {}, ...one.target });
    const events = await collect(target, ask("hi", one.request));
    assert.equal(endOf(events), one.end, failureOf(events));
    assert.equal(filterByType(events, "stop").length, 1);
    if (one.text !== undefined) assert.equal(textOf(events), one.text);
    if (one.reasoning !== undefined) assert.equal(reasoningOf(events), one.reasoning);
    if (one.says !== undefined) assert.match(failureOf(events), one.says);
    if (one.requests !== undefined) assert.equal(endpoint.received.length, one.requests);
    checkCalls(events, one.calls ?? []);
    one.more?.(events);
  } finally {
    await endpoint.close();
  }
}
