/** `tutti share`: shares a live session with guests, and manages its links. */
import { renderUnicodeCompact } from "uqr";
import { findSession } from "../client/find-session.ts";
import { formatTable } from "../client/table.ts";
import { describePolicy } from "../client/together-text.ts";
import type { Link } from "../protocol/link.ts";
import type { ParamsOf, ResultOf } from "../protocol/methods.ts";
import { type GuestRole, guestRoles } from "../protocol/share-methods.ts";
import { parseDuration, usageError } from "./args.ts";
import { attachFlags, attachFromFlags } from "./attach-flags.ts";
import type { Command, CommandInput } from "./command.ts";
import { confirm, isInteractive } from "./confirm.ts";
import { sanitize } from "./print/text.ts";

type Shares = ResultOf<"shareList">["shares"];
type Verb = (input: CommandInput, link: Link, words: readonly string[]) => Promise<number>;

const EXIT_REFUSED = 4;

const verbs: Record<string, Verb> = {
  async list(input, link, words) {
    expectWords(words, 0, 1, "tutti share list [SESSION]");
    const session = words[0] === undefined ? {} : { session: (await findSession(link, words[0], input.cwd)).id };
    const { shares } = await link.call("shareList", session);
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(shares, null, 2)}\n`);
    else if (shares.length === 0) input.terminal.note("No session is shared. Share one with `tutti share`.\n");
    else input.terminal.out(shares.map(formatShare).join("\n"));
    return 0;
  },
  async rename(input, link, words) {
    expectWords(words, 2, 2, "tutti share rename INVITE NAME");
    const [named = "", name = ""] = words;
    await link.call("shareRename", { ...(await findInvite(link, named)), name });
    input.terminal.note(`Renamed to ${sanitize(name)}.\n`);
    return 0;
  },
  async revoke(input, link, words) {
    expectWords(words, 1, 1, "tutti share revoke INVITE");
    await link.call("shareRevoke", await findInvite(link, words[0] ?? ""));
    input.terminal.note("Revoked. Its guests were disconnected, and the link does not work any more.\n");
    return 0;
  },
  async approvals(input, link, words) {
    expectWords(words, 1, 2, "tutti share approvals owner|approvers|NUMBER|INVITE [SESSION]");
    const [named = "", session] = words;
    const found = await findShare(input, link, session);
    const policy = parsePolicy(named, found);
    await link.call("shareApprovals", { session: found.session, policy });
    input.terminal.note(
      policy.type === "owner"
        ? "Only your approvals count now.\n"
        : `Approvals of ${sanitize(describePolicy(policy))} count now: guests can allow calls on your machine. End this with \`tutti share approvals owner\`.\n`,
    );
    return 0;
  },
  async stop(input, link, words) {
    expectWords(words, 0, 1, "tutti share stop [SESSION]");
    const { session, hub } = await findShare(input, link, words[0]);
    const { deleted } = await link.call("shareStop", { session });
    input.terminal.note(
      deleted
        ? "The session is not shared any more, and the hub has deleted what it had stored.\n"
        : `The session is not shared any more. ${sanitize(hub)} could not be reached: it still has what it stored, sealed, and deletes it 30 days after the last change.\n`,
    );
    return 0;
  },
};

