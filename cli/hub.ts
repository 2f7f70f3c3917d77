/** `tutti hub`: a hub for shared sessions. */
import { resolve } from "node:path";
import { printable } from "../protocol/printable.ts";
import { parsePositive, usageError } from "./args.ts";
import type { Command } from "./command.ts";

export const hub: Command = {
  name: "hub",
  operands: "",
  purpose:
    "Run a hub, through which guests join shared sessions. It stores and passes on what only the owner and the guests can read.",
  flags: [
    { name: "listen", value: "HOST:PORT", purpose: "Where to listen (default: 127.0.0.1:7800)" },
    { name: "store", value: "DIR", purpose: "Where to store what is shared (default: tutti-hub in this folder)" },
    { name: "tls-cert", value: "FILE", purpose: "The TLS certificate chain (PEM)" },
    { name: "tls-key", value: "FILE", purpose: "The TLS private key (PEM)" },
    { name: "behind-tls-proxy", purpose: "A reverse proxy terminates TLS" },
    { name: "max-share", value: "MIB", purpose: "How much one share may publish in its whole life (default: 256)" },
    { name: "max-guests", value: "COUNT", purpose: "How many guests may join one share at once (default: 10000)" },
  ],
  examples: [
    "tutti hub --listen 127.0.0.1:7800 --store ~/tutti-hub",
    "tutti hub --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem",
  ],
  async run(input) {
    if (input.positionals.length > 0)
      throw usageError(
        `Unexpected argument ${JSON.stringify(input.positionals[0])}: \`tutti hub\` takes no arguments.`,
      );
    const [tlsCert, tlsKey] = [input.text("tls-cert"), input.text("tls-key")];
    const maxShare = parsePositive("--max-share", input.text("max-share"), true);
    const maxGuests = parsePositive("--max-guests", input.text("max-guests"), true);
    return input.hub({
      listen: input.text("listen") ?? "127.0.0.1:7800",
      store: resolve(input.cwd, input.text("store") ?? "tutti-hub"),
      behindTlsProxy: input.isSet("behind-tls-proxy"),
      ...(tlsCert !== undefined && { tlsCert: resolve(input.cwd, tlsCert) }),
      ...(tlsKey !== undefined && { tlsKey: resolve(input.cwd, tlsKey) }),
      ...(maxShare !== undefined && { maxShareMiB: maxShare }),
      ...(maxGuests !== undefined && { maxGuests }),
      log: (line) => input.terminal.error(`tutti hub: ${printable(line)}\n`),
    });
  },
};
