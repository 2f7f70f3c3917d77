/** The web page of the local server in a real browser, as a user opens it: by its link. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { formatWebLink, type WebTarget } from "../../client/web-link.ts";
import type { Link } from "../../protocol/link.ts";

export interface OpenedPage {
  page: Page;
  context: BrowserContext;
  /** The address of the server, without a path. */
  url: string;
  /** Errors on the console, except those of a connection that was refused or lost. */
  errors: string[];
  /** URLs of other origins that the page requested. */
  foreignRequests: string[];
}

export interface PageOptions {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
}

export async function openBrowserPage(
  browser: Browser,
  owner: Link,
  target: WebTarget,
  { width = 1280, height = 800, colorScheme = "dark" }: PageOptions = {},
): Promise<OpenedPage> {
  const opened = await owner.call("webOpen", {});
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: "reduce",
    hasTouch: width < 500,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  const foreignRequests: string[] = [];
  const isLost = (text: string): boolean => /ERR_CONNECTION_REFUSED|WebSocket connection to/.test(text);
  page.on("console", (entry) => entry.type() === "error" && !isLost(entry.text()) && errors.push(entry.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  context.on("request", (request) => {
    const address = new URL(request.url());
    if (address.origin !== opened.url && address.protocol !== "data:") foreignRequests.push(address.href);
  });
  await page.goto(formatWebLink(opened, target));
  return { page, context, url: opened.url, errors, foreignRequests };
}
