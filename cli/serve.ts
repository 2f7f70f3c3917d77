/** `tutti serve`, `stop` and `status`: the shared server. */
import { resolve } from "node:path";
import { printable } from "../protocol/printable.ts";
import { parseDuration, usageError } from "./args.ts";
import { attachFromFlags, tokenFileFlag } from "./attach-flags.ts";
import type { Command, CommandInput } from "./command.ts";

export const serve: Command = {
  name: "serve",
  operands: "",
  purpose: "Run the shared server on a socket that only you can access. It stops when it is idle.",
  flags: [
    {
      name: "idle",
      value: "DURATION",
      purpose: "Stop after this time without clients or running turns (default: 10m)",
    },
    { name: "socket", value: "PATH", purpose: "Also listen on this socket; only you may have access to its folder" },
    { name: "stdio", purpose: "Serve one client over standard input and output instead of a socket" },
    { name: "listen", value: "HOST:PORT", purpose: "Also listen for WebSocket clients, which must send the token" },
    {
      name: "token-file",
      value: "FILE",
      purpose: "With --listen: the file with the token; created if it does not exist",
    },
    {
      name: "allow-host",
      value: "HOST[:PORT]",
      repeatable: true,
      purpose: "With --listen: accept this host name; repeatable",
    },
    {
      name: "allow-origin",
      value: "ORIGIN",
      repeatable: true,
      purpose: "With --listen: accept web pages from this origin; repeatable",
    },
    { name: "tls-cert", value: "FILE", purpose: "With --listen: the TLS certificate chain (PEM)" },
    { name: "tls-key", value: "FILE", purpose: "With --listen: the TLS private key (PEM)" },
    { name: "behind-tls-proxy", purpose: "With --listen: a reverse proxy terminates TLS" },
    { name: "no-auth", purpose: "Always rejected: any web page or user could connect to a server without a token" },
  ],
  examples: ["tutti serve", "tutti serve --listen 127.0.0.1:7700 --idle 8h"],
  async run(input) {
    if (input.isSet("no-auth")) throw usageError("--no-auth is not allowed. Clients read the token from its file.");
    if (input.positionals.length > 0)
      throw usageError(
        `Unexpected argument ${JSON.stringify(input.positionals[0])}: \`tutti serve\` takes no arguments.`,
      );
    const listen = input.text("listen");
    const idle = input.text("idle");
    const socket = input.text("socket");
    if (socket !== undefined && input.isSet("stdio")) throw usageError("--socket and --stdio cannot be used together.");
    const listenOnly = ["token-file", "tls-cert", "tls-key"].find((name) => input.text(name) !== undefined);
    if (listen === undefined && listenOnly !== undefined)
      throw usageError(`--${listenOnly} requires --listen HOST:PORT.`);
    return input.serve({
      idleMs: idle === undefined ? 600_000 : parseDuration(idle),
      stdio: input.isSet("stdio"),
      log: (line) => input.terminal.error(`tutti: ${printable(line, { keepNewlines: true })}\n`),
      ...(socket !== undefined && { extraSocket: resolve(input.cwd, socket) }),
      ...(listen !== undefined && { web: { listen, ...webOf(input) } }),
    });
  },
};

function webOf(input: CommandInput) {
  const [tokenFile, tlsCert, tlsKey] = [input.text("token-file"), input.text("tls-cert"), input.text("tls-key")];
  return {
    behindTlsProxy: input.isSet("behind-tls-proxy"),
    hosts: input.list("allow-host"),
    origins: input.list("allow-origin"),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(tlsCert !== undefined && { tlsCert }),
    ...(tlsKey !== undefined && { tlsKey }),
  };
}

const attach = { name: "attach", value: "URL", purpose: "Connect to the server at this socket or address" };

export const stop: Command = {
  name: "stop",
  operands: "",
  purpose: "Stop the shared server. Running turns are interrupted; their sessions are saved.",
  flags: [attach, tokenFileFlag],
  examples: ["tutti stop", "tutti stop --attach unix:/run/user/1000/tutti/tutti.sock"],
  async run(input) {
    const link = await connectRunning(input);
    await link.call("serverStop", {});
    await link.closed;
    input.terminal.note("The server has stopped.\n");
    return 0;
  },
};

export const status: Command = {
  name: "status",
  operands: "",
  purpose: "Show what the shared server is doing.",
  flags: [attach, tokenFileFlag, { name: "json", purpose: "Print as JSON" }],
  examples: ["tutti status", "tutti status --json | jq .clients"],
  async run(input) {
    const link = await connectRunning(input);
    try {
      const found = await link.call("serverStatus", {});
      if (input.isSet("json")) input.terminal.out(`${JSON.stringify(found, null, 2)}\n`);
      else {
        const { version, pid, startedAt, clients, sessions } = found;
        input.terminal.out(
          `tutti ${version}, process ${pid}, since ${new Date(startedAt).toISOString()}, ${clients} client(s) including this one\n`,
        );
        for (const { session, running, watchers } of sessions)
          input.terminal.out(`${session}  ${running ? "running" : "idle"}  ${watchers} watching\n`);
      }
      return 0;
    } finally {
      await link.close();
    }
  },
};

function connectRunning(input: CommandInput) {
  return input.connect({
    cwd: input.cwd,
    ...attachFromFlags(input, "running"),
    project: true,
    answers: false,
  });
}
