/** What the window may show and do. Pure. */
import { isPage } from "../protocol/page.ts";

/** `origins`: the local server, and the hubs that the user has confirmed. All other pages open in the browser. */
export function mayNavigate(address: string, origins: ReadonlySet<string>): boolean {
  const url = URL.parse(address);
  return url !== null && origins.has(url.origin);
}

/** Only web pages and mail addresses leave the window. */
export function opensOutside(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (isPage(url) || url.protocol === "mailto:");
}

/** Permissions of the browser that the page may have; all others are denied. */
export const allowedPermissions: ReadonlySet<string> = new Set(["notifications", "clipboard-sanitized-write"]);
