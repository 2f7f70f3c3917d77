import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { findFiles } from "../../../server/definitions/find-files.ts";

describe("finding the files of definitions again", () => {
  const search = { depth: 3, matches: (name: string) => name === "SKILL.md", within: null };
  const folders = ["", "a", "a/b", "a/b/c", "d", "d/e"];
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "find-"));
    for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const settle = (): void => {
    for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
    for (const folder of folders) utimesSync(join(root, folder), 1_000_000, 1_000_000);
  };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it("gives what a new search gives, after any changes", () => {
    const place = fc.constantFrom(...folders);
    const change = fc.oneof(
      fc.record({ kind: fc.constant("write" as const), place, text: fc.string() }),
      fc.record({ kind: fc.constant("other" as const), place }),
      fc.record({ kind: fc.constant("delete" as const), place }),
      fc.record({ kind: fc.constant("folder" as const), place }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        settle();
        const before = findFiles(root, search);
        assert.ok(before.listing);
        for (const one of changes) {
          const folder = join(one.place, "");
          if (one.kind === "write") write(join(folder, "SKILL.md"), one.text);
          if (one.kind === "other") write(join(folder, "notes.md"), "x");
          if (one.kind === "delete") rmSync(join(root, folder, "SKILL.md"), { force: true });
          if (one.kind === "folder") write(join(folder, "new", "SKILL.md"), "x");
        }
        const again = findFiles(root, search, before.listing);
        assert.deepEqual(again.files, findFiles(root, search).files);
        rmSync(root, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });

  it("looks at unchanged folders once", () => {
    write("a/SKILL.md", "x");
    settle();
    const { listing } = findFiles(root, search);
    assert.ok(listing);
    // Without a change of the folder's time, it is not read.
    write("a/b/SKILL.md", "y");
    utimesSync(join(root, "a/b"), 1_000_000, 1_000_000);
    assert.deepEqual(
      findFiles(root, search, listing).files.map(({ relative }) => relative),
      ["a/SKILL.md"],
    );
  });

  it("keeps no listing of a folder that has just changed, or has links", () => {
    write("a/SKILL.md", "x");
    assert.equal(findFiles(root, search).listing, null);
    symlinkSync(join(root, "d"), join(root, "a", "link"));
    settle();
    assert.equal(findFiles(root, search).listing, null);
  });
});
