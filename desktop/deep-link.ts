/** Parses `tutti://` links, which any web page or program can open: they only show something or pre-fill the prompt. Pure. */
import { checkPrefill } from "../client/prefill.ts";
import { parseShareLink } from "../protocol/share/share-link.ts";

export type DeepLink =
  | { kind: "prompt"; text: string }
  | { kind: "session"; session: string }
  /** `link` is complete; the user confirms before it is opened. */
  | { kind: "join"; link: string; hub: string };

/** `tutti://prompt?text=TEXT`, `tutti://session/ID` or `tutti://join?link=LINK`; null for anything else. */
export function parseDeepLink(address: string): DeepLink | null {
  const url = URL.parse(address);
  if (url?.protocol !== "tutti:") return null;
  const path = `${url.host}${url.pathname}`.replace(/\/$/, "");
  if (path === "prompt") {
    const text = checkPrefill(url.searchParams.get("text"));
    return text === null ? null : { kind: "prompt", text };
  }
  if (path === "join") return parseJoin(url.searchParams.get("link") ?? "");
  const session = /^session\/([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1];
  return session === undefined ? null : { kind: "session", session };
}

function parseJoin(link: string): DeepLink | null {
  try {
    const { hub } = parseShareLink(link);
    return { kind: "join", link: new URL(link.trim()).href, hub };
  } catch {
    return null;
  }
}

/** The first deep link among the arguments of a program: where Windows and Linux put it. */
export const findDeepLink = (argv: readonly string[]): string | null =>
  argv.find((word) => word.startsWith("tutti://")) ?? null;
