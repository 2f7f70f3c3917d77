import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { sessionEvent } from "../../protocol/events.ts";
import { notifications, requests } from "../../protocol/methods.ts";
import { protocolPage, protocolSchema } from "../../protocol/pages.ts";

const committed = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");

describe("the documents of the protocol", () => {
  it("are current; `npm run docs` makes them so", async () => {
    assert.equal(await committed("protocol.md"), protocolPage());
    assert.equal(await committed("protocol.schema.json"), protocolSchema());
  });

  it("name every method and every event", () => {
    const page = protocolPage();
    const names = [
      ...Object.values(requests).map(({ name }) => name),
      ...Object.values(notifications).map(({ type }) => type.method),
      ...sessionEvent.options.map(({ shape }) => shape.type.value),
    ];
    for (const name of names) assert.ok(page.includes(`\n### ${name}\n`), name);
  });
});
