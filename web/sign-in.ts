/** How the page in a browser signs in: with the ticket of its link, then with a token that only this tab keeps. */
import type { MessageReader, MessageWriter } from "vscode-jsonrpc";
// JSON-RPC needs the implementations for browsers.
import "vscode-jsonrpc/browser";
import { parseWebFragment, type WebTarget } from "../client/web-link.ts";
import { openWebSocket } from "../client/websocket.ts";
import { TuttiError } from "../protocol/errors.ts";

const TOKEN = "tutti.token";
/** The fragment of a link until its target was stored. */
export const PENDING = "tutti.pending";

export interface SignIn {
  /** What the link asked for. The folder counts only with a ticket. */
  target: WebTarget;
  /** Rejects while the server cannot be reached. Calls `signedOut` if it does not accept the token. */
  openTransport(): Promise<{ reader: MessageReader; writer: MessageWriter }>;
}

export async function signIn(page: Location, signedOut: () => void): Promise<SignIn> {
  // A page that is reloaded before it has signed in begins again.
  const fragment = page.hash.length > 1 ? page.hash : (sessionStorage.getItem(PENDING) ?? "");
  sessionStorage.setItem(PENDING, fragment);
  const { ticket, session, folder, prompt } = parseWebFragment(fragment);
  // The ticket must not stay in the address, which is stored in the history and may be copied.
  history.replaceState(null, "", "/");
  if (ticket !== undefined) await exchangeTicket(ticket);
  const token = sessionStorage.getItem(TOKEN);
  if (token === null) throw new Error(NOT_SIGNED_IN);
  return {
    target: {
      ...(session !== undefined && { session }),
      ...(ticket !== undefined && folder !== undefined && { folder }),
      ...(prompt !== undefined && { prompt }),
    },
    async openTransport() {
      try {
        return await openWebSocket(`${page.protocol === "https:" ? "wss" : "ws"}://${page.host}/`, token);
      } catch {
        // A rejected connection says no reason. Over HTTP, the server does.
        const response = await fetch("/healthz", { headers: { authorization: `Bearer ${token}` } }).catch(() => null);
        if (response?.status === 401) {
          sessionStorage.removeItem(TOKEN);
          signedOut();
        }
        throw new TuttiError("failed", "The server does not respond. This page connects again as soon as it does.");
      }
    },
  };
}

const NOT_SIGNED_IN = "Run `tutti web` in a terminal, or /web in Tutti. Its link opens this page signed in.";

/** A used ticket is an error only if this tab is not signed in yet: going back in the history opens the link again. */
async function exchangeTicket(ticket: string): Promise<void> {
  const response = await fetch("/ticket", { method: "POST", headers: { authorization: `Bearer ${ticket}` } });
  if (response.ok) {
    const { token } = (await response.json()) as { token: string };
    sessionStorage.setItem(TOKEN, token);
  } else if (sessionStorage.getItem(TOKEN) === null) {
    sessionStorage.removeItem(PENDING);
    throw new Error("This link was used already, or has expired. Run `tutti web` for a new one.");
  }
}
