/** Shares the session of the panel: creates links, revokes them, and ends the share. */
import * as vscode from "vscode";
import { describePolicy } from "../client/together-text.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { printable } from "../protocol/printable.ts";
import type { GuestRole } from "../protocol/share-methods.ts";
import type { Ext } from "./ext.ts";

type Share = ResultOf<"shareList">["shares"][number];

interface Choice extends vscode.QuickPickItem {
  run?(): Promise<void>;
}

const roleTexts = {
  viewer: "Reads and follows",
  driver: "Also sends, steers and cancels prompts",
  approver: "Also answers questions and approval requests, once you allow it",
} as const satisfies Partial<Record<GuestRole, string>>;

export async function shareSession(ext: Ext): Promise<void> {
  const session = ext.view()?.id;
  if (session === undefined) throw new Error("No session is open. Send a prompt to start one.");
  const { shares } = await ext.server().call("shareList", { session });
  const [share] = shares;
  const placeHolder = share ? describeShare(share) : await describePreview(ext, session);
  const choices = [...listLinks(ext, session), ...(share ? listShare(ext, session, share) : [])];
  const chosen = await vscode.window.showQuickPick<Choice>(choices, { title: "Share This Session", placeHolder });
  await chosen?.run?.();
}

const listLinks = (ext: Ext, session: string): Choice[] =>
  (Object.keys(roleTexts) as (keyof typeof roleTexts)[]).map((role) => ({
    label: `$(link) Copy a link for ${role === "approver" ? "an" : "a"} ${role}`,
    detail: roleTexts[role],
    run: () => createLink(ext, session, role),
  }));

function listShare(ext: Ext, session: string, { invites, guests, approvals }: Share): Choice[] {
  const server = ext.server();
  const open = invites.filter(({ revoked, expiresAt }) => !revoked && expiresAt > Date.now());
  const isOwners = approvals.type === "owner";
  return [
    { label: "The share", kind: vscode.QuickPickItemKind.Separator },
    ...open.map(({ invite, role, name, usedBy, expiresAt }): Choice => {
      const here = guests.filter((guest) => guest.invite === invite).map((guest) => guest.name);
      const use = here.length > 0 ? `here: ${here.join(", ")}` : usedBy.length > 0 ? "used, not here" : "not used yet";
      return {
        label: `$(circle-slash) Revoke the link ${printable(name === "" ? `for the ${role}` : `for ${name} (${role})`)}`,
        detail: printable(`${use}; until ${new Date(expiresAt).toLocaleString()}`),
        async run() {
          await server.call("shareRevoke", { session, invite });
          inform("The link was revoked, and its guests were disconnected.");
        },
      };
    }),
    {
      label: isOwners ? "$(shield) Count approvals of approvers" : "$(shield) Count only your approvals",
      detail: isOwners ? "They can then allow calls on your machine" : `Now: ${describePolicy(approvals)}`,
      async run() {
        await server.call("shareApprovals", { session, policy: { type: isOwners ? "first" : "owner" } });
        inform(isOwners ? "Approvers can now allow calls on your machine." : "Only your approvals count.");
      },
    },
    {
      label: "$(stop-circle) Stop sharing",
      detail: "All links stop working, and the hub deletes what it has",
      async run() {
        const { deleted } = await server.call("shareStop", { session });
        const rest = deleted ? "" : " The hub could not be reached to delete it.";
        inform(`The session is not shared any more.${rest}`);
      },
    },
  ];
}

async function createLink(ext: Ext, session: string, role: GuestRole): Promise<void> {
  const hub = await readHub(ext);
  const { link } = await ext.server().call("shareStart", { session, role, ...(hub === "" && { local: true }) });
  await vscode.env.clipboard.writeText(link);
  inform(`The link for ${role === "approver" ? "an" : "a"} ${role} was copied. Everyone who has it has this role.`);
}

async function describePreview(ext: Ext, session: string): Promise<string> {
  const [hub, preview] = await Promise.all([readHub(ext), ext.server().call("sharePreview", { session })]);
  const { prompts, calls, files, redactions } = preview;
  const through = hub === "" ? "On the local network, without a hub" : `Through ${printable(hub)}`;
  return `${through}. Guests see ${prompts} prompts, ${calls} calls and ${files} changed files; ${redactions} secrets were removed.`;
}

const describeShare = ({ hub, state, problem }: Share): string =>
  printable(`${hub}: ${state}${problem === "" ? "" : `, ${problem}`}`);

/** Empty if none is configured. */
async function readHub(ext: Ext): Promise<string> {
  const { values } = await ext.server().call("configRead", { cwd: ext.cwd(), key: "share.hub" });
  const value = values[0]?.value;
  return typeof value === "string" ? value : "";
}

const inform = (text: string): void => void vscode.window.showInformationMessage(`Tutti: ${text}`);