export const share: Command = {
  name: "share",
  operands: "[SESSION]|list|rename|revoke|approvals|stop",
  purpose:
    "Share a live session with guests. Without SESSION it is the most recent one of this folder. The hub passes on what it cannot read.",
  verbs: Object.keys(verbs),
  flags: [
    {
      name: "role",
      value: "ROLE",
      choices: guestRoles,
      purpose: "What guests with this link may do (default: viewer)",
    },
    { name: "expires", value: "DURATION", purpose: "How long the link works (default: 7d)" },
    { name: "name", value: "NAME", purpose: "For whom the link is; only you see it" },
    { name: "hub", value: "URL", purpose: "The hub, instead of the configured `share.hub`" },
    { name: "local", purpose: "Without a hub: guests on this machine and the local network connect to this server" },
    { name: "listen", value: "HOST:PORT", purpose: "Like --local, at this address" },
    { name: "yes", purpose: "Do not ask for confirmation" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
    ...attachFlags,
  ],
  examples: ["tutti share --local --role driver", "tutti share revoke Ab3dE"],
  async run(input) {
    const [first = "", ...rest] = input.positionals;
    const runVerb = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
    const link = await input.connect({
      cwd: input.cwd,
      ...attachFromFlags(input, "local"),
      project: true,
      answers: false,
    });
    try {
      return await (runVerb ? runVerb(input, link, rest) : start(input, link, input.positionals));
    } finally {
      await link.close();
    }
  },
};

async function start(input: CommandInput, link: Link, words: readonly string[]): Promise<number> {
  expectWords(words, 0, 1, "tutti share [SESSION]");
  const { id, title } = await findSession(link, words[0] ?? "last", input.cwd);
  const { shares } = await link.call("shareList", { session: id });
  const options = readOptions(input, id);
  if (shares.length === 0 && !input.isSet("yes")) {
    const preview = await link.call("sharePreview", { session: id });
    input.terminal.note(describePreview(sanitize(title) || id, preview));
    if (!isInteractive(input)) throw usageError("Not interactive: pass --yes to share this session.");
    if (!(await confirm("Share it?"))) return EXIT_REFUSED;
  }
  const started = await link.call("shareStart", options);
  if (input.text("format") === "json") {
    input.terminal.out(`${JSON.stringify(started)}\n`);
    return 0;
  }
  if (input.terminal.stderrIsTerminal && !input.terminal.quiet)
    input.terminal.note(`${renderUnicodeCompact(started.link)}\n`);
  input.terminal.out(`${started.link}\n`);
  input.terminal.note(
    `Anyone with this link has the role ${options.role}. Guests open it in a browser, or run \`tutti join LINK\`. End it with \`tutti share revoke ${started.invite.slice(0, 6)}\`.\n`,
  );
  return 0;
}

function readOptions(input: CommandInput, session: string): ParamsOf<"shareStart"> {
  const [expires, name, hub, listen] = ["expires", "name", "hub", "listen"].map((flag) => input.text(flag));
  if (hub !== undefined && (input.isSet("local") || listen !== undefined))
    throw usageError("--hub cannot be used with --local or --listen, which need no hub.");
  return {
    session,
    role: (input.text("role") ?? "viewer") as GuestRole,
    ...(expires !== undefined && { expiresIn: parseDuration(expires) }),
    ...(name !== undefined && { name }),
    ...(hub !== undefined && { hub }),
    ...(listen !== undefined && { listen }),
    ...(input.isSet("local") && { local: true }),
  };
}

function describePreview(title: string, preview: ResultOf<"sharePreview">): string {
  const { prompts, calls, files, attachments, redactions } = preview;
  return [
    `Guests of "${title}" will see, from its beginning and live:`,
    `  ${prompts} prompts and all responses, ${calls} calls with their output, ${files} changed files as diffs, ${attachments} attachments`,
    "  the plan, approval requests, agents, skills and commands, usage and cost, and the path of this folder",
    `  ${redactions} keys and passwords were removed when they were written to the log; what has another shape is not removed`,
    "",
  ].join("\n");
}

function formatShare({
  session,
  title,
  hub,
  local,
  state,
  problem,
  approvals,
  invites,
  guests,
}: Shares[number]): string {
  const where = local ? `${hub} (this machine)` : hub;
  const rows = invites.map((invite) => [
    invite.invite.slice(0, 6),
    invite.role,
    invite.revoked ? "revoked" : invite.expiresAt < Date.now() ? "expired" : `until ${formatTime(invite.expiresAt)}`,
    sanitize(invite.name),
    sanitize(invite.usedBy.join(", ")),
  ]);
  return [
    `${sanitize(title) || session}: ${state}${problem === "" ? "" : ` (${sanitize(problem)})`}`,
    `  session ${session}`,
    `  hub ${sanitize(where)}`,
    `  approvals of ${sanitize(describePolicy(approvals))}`,
    `  guests now: ${guests.length === 0 ? "none" : guests.map(({ name, role }) => `${sanitize(name)} (${role})`).join(", ")}`,
    formatTable(["INVITE", "ROLE", "VALID", "NAME", "USED BY"], rows),
  ].join("\n");
}

const formatTime = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");

async function findShare(input: CommandInput, link: Link, named: string | undefined): Promise<Shares[number]> {
  const { shares } = await link.call("shareList", {});
  const id = named === undefined ? null : (await findSession(link, named, input.cwd)).id;
  const [found, ...others] = id === null ? shares : shares.filter(({ session }) => session === id);
  if (!found) throw usageError(id === null ? "No session is shared." : `Session ${id} is not shared.`);
  if (others.length > 0) throw usageError("Several sessions are shared. Name one: `tutti share list` shows them.");
  return found;
}

/** `2`: of so many links; else the start of an invite's id. */
function parsePolicy(named: string, { invites }: Shares[number]): ParamsOf<"shareApprovals">["policy"] {
  if (named === "owner") return { type: "owner" };
  if (named === "approvers" || named === "1") return { type: "first" };
  if (/^\d{1,2}$/.test(named)) return { type: "count", needed: Number(named) };
  const [found, ...others] = invites.filter(({ invite }) => named !== "" && invite.startsWith(named));
  if (!found || others.length > 0)
    throw usageError(
      "Pass whose approvals count: `owner`, `approvers` for the first guest with that role, a number of them, or an invite of `tutti share list`.",
    );
  return {
    type: "person",
    invite: found.invite,
    name: found.usedBy.at(-1) ?? (found.name || "the guest of this link"),
  };
}

/** `named`: the id of an invite, or the start of one. */
async function findInvite(link: Link, named: string): Promise<{ session: string; invite: string }> {
  const { shares } = await link.call("shareList", {});
  const all = shares.flatMap(({ session, invites }) => invites.map(({ invite }) => ({ session, invite })));
  const [found, ...others] = named === "" ? [] : all.filter(({ invite }) => invite.startsWith(named));
  if (!found) throw usageError(`There is no invite ${JSON.stringify(named)}. \`tutti share list\` shows all invites.`);
  if (others.length > 0) throw usageError(`Several invites start with ${JSON.stringify(named)}. Write more of it.`);
  return found;
}

function expectWords(words: readonly string[], least: number, most: number, usage: string): void {
  if (words.length < least || words.length > most) throw usageError(`Wrong number of arguments. Use \`${usage}\`.`);
}
