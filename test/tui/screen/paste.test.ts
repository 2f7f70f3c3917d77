/** Enter directly after a bracketed paste sends what was pasted, however the terminal writes both. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";

interface Message {
  role: string;
  content: string | { type: string; text?: string }[];
}

const lastPrompt = (body: Record<string, unknown>): string => {
  const content = (body.messages as Message[]).findLast(({ role }) => role === "user")?.content ?? "";
  return typeof content === "string" ? content : content.map(({ type, text }) => text ?? `<${type}>`).join("");
};

const long = Array.from({ length: 40 }, (_, index) => `row ${index}`).join("\n");

const writes: [bytes: string[], text: string][] = [
  [["before \x1b[200~PASTED\x1b[201~ after\r"], "before PASTED after"],
  [["\x1b[200~line 1\rline 2\x1b[201~", "\r"], "line 1\nline 2"],
  [[`\x1b[200~${long}`, "\x1b[201~\x1b[13u"], long],
  [["\x1b[200~first\x1b[106;5usecond\x1b[201~\x1b[27;1;13~"], "first\nsecond"],
  [["see \x1b[200~@nowhere\x1b[201~\r"], "see @nowhere"],
];

describe("a paste and Enter", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  for (const table of ["default", "emacs", "vim"])
    it(`sends the pasted text with the ${table} keys`, async () => {
      await terminals.home().run(["config", "set", "keys", table]);
      const endpoint = await terminals.serve(writes.map((_, index) => answer(`Response ${index + 1}`)));
      const terminal = await terminals.ready();
      for (const [index, [bytes, text]] of writes.entries()) {
        for (const one of bytes) terminal.type(one);
        assert.equal(lastPrompt((await endpoint.request(index)).body), text);
        await terminal.waitFor(new RegExp(`Response ${index + 1}`));
      }
    });

  it("sends the image whose path was pasted", async () => {
    const picture = join(terminals.home().work, "dot.png");
    writeFileSync(
      picture,
      Buffer.from(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "base64",
      ),
    );
    const endpoint = await terminals.serve([answer("A dot.")]);
    const terminal = await terminals.ready();
    terminal.type(`What is \x1b[200~${picture}\x1b[201~?\r`);
    assert.match(lastPrompt((await endpoint.request(0)).body), /What is \[dot\.png\]\?/);
  });
});
