/** Methods about the web page of the local server. */
import { z } from "zod";
import { request } from "./method.ts";

const where = z.object({
  /** `HOST:PORT`; other hosts than loopback require TLS. */
  listen: z.string().optional(),
  /** Absolute paths of PEM files. */
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  /** A reverse proxy terminates TLS. */
  behindTlsProxy: z.boolean().optional(),
  /** `host[:port]`: names under which browsers reach the page, the one of the link first. */
  hosts: z.array(z.string()).optional(),
});

export const webRequests = {
  webOpen: request(
    "web/open",
    "owner",
    "Serves the web page, and issues a ticket that one browser can use once, within 60 s. Without `listen` the page is on loopback. A page that was opened stays signed in for 24 h, also when the server restarts.",
    where,
    z.object({
      /** The address of the page, without a path. */
      url: z.string(),
      ticket: z.string(),
      /** Milliseconds since 1970. */
      expiresAt: z.number(),
      /** Where else the page is served now, for other devices: `open` holds the parameters for a ticket there. */
      others: z.array(z.object({ url: z.string(), open: where })),
    }),
    ["usage", "failed"],
  ),
  webOpened: request(
    "web/opened",
    "owner",
    "Waits until a browser has opened the page with this ticket. False if the ticket has expired, or does not exist.",
    z.object({ ticket: z.string() }),
    z.object({ opened: z.boolean() }),
  ),
};
