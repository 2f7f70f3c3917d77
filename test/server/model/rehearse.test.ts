/** Scripted models over HTTP: step matching, templates, faults, and the tour with real tools. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTransport } from "../../../server/model/http.ts";
import { readScenario } from "../../../server/model/read-scenario.ts";
import { type Rehearsal, rehearse } from "../../../server/model/rehearse.ts";
import { evaluateLines, fillTemplate, type TemplateContext } from "../../../server/model/template.ts";
import { sha256 } from "../../../server/node/random.ts";
import type { Message } from "../../../server/ports.ts";
import { build } from "../../help/build.ts";
import {
  ask,
  collect,
  createTestClock,
  endOf,
  failureOf,
  filterByType,
  readTool,
  reasoningOf,
  targetFor,
  textOf,
} from "../../help/model-client.ts";
import { type Home, openHome } from "../../help/tutti.ts";

describe("a rehearsal", () => {
  const transport = openTransport({ env: {} });
  const playing: Rehearsal[] = [];
  after(() => transport.close());
  afterEach(async () => {
    for (const one of playing.splice(0)) await one.close();
  });
  const play = async (scenario: unknown) => {
    const served = await rehearse(await readScenario(JSON.stringify(scenario), "test"), {
      clock: createTestClock(),
      hash: sha256,
    });
    playing.push(served);
    return (text: string, more: Parameters<typeof ask>[1] = {}, limits = {}) =>
      collect(targetFor(served.baseUrl), ask(text, { tools: [readTool], ...more }), { transport, limits });
  };

  it("returns the text, reasoning, calls and usage of its step", async () => {
    const tell = await play({
      steps: [
        {
          think: "Hm.",
          say: "I read {{user}}.",
          calls: [{ tool: "read", input: { path: "{{user}}" } }],
          usage: { input: 12, output: 5, cached: 3 },
        },
      ],
    });
    const events = await tell("a.txt");
    assert.equal(textOf(events), "I read a.txt.");
    assert.equal(reasoningOf(events), "Hm.");
    assert.deepEqual(
      filterByType(events, "call").map(({ name, input }) => [name, input]),
      [["read", { path: "a.txt" }]],
    );
    const { input, output, cached } = filterByType(events, "usage").at(-1)?.usage ?? {};
    assert.deepEqual([input, output, cached], [12, 5, 3]);
    assert.equal(endOf(events), "calls");
  });

  it("matches steps by prompt, step, result and tool", async () => {
    const tell = await play({
      steps: [
        { when: { user: "/^HELP/i" }, say: "help" },
        { when: { step: 2, tool: "read", result: "needle" }, say: "found {{result.read | files | first}}" },
        { when: { step: 2 }, say: "not found" },
        { when: { turn: 2 }, say: "again" },
        { say: "first" },
      ],
    });
    const respond = async (text: string, messages?: Message[]) => textOf(await tell(text, messages && { messages }));
    const user = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });
    const called = (output: string): Message[] => [
      user("go"),
      { role: "assistant", model: "acme/m", content: [{ type: "call", id: "c1", name: "read", input: { path: "a" } }] },
      { role: "tool", results: [{ id: "c1", name: "read", output, failed: false, images: [] }] },
    ];
    assert.equal(await respond("help me"), "help");
    assert.equal(await respond("go"), "first");
    assert.equal(await respond("go", called("(a remark)\nneedle")), "found needle");
    assert.equal(await respond("go", called("hay")), "not found");
    assert.equal(await respond("go", [...called("hay"), user("go on")]), "again");
  });

  it("produces every kind of fault", async () => {
    const tell = await play({
      steps: [
        { when: { user: "status" }, fault: { type: "status", status: 401, message: "no such key" } },
        { when: { user: "cut" }, say: "This will not be finished", fault: { type: "cut", after: 12 } },
        { when: { user: "stall" }, say: "This will not go on", fault: { type: "stall", after: 12 } },
        { when: { user: "malformed" }, say: "This is broken", fault: { type: "malformed", after: 12 } },
        { when: { user: "ends" }, say: "This has no end", fault: { type: "no-finish" } },
        { when: { user: "page" }, fault: { type: "html" } },
        {
          when: { user: "arguments" },
          calls: [{ tool: "read", input: { path: "some/long/path" } }],
          fault: { type: "bad-arguments" },
        },
        { when: { user: "long" }, say: "This is too", finish: "length" },
        { when: { user: "busy", attempt: 1 }, fault: { type: "status", status: 429, headers: { "retry-after": "1" } } },
        { when: { user: "busy" }, say: "now" },
      ],
    });
    const status = await tell("status");
    assert.equal(endOf(status), "auth");
    assert.match(failureOf(status), /no such key/);
    for (const word of ["cut", "malformed", "ends"]) {
      const events = await tell(word);
      assert.equal(endOf(events), "cut", word);
      assert.match(textOf(events), /^This /, word);
    }
    assert.equal(endOf(await tell("stall", {}, { dataMs: 50, reasoningFirstMs: 50 })), "cut");
    assert.equal(endOf(await tell("page")), "protocol");
    const broken = filterByType(await tell("arguments"), "call");
    assert.ok(
      broken.length === 0 ||
        broken[0]?.problem !== undefined ||
        JSON.stringify(broken[0]?.input) !== '{"path":"some/long/path"}',
    );
    assert.equal(endOf(await tell("long")), "length");
    const busy = await tell("busy");
    assert.equal(filterByType(busy, "retry").length, 1);
    assert.equal(textOf(busy), "now");
    const none = await tell("nothing fits");
    assert.match(failureOf(none), /No step of the scenario matches turn 1, step 1.*: steps\[0\] needs user "/);
  });

  it("breaks off without `after`, before any text, and after all of it", async () => {
    for (const after of [undefined, 0, 10_000])
      for (const type of ["cut", "malformed", "stall"] as const) {
        const fault = after === undefined ? { type } : { type, after };
        const tell = await play({ steps: [{ say: "Some words", fault }] });
        const events = await tell("go", {}, { dataMs: 50, firstMs: 50, reasoningFirstMs: 50 });
        assert.notEqual(endOf(events), "stop", JSON.stringify(fault));
        assert.equal(textOf(events), after === 10_000 ? "Some words" : "", JSON.stringify(fault));
      }
  });

  it("produces the same faults for requests without streaming", async () => {
    const calls = [{ tool: "read", input: { path: "some/long/path" } }];
    const request = async (fault: { type: string; after?: number }): Promise<Response> => {
      const scenario = await readScenario(JSON.stringify({ steps: [{ say: "Some words", calls, fault }] }), "test");
      const served = await rehearse(scenario, { clock: createTestClock(), hash: sha256 });
      playing.push(served);
      const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "go" }] });
      return fetch(`${served.baseUrl}/chat/completions`, { method: "POST", body });
    };
    for (const after of [0, 40, 10_000]) {
      await assert.rejects(async () => (await request({ type: "cut", after })).text(), `cut after ${after}`);
      await assert.rejects(async () => (await request({ type: "malformed", after })).json(), SyntaxError);
      const { body } = await request({ type: "stall", after });
      const reader = body?.getReader();
      if (after > 0) assert.match(Buffer.from((await reader?.read())?.value ?? []).toString(), /^\{"id":/);
      await reader?.cancel();
    }
    const parse = async (type: string) => {
      const { choices } = (await (await request({ type })).json()) as {
        choices: {
          finish_reason: unknown;
          message: { content: string; tool_calls?: { function: { arguments: string } }[] };
        }[];
      };
      return choices[0];
    };
    assert.equal((await parse("no-finish"))?.finish_reason, null);
    assert.equal((await parse("empty"))?.message.content, "");
    assert.equal((await parse("bad-arguments"))?.message.tool_calls?.[0]?.function.arguments, '{"path":"some');
    assert.match((await request({ type: "html" })).headers.get("content-type") ?? "", /html/);
  });

  it("reports each mistake in a scenario with its line, its step and what is wrong", async () => {
    const step = (text: string): string => `{\n"steps": [\n{ "say": "fine" },\n${text}\n]}`;
    for (const [text, message] of [
      ['{"steps": [\n  {"say": }\n]}', "a.jsonc:2 is not a scenario: Value expected."],
      ["", "a.jsonc:1 is not a scenario: Value expected."],
      ["[]", "a.jsonc:1 is not a scenario: must be an object."],
      ['{"steps": []}', "a.jsonc:1 is not a scenario: steps: must have at least one item."],
      [
        step('{ "fault": { "type": "status", "status": 500, "after": 3 } }'),
        "a.jsonc:4 is not a scenario: steps[1].fault.after: unknown key; known: type, status, message, body, headers.",
      ],
      [
        step('{ "fault": { "type": "status", "status": 700 } }'),
        "a.jsonc:4 is not a scenario: steps[1].fault.status: must be at most 599.",
      ],
      [step('{ "thnk": "x" }'), 'a.jsonc:4 is not a scenario: steps[1].thnk: unknown key; did you mean "think"?'],
      [
        step('{ "usage": { "input": 1, "output": 1, "cost": 1 } }'),
        "a.jsonc:4 is not a scenario: steps[1].usage.cost: unknown key; known: input, output, cached, reasoning.",
      ],
      [
        step('{\n"when": { "usr": "x" } }'),
        'a.jsonc:5 is not a scenario: steps[1].when.usr: unknown key; did you mean "user"?',
      ],
      [step('{ "say": 3 }'), "a.jsonc:4 is not a scenario: steps[1].say: must be a text."],
      [
        step('{ "fault": { "type": "brake" } }'),
        "a.jsonc:4 is not a scenario: steps[1].fault.type: must be one of status, cut, stall, malformed, no-finish, empty, html, bad-arguments.",
      ],
      [step('{ "fault": "cut" }'), "a.jsonc:4 is not a scenario: steps[1].fault: must be an object."],
      [
        step('{ "fault": { "type": "cut", "affter": 1 } }'),
        'a.jsonc:4 is not a scenario: steps[1].fault.affter: unknown key; did you mean "after"?',
      ],
      [
        step('{ "fault": { "type": "status" } }'),
        "a.jsonc:4 is not a scenario: steps[1].fault.status: must be a number.",
      ],
      [
        step('{ "fault": { "type": "bad-arguments" } }'),
        "a.jsonc:4 is not a scenario: steps[1].fault: `bad-arguments` requires `calls`.",
      ],
      [
        step('{ "when": { "user": "/(/" } }'),
        "a.jsonc:4 is not a scenario: steps[1].when.user: invalid regular expression: /(/: Unterminated group.",
      ],
      [
        step('{ "say": "{{user | sort}}" }'),
        /^a\.jsonc:4 is not a scenario: steps\[1\]\.say: \{\{user \| sort\}\}: unknown filter "sort"; available: lines, .*\.$/,
      ],
      [
        step('{ "calls": [{ "tool": "a" },\n{ "tool": "b", "input": { "all": ["x", "{{reslt}}"] } }] }'),
        /^a\.jsonc:5 is not a scenario: steps\[1\]\.calls\[1\]\.input\.all\[1\]: \{\{reslt\}\}: unknown value "reslt"; available: user/,
      ],
      [
        step('{ "when": { "some": "{{user | match}}" } }'),
        "a.jsonc:4 is not a scenario: steps[1].when.some: {{user | match}}: match needs a pattern.",
      ],
      [
        step('{ "say": "{{result | first x}}" }'),
        'a.jsonc:4 is not a scenario: steps[1].say: {{result | first x}}: first needs a number, not "x".',
      ],
      [
        step('{ "say": "{{it}}" }'),
        "a.jsonc:4 is not a scenario: steps[1].say: {{it}}: only available in the input of a call with `each`.",
      ],
      [
        step('{ "say": "{{user | join \\", }}" }'),
        'a.jsonc:4 is not a scenario: steps[1].say: {{user | join ", }}: unclosed quote.',
      ],
    ] as const)
      await assert.rejects(readScenario(text, "a.jsonc"), { code: "usage", message }, text);
  });

  it("reports the mistakes of all steps together, and uses no template of a plain step", async () => {
    await assert.rejects(readScenario('{"steps": [\n{"say": 1},\n{"says": ""},\n{"delay": -1}]}', "b.jsonc"), {
      message: [
        "b.jsonc:2 is not a scenario: steps[0].say: must be a text.",
        'b.jsonc:3: steps[1].says: unknown key; did you mean "say"?',
        "b.jsonc:4: steps[2].delay: must be at least 0.",
      ].join("\n"),
    });
    const wrong = Array.from({ length: 15 }, () => '{"say": 1}').join();
    await assert.rejects(readScenario(`{"steps": [${wrong}]}`, "b.jsonc"), /\n5 more problems are not shown\.$/);
    const plain = { plain: true, say: "{{ no template }}", calls: [{ tool: "a", input: { text: "{{ | }}" } }] };
    const { steps } = await readScenario(JSON.stringify({ steps: [plain] }), "b.jsonc");
    assert.deepEqual(steps, [plain]);
  });

  it("fills templates from the conversation", () => {
    const facts: TemplateContext = {
      user: "look | here",
      turn: 1,
      step: 2,
      answer: 2,
      attempt: 1,
      last: [{ tool: "list", text: "src/\nREADME.md\na.ts\n(2 more)" }],
      all: [{ tool: "list", text: "src/\nREADME.md\na.ts\n(2 more)" }],
      tools: ["list"],
    };
    const cases: [string, string][] = [
      ["{{user}}", "look | here"],
      ["{{result.list | files | join}}", "README.md, a.ts"],
      ["{{result.0 | folders | quote}}", "`src/`"],
      ['{{result | files | match "readme" | first}}', "README.md"],
      ['{{result.grep | files | or "none"}}', "none"],
      ["{{result | files | count}} of {{step}}", "2 of 2"],
      ['{{result | files | without "\\.md$" | replace "\\.ts$" ".js"}}', "a.js"],
      ["{{result | files | more 5}}", ""],
      ['{{tools | join " | "}}', "list"],
      ["{{result.grep | blockquote}}", ""],
      ["{{result | folders | blockquote}}", "> ```\n> src/\n> ```"],
    ];
    for (const [template, made] of cases) assert.equal(fillTemplate(template, facts), made, template);
    assert.deepEqual(evaluateLines("{{result | files}}", facts), ["README.md", "a.ts"]);
    assert.throws(() => fillTemplate("{{results | sort}}", facts), /unknown filter "sort"/);
    assert.throws(() => fillTemplate("{{reuslts}}", facts), /unknown value "reuslts"/);
  });

  it("parses all shipped scenarios and the example in the guide", async () => {
    const guide = readFileSync(new URL("../../../docs/rehearsal.md", import.meta.url), "utf8");
    const example = /```jsonc\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
    assert.ok((await readScenario(example, "docs/rehearsal.md")).steps.length > 3);
    for (const name of ["tour", "edit", "faults"]) {
      const file = new URL(`../../../server/model/scenarios/${name}.jsonc`, import.meta.url);
      assert.equal((await readScenario(readFileSync(file, "utf8"), name)).model, name);
    }
  });
});

describe("the tour", () => {
  let home: Home;
  before(build);
  beforeEach(async () => {
    home = await openHome();
  });
  afterEach(() => home.close());

  it("reads the folder with the real tools and lists its content", async () => {
    mkdirSync(join(home.work, "src"));
    writeFileSync(join(home.work, "README.md"), "# The sundial\n\nTells the time.\n");
    writeFileSync(join(home.work, "src", "shadow.ts"), "// TODO turn with the sun\n");
    const { code, out, err } = await home.run(["run", "--model", "rehearsal/tour", "--mode", "ask", "What is here?"]);
    assert.equal(code, 0, err);
    for (const found of ["README.md", "src/", "The sundial", "TODO turn with the sun", "What is here?"])
      assert.ok(out.includes(found), `${found} in:\n${out}`);
    const events = await home.events(await home.lastSession());
    const calls = events.flatMap(({ event }) => (event.type === "call.done" ? [event.state] : []));
    assert.ok(calls.length >= 5);
    assert.ok(
      calls.every((state) => state === "done"),
      calls.join(),
    );
  });

  it("shows the content of files verbatim, never as lists, headings or code of its own", async () => {
    for (const [content, ...expected] of [
      ["- [x] done\n- [ ] open\n", "> ```", "> - [x] done", "> - [ ] open", "> ```"],
      ["# Title\n\n> quoted\n1. one\n", "> ```", "> # Title", ">", "> > quoted", "> 1. one", "> ```"],
      ["```js\nx\n````\n", "> `````", "> ```js", "> x", "> ````", "> `````"],
    ] as const) {
      writeFileSync(join(home.work, "README.md"), content);
      const { out, err } = await home.run(["run", "--model", "rehearsal/tour", "What is `here`?\n# Now"]);
      assert.ok(out.includes(`\n\n${expected.join("\n")}\n\n`), `${content} in:\n${out}${err}`);
      assert.doesNotMatch(out, /^# /m);
    }
  });

  it("works in an empty folder, and edits only if allowed", async () => {
    const tour = await home.run(["run", "--model", "rehearsal/tour", "What is here?"]);
    assert.equal(tour.code, 0, tour.err);
    assert.match(tour.out, /nothing in this folder/);
    const refused = await home.run(["run", "--model", "rehearsal/edit", "go"]);
    assert.equal(refused.code, 4);
    const done = await home.run(["run", "--model", "rehearsal/edit", "--mode", "auto", "go"]);
    assert.equal(done.code, 0, done.err);
    assert.equal(readFileSync(join(home.work, "rehearsal.txt"), "utf8"), "one\ntwo and a half\nthree\n");
    assert.match(done.out, /two and a half/);
  });
});
