/** Where the program begins: joins the command line to the server, which do not know each other. */
import { resolve } from "node:path";
import type { Acp, Connect, Lsp, Rehearse, Serve, Tui } from "../cli/command.ts";
import type { Link } from "../client/link.ts";
import about from "../package.json" with { type: "json" };
import { linkInProcess } from "../server/faces/in-process.ts";
import { startServer } from "../server/main.ts";
import { begin } from "./begin.ts";

export function main(): void {
  begin({ version: about.version, connect, serve, rehearse, tui, acp, lsp });
}

export async function connect(how: Connect): Promise<Link> {
  const { answers, attach } = how;
  if (attach !== undefined) return (await import("./attach.ts")).attach({ ...how, attach });
  const server = await startServer({
    cwd: how.cwd,
    version: about.version,
    env: process.env,
    project: how.project,
    canAnswer: () => answers,
    ...(how.trusted !== undefined && { trusted: how.trusted }),
    ...(how.config !== undefined && { configFile: how.config }),
    ...(how.provider && { provider: how.provider }),
    ...(how.record !== undefined && { record: resolve(how.record) }),
    ...(how.replay !== undefined && { replay: resolve(how.replay) }),
  });
  const name = process.env.USER ?? "you";
  return linkInProcess(server, { author: { kind: "person", id: "local", name }, role: "owner", answers });
}

export const serve = async (how: Serve): Promise<number> => (await import("./shared.ts")).serveHere(how, startServer);

export const rehearse = async (how: Rehearse): Promise<number> => (await import("./rehearse.ts")).serveScenario(how);

const lsp = async (how: Lsp): Promise<number> => (await import("./lsp.ts")).serveEditor(how, about.version);

const tui = async (how: Tui): Promise<number> => (await import("./tui.ts")).showTerminal(how, about.version);

export const acp = async (how: Acp): Promise<number> => (await import("./acp.ts")).serveEditor(how, about.version);
