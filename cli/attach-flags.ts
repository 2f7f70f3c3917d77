/** Flags that say which server a command uses, shared by the commands that connect to one. */
import { resolve } from "node:path";
import type { ConnectOptions, Flag, ParsedFlags } from "./command.ts";

export const tokenFileFlag: Flag = {
  name: "token-file",
  value: "FILE",
  purpose: "With --attach ws://… or wss://…: the file with the server's token",
};

export const attachFlags: readonly Flag[] = [
  { name: "attach", value: "URL", purpose: "Connect to the server at this socket or address instead of the local one" },
  tokenFileFlag,
];

/** Without --attach it is the `fallback`. The token file is relative to the folder of the shell, whatever --directory says. */
export function attachFromFlags(
  { text }: ParsedFlags,
  fallback: "local" | "running",
): Required<Pick<ConnectOptions, "attach">> & Pick<ConnectOptions, "tokenFile"> {
  const tokenFile = text("token-file");
  return { attach: text("attach") ?? fallback, ...(tokenFile !== undefined && { tokenFile: resolve(tokenFile) }) };
}
