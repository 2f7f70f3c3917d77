/** The keys of the page are those of the terminal UI. */
import assert from "node:assert/strict";
import { defaultTable } from "../../tui/keys/default.ts";
import { pageKeys } from "../../web/keys.ts";

describe("the keys of the page", () => {
  for (const [action, { keys }] of Object.entries(pageKeys))
    it(`has ${keys} for ${action}, as the terminal UI`, () => {
      const found = defaultTable.some(
        (row) => row.keys === keys && [row.commands].flat().some((one) => one === action),
      );
      assert.ok(found, `the terminal UI has no ${keys} for ${action}`);
    });
});
