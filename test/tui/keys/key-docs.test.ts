import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parse } from "jsonc-parser";
import { insertKeyTables } from "../../../tui/keys/key-docs.ts";
import { openKeyboard } from "../../../tui/keys/keyboard.ts";

const page = () => readFile(new URL("../../../docs/keys.md", import.meta.url), "utf8");

describe("docs/keys.md", () => {
  it("is up to date with the key tables; `npm run docs` updates it", async () => {
    const text = await page();
    assert.equal(text, insertKeyTables(text));
    assert.ok(text.includes("`vim.innerWord`"));
  });

  it("has a valid example", async () => {
    const example = /```jsonc\n([\s\S]*?)```/.exec(await page())?.[1] ?? "";
    const { keys, bindings } = parse(example) as { keys: "vim"; bindings: Record<string, string> };
    assert.deepEqual(openKeyboard(keys, bindings).problems, []);
  });
});
