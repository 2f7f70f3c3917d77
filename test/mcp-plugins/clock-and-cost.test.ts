/** The included clock-and-cost widget: its content, and that it never exceeds its slot. */
import assert from "node:assert/strict";
import fc from "fast-check";
import stringWidth from "string-width";
import { build } from "../help/build.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";

const usage = { requests: 3, input: 12_345, cached: 6_000, output: 678, reasoning: 0 };
const view = {
  session: "s",
  cwd: "/tmp",
  title: "T",
  model: "a/cheap",
  running: true,
  contextUsed: 25_000,
  context: 100_000,
  usage: [
    { ...usage, model: "a/cheap", cost: 0.0123 },
    { ...usage, model: "b/dear", cost: 1.5, cached: 0 },
    { ...usage, model: "local/free", cost: null },
  ],
};

describe("the clock-and-cost plugin", function () {
  this.timeout(60_000);
  let plugin: StartedPlugin;
  before(async () => {
    build();
    plugin = await start(includedPlugin("clock-and-cost"));
  });
  after(() => plugin.close());
  const render = async (slot: string, width: number, height: number, view: object | null): Promise<string[]> => {
    const place = { widget: "usage", slot, width, height, view };
    const { lines } = (await plugin.ask("tutti/widget/render", place)) as { lines: { text: string }[][] };
    return lines.map((line) => line.map(({ text }) => text).join(""));
  };

  it("shows one line in the status bar, and leaves out what does not fit", async () => {
    const [line = ""] = await render("status", 80, 1, view);
    assert.match(line, /^\d+:\d\d · \$1\.51\+ · 25% · 39\.1k tokens$/);
    assert.match((await render("status", 16, 1, view))[0] ?? "", /^\d+:\d\d · \$1\.51\+$/);
    assert.match((await render("status", 5, 1, view))[0] ?? "", /^\d+:\d\d$/);
    assert.deepEqual(await render("status", 2, 1, view), []);
    assert.deepEqual(await render("status", 80, 1, null), []);
  });

  it("shows each model in the sidebar, most expensive first", async () => {
    const lines = await render("sidebar", 40, 20, view);
    assert.match(lines[0] ?? "", /^Time +\d+:\d\d$/);
    assert.deepEqual(lines.slice(1), [
      "b/dear                             $1.50",
      "3× in 12.3k out 678",
      "a/cheap                          $0.0123",
      "3× in 12.3k (49% cached) out 678",
      "local/free                      no price",
      "3× in 12.3k (49% cached) out 678",
      "Total                             $1.51+",
    ]);
    assert.equal((await render("sidebar", 40, 3, view)).length, 3);
  });

  it("fits in any slot", async () => {
    const tokens = fc.integer({ min: 0, max: 2_000_000_000 });
    const name = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("模型/大", "👨‍👩‍👧‍👦 family", "é́é", ""));
    const usage = fc.record({
      model: name,
      requests: fc.nat(9999),
      input: tokens,
      cached: tokens,
      output: tokens,
      reasoning: tokens,
      cost: fc.option(fc.double({ min: 0, max: 100_000, noNaN: true })),
    });
    const any = fc.record({
      ...Object.fromEntries(Object.entries(view).map(([key, value]) => [key, fc.constant(value)])),
      usage: fc.array(usage, { maxLength: 4 }),
      context: fc.option(fc.nat()),
    });
    await fc.assert(
      fc.asyncProperty(
        any,
        fc.constantFrom("status", "sidebar"),
        fc.nat(60),
        fc.nat(8),
        async (seen, slot, width, height) => {
          const lines = await render(slot, width, height, seen);
          assert.ok(lines.length <= height);
          for (const line of lines) assert.ok(stringWidth(line) <= width, `${width}: ${JSON.stringify(line)}`);
        },
      ),
      { numRuns: 300 },
    );
  });
});
