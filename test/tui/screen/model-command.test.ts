/** `/model NAME` uses only what a provider can have. */
import { useTerminals } from "../../help/screen.ts";

describe("the command /model", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  it("refuses unknown models, and warns of unverified ones", async () => {
    await terminals
      .home()
      .run(["config", "set", "providers.gone", JSON.stringify({ baseUrl: "http://127.0.0.1:1/v1" })]);
    const one = await terminals.ready([], { columns: 100, rows: 30 });
    for (const [name, shown] of [
      ["nobody/m", /"nobody"[\s\S]*≡.* env\/m/],
      ["rehearsal/tuor", /rehearsal\/tour\?[\s\S]*≡.* env\/m/],
      ["gone/any", /verified[\s\S]*≡.* gone\/any/],
      ["rehearsal/edit", /≡.* rehearsal\/edit/],
    ] as const) {
      one.type(`/model ${name}`);
      await one.waitFor(new RegExp(`› /model ${name}`));
      one.press("enter");
      await one.waitFor((rows) => shown.test(rows.join("\n")) && /› Ask anything/.test(rows.join("\n")));
      await one.waitUntilSettled();
    }
  });
});
