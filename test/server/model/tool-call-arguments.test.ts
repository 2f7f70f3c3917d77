import assert from "node:assert/strict";
import fc from "fast-check";
import { describeUnknownTool, matchToolName, parseArguments } from "../../../server/model/tool-call-arguments.ts";

const good: [string, string, unknown][] = [
  ["an object", '{"a":1}', { a: 1 }],
  ["nothing at all", "", {}],
  ["blanks only", " \n", {}],
  ["an object encoded twice", JSON.stringify('{"a":1}'), { a: 1 }],
  ["an object encoded three times", JSON.stringify(JSON.stringify('{"a":1}')), { a: 1 }],
  ["a closing tag after it", '{"a":1}</tool>', { a: 1 }],
  ["one brace too many after it", '{"a":1}}', { a: 1 }],
  ["a code fence around it", '```json\n{"a":1}\n```', { a: 1 }],
  ["line breaks inside", '{\n "a" : [1, 2.5e3, true, null, "x\\ny"]\n}', { a: [1, 2500, true, null, "x\ny"] }],
  ["the key constructor", '{"constructor":{"prototype":1}}', { constructor: { prototype: 1 } }],
];

const bad: [string, string, RegExp][] = [
  ["cut in a string", '{"path":"src/ma', /cut off at position 15/],
  ["cut after a key", '{"path"', /cut off at position 7/],
  ["cut after a comma", '{"a":1,', /cut off at position 7/],
  ["cut in a word", '{"a":tru', /cut off at position 8/],
  ["cut in an escape", '{"a":"\\', /cut off/],
  ["single quotes", "{'a':1}", /position 1: single quotes/],
  ["a comma before the end", '{"a":1,}', /position 7: a comma before the end/],
  ["NaN", '{"a":NaN}', /position 5: a value was expected/],
  ["Infinity", '{"a":-Infinity}', /position 5/],
  ["a key that comes twice", '{"a":1,"a":2}', /position 7: the key "a" comes twice/],
  ["a key that comes twice further in", '{"x":[{"a":1,"a":2}]}', /position 13/],
  ["a key that would change a prototype", '{"__proto__":{"admin":true}}', /position 1: the key "__proto__"/],
  ["the same key in disguise", '{"\\u005f_proto__":{"admin":true}}', /position 1/],
  ["a list", "[1]", /not a list/],
  ["a number", "7", /not a number/],
  ["null", "null", /not null/],
  ["plain words", "read the file", /position 0/],
  ["two objects", '{"a":1}{"b":2}', /second at position 7/],
  ["an empty object and more", '{}{"a":1}', /more than one/],
  ["a bare line break in a string", '{"a":"x\ny"}', /position 7: a control character/],
  ["nesting without end", `{"a":${"[".repeat(5_000)}`, /nested too deep/],
];

describe("call arguments", () => {
  for (const [name, raw, expected] of good) {
    it(`reads ${name}`, () => assert.deepEqual(parseArguments(raw), { ok: true, input: expected }));
  }
  for (const [name, raw, expected] of bad) {
    it(`describes what is wrong with ${name}`, () => {
      const read = parseArguments(raw);
      assert.equal(read.ok, false);
      assert.match(read.ok ? "" : read.problem, expected);
    });
  }

  it("rejects more than 10 MB", () => {
    const read = parseArguments(`{"a":"${"x".repeat(10 * 1024 * 1024)}"}`);
    assert.match(read.ok ? "" : read.problem, /10 MB/);
  });

  it("never completes truncated input, and parses complete input like JSON", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          fc.jsonValue({ maxDepth: 3 }),
        ),
        fc.nat(),
        (value, cut) => {
          const raw = JSON.stringify(value);
          if (raw.includes('"__proto__"')) return;
          assert.deepEqual(parseArguments(raw), { ok: true, input: JSON.parse(raw) });
          const part = raw.slice(0, 1 + (cut % (raw.length - 1)));
          assert.equal(parseArguments(part).ok, false, part);
        },
      ),
    );
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });
});

describe("tool names", () => {
  const names = ["read", "write_file", "list-files", "LIST"];
  const matches: [string, string | null][] = [
    ["read", "read"],
    ["Read", "read"],
    [" READ ", "read"],
    ["functions.read", "read"],
    ["functions.read:0", "read"],
    ["writeFile", "write_file"],
    ["list_files", "list-files"],
    ["reed", null],
    ["", null],
    ["read file", null],
    ["rm", null],
  ];
  for (const [input, expected] of matches)
    it(`maps "${input}" to ${expected ?? "nothing"}`, () => assert.equal(matchToolName(input, names), expected));

  it("does not choose between two similar names", () => assert.equal(matchToolName("a-b", ["a_b", "A.B"]), null));
  it("names the closest tool", () => assert.match(describeUnknownTool("reed", names), /did you mean "read"\?/));
  it("lists the tools if none is close", () =>
    assert.match(describeUnknownTool("deploy_to_mars", names), /the tools are read, write_file/));
  it("reports a call without a name", () => assert.match(describeUnknownTool(" ", names), /names no tool/));
});
