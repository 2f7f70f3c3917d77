/** `tutti hub`: a hub for shared sessions. */
import { resolve } from "node:path";
import { printable } from "../protocol/printable.ts";
import { parsePositive, usageError } from "./args.ts";
import type { Command, CommandInput, StartHubOptions } from "./command.ts";

export const hub: Command = {
  name: "hub",
  operands: "",
  purpose:
    "Run a hub, through which guests join shared sessions. It stores and passes on what only the owner and the guests can read.",
  flags: [
    { name: "listen", value: "HOST:PORT", purpose: "Where to listen (default: 127.0.0.1:7800)" },
    { name: "store", value: "DIR", purpose: "Where to store what is shared (default: tutti-hub in this folder)" },
    {
      name: "nats",
      value: "URL[,URL…]",
      purpose: "For several nodes: store in NATS JetStream at these servers instead of a folder",
    },
    {
      name: "nats-replicas",
      value: "COUNT",
      purpose: "With --nats: how many servers store each message (default: 3 with several URLs, otherwise 1)",
    },
    { name: "nats-creds", value: "FILE", purpose: "With --nats: a credentials file" },
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
    const nats = readNats(input);
    const maxShare = parsePositive("--max-share", input.text("max-share"), true);
    const maxGuests = parsePositive("--max-guests", input.text("max-guests"), true);
    return input.hub({
      listen: input.text("listen") ?? "127.0.0.1:7800",
      store: nats ?? resolve(input.cwd, input.text("store") ?? "tutti-hub"),
      behindTlsProxy: input.isSet("behind-tls-proxy"),
      ...(tlsCert !== undefined && { tlsCert: resolve(input.cwd, tlsCert) }),
      ...(tlsKey !== undefined && { tlsKey: resolve(input.cwd, tlsKey) }),
      ...(maxShare !== undefined && { maxShareMiB: maxShare }),
      ...(maxGuests !== undefined && { maxGuests }),
      log: (line) => input.terminal.error(`tutti hub: ${printable(line)}\n`),
    });
  },
};

function readNats(input: CommandInput): StartHubOptions["store"] | null {
  const [urls, replicas, credentials] = ["nats", "nats-replicas", "nats-creds"].map((name) => input.text(name));
  if (urls === undefined) {
    const flag = replicas !== undefined ? "--nats-replicas" : "--nats-creds";
    if (replicas !== undefined || credentials !== undefined) throw usageError(`${flag} requires --nats URL.`);
    return null;
  }
  if (input.text("store") !== undefined) throw usageError("Pass --store or --nats, not both: a hub has one store.");
  const servers = urls.split(",").map((url) => url.trim());
  const wrong = servers.find((server) => !/^(nats|tls):\/\/([^\s/@]+@)?[^\s/@:]+(:\d+)?$/.test(server));
  if (wrong !== undefined) {
    // It may hold a password.
    const shown = JSON.stringify(wrong.replace(/\/\/.*@/, "//…@"));
    throw usageError(`Invalid --nats ${shown}. Use nats://HOST:PORT or tls://HOST:PORT, several with commas.`);
  }
  return {
    servers,
    replicas: parsePositive("--nats-replicas", replicas, true) ?? (servers.length > 1 ? 3 : 1),
    ...(credentials !== undefined && { credentials: resolve(input.cwd, credentials) }),
  };
}
