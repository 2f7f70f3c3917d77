/** The page's entry point in a browser: it connects to the server that it was loaded from, and to nothing else. */
import { checkPrefill } from "../client/prefill.ts";
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import about from "../package.json" with { type: "json" };
import { describeError } from "../protocol/errors.ts";
import { isPage } from "../protocol/page.ts";
import { followKeyboard, showMessage } from "./browser-window.ts";
import { PENDING, type SignIn, signIn } from "./sign-in.ts";
import { type SavedState, startPage } from "./start.ts";
import { applyTheme } from "./themes.ts";

const SAVED = "tutti.page";
const root = document.getElementById("root") ?? document.body;

applyTheme();
followKeyboard();
if (!isSecureContext)
  showMessage(root, "This page needs HTTPS", "Open it with https://, or on the machine of the server.");
else
  signIn(location, () => location.reload()).then(start, (error: unknown) =>
    showMessage(root, "Not signed in", describeError(error)),
  );
// A link that is opened in this tab differs only in its fragment. What the user has written is kept.
addEventListener("hashchange", () => location.reload());
if ("serviceWorker" in navigator)
  // Without it, only the installed page needs the server to open.
  navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);

function start({ target, openTransport }: SignIn): void {
  const listeners = new Set<(message: MessageToPage) => void>();
  const send = (message: MessageToPage): void => {
    for (const listener of [...listeners]) listener(message);
  };
  const saved = JSON.parse(sessionStorage.getItem(SAVED) ?? "null") as (SavedState & { folder: string }) | null;
  const { folder = saved?.folder ?? "", session = null } = target;
  const isNew = target.folder !== undefined || session !== null;
  const drafts = [saved?.draft ?? "", checkPrefill(target.prompt ?? null) ?? ""].filter((draft) => draft !== "");
  const restored = { session: isNew ? session : (saved?.session ?? null), draft: drafts.join("\n"), folder };
  // Also a page that is reloaded before it is connected keeps what its link asked for.
  sessionStorage.setItem(SAVED, JSON.stringify(restored));
  sessionStorage.removeItem(PENDING);
  const app = startPage({
    host: {
      post: (message) => handle(message, send, { folder, session }),
      onMessage(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    root,
    client: { name: "web", version: about.version },
    saved: restored,
    save: (state) => sessionStorage.setItem(SAVED, JSON.stringify({ ...state, folder: app.state().cwd })),
    openTransport,
    surface: "browser",
  });
}

/** What an editor does for its page. */
function handle(
  message: MessageToHost,
  send: (message: MessageToPage) => void,
  { folder, session }: { folder: string; session: string | null },
): void {
  switch (message.type) {
    case "ready":
      send({ type: "initialize", cwd: folder, session });
      return;
    case "link":
      openLink(message.href);
      return;
    case "file":
      copyPath(message, send);
      return;
    case "attachFiles":
      send({ type: "notice", level: "info", text: "Mention files with @. Images can be pasted or dropped." });
      return;
    case "terminal":
      send({ type: "notice", level: "info", text: `Run \`tutti --resume ${message.session}\` in a terminal.` });
      return;
    default:
  }
}

function openLink(href: string): void {
  const url = URL.parse(href);
  if (url && (isPage(url) || url.protocol === "mailto:")) open(url.href, "_blank", "noopener,noreferrer");
}

function copyPath(message: { path?: string; line?: number }, send: (message: MessageToPage) => void): void {
  const { path, line } = message;
  if (path === undefined) return;
  const text = line === undefined ? path : `${path}:${line}`;
  navigator.clipboard.writeText(text).then(
    () => send({ type: "notice", level: "info", text: `Copied ${text}` }),
    () => send({ type: "notice", level: "info", text }),
  );
}
