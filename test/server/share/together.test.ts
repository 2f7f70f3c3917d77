/** Several people in one shared session: the wheel, comments, votes, and what each is doing. All rules hold at the owner's server. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join as joinPath } from "node:path";
import { connectTo } from "../../../client/local.ts";
import { describeVotes } from "../../../client/together-text.ts";
import type { Link } from "../../../protocol/link.ts";
import type { Participant } from "../../../protocol/method.ts";
import { describeOutcome } from "../../../protocol/questions.ts";
import type { GuestRole } from "../../../protocol/share-methods.ts";
import { type Follower, follow, joinAs } from "../../help/guests.ts";
import { openTestHub, type TestHub } from "../../help/hub.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { startTestServer, type TestServer } from "../../help/test-server.ts";
import { callTools } from "../../help/tutti.ts";

describe("Several people in a shared session", () => {
  let hub: TestHub;
  let at: TestServer;
  let endpoint: ScriptedEndpoint;
  let owner: Link;
  let own: Follower;
  let session: string;
  let isShared = false;
  const links: Link[] = [];

  const begin = async (steps: Parameters<typeof scriptedEndpoint>[0]): Promise<void> => {
    endpoint = await scriptedEndpoint(steps);
    await at.configure({
      model: "here/m",
      providers: { here: { baseUrl: endpoint.baseUrl, models: { m: {} } } },
      share: { hub: hub.url },
    });
    owner = await connectTo(at.path, undefined, { client: { name: "owner", version: "0" }, answers: true });
    session = (await owner.call("sessionCreate", { cwd: at.folder })).session;
    own = await follow(owner, session);
  };
  beforeEach(async () => {
    isShared = false;
    hub = await openTestHub();
    at = await startTestServer();
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await owner.close();
    await at.close();
    await hub.close();
    await endpoint.close();
  });
  const createLink = async (role: GuestRole): Promise<{ invite: string; link: string }> => {
    const created = await owner.call(isShared ? "shareInvite" : "shareStart", { session, role });
    isShared = true;
    return created;
  };
  const join = async (name: string, role: GuestRole | { link: string }): Promise<Follower> => {
    const { link } = typeof role === "string" ? await createLink(role) : role;
    const guest = await joinAs(name, link);
    links.push(guest.link);
    await own.until((_, people) => people.some((one) => one.name === name));
    return guest;
  };
  const isIdleAfter = (turns: number) => (view: ReturnType<Follower["view"]>) =>
    view.turns >= turns && view.activity.state === "idle" && view.lastEnd !== null;
  const find = (people: readonly Participant[], name: string): Participant => {
    const found = people.find((one) => one.name === name);
    assert.ok(found, name);
    return found;
  };
  const refused = (work: Promise<unknown>, message = /./) => assert.rejects(work, { code: "forbidden", message });

  it("have one driver: who drives is known to all, asked for, given, and freed by who leaves", async () => {
    await begin([answer("One."), answer("Two.")]);
    const [ann, bo] = [await join("Ann", "driver"), await join("Bo", "driver")];
    const viewer = await join("Vi", "viewer");
    await refused(ann.link.call("wheelMode", { session, mode: "everyone" }));
    await owner.call("wheelMode", { session, mode: "one" });
    for (const one of [own, ann, viewer]) await one.until(({ wheel }) => wheel?.driver?.id === "owner");

    await refused(ann.link.call("turnPrompt", { session, text: "x" }), /drives this session now. Raise your hand/);
    await refused(ann.link.call("wheelTake", { session }), /drives this session now/);
    await refused(viewer.link.call("wheelTake", { session }));
    await viewer.link.call("presenceUpdate", { session, hand: true });
    await ann.link.call("presenceUpdate", { session, hand: true });
    for (const one of [own, bo])
      await one.until(
        (_, people) =>
          people
            .filter(({ hand }) => hand)
            .map(({ name }) => name)
            .join() === "Ann,Vi",
      );

    const { id } = find(own.participants(), "Ann");
    await assert.rejects(
      owner.call("wheelGive", { session, to: find(own.participants(), "Vi").id }),
      /Vi has the role viewer/,
    );
    await owner.call("wheelGive", { session, to: id });
    for (const one of [own, ann, bo]) await one.until(({ wheel }) => wheel?.driver?.name === "Ann");
    await ann.link.call("turnPrompt", { session, text: "Go" });
    await own.until(isIdleAfter(1));
    for (const attempt of [
      () => bo.link.call("turnPrompt", { session, text: "x" }),
      () => bo.link.call("turnCancel", { session }),
      () => bo.link.call("queueResume", { session }),
      () => bo.link.call("sessionCompact", { session }),
      () => bo.link.call("wheelGive", { session, to: null }),
    ])
      await refused(attempt(), /Ann drives|Only who drives/);

    await ann.link.close();
    await bo.until(({ wheel }) => wheel?.mode === "one" && wheel.driver === null);
    await bo.link.call("turnPrompt", { session, text: "Again" });
    await own.until(({ wheel }) => wheel?.driver?.name === "Bo");
    await own.until(isIdleAfter(2));
    await owner.call("wheelTake", { session });
    await bo.until(({ wheel }) => wheel?.driver?.id === "owner");
  });

  it("cannot both take a wheel that is free", async () => {
    await begin([answer("One.")]);
    const guests = [await join("Ann", "driver"), await join("Bo", "driver")];
    await owner.call("wheelMode", { session, mode: "one" });
    await owner.call("wheelGive", { session, to: null });
    const results = await Promise.allSettled(guests.map(({ link }) => link.call("wheelTake", { session })));
    assert.deepEqual(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
  });

  it("see who types, what each one looks at, and no more of it when it has stopped", async () => {
    await begin([answer("One.")]);
    const ann = await join("Ann", "viewer");
    await ann.link.call("presenceUpdate", { session, typing: true, viewing: "t1" });
    await own.until((_, people) => people.some(({ typing, viewing }) => typing === true && viewing === "t1"));
    await ann.link.call("presenceUpdate", { session, typing: false, viewing: "" });
    await own.until((_, people) =>
      people.every(({ typing, viewing }) => typing === undefined && viewing === undefined),
    );
    await assert.rejects(ann.link.call("presenceUpdate", { session, viewing: "x".repeat(300) }), { code: "usage" });
  });

  it("S134 S142: comment by their role, with text that cannot hide anything, and only so often", async () => {
    await begin([answer("Seen.")]);
    const [ann, bo] = [await join("Ann", "commenter"), await join("Bo", "commenter")];
    const [viewer, driver] = [await join("Vi", "viewer"), await join("Dee", "driver")];
    await refused(viewer.link.call("commentAdd", { session, text: "x" }), /requires the role commenter/);
    const text = "Why\u202e not\u0007 here?";
    const target = { at: { path: "/a\u202eb.ts", line: 3, side: "after" as const } };
    const { comment } = await ann.link.call("commentAdd", { session, target, text });
    for (const one of [own, bo, viewer]) await one.until(({ comments }) => comments?.length === 1);
    const [shown] = viewer.view().comments ?? [];
    assert.deepEqual(
      [shown?.by.name, shown?.text, shown?.target.at?.path],
      ["Ann", "Why\\u{202e} not\\x07 here?", "/a\\u{202e}b.ts"],
    );
    await assert.rejects(ann.link.call("commentAdd", { session, text: "x".repeat(2001) }), { code: "usage" });
    await refused(bo.link.call("commentDelete", { session, comment }), /of Ann/);
    await refused(bo.link.call("commentResolve", { session, comment }), /of Ann/);
    await refused(driver.link.call("commentDelete", { session, comment }), /of Ann/);
    await refused(ann.link.call("commentSend", { session, comment }), /requires the role driver/);
    await driver.link.call("commentSend", { session, comment });
    await own.until(isIdleAfter(1));
    const [prompt] = own.view().parts;
    assert.ok(prompt?.type === "prompt" && prompt.by.name === "Dee");
    assert.match(prompt.text, /^Comment of Ann on \/a\\u\{202e\}b\.ts, line 3:\n\nWhy/);
    await own.until(({ comments }) => comments?.[0]?.resolved === true);
    await ann.link.call("commentDelete", { session, comment });
    await viewer.until(({ comments }) => comments?.length === 0);
    let added = 0;
    const flood = async (): Promise<void> => {
      for (; added < 100; added++) await bo.link.call("commentAdd", { session, text: `${added}` });
    };
    await assert.rejects(flood(), { code: "busy" });
    assert.ok(added >= 20 && added <= 30, `${added} comments`);
  });

  it("keep comments and the wheel when the server is started again", async () => {
    await begin([answer("One.")]);
    await owner.call("commentAdd", { session, text: "Remember this." });
    await owner.call("wheelMode", { session, mode: "one" });
    await owner.close();
    at = await at.restart();
    owner = await connectTo(at.path, undefined, { client: { name: "owner", version: "0" }, answers: true });
    own = await follow(owner, session);
    const { comments, wheel } = own.view();
    const fork = await follow(owner, (await owner.call("sessionFork", { session })).session);
    assert.deepEqual([fork.view().wheel, fork.view().comments?.length], [undefined, 1]);
    assert.deepEqual([comments?.map(({ text }) => text), wheel?.mode], [["Remember this."], "one"]);
  });

  describe("vote", () => {
    const make = [callTools(["bash", { command: "touch made.txt" }]), answer("Ended.")];
    const ask = async (): Promise<void> => {
      await owner.call("turnPrompt", { session, text: "Make it" });
      await own.until(({ questions }) => questions.length === 1);
    };
    const vote = ({ link, view }: Follower, choice: string): Promise<unknown> => {
      const [question] = view().questions;
      assert.ok(question);
      const { id, digest } = question;
      return link.call("questionAnswer", { session, question: id, digest, answer: { choice } });
    };
    /** Joins after the policy is set: guests with the role approver join again when it changes. */
    const joinApprovers = async (needed: number): Promise<Follower[]> => {
      const [one, other] = [await createLink("approver"), await createLink("approver")];
      await owner.call("shareApprovals", { session, policy: { type: "count", needed } });
      return [await join("Ann", one), await join("Bo", other), await join("Ann again", one)];
    };

    it("S135: two links must approve, each once, however many guests join with them; all see how it stands", async () => {
      await begin(make);
      const [ann, bo, again] = (await joinApprovers(2)) as [Follower, Follower, Follower];
      await ask();
      for (const one of [ann, bo, again]) await one.until(({ questions }) => questions.length === 1);
      await vote(ann, "yes");
      for (const one of [own, bo]) await one.until(({ questions }) => questions[0]?.votes?.length === 1);
      const [question] = bo.view().questions;
      assert.equal(question && describeVotes(question, bo.view().approvals), "1 of 2 approved: Ann");
      await assert.rejects(vote(again, "yes"), { code: "conflict", message: /counted already/ });
      assert.equal(existsSync(joinPath(at.folder, "made.txt")), false);
      await vote(bo, "yes");
      await own.until(isIdleAfter(1));
      assert.ok(existsSync(joinPath(at.folder, "made.txt")));
      const call = own.view().parts.find(({ type }) => type === "call");
      const [outcome] = (call?.type === "call" && call.outcomes) || [];
      assert.equal(outcome && describeOutcome(outcome), "approved once by Ann and Bo");
    });

    it("one denial is enough", async () => {
      await begin(make);
      const [ann, bo] = (await joinApprovers(2)) as [Follower, Follower, Follower];
      await ask();
      for (const one of [ann, bo]) await one.until(({ questions }) => questions.length === 1);
      await vote(ann, "yes");
      await bo.until(({ questions }) => questions[0]?.votes?.length === 1);
      await vote(bo, "no");
      await own.until(isIdleAfter(1));
      assert.equal(existsSync(joinPath(at.folder, "made.txt")), false);
    });

    it("never waits for who has left: the owner's answer is enough", async () => {
      await begin(make);
      const [ann, bo] = (await joinApprovers(2)) as [Follower, Follower, Follower];
      await ask();
      await ann.until(({ questions }) => questions.length === 1);
      await vote(ann, "yes");
      await Promise.all([ann.link.close(), bo.link.close()]);
      await own.until(({ questions }, people) => questions[0]?.votes?.length === 1 && people.length === 2);
      await vote(own, "yes");
      await own.until(isIdleAfter(1));
      assert.ok(existsSync(joinPath(at.folder, "made.txt")));
    });

    it("count only for the named link, and no policy is accepted that no one could meet", async () => {
      await begin(make);
      const [one, other] = [await createLink("approver"), await createLink("approver")];
      const drive = await createLink("driver");
      const set = (policy: Parameters<typeof owner.call<"shareApprovals">>[1]["policy"]) =>
        owner.call("shareApprovals", { session, policy });
      await assert.rejects(set({ type: "count", needed: 3 }), /there are 2/);
      await assert.rejects(
        set({ type: "person", invite: drive.invite, name: "Dee" }),
        /does not give the role approver/,
      );
      await set({ type: "person", invite: one.invite, name: "Ann" });
      const [ann, bo] = [await join("Ann", one), await join("Bo", other)];
      assert.deepEqual(
        ["Ann", "Bo"].map((name) => find(own.participants(), name).role),
        ["approver", "driver"],
      );
      await ask();
      for (const guest of [ann, bo]) await guest.until(({ questions }) => questions.length === 1);
      await refused(vote(bo, "yes"));
      await vote(ann, "yes");
      await own.until(isIdleAfter(1));
      assert.ok(existsSync(joinPath(at.folder, "made.txt")));
    });
  });
});
