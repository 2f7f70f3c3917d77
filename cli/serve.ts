/** `tutti serve`, `stop` and `status`: the server that several clients share. */
import { resolve } from "node:path";
import { printable } from "../protocol/printable.ts";
import { duration, wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";

export const serve: Command = {
  name: "serve",
  operands: "",
  purpose: "Runs the server that several clients share, at a socket that only you can reach, until nobody needs it.",
  flags: [
    { name: "idle", value: "DURATION", purpose: "ends after so long without clients and work (10m)" },
    { name: "socket", value: "PATH", purpose: "listens at this socket too, in a folder that only you can enter" },
    { name: "stdio", purpose: "one client, on standard input and output; no socket" },
    { name: "listen", value: "HOST:PORT", purpose: "WebSocket too; clients need the token" },
    { name: "token-file", value: "FILE", purpose: "where the token is kept; made where there is none" },
    { name: "allow-host", value: "HOST[:PORT]", many: true, purpose: "a name by which clients may call the server" },
    { name: "allow-origin", value: "ORIGIN", many: true, purpose: "a web page's origin that may connect" },
    { name: "tls-cert", value: "FILE", purpose: "certificate chain, PEM" },
    { name: "tls-key", value: "FILE", purpose: "its key, PEM" },
    { name: "behind-tls-proxy", purpose: "a proxy in front speaks TLS" },
    { name: "no-auth", purpose: "refused: a server without a token is open to every web page and user" },
  ],
  examples: ["tutti serve", "tutti serve --listen 127.0.0.1:7700 --idle 8h"],
  async run(input) {
    if (input.on("no-auth")) throw wrong("--no-auth is refused everywhere: clients read the token from its file.");
    if (input.words.length > 0) throw wrong(`tutti serve takes no words, and got ${JSON.stringify(input.words[0])}.`);
    const listen = input.text("listen");
    const idle = input.text("idle");
    const socket = input.text("socket");
    if (socket !== undefined && input.on("stdio")) throw wrong("--socket and --stdio exclude each other.");
    const only = ["token-file", "tls-cert", "tls-key"].find((name) => input.text(name) !== undefined);
    if (listen === undefined && only !== undefined) throw wrong(`--${only} goes with --listen HOST:PORT.`);
    return input.serve({
      idleMs: idle === undefined ? 600_000 : duration(idle),
      stdio: input.on("stdio"),
      say: (line) => input.terminal.error(`tutti: ${printable(line, { keepNewlines: true })}\n`),
      ...(socket !== undefined && { alsoAt: resolve(input.cwd, socket) }),
      ...(listen !== undefined && { web: { listen, ...webOf(input) } }),
    });
  },
};

function webOf(input: Input) {
  const [tokenFile, tlsCert, tlsKey] = [input.text("token-file"), input.text("tls-cert"), input.text("tls-key")];
  return {
    behindTlsProxy: input.on("behind-tls-proxy"),
    hosts: input.list("allow-host"),
    origins: input.list("allow-origin"),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(tlsCert !== undefined && { tlsCert }),
    ...(tlsKey !== undefined && { tlsKey }),
  };
}

const attach = { name: "attach", value: "URL", purpose: "the server at this socket or address" };
const tokenFile = { name: "token-file", value: "FILE", purpose: "the token of that address" };

export const stop: Command = {
  name: "stop",
  operands: "",
  purpose: "Ends the server: turns are stopped and kept, then it goes.",
  flags: [attach, tokenFile],
  examples: ["tutti stop", "tutti stop --attach unix:/run/user/1000/tutti/tutti.sock"],
  async run(input) {
    const link = await reach(input);
    await link.call("serverStop", {});
    await link.closed;
    input.terminal.note("The server has ended.\n");
    return 0;
  },
};

export const status: Command = {
  name: "status",
  operands: "",
  purpose: "What the server is doing.",
  flags: [attach, tokenFile, { name: "json", purpose: "as JSON" }],
  examples: ["tutti status", "tutti status --json | jq .clients"],
  async run(input) {
    const link = await reach(input);
    try {
      const found = await link.call("serverStatus", {});
      if (input.on("json")) input.terminal.out(`${JSON.stringify(found, null, 2)}\n`);
      else {
        const { version, pid, startedAt, clients, sessions } = found;
        input.terminal.out(
          `tutti ${version}, process ${pid}, since ${new Date(startedAt).toISOString()}, ${clients} client(s), this one included\n`,
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

function reach(input: Input) {
  const file = input.text("token-file");
  return input.connect({
    cwd: input.cwd,
    attach: input.text("attach") ?? "running",
    project: true,
    answers: false,
    ...(file !== undefined && { tokenFile: file }),
  });
}
