/** Opens a web page in the user's browser, without a shell. Only http(s) pages are opened. */
import { spawn } from "node:child_process";
import { isPage } from "../protocol/page.ts";

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Resolves with false if the address is not a web page or no browser can be started. */
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
