/** The page of a guest: it joins the shared session that its link names, through the hub that it was loaded from. */
import "vscode-jsonrpc/browser";
import { openSharedTransport, type SharedTransport } from "../client/shared-session.ts";
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import about from "../package.json" with { type: "json" };
import { describeError } from "../protocol/errors.ts";
import { isPage } from "../protocol/page.ts";
import { parseShareLink } from "../protocol/share/share-link.ts";
import { followKeyboard, showMessage } from "./browser-window.ts";
import { startPage } from "./start.ts";
import { applyTheme } from "./themes.ts";

const LINK = "tutti.link";
const NAME = "tutti.name";
const root = document.getElementById("root") ?? document.body;

applyTheme();
followKeyboard();
// Another link to this share differs only in its fragment.
addEventListener("hashchange", () => location.reload());
const link = takeLink();
if (!isSecureContext || !crypto.subtle)
  showMessage(
    root,
    "This browser cannot open sealed sessions here",
    "Open the link with https://, in a browser of this year, or run `tutti join` with it.",
  );
else if (link === null)
  showMessage(
    root,
    "The link is not complete",
    "The part after # is missing. Copy the whole link, or ask for a new one.",
  );
else askName(link);

/** The secret must not stay in the address, which is stored in the history and may be copied. It stays in this tab, for a reload. */
function takeLink(): string | null {
  if (location.hash.length > 1) sessionStorage.setItem(LINK, location.href);
  history.replaceState(null, "", location.pathname);
  const kept = sessionStorage.getItem(LINK);
  return kept?.startsWith(`${location.origin}${location.pathname}`) ? kept : null;
}

function askName(text: string): void {
  const form = document.createElement("form");
  form.className = "message";
  const heading = document.createElement("h1");
  heading.textContent = "Join a shared session";
  const label = document.createElement("label");
  label.textContent = "Your name, as others see it";
  const field = document.createElement("input");
  field.id = "name";
  field.maxLength = 40;
  field.required = true;
  field.autocomplete = "name";
  field.value = sessionStorage.getItem(NAME) ?? "";
  label.append(field);
  const button = document.createElement("button");
  button.className = "primary";
  button.textContent = "Join";
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  form.append(heading, label, button, status);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(NAME, field.value);
    button.disabled = true;
    status.textContent = "Joining…";
    join(text, field.value).catch((error: unknown) => {
      button.disabled = false;
      status.textContent = describeError(error);
    });
  });
  root.replaceChildren(form);
  field.focus();
}

async function join(text: string, name: string): Promise<void> {
  const share = parseShareLink(text);
  let first: SharedTransport | null = await openSharedTransport(share, name);
  const { session, cwd, role } = first;
  const listeners = new Set<(message: MessageToPage) => void>();
  const send = (message: MessageToPage): void => {
    for (const listener of [...listeners]) listener(message);
  };
  root.replaceChildren();
  startPage({
    host: {
      post: (message) => handle(message, send, { session, cwd }),
      onMessage(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    root,
    client: { name: "web", version: about.version },
    saved: null,
    save: () => undefined,
    async openTransport() {
      const opened = first ?? (await openSharedTransport(share, name));
      first = null;
      return opened;
    },
    surface: "browser",
    guest: role,
  });
}

function handle(
  message: MessageToHost,
  send: (message: MessageToPage) => void,
  { session, cwd }: { session: string; cwd: string },
): void {
  if (message.type === "ready") send({ type: "initialize", cwd, session });
  else if (message.type === "link") {
    const url = URL.parse(message.href);
    if (url && isPage(url)) open(url.href, "_blank", "noopener,noreferrer");
  } else if (message.type === "file")
    send({ type: "notice", level: "info", text: "The files are on the owner's machine." });
}
