/** The files of the web page, as they are served: read once, and found by their exact path only. */
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TuttiError } from "../../protocol/errors.ts";
import { pageHeaders } from "./authorize-request.ts";

export interface PageFile {
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

/** Scripts and styles have a hash in their name, so that a browser can keep them. */
const HASHED = /-[A-Z0-9]{8}\.(js|css)$/;

/** By path, such as `/icon.svg`; the page itself is `/`. */
export function readPageFiles(page: "browser" | "guest" = "browser"): ReadonlyMap<string, PageFile> {
  const folder = findFolder(page);
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const cache = HASHED.test(name) ? "public, max-age=31536000, immutable" : "no-cache";
    const body = readFileSync(join(folder, name));
    const path = name === "index.html" ? "/" : `/${name}`;
    files.set(path, { headers: { ...pageHeaders, "content-type": type, "cache-control": cache }, body });
  }
  return files;
}

/** Answers a hub's requests for the page of guests, which is the same for all links. False if there is no file at this path. */
export function createGuestPage(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const files = readPageFiles("guest");
  return ({ url = "" }, response) => {
    const file = files.get(SHARE_PAGE.test(url) ? "/" : url === "/" ? "" : url);
    if (file) response.writeHead(200, file.headers).end(file.body);
    return file !== undefined;
  };
}

const SHARE_PAGE = /^\/s\/[A-Za-z0-9_-]{22}\/?$/;

/** Bundled, it is in a folder of `dist`; run from its source, the page is taken from there. */
function findFolder(page: string): string {
  for (const place of [`web/${page}`, `../../dist/web/${page}`]) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    try {
      if (readdirSync(folder).includes("index.html")) return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new TuttiError("failed", "The files of the web page are missing. Install Tutti again.");
}
