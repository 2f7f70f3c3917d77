/** `/find` stops at each matching line, wherever it is in a message. */
import { useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";

const filler = (name: string): string[] => Array.from({ length: 60 }, (_, at) => `- ${name} line ${at}`);

describe("searching a session", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  it("shows the matching line of a long message, and steps from line to line", async () => {
    const long = [...filler("first"), "- the zebra one", ...filler("second"), "- the Zebra two", ...filler("third")];
    await terminals.serve([answer(long.join("\n")), answer(filler("last").join("\n"))]);
    const one = await terminals.ready([], { columns: 80, rows: 24 });
    for (const [prompt, end] of [
      ["Begin", /third line 59/],
      ["Go on", /last line 59/],
    ] as const) {
      one.type(prompt);
      await one.waitFor(new RegExp(`› ${prompt}`));
      one.press("enter");
      await one.waitFor(end);
    }
    one.type("/find zebra");
    await one.waitFor(/› \/find zebra/);
    one.press("enter");
    await one.waitFor(/the Zebra two[\s\S]*1 of 1, line 2 of 2/);
    one.press("shift+f3");
    await one.waitFor(/the zebra one[\s\S]*1 of 1, line 1 of 2/);
    one.press("f3");
    await one.waitFor(/the Zebra two[\s\S]*1 of 1, line 2 of 2/);
    one.resize(50, 20);
    one.press("f3");
    await one.waitFor(/the zebra one[\s\S]*1 of 1, line 1 of 2/);
  });
});
