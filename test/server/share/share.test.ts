import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join as joinPath } from "node:path";
import { connectTo } from "../../../client/local.ts";
import type { Link } from "../../../protocol/link.ts";
import { type RequestName, requests } from "../../../protocol/methods.ts";
import { type Follower, follow, hashView, joinAs } from "../../help/guests.ts";
import { openTestHub, type TestHub } from "../../help/hub.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { startTestServer, type TestServer } from "../../help/test-server.ts";

const RESPONSE = "The capybara naps beside the lagoon.";
const PROMPT = "Where does the capybara nap?";

describe("A shared session", () => {
  let hub: TestHub;
  let at: TestServer;
  let endpoint: ScriptedEndpoint;
  let owner: Link;
  let session: string;
  let own: Follower;
  const links: Link[] = [];

  beforeEach(async () => {
    endpoint = await scriptedEndpoint([answer(RESPONSE)]);
    hub = await openTestHub();
    at = await startTestServer();
    await at.configure({
      model: "here/m",
      providers: { here: { baseUrl: endpoint.baseUrl, models: { m: {} } } },
      share: { hub: hub.url },
    });
    owner = await connectTo(at.path, undefined, { client: { name: "owner", version: "0" }, answers: true });
    session = (await owner.call("sessionCreate", { cwd: at.folder })).session;
    own = await follow(owner, session);
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await owner.close();
    await at.close();
    await hub.close();
    await endpoint.close();
  });
  const join = async (name: string, link: string): Promise<Follower> => {
    const guest = await joinAs(name, link);
    links.push(guest.link);
    return guest;
  };
  const ended = ({ lastEnd, activity }: ReturnType<Follower["view"]>, turns: number): boolean =>
    lastEnd !== null && activity.state === "idle" && own.view().turns >= turns;

  it("is the same for its owner and its guests, who act by their roles, under their names", async () => {
    const drive = await owner.call("shareStart", { session, role: "driver" });
    const watch = await owner.call("shareInvite", { session, role: "viewer", name: "class" });
    const [ada, bo] = [await join("Ada", drive.link), await join("Bo", watch.link)];
    await ada.link.call("turnPrompt", { session, text: PROMPT });
    for (const one of [own, ada, bo]) await one.until((view) => ended(view, 1) && view.seq === own.view().seq);
    assert.equal(hashView(ada.view()), hashView(own.view()));
    assert.equal(hashView(bo.view()), hashView(own.view()));
    const [prompt] = bo.view().parts;
    assert.deepEqual(prompt?.type === "prompt" && [prompt.text, prompt.by.name], [PROMPT, "Ada"]);
    assert.match(JSON.stringify(bo.view()), new RegExp(RESPONSE));
    for (const one of [own, ada, bo])
      await one.until((_, people) => people.map(({ name }) => name).join() === "you,Ada,Bo");
    assert.deepEqual(
      bo.participants().map(({ role }) => role),
      ["owner", "driver", "viewer"],
    );
    const { shares } = await owner.call("shareList", {});
    assert.deepEqual(
      shares[0]?.invites.map(({ role, name, usedBy }) => [role, name, usedBy]),
      [
        ["driver", "", ["Ada"]],
        ["viewer", "class", ["Bo"]],
      ],
    );
    await bo.link.close();
    await own.until((_, people) => people.length === 2);
  });

  it("lets no guest do what its role, or its being a guest, does not allow", async () => {
    const { link } = await owner.call("shareStart", { session, role: "viewer" });
    const driveLink = (await owner.call("shareInvite", { session, role: "driver" })).link;
    const [viewer, driver] = [await join("Viewer", link), await join("Driver", driveLink)];
    const refused = (work: Promise<unknown>) => assert.rejects(work, { code: "forbidden" });
    const { id } = own.view();
    await refused(viewer.link.call("turnPrompt", { session: id, text: "do it" }));
    await refused(viewer.link.call("turnCancel", { session: id }));
    await refused(viewer.link.call("filesFind", { cwd: own.view().cwd, text: "" }));
    await refused(
      viewer.link.call("questionAnswer", { session: id, question: "q", digest: "d", answer: { choice: "yes" } }),
    );
    await refused(viewer.link.call("shareList", {}));
    await refused(driver.link.call("shellRun", { session: id, command: "id" }));
    await refused(driver.link.call("turnPrompt", { session: id, text: "x", settings: { mode: "auto" } }));
    await refused(driver.link.call("turnPrompt", { session: id, text: "x", settings: { allow: ["bash(*)"] } }));
    await refused(driver.link.call("filesFind", { cwd: "/etc", text: "passwd" }));
    await refused(driver.link.call("sessionCreate", { cwd: own.view().cwd }));
    await refused(driver.link.call("configWrite", { key: "model", text: '"x/y"' }));
    await refused(driver.link.call("serverStop", {}));
    const { session: other } = await owner.call("sessionCreate", { cwd: at.folder });
    await refused(driver.link.call("sessionRead", { session: other }));
    await refused(driver.link.call("turnPrompt", { session: other, text: "x" }));
    assert.equal(own.view().parts.length, 0);
  });

  it("S134: gives a guest no result of any method above its role, also of one that is added later", async () => {
    /** What their own program answers, or every role may call. */
    const open = new Set(
      "initialize sessionWatch sessionUnwatch sessionOpen sessionList workspaceInfo configRead trustRead pluginsList resourcesList themesList keymapsList modelList modelCheck sessionParts sessionFind sessionRead sessionBlob sessionContext agentList agentRead skillList skillRead commandList commandRead commandsList presenceUpdate".split(
        " ",
      ),
    );
    const { link } = await owner.call("shareStart", { session, role: "viewer" });
    const everything = { session, cwd: own.view().cwd, text: "x", question: "q", digest: "d", to: null, mode: "one" };
    const names = (Object.keys(requests) as RequestName[]).filter((name) => !open.has(name));
    assert.ok(names.length > 50);
    let raw: Link | null = null;
    for (const [index, name] of names.entries()) {
      // A hub disconnects a guest that sends more at once.
      if (index % 40 === 0) raw = (await join("Eve", link)).link;
      assert.ok(raw);
      const call = raw.call(name, everything as never);
      const code = await call.then(
        () => "a result",
        (error: { code: string; message: string }) => (error.code === "failed" ? error.message : error.code),
      );
      assert.ok(code === "forbidden" || code === "usage", `${name}: ${code}`);
    }
    assert.deepEqual([own.view().parts.length, own.view().comments, own.view().wheel], [0, undefined, undefined]);
  });

  it("disconnects the guests of a revoked link, and goes on for the others", async () => {
    const kept = await owner.call("shareStart", { session, role: "driver" });
    const lost = await owner.call("shareInvite", { session, role: "driver" });
    const goes = await join("Eve", lost.link);
    await join("Ada", kept.link);
    await owner.call("shareRevoke", { session, invite: lost.invite });
    assert.match((await goes.link.closed) ?? "", /revoked/);
    await assert.rejects(join("Eve", lost.link), /revoked/);
    const again = await join("Ada", kept.link);
    await again.link.call("turnPrompt", { session, text: PROMPT });
    await again.until((view) => ended(view, 1));
  });

  it("shows the hub nothing of its content, on the wire, on disk or in its log", async () => {
    const { link } = await owner.call("shareStart", { session, role: "driver", name: "the teacher's link" });
    const guest = await join("Ada Lovelace", link);
    await guest.link.call("turnPrompt", { session, text: PROMPT });
    await guest.until((view) => ended(view, 1));
    const files = readdirSync(hub.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(joinPath(entry.parentPath, entry.name), "latin1"));
    const seen = [...files, ...hub.lines].join("\n");
    assert.ok(files.length >= 2 && seen.length > 1000, "nothing was looked at");
    const secret = link.slice(link.indexOf("#") + 1);
    for (const content of [
      PROMPT,
      RESPONSE,
      "Ada Lovelace",
      "the teacher's link",
      own.view().cwd,
      "here/m",
      session,
      secret,
    ])
      for (let start = 0; start + 8 <= content.length; start++)
        assert.equal(seen.includes(content.slice(start, start + 8)), false, content.slice(start, start + 8));
  });

  it("goes on when the hub was down, and the owner's session never waits", async () => {
    const { link } = await owner.call("shareStart", { session, role: "driver" });
    await (await join("Ada", link)).link.close();
    await hub.restart();
    await owner.call("turnPrompt", { session, text: PROMPT });
    await own.until((view) => ended(view, 1));
    let guest: Follower | null = null;
    while (guest === null) guest = await join("Ada", link).catch(() => null);
    await guest.until((view) => view.seq === own.view().seq);
    assert.equal(hashView(guest.view()), hashView(own.view()));
  });

  it("goes on after the owner's server was started again, and ends with one call", async () => {
    const { link } = await owner.call("shareStart", { session, role: "viewer" });
    const records = joinPath(at.folder, "data", "shares");
    const [name = ""] = readdirSync(records);
    assert.equal(statSync(joinPath(records, name)).mode & 0o077, 0, "others can read the keys");
    await owner.close();
    const next = await at.restart();
    at = next;
    const client = await connectTo(next.path, undefined, { client: { name: "owner", version: "0" }, answers: true });
    let guest: Follower | null = null;
    while (guest === null) guest = await join("Bo", link).catch(() => null);
    assert.deepEqual(await client.call("shareStop", { session }), { deleted: true });
    assert.match((await guest.link.closed) ?? "", /ended this share/);
    await assert.rejects(join("Bo", link), /ended this share/);
    assert.deepEqual(readdirSync(records), []);
    await client.close();
  });

  it("is not possible where the configuration disables it", async () => {
    await at.configure({ share: { hub: hub.url, mode: "disabled" } });
    await owner.call("configRead", { cwd: at.folder });
    const client = await connectTo(at.path, undefined, { client: { name: "owner", version: "0" }, answers: true });
    links.push(client);
    await assert.rejects(client.call("shareStart", { session, role: "viewer" }), {
      code: "forbidden",
      message: /`share\.mode` is `disabled`/,
    });
  });

  it("needs no hub on a local network", async () => {
    const { link, hub: address } = await owner.call("shareStart", {
      session,
      role: "viewer",
      listen: "127.0.0.1:0",
    });
    assert.notEqual(address, hub.url);
    const guest = await join("Bo", link);
    await guest.until((view) => view.id === session);
  });
});
