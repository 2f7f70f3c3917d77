import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parse } from "jsonc-parser";
import { openKeyboard } from "../../../tui/keys/keyboard.ts";
import { withTables } from "../../../tui/keys/pages.ts";

const page = () => readFile(new URL("../../../docs/keys.md", import.meta.url), "utf8");

describe("the page of the keys", () => {
  it("has the tables that the program runs on; `npm run docs` makes it so", async () => {
    const text = await page();
    assert.equal(text, withTables(text));
    assert.ok(text.includes("`vim.innerWord`"));
  });

  it("has an example that is right", async () => {
    const example = /```jsonc\n([\s\S]*?)```/.exec(await page())?.[1] ?? "";
    const { keys, bindings } = parse(example) as { keys: "vim"; bindings: Record<string, string> };
    assert.deepEqual(openKeyboard(keys, bindings).problems, []);
  });
});
