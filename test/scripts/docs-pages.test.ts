import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { sessionEvent } from "../../protocol/events.ts";
import { notifications, requests } from "../../protocol/methods.ts";
import { contributions, hookEvents, hostRequests, pluginNotifications, pluginRequests } from "../../protocol/plugin.ts";
import { pluginPage } from "../../scripts/docs/plugin-page.ts";
import { protocolPage, protocolSchema } from "../../scripts/docs/protocol-page.ts";

const committed = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");

describe("the protocol documentation", () => {
  it("is up to date; `npm run docs` updates it", async () => {
    assert.equal(await committed("protocol.md"), protocolPage());
    assert.equal(await committed("protocol.schema.json"), protocolSchema());
    assert.equal(await committed("plugin-reference.md"), pluginPage());
  });

  it("lists every method and every event", () => {
    const page = protocolPage();
    const names = [
      ...Object.values(requests).map(({ name }) => name),
      ...Object.values(notifications).map(({ type }) => type.method),
      ...sessionEvent.options.map(({ shape }) => shape.type.value),
    ];
    for (const name of names) assert.ok(page.includes(`\n### ${name}\n`), name);
  });

  it("lists every plugin hook, request, notification and contribution", () => {
    const page = pluginPage();
    for (const table of [hookEvents, pluginRequests, hostRequests, pluginNotifications])
      for (const [name, { doc }] of Object.entries(table)) assert.ok(page.includes(`\n### ${name}\n\n${doc}\n`), name);
    for (const what of contributions) assert.ok(page.includes(`\`"${what}"\``), what);
  });
});
