/** Shares the session with guests: creates links, revokes them, and ends the share. */

import { describePolicy } from "../../client/together-text.ts";

import type { ResultOf } from "../../protocol/methods.ts";
import { type GuestRole, guestRoles } from "../../protocol/share-methods.ts";
import type { App, ListSpec } from "../app/app.ts";
import { currentFolder, type Item } from "../app/state.ts";
import { drawLink } from "./link-preview.ts";

type Share = ResultOf<"shareList">["shares"][number];

const roleTexts: Readonly<Record<GuestRole, string>> = {
  viewer: "reads and follows",
  commenter: "also comments on messages and changes",
  driver: "also sends, steers and cancels prompts",
  approver: "also answers questions and approval requests, once you allow it",
};

export const shareDialog: ListSpec = {
  title: "Share this session",
  loading: "Looking at what guests would see…",
  empty: "No session yet. Send a prompt to start one.",
  async items(app) {
    const session = app.state().view?.id;
    if (session === undefined) return [];
    const { shares } = await app.server.call("shareList", { session });
    const [share] = shares;
    return share ? listShare(share, app.state().view?.wheel?.mode === "one") : listNew(app, session);
  },
  async choose(app, { id }) {
    const session = app.state().view?.id;
    const [action = "", value = ""] = id.split(" ");
    if (session === undefined) return;
    if (action === "link") await createLink(app, session, value as GuestRole);
    else if (action === "approvals") await setApprovals(app, session, value);
    else if (action === "wheel")
      await app.server.call("wheelMode", { session, mode: value === "one" ? "one" : "everyone" });
    else if (action === "stop") {
      const { deleted } = await app.server.call("shareStop", { session });
      app.toast(
        "info",
        deleted
          ? "The session is not shared any more."
          : "Not shared any more. The hub could not be reached to delete it.",
      );
    } else app.openList(shareDialog);
  },
  keys: {
    "ctrl+x": {
      label: "revoke",
      async run(app, { id }) {
        const session = app.state().view?.id;
        const [action, invite] = id.split(" ");
        if (session === undefined || action !== "invite" || invite === undefined) return;
        await app.server.call("shareRevoke", { session, invite });
        app.toast("info", "Revoked. The guests of this link were disconnected.");
      },
    },
  },
};

async function listNew(app: App, session: string): Promise<Item[]> {
  const [hub, preview] = await Promise.all([readHub(app), app.server.call("sharePreview", { session })]);
  const { prompts, calls, files, redactions } = preview;
  const seen = `Guests see ${prompts} prompts, ${calls} calls, ${files} changed files; ${redactions} secrets were removed`;
  return linkItems(`${seen}. ${hub === "" ? "On the local network, without a hub" : `Through ${hub}`}`);
}

const row = (id: string, text: string, detail: string): Item => ({ id, text, detail, group: "The share" });

async function setApprovals(app: App, session: string, value: string): Promise<void> {
  const policy =
    value === "owner" || value === "first"
      ? ({ type: value } as const)
      : ({ type: "count", needed: Number(value) } as const);
  await app.server.call("shareApprovals", { session, policy });
  if (policy.type === "owner") app.toast("info", "Only your approvals count.");
  else app.toast("warning", `Approvals of ${describePolicy(policy)} count: they can now allow calls on your machine.`);
}

function listShare({ hub, state, problem, approvals, invites, guests }: Share, isOneDriver: boolean): Item[] {
  const status = `${hub}: ${state}${problem === "" ? "" : `, ${problem}`}`;
  const { type } = approvals;
  return [
    ...invites
      .filter(({ revoked, expiresAt }) => !revoked && expiresAt > Date.now())
      .map(({ invite, role, name, usedBy, expiresAt }) => ({
        id: `invite ${invite}`,
        text: name === "" ? `Link for ${withArticle(role)}` : `Link for ${name} (${role})`,
        detail: describeUse(guests, invite, usedBy),
        right: `until ${new Date(expiresAt).toISOString().slice(0, 10)}`,
        group: status,
      })),
    ...linkItems("Another link"),
    ...(type === "owner"
      ? []
      : [row("approvals owner", "Count only your approvals again", `now of ${describePolicy(approvals)}`)]),
    ...(type === "first"
      ? []
      : [
          row(
            "approvals first",
            "Count approvals of guests with the role approver",
            "they could allow calls on your machine",
          ),
        ]),
    ...(type === "count"
      ? []
      : [row("approvals 2", "Require two approvals of guests", "from two links; yours is always enough")]),
    isOneDriver
      ? row("wheel everyone", "Let everyone with the role drive", "all of them can send prompts")
      : row("wheel one", "One driver at a time", "only who has the wheel can send prompts"),
    {
      id: "stop",
      text: "Stop sharing",
      detail: "all links stop working, and the hub deletes what it has",
      group: "The share",
    },
  ];
}

const linkItems = (group: string): Item[] =>
  guestRoles.map((role) => ({
    id: `link ${role}`,
    text: `Create a link for ${withArticle(role)}`,
    detail: roleTexts[role],
    group,
  }));

const withArticle = (role: GuestRole): string => (role === "approver" ? "an approver" : `a ${role}`);

function describeUse(guests: Share["guests"], invite: string, usedBy: readonly string[]): string {
  const here = guests.filter((guest) => guest.invite === invite).map(({ name }) => name);
  if (here.length > 0) return `here: ${here.join(", ")}`;
  return usedBy.length > 0 ? `was here: ${usedBy.join(", ")}` : "not used yet";
}

async function createLink(app: App, session: string, role: GuestRole): Promise<void> {
  const hub = await readHub(app);
  const { link } = await app.server.call("shareStart", { session, role, ...(hub === "" && { local: true }) });
  app.screen.copy(link);
  app.openList(createLinkDialog(link, role));
}

/** Shows a new link. Only now: the server gives out no link twice. */
const createLinkDialog = (link: string, role: GuestRole): ListSpec => ({
  title: `A link for ${withArticle(role)}`,
  intro:
    "The link was copied. Whoever has it has this role. Guests open it in a browser, or run `tutti join` with it in quotes.",
  empty: "",
  items: () => [{ id: "copy", text: "Copy the link again" }],
  preview: () => drawLink(link),
  previewRequired: true,
  choose: (app) => app.screen.copy(link),
});

/** Empty if none is configured. */
async function readHub(app: App): Promise<string> {
  const { values } = await app.server.call("configRead", { cwd: currentFolder(app.state()), key: "share.hub" });
  const value = values[0]?.value;
  return typeof value === "string" ? value : "";
}
