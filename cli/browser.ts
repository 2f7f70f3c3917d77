/** Opens a page in the person's browser: by the words of a command, never through a shell, and nothing but pages. */
import { spawn } from "node:child_process";
import { isPage } from "../protocol/page.ts";

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** False where this is no page, or there is nothing to open it with. */
export function openBrowser(address: string): Promise<boolean> {
  const url = URL.parse(address);
  if (url === null || !isPage(url)) return Promise.resolve(false);
  const [program, ...words] = openers[process.platform] ?? ["xdg-open"];
  return new Promise((resolve) => {
    const child = spawn(program, [...words, url.href], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => resolve(true));
    child.unref();
  });
}
