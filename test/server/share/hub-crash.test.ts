/** What guests see while the hub is killed, stopped and continued, again and again, under a streaming session. */
import assert from "node:assert/strict";
import { connectTo } from "../../../client/local.ts";
import { openReconnectingClient } from "../../../client/reconnecting-client.ts";
import { joinSession } from "../../../client/shared-session.ts";
import type { Envelope } from "../../../protocol/events.ts";
import { parseShareLink } from "../../../protocol/share/share-link.ts";
import { build } from "../../help/build.ts";
import { follow, hashView } from "../../help/guests.ts";
import { chunk, done, finish, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { startTestServer } from "../../help/test-server.ts";
import { openHome, type Running } from "../../help/tutti.ts";

const client = { client: { name: "guest", version: "0" }, answers: false };

describe("a hub that crashes", function () {
  this.timeout(60_000);
  before(build);

  it("costs no guest an event, nor an event its place", async () => {
    const home = await openHome();
    let port = 0;
    const startHub = async (): Promise<Running> => {
      const hub = home.start(["hub", "--listen", `127.0.0.1:${port}`, "--store", `${home.root}/hub`]);
      let err = "";
      await new Promise<void>((resolve) => {
        hub.child.stderr?.on("data", (piece) => {
          err += piece;
          const found = /listening at http:\/\/127\.0\.0\.1:(\d+);/.exec(err)?.[1];
          if (found) {
            port = Number(found);
            resolve();
          }
        });
      });
      return hub;
    };
    let hub = await startHub();
    const gates = Array.from({ length: 40 }, () => Promise.withResolvers<void>());
    const endpoint = await scriptedEndpoint([
      {
        body: [
          ...gates.flatMap(({ promise }, index) => [promise, chunk({ content: `word${index} ` })]),
          finish(),
          done,
        ],
      },
    ]);
    const at = await startTestServer();
    await at.configure({
      model: "here/m",
      providers: { here: { baseUrl: endpoint.baseUrl, models: { m: {} } } },
      share: { hub: `http://127.0.0.1:${port}` },
    });
    const owner = await connectTo(at.path, undefined, { ...client, answers: true });
    const { session } = await owner.call("sessionCreate", { cwd: at.folder });
    const own = await follow(owner, session);
    const { link } = await owner.call("shareStart", { session, role: "viewer" });
    const events: Envelope[] = [];
    let changed: () => void = () => undefined;
    const guest = openReconnectingClient(async () => (await joinSession(parseShareLink(link), "Bo", client)).link, {
      connectionChanged: () => changed(),
      connected: () => changed(),
      viewChanged: () => changed(),
      eventReceived: (envelope) => events.push(envelope),
      participantsChanged: () => undefined,
      errorReported: (text) => assert.fail(text),
    });
    await guest.watch(session);
    await owner.call("turnPrompt", { session, text: "stream" });
    for (const [index, { resolve }] of gates.entries()) {
      resolve();
      await own.until((view) => JSON.stringify(view.parts).includes(`word${index} `));
      if (index === 12 || index === 22) hub.child.kill("SIGSTOP");
      if (index === 24) hub.child.kill("SIGCONT");
      if (index !== 5 && index !== 18 && index !== 32) continue;
      // A process that is stopped can be killed, too.
      hub.child.kill("SIGKILL");
      await hub.outcome;
      hub = await startHub();
    }
    await own.until((view) => view.activity.state === "idle" && view.lastEnd !== null);
    while (guest.currentView()?.seq !== own.view().seq)
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    assert.equal(hashView(guest.currentView() ?? assert.fail()), hashView(own.view()));
    const order = events.map(({ seq }) => seq);
    assert.deepEqual(
      order,
      [...new Set(order)].sort((one, other) => one - other),
      "in order, and none twice",
    );
    await guest.close();
    await owner.close();
    await at.close();
    hub.child.kill("SIGTERM");
    await hub.outcome;
    await endpoint.close();
    await home.close();
  });
});
