/** Errors of the operating system are shown in plain words. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError } from "../../protocol/errors.ts";

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("the description of an error", () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-errors-"));
  const file = join(folder, "file");
  writeFileSync(file, "");

  it("names the file and what is wrong with it, without a code", () => {
    const rows: [work: () => unknown, expected: string][] = [
      [() => readFileSync(join(folder, "none")), `${join(folder, "none")}: no such file or folder`],
      [() => readFileSync(folder), "it is a folder, not a file"],
      [() => readFileSync(join(file, "below")), `${join(file, "below")}: part of its path is a file, not a folder`],
      [() => rmdirSync(folder), `${folder}: the folder is not empty`],
    ];
    for (const [work, expected] of rows) {
      const text = describeError(thrownBy(work));
      assert.ok(text.endsWith(expected), text);
      assert.doesNotMatch(text, /\bE[A-Z]{3,}\b/);
    }
  });

  it("is plain for sockets, too", async () => {
    const error = await new Promise((resolve) => connect(join(folder, "no.sock")).once("error", resolve));
    assert.match(describeError(error), /no such file or folder|no\.sock/);
    assert.doesNotMatch(describeError(error), /ENOENT/);
  });

  it("is the message of any other error", () => {
    assert.equal(describeError(new Error("It is too long.")), "It is too long.");
    assert.equal(describeError("text"), "text");
  });
});
