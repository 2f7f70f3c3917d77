/** `tutti web`: opens the web page of the local server in a browser, or shows the link for another device. */
import { resolve } from "node:path";
import { renderUnicodeCompact } from "uqr";
import { findSession } from "../client/find-session.ts";
import { formatWebLink } from "../client/web-link.ts";
import type { ParamsOf } from "../protocol/methods.ts";
import { usageError } from "./args.ts";
import { openBrowser } from "./browser.ts";
import type { Command, CommandInput } from "./command.ts";
import { sanitize } from "./print/text.ts";

export const web: Command = {
  name: "web",
  operands: "[SESSION]",
  purpose: "Open the web page of the local server in a browser. SESSION, or the page's last one, is shown first.",
  flags: [
    { name: "no-open", purpose: "Print the link only" },
    {
      name: "listen",
      value: "HOST:PORT",
      purpose: "For another device: serve the page at this address, which requires TLS",
    },
    {
      name: "allow-host",
      value: "HOST[:PORT]",
      repeatable: true,
      purpose: "With --listen: a name under which browsers reach this machine; the first one is used in the link",
    },
    { name: "tls-cert", value: "FILE", purpose: "With --listen: the TLS certificate chain (PEM)" },
    { name: "tls-key", value: "FILE", purpose: "With --listen: the TLS private key (PEM)" },
    { name: "behind-tls-proxy", purpose: "With --listen: a reverse proxy terminates TLS" },
  ],
  examples: ["tutti web", "tutti web --listen 0.0.0.0:7700 --allow-host laptop.lan --tls-cert c.pem --tls-key k.pem"],
  async run(input) {
    const [named, ...more] = input.positionals;
    if (more.length > 0) throw usageError("Pass one session at most: `tutti web SESSION`.");
    const where = readWhere(input);
    const link = await input.connect({ cwd: input.cwd, attach: "local", project: true, answers: false });
    try {
      const session = named === undefined ? undefined : (await findSession(link, named, input.cwd)).id;
      const opened = await link.call("webOpen", where);
      const address = formatWebLink(opened, { folder: input.cwd, ...(session !== undefined && { session }) });
      const { terminal } = input;
      if (where.listen === undefined && !input.isSet("no-open") && (await openBrowser(address))) {
        terminal.note(`Opened ${opened.url} in your browser.\n`);
        return 0;
      }
      if (where.listen !== undefined) {
        terminal.note(
          `${sanitize(where.listen)} now serves all your sessions to browsers that use this link or the token in server.token. It ends with \`tutti stop\`.\n`,
        );
        if (terminal.stderrIsTerminal && !terminal.quiet) terminal.note(`${renderUnicodeCompact(address)}\n`);
      }
      terminal.out(`${address}\n`);
      terminal.note("The link works once, within 60 seconds.\n");
      return 0;
    } finally {
      await link.close();
    }
  },
};

function readWhere(input: CommandInput): ParamsOf<"webOpen"> {
  const [listen, cert, key] = ["listen", "tls-cert", "tls-key"].map((name) => input.text(name));
  const hosts = input.list("allow-host");
  if (listen === undefined) {
    const isUsed = {
      "tls-cert": cert,
      "tls-key": key,
      "behind-tls-proxy": input.isSet("behind-tls-proxy") || undefined,
    };
    const [flag] = Object.entries({ ...isUsed, "allow-host": hosts[0] }).find(([, value]) => value !== undefined) ?? [];
    if (flag !== undefined) throw usageError(`--${flag} requires --listen HOST:PORT.`);
    return {};
  }
  return {
    listen,
    hosts,
    behindTlsProxy: input.isSet("behind-tls-proxy"),
    ...(cert !== undefined && { tlsCert: resolve(input.cwd, cert) }),
    ...(key !== undefined && { tlsKey: resolve(input.cwd, key) }),
  };
}
