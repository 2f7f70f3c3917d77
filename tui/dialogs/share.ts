/** Shares the session with guests: creates links, revokes them, and ends the share. */
import type { ResultOf } from "../../protocol/methods.ts";
import { type GuestRole, guestRoles } from "../../protocol/share-methods.ts";
import type { App, ListSpec } from "../app/app.ts";
import { currentFolder, type Item } from "../app/state.ts";
import { drawLink } from "./link-preview.ts";

type Share = ResultOf<"shareList">["shares"][number];

const roleTexts: Readonly<Record<Exclude<GuestRole, "commenter">, string>> = {
  viewer: "reads and follows",
  driver: "also sends, steers and cancels prompts",
  approver: "also answers questions and approval requests, once you allow it",
};
const isOffered = (role: GuestRole): role is keyof typeof roleTexts => role in roleTexts;

export const shareDialog: ListSpec = {
  title: "Share this session",
  loading: "Looking at what guests would see…",
  empty: "No session yet. Send a prompt to start one.",
  async items(app) {
    const session = app.state().view?.id;
    if (session === undefined) return [];
    const { shares } = await app.server.call("shareList", { session });
    const [share] = shares;
    return share ? listShare(share) : listNew(app, session);
  },
  async choose(app, { id }) {
    const session = app.state().view?.id;
    const [action = "", value = ""] = id.split(" ");
    if (session === undefined) return;
    if (action === "link") await createLink(app, session, value as GuestRole);
    else if (action === "approvals") {
      const approvals = value === "owner" ? "owner" : "approvers";
      await app.server.call("shareApprovals", { session, approvals });
      app.toast(
        approvals === "owner" ? "info" : "warning",
        approvals === "owner"
          ? "Only your approvals count."
          : "Guests with the role approver can now allow calls on your machine.",
      );
    } else if (action === "stop") {
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

function listShare({ hub, state, problem, approvals, invites, guests }: Share): Item[] {
  const status = `${hub}: ${state}${problem === "" ? "" : `, ${problem}`}`;
  const others = approvals === "owner" ? "approvers" : "owner";
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
    {
      id: `approvals ${others}`,
      text: others === "owner" ? "Count only your approvals again" : "Count approvals of guests with the role approver",
      detail:
        others === "owner"
          ? "guests with the role approver can allow calls now"
          : "they could allow calls on your machine",
      group: "The share",
    },
    {
      id: "stop",
      text: "Stop sharing",
      detail: "all links stop working, and the hub deletes what it has",
      group: "The share",
    },
  ];
}

const linkItems = (group: string): Item[] =>
  guestRoles.filter(isOffered).map((role) => ({
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
