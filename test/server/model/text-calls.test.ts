import assert from "node:assert/strict";
import { openTextCallReader, type TextPart } from "../../../server/model/text-calls.ts";
import { readTool } from "../../help/model-client.ts";

function read(text: string, size: number): { text: string; calls: { name: string; input: unknown }[] } {
  const reader = openTextCallReader([readTool]);
  const parts: TextPart[] = [];
  for (let at = 0; at < text.length; at += size) parts.push(...reader.push(text.slice(at, at + size)));
  parts.push(...reader.end());
  return {
    text: parts.map((part) => (part.kind === "text" ? part.text : "")).join(""),
    calls: parts.flatMap((part) => (part.kind === "call" ? [{ name: part.name, input: JSON.parse(part.raw) }] : [])),
  };
}

const call = { name: "read", input: { path: "a" } };
const json = '{"name":"read","arguments":{"path":"a"}}';

const cases: { name: string; text: string; left: string; calls: unknown[] }[] = [
  { name: "Hermes' and Qwen's tags", text: `<tool_call>\n${json}\n</tool_call>`, left: "", calls: [call] },
  {
    name: "two calls after text",
    text: `Look:<tool_call>${json}</tool_call><tool_call>${json}</tool_call>`,
    left: "Look:",
    calls: [call, call],
  },
  {
    name: "Qwen-Coder's parameters",
    text: "<tool_call>\n<function=read>\n<parameter=path>\na\n</parameter>\n</function>\n</tool_call>",
    left: "",
    calls: [call],
  },
  { name: "a function tag", text: '<function=read>{"path":"a"}</function>', left: "", calls: [call] },
  { name: "a fence of JSON", text: `Sure.\n\`\`\`json\n${json}\n\`\`\``, left: "Sure.\n", calls: [call] },
  { name: "Mistral's list", text: `[TOOL_CALLS][${json}]`, left: "", calls: [call] },
  { name: "Mistral's newer form", text: '[TOOL_CALLS]read[ARGS]{"path":"a"}', left: "", calls: [call] },
  { name: "Llama's bare object", text: '{"name":"read","parameters":{"path":"a"}}', left: "", calls: [call] },
  { name: "Llama's tag", text: `<|python_tag|>${json}`, left: "", calls: [call] },
  { name: "a tag that was not closed", text: `<tool_call>${json}`, left: "", calls: [call] },
  {
    name: "an unknown tool, which stays text",
    text: '<tool_call>{"name":"rm","arguments":{}}</tool_call>',
    left: '<tool_call>{"name":"rm","arguments":{}}</tool_call>',
    calls: [],
  },
  {
    name: "JSON that is no call",
    text: 'Use\n```json\n{"a":1}\n```\nthen.',
    left: 'Use\n```json\n{"a":1}\n```\nthen.',
    calls: [],
  },
  { name: "plain text with braces and brackets", text: "if (a < b) { c[0] }", left: "if (a < b) { c[0] }", calls: [] },
];

describe("calls written as text", () => {
  for (const { name, text, left, calls } of cases) {
    it(`reads ${name}, split at every position`, () => {
      for (const size of [1, 2, 3, 7, 1_000])
        assert.deepEqual(read(text, size), { text: left, calls }, `pieces of ${size}`);
    });
  }
});
