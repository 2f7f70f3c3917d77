/** The numbered cases about shared sessions: what the hub and the guests cannot see or do. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { connectTo } from "../../../client/local.ts";
import type { Link } from "../../../protocol/link.ts";
import { type RequestName, requests } from "../../../protocol/methods.ts";
import { randomBytes, toBase64 } from "../../../protocol/share/encode.ts";
import { parseShareLink } from "../../../protocol/share/share-link.ts";
import type { GuestRole } from "../../../protocol/share-methods.ts";
import { type Follower, follow, joinAs } from "../../help/guests.ts";
import { openTestHub, type TestHub } from "../../help/hub.ts";
import { openWiretap, type Wiretap } from "../../help/hub-wiretap.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { startTestServer, type TestServer } from "../../help/test-server.ts";
import { callTools } from "../../help/tutti.ts";

const DAY_MS = 24 * 60 * 60_000;
const RESPONSE = "Quokkas gather at twilight near the jetty.";
const PROMPT = "When do the quokkas gather, and where exactly?";
const FILE = "sightings-of-quokkas.txt";
const CONTENT = "Eleven animals were counted beneath the pier.";

describe("The security of a shared session", function () {
  this.timeout(30_000);
  let hub: TestHub;
  let tap: Wiretap;
  let at: TestServer;
  let endpoint: ScriptedEndpoint;
  let owner: Link;
  let session: string;
  let own: Follower;
  const links: Link[] = [];

  beforeEach(async () => {
    endpoint = await scriptedEndpoint([callTools(["read", { path: FILE }]), answer(RESPONSE)]);
    hub = await openTestHub();
    tap = await openWiretap(hub.url);
    at = await startTestServer();
    await at.configure({
      model: "here/wombat-large-7",
      providers: { here: { baseUrl: endpoint.baseUrl, models: { "wombat-large-7": {} } } },
      share: { hub: tap.url },
    });
    const cwd = joinPath(at.folder, "observatory");
    mkdirSync(cwd);
    writeFileSync(joinPath(cwd, FILE), CONTENT);
    owner = await connectTo(at.path, undefined, { client: { name: "owner", version: "0" }, answers: true });
    session = (await owner.call("sessionCreate", { cwd, title: "Counting marsupials at dusk" })).session;
    own = await follow(owner, session);
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await owner.close();
    await at.close();
    await tap.close();
    await hub.close();
    await endpoint.close();
  });
  const join = async (name: string, link: string): Promise<Follower> => {
    const guest = await joinAs(name, link);
    links.push(guest.link);
    return guest;
  };
  const ended = ({ lastEnd, activity }: ReturnType<Follower["view"]>): boolean =>
    lastEnd !== null && activity.state === "idle";
  const storedInHub = (): Buffer[] =>
    readdirSync(hub.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(joinPath(entry.parentPath, entry.name)));

  it("S129: has ids and secrets that tell nothing of each other, of the time or of the session", async () => {
    const { link } = await owner.call("shareStart", { session, role: "viewer" });
    const { share, secret } = parseShareLink(link);
    assert.deepEqual([Buffer.from(share, "base64url").length, secret.length], [16, 32]);
    const count = 100_000;
    const ids = Array.from({ length: count }, () => randomBytes(16));
    assert.equal(new Set(ids.map(toBase64)).size, count);
    // Each bit is set in half of them: the deviation is 158, and six of these are allowed.
    for (let bit = 0; bit < 128; bit++) {
      const set = ids.filter((id) => ((id[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
      assert.ok(Math.abs(set - count / 2) < 950, `bit ${bit} is set in ${set} of ${count}`);
    }
  });

  it("S130, S131: shows no eight bytes of its content in the hub's traffic, on its disk or in its log", async () => {
    const { link } = await owner.call("shareStart", { session, role: "driver", name: "the ranger's own link" });
    const guest = await join("Grace Hopper", link);
    await guest.link.call("turnPrompt", { session, text: PROMPT });
    await guest.until((view) => ended(view) && view.seq === own.view().seq);
    assert.ok(JSON.stringify(guest.view()).includes(CONTENT), "the guest sees the file's content");
    const traffic = tap.seen();
    const disk = Buffer.concat(storedInHub());
    assert.ok(traffic.length > 4_000 && disk.length > 2_000, "nothing was looked at");
    const seen = Buffer.concat([traffic, disk, Buffer.from(hub.lines.join("\n"))]);
    const { secret, owner: fingerprint } = parseShareLink(link);
    const contents: (string | Uint8Array)[] = [
      ...[
        PROMPT,
        RESPONSE,
        FILE,
        CONTENT,
        "Counting marsupials at dusk",
        "here/wombat-large-7",
        own.view().cwd,
        session,
      ],
      ...["Grace Hopper", "the ranger's own link", link.slice(link.indexOf("#") + 1), toBase64(secret), secret],
    ];
    const pieces = contents.flatMap((content) => {
      const bytes = Buffer.from(content as string);
      return Array.from({ length: bytes.length - 7 }, (_, start) => bytes.subarray(start, start + 8));
    });
    assert.ok(pieces.length > 250);
    assert.deepEqual(
      pieces.filter((piece) => seen.includes(piece)).map((piece) => piece.toString("latin1")),
      [],
    );
    // What must be there is found by the same search.
    assert.ok(seen.includes(Buffer.from(parseShareLink(link).share)) && fingerprint.length === 16);
  });

  /** What a guest with each role may ask of the server; everything else must be refused. */
  const allowed: Readonly<Record<GuestRole, readonly RequestName[]>> = (() => {
    const viewer: RequestName[] = [
      ...(["initialize", "sessionParts", "sessionFind", "sessionRead", "sessionBlob", "sessionContext"] as const),
      ...(["agentList", "agentRead", "skillList", "skillRead", "commandList", "commandRead", "commandsList"] as const),
      "presenceUpdate",
    ];
    const commenter: RequestName[] = [...viewer, "commentAdd", "commentResolve", "commentDelete"];
    const driver: RequestName[] = [
      ...commenter,
      ...(["commentSend", "wheelTake", "wheelGive"] as const),
      ...(["turnPrompt", "turnSteer", "turnCancel", "queueEdit", "queueMove", "queueDrop", "queueResume"] as const),
      ...(["sessionAttach", "sessionCompact", "sessionRename", "filesFind", "symbolsFind"] as const),
    ];
    return { viewer, commenter, driver, approver: [...driver, "questionAnswer"] };
  })();
  /** Answered by the guest's own program: they never reach the server. */
  const local: readonly RequestName[] = [
    ...(["sessionWatch", "sessionUnwatch", "sessionOpen", "sessionList", "workspaceInfo", "configRead"] as const),
    ...(["trustRead", "pluginsList", "resourcesList", "themesList", "keymapsList", "modelList", "modelCheck"] as const),
  ];

  for (const role of ["viewer", "driver", "approver"] as const)
    it(`S134: refuses a ${role} every method that its role does not allow, one by one`, async () => {
      const { link } = await owner.call("shareStart", { session, role });
      const target = { session, cwd: own.view().cwd };
      let guest = await join("Mallory", link);
      let refused = 0;
      for (const name of Object.keys(requests) as RequestName[]) {
        if (allowed[role].includes(name) || local.includes(name)) continue;
        await assert.rejects(guest.link.call(name, target as never), { code: "forbidden" }, name);
        refused += 1;
        // More at once would count as a flood.
        if (refused % 40 === 0) guest = await join("Mallory", link);
      }
      assert.ok(refused > 40, `${refused} methods were tried`);
      assert.equal(own.view().parts.length, 0);
    });

  it("S134: refuses a guest the sessions and folders that are not shared, with every method of its role", async () => {
    const { session: other } = await owner.call("sessionCreate", { cwd: at.folder });
    const { link } = await owner.call("shareStart", { session, role: "approver" });
    const { cwd } = own.view();
    let guest = await join("Mallory", link);
    let tried = 0;
    const rest = {
      ...{
        text: "xx",
        comment: "c",
        title: "x",
        name: "x",
        id: "x",
        blob: "0".repeat(64),
        part: "p",
        before: "p",
        limit: 1,
        focus: "",
      },
      ...{ prompt: "p", to: 0, index: 0, data: "", mediaType: "image/png", turn: "t", answer: { choice: "yes" } },
      ...{ question: "q", digest: "d", hash: "0".repeat(64), position: 0, seq: 1 },
    };
    const named = (name: RequestName): string[] => Object.keys((requests[name].params as { shape: object }).shape);
    for (const name of allowed.approver.filter((one) => one !== "initialize")) {
      const keys = named(name);
      for (const target of [{ session: other }, { cwd: "/etc" }, { session: other, cwd }, { session, cwd: "/etc" }]) {
        const all = Object.entries({
          ...rest,
          ...(name === "sessionRead" && { before: 1 }),
          ...(name === "wheelGive" && { to: null }),
          ...target,
        }).filter(([key]) => keys.includes(key));
        if (!all.some(([key]) => key in target)) continue;
        const params = Object.fromEntries(all);
        const isShared =
          [undefined, session].includes(params.session as string) && [undefined, cwd].includes(params.cwd as string);
        if (isShared) continue;
        const error = await guest.link.call(name, params as never).then(
          () => ({ code: "accepted" }),
          (reason: { code?: string }) => reason,
        );
        assert.equal(error.code, "forbidden", `${name} ${JSON.stringify(params)}: ${JSON.stringify(error)}`);
        tried += 1;
        if (tried % 40 === 0) guest = await join("Mallory", link);
      }
    }
  });

  it("S136: cuts a revoked guest off within two seconds, and seals what follows with a key that its link cannot open", async () => {
    const kept = await owner.call("shareStart", { session, role: "driver" });
    const lost = await owner.call("shareInvite", { session, role: "viewer" });
    const [ada, eve] = [await join("Ada", kept.link), await join("Eve", lost.link)];
    const began = performance.now();
    await owner.call("shareRevoke", { session, invite: lost.invite });
    assert.match((await eve.link.closed) ?? "", /revoked/);
    assert.ok(performance.now() - began < 2_000);
    const before = eve.view().seq;
    await assert.rejects(join("Eve", lost.link), /revoked/);
    const again = await join("Ada", kept.link);
    await again.link.call("turnPrompt", { session, text: PROMPT });
    await again.until(ended);
    assert.equal(eve.view().seq, before);
    void ada;
  });

  it("S137: expires links after seven days by default, and deletes what the hub has at the end", async () => {
    const { link } = await owner.call("shareStart", { session, role: "viewer" });
    const { shares } = await owner.call("shareList", { session });
    const [invite] = shares[0]?.invites ?? [];
    assert.ok(Math.abs((invite?.expiresAt ?? 0) - Date.now() - 7 * DAY_MS) < 60_000);
    assert.ok(storedInHub().length > 0);
    assert.deepEqual(await owner.call("shareStop", { session }), { deleted: true });
    assert.deepEqual(Buffer.concat(storedInHub()).includes(Buffer.from(parseShareLink(link).secret)), false);
    await assert.rejects(join("Late", link), /ended this share|no share/i);
  });

  it("S142: shows names without what cannot be seen, not too long, and never as the owner's", async () => {
    const { link } = await owner.call("shareStart", { session, role: "viewer" });
    const ownName = own.participants()[0]?.name ?? "";
    const names = [
      "a".repeat(100),
      "Bo\u202e\u0000\nb",
      ownName,
      ownName.toUpperCase(),
      `${ownName}\u200b`,
      "owner",
      "system",
    ];
    for (const name of names) await join(name, link).catch((error: unknown) => assert.match(String(error), /name/));
    await own.until((_, people) => people.length > 2);
    const shown = own
      .participants()
      .filter(({ role }) => role !== "owner")
      .map(({ name }) => name);
    assert.ok(shown.length > 0);
    for (const name of shown) {
      assert.ok([...name].length <= 40, name);
      assert.doesNotMatch(name, /[\p{Cc}\p{Cf}]/u);
      assert.notEqual(name.toLowerCase(), ownName.toLowerCase());
      assert.doesNotMatch(name, /^(owner|system)$/i);
    }
  });

  it("S144: never makes the owner wait for a hub that does not answer", async () => {
    const { link } = await owner.call("shareStart", { session, role: "driver" });
    await join("Ada", link);
    await tap.close();
    await owner.call("turnPrompt", { session, text: PROMPT });
    await own.until(ended);
    const { shares } = await owner.call("shareList", { session });
    assert.notEqual(shares[0]?.state, "online");
  });

  it("S145: says before the first share what guests would see, and shares nothing by itself", async () => {
    await owner.call("turnPrompt", { session, text: PROMPT });
    await own.until(ended);
    assert.deepEqual((await owner.call("shareList", {})).shares, []);
    assert.equal(tap.seen().length, 0);
    const preview = await owner.call("sharePreview", { session });
    assert.deepEqual([preview.prompts, preview.calls, preview.redactions], [1, 1, 0]);
  });
});
