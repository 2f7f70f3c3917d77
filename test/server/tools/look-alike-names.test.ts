import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { edit } from "../../../server/tools/edit.ts";
import { read } from "../../../server/tools/read.ts";
import { openToolBench, type ToolBench } from "../../help/tool-bench.ts";

let bench: ToolBench;
const setUp = async () => {
  bench = await openToolBench();
};
const tearDown = () => bench.close();
const onDisk = (name: string) => readFile(join(bench.cwd, name), "utf8");

describe("names that look alike", () => {
  beforeEach(setUp);
  afterEach(tearDown);

  const names: [string, string][] = [
    ["Shot at 1.01\u202fAM.txt", "Shot at 1.01 AM.txt"],
    ["v\u00a013.txt", "v 13.txt"],
    ["cafe\u0301.txt", "caf\u00e9.txt"],
    ["caf\u00e9.txt", "cafe\u0301.txt"],
    ["it\u2019s \u2013 x.txt", "it's - x.txt"],
    ["re\u0301sume\u0301/v\u00a01/a.txt", "r\u00e9sum\u00e9/v 1/a.txt"],
  ];
  for (const [actual, written] of names)
    it(`are found: ${JSON.stringify(written)}`, async () => {
      await bench.writeFile(actual, "one\n");
      assert.equal((await bench.call(read, { path: written })).output, "1\tone");
      assert.equal((await bench.call(edit, { path: written, old: "one", new: "two" })).ok, true);
      assert.equal(await onDisk(actual), "two\n");
      assert.deepEqual((await bench.prepare(read, { path: written })).locations, [{ path: join(bench.cwd, actual) }]);
    });

  it("prefer the exact one, and are not chosen between two", async () => {
    await bench.writeFile("a\u00a0b", "1\n");
    await bench.writeFile("a\u202fb", "2\n");
    const missing = await bench.call(read, { path: "a b" });
    assert.match(missing.output, /a b does not exist. Similar names in that folder: a.b, a.b/);
    await bench.writeFile("a b", "3\n");
    assert.equal((await bench.call(read, { path: "a b" })).output, "1\t3");
  });

  it("are shown if they are only similar", async () => {
    await bench.writeFile("configuration.json", "{}");
    assert.match(
      (await bench.call(read, { path: "configuraton.json" })).output,
      /Similar names.*: configuration\.json/,
    );
  });
});
