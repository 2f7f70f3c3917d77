import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { connectTo } from "../../client/local.ts";
import type { Envelope } from "../../protocol/events.ts";
import { bin, build } from "../help/build.ts";
import { answer, chunk, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { connectRaw, frameMessage, initializeParams } from "../help/test-server.ts";
import { type Home, openHome, type Running } from "../help/tutti.ts";

const hanging: Script = { body: [chunk({ content: "So far" })], end: "open" };

describe("tutti serve", () => {
  let home: Home;
  let socket: string;
  let endpoint: ScriptedEndpoint | undefined;
  before(function () {
    this.timeout(60_000);
    build();
  });
  beforeEach(async () => {
    home = await openHome();
    socket = join(home.data, "run", "tutti.sock");
  });
  afterEach(async () => {
    await home.run(["stop"]);
    await endpoint?.close();
    endpoint = undefined;
    await home.close();
  });
  const waitForLog = (running: Running, text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      let err = "";
      running.child.stderr?.on("data", (piece) => {
        err += piece;
        if (err.includes(text)) resolve();
      });
      running.child.once("exit", () => reject(new Error(`The server ended: ${err}`)));
    });
  const serve = async (...flags: string[]): Promise<Running> => {
    const running = home.start(["serve", ...flags]);
    await waitForLog(running, "listening at");
    return running;
  };
  const configure = async (...scripts: Script[]): Promise<void> => {
    endpoint = await scriptedEndpoint(scripts);
    const folder = join(home.env.HOME ?? "", ".config", "tutti");
    mkdirSync(folder, { recursive: true });
    const { baseUrl } = endpoint;
    writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify({ model: "here/m", providers: { here: { baseUrl } } }));
  };
  /** The listening TCP ports of a process, from /proc. */
  const listListeningPorts = (pid: number): string[] => {
    const own = new Set(
      readdirSync(`/proc/${pid}/fd`).map((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`);
        } catch {
          return "";
        }
      }),
    );
    return ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((columns) => columns[3] === "0A" && own.has(`socket:[${columns[9]}]`))
        .map((columns) => columns[1] ?? ""),
    );
  };

  it("listens on a private socket, and on no port", async () => {
    const running = await serve();
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    assert.equal(statSync(join(home.data, "run")).mode & 0o777, 0o700);
    if (process.platform === "linux") assert.deepEqual(listListeningPorts(running.child.pid ?? 0), []);
    const { out } = await home.run(["status", "--json"]);
    const status = JSON.parse(out) as { pid: number; clients: number; sessions: unknown[] };
    assert.deepEqual([status.pid, status.clients, status.sessions], [running.child.pid, 1, []]);
    const stopped = await home.run(["stop"]);
    assert.equal(stopped.code, 0);
    const { code, out: printed } = await running.outcome;
    assert.deepEqual([code, printed], [0, ""]);
    assert.ok(!existsSync(socket));
    assert.notEqual((await home.run(["status"])).code, 0);
  });

  it("opens a port only on request, and not without authentication and TLS", async () => {
    const running = home.start(["serve", "--listen", "127.0.0.1:0"]);
    await waitForLog(running, "the token is in");
    if (process.platform === "linux") assert.equal(listListeningPorts(running.child.pid ?? 0).length, 1);
    const token = readFileSync(join(home.data, "server.token"), "utf8").trim();
    await home.run(["stop"]);
    const { err, out } = await running.outcome;
    assert.ok(!`${err}${out}`.includes(token));
    for (const flags of [["--no-auth"], ["--listen", "0.0.0.0:0"], ["--tls-cert", "x"]]) {
      const refused = await home.run(["serve", ...flags]);
      assert.deepEqual([refused.code, refused.out], [2, ""]);
    }
  });

  it("listens on an additional socket, in a private folder", async () => {
    if (process.platform === "win32") return;
    const [closed, open] = [join(home.root, "closed"), join(home.root, "open")];
    mkdirSync(closed, { mode: 0o700 });
    mkdirSync(open);
    chmodSync(open, 0o755);
    const refused = await home.run(["serve", "--socket", join(open, "s")]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /Other users can enter .*open; restrict it/);
    assert.equal(statSync(open).mode & 0o777, 0o755);
    await waitForLog(home.start(["serve", "--socket", "../closed/s"]), `listening at ${socket}`);
    for (const flags of [["--attach", join(closed, "s")], []])
      assert.equal((await home.run(["status", ...flags])).code, 0, flags.join(" "));
  });

  it("allows one server per data folder", async () => {
    await serve();
    const second = await home.run(["serve"]);
    assert.equal(second.code, 8);
    assert.match(second.err, /A server is already running/);
    assert.equal((await home.run(["status"])).code, 0);
  });

  it("starts again after a kill without cleanup", async () => {
    const running = await serve();
    running.child.kill("SIGKILL");
    await running.outcome;
    assert.ok(existsSync(socket), "a killed server leaves its socket behind");
    const again = await serve();
    assert.equal((await home.run(["status"])).code, 0);
    again.child.kill("SIGTERM");
    assert.equal((await again.outcome).code, 0);
  });

  it("does not replace a file at its socket path that it did not create", async () => {
    mkdirSync(join(home.data, "run"), { recursive: true, mode: 0o700 });
    const precious = join(home.root, "precious");
    writeFileSync(precious, "keep");
    symlinkSync(precious, socket);
    const refused = await home.run(["serve"]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /is not one of your sockets/);
    assert.equal(readFileSync(precious, "utf8"), "keep");
    assert.equal(readlinkSync(socket), precious);
  });

  it("makes its folder private again", async () => {
    mkdirSync(join(home.data, "run"), { recursive: true });
    chmodSync(join(home.data, "run"), 0o777);
    await serve();
    assert.equal(statSync(join(home.data, "run")).mode & 0o777, 0o700);
  });

  it("ends when idle", async () => {
    const running = await serve("--idle", "1s");
    assert.equal((await running.outcome).code, 0);
  });

  it("cancels and records running turns when it ends", async () => {
    await configure(hanging);
    const running = await serve();
    const run = home.start(["run", "--attach", socket, "--format", "stream-json", "--include-partial-messages", "Go."]);
    await endpoint?.request(0);
    running.child.kill("SIGTERM");
    const [ended, ran] = await Promise.all([running.outcome, run.outcome]);
    assert.equal(ended.code, 0);
    assert.equal(ran.code, 130, ran.err);
    assert.match(ran.out, /"turn.ended"|"cancelled"/);
    const events = await home.events(await home.lastSession());
    assert.equal(events.filter(({ event }) => event.type === "turn.ended").length, 1);
  });

  it("gives `run --attach` the same output as `run`", async () => {
    await configure(answer("All is well."), answer("All is well."), answer("All is well."));
    const alone = await home.run(["run", "How", "is", "it?"]);
    const local = await home.run(["run", "--attach", "local", "How", "is", "it?"]);
    const attached = await home.run(["run", "--attach", `unix:${socket}`, "How", "is", "it?"]);
    assert.deepEqual([alone.code, alone.out, alone.err], [0, "All is well.\n", ""]);
    for (const outcome of [local, attached]) assert.deepEqual(outcome, alone);
    const bodies = endpoint?.received.map(({ body }) => JSON.stringify(body.messages));
    assert.equal(new Set(bodies).size, 1);
  });

  it("is started once by concurrent clients", async () => {
    await configure(answer("Yes."));
    const both = await Promise.all([1, 2, 3].map(() => home.run(["run", "--attach", "local", "Well?"])));
    for (const { code, out, err } of both) assert.deepEqual([code, out, err], [0, "Yes.\n", ""]);
    const { sessions } = JSON.parse((await home.run(["status", "--json"])).out) as { sessions: unknown[] };
    assert.equal(sessions.length, 3);
  });

  it("disables core dumps if started by a client", async () => {
    if (process.platform !== "linux") return;
    await configure(answer("Hello."));
    const ran = await home.shell('ulimit -S -c "$(ulimit -H -c)"; tutti "$@"', ["run", "--attach", "local", "Go."]);
    assert.equal(ran.code, 0, ran.err);
    const { pid } = JSON.parse((await home.run(["status", "--json"])).out) as { pid: number };
    assert.match(readFileSync(`/proc/${pid}/limits`, "utf8"), /^Max core file size +0 +0 /m);
    assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /\0serve\0$/);
  });

  it("reloads a changed configuration", async () => {
    await configure(answer("First."));
    const running = await serve();
    assert.equal((await home.run(["run", "--attach", socket, "Go."])).out, "First.\n");
    await endpoint?.close();
    const reloaded = waitForLog(running, "configuration reloaded");
    const client = { name: "test", version: "0" };
    const link = await connectTo(socket, undefined, { client, answers: false });
    const notified = new Promise<void>((resolve) => link.onConfigChanged?.(resolve));
    await configure(answer("Second."));
    await reloaded;
    await notified;
    await link.close();
    assert.equal((await home.run(["run", "--attach", socket, "Go."])).out, "Second.\n");
  });

  it("names a session by the quick tier after its first turn, unless that model is local", async () => {
    endpoint = await scriptedEndpoint([(request) => answer(request.body.tools ? "It is faster." : "Faster export")]);
    const folder = join(home.env.HOME ?? "", ".config", "tutti");
    mkdirSync(folder, { recursive: true });
    const provider = (local: boolean) => ({ baseUrl: endpoint?.baseUrl, apiKey: "k", local });
    const providers = { away: provider(false), here: provider(true) };
    const write = (quick: string) =>
      writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify({ providers, tiers: { quick, standard: "here/m" } }));
    write("away/m");
    const running = await serve();
    const client = { name: "test", version: "0" };
    const link = await connectTo(socket, undefined, { client, answers: false });
    const create = async () => (await link.call("sessionCreate", { cwd: home.work })).session;
    const first = await create();
    const named = new Promise<void>((resolve) => {
      const onEvent = ({ event, by }: Envelope) => {
        if (event.type !== "session.titled") return;
        assert.deepEqual([event.title, by.kind], ["Faster export", "server"]);
        resolve();
      };
      void link.watch(first, { event: onEvent, snapshot: () => undefined });
    });
    await link.call("turnPrompt", { session: first, text: "make the export faster" });
    await named;
    const reloaded = waitForLog(running, "configuration reloaded");
    write("here/m");
    await reloaded;
    const second = await create();
    const ended = new Promise<void>((resolve) => {
      const onEvent = ({ event }: Envelope) => event.type === "turn.ended" && resolve();
      void link.watch(second, { event: onEvent, snapshot: () => undefined });
    });
    await link.call("turnPrompt", { session: second, text: "make the import faster" });
    await ended;
    await link.call("sessionClose", { session: second });
    await link.close();
    assert.equal(endpoint.received.filter(({ body }) => !body.tools).length, 1);
  });

  it("refuses flags that only apply to a new server", async () => {
    await serve();
    const { code, err } = await home.run(["run", "--attach", socket, "--no-project", "Go."]);
    assert.equal(code, 2);
    assert.match(err, /--no-project/);
    const none = await home.run(["run", "--attach", join(home.root, "none.sock"), "Go."]);
    assert.match(none.err, /No server is listening/);
  });

  it("serves standard input and output, and ends with its input", async () => {
    const child = spawn(process.execPath, [bin, "serve", "--stdio"], { cwd: home.work, env: home.env });
    let out = "";
    child.stdout.on("data", (piece) => {
      out += piece;
    });
    const send = (id: number, method: string, params: unknown): void =>
      void child.stdin.write(frameMessage(JSON.stringify({ jsonrpc: "2.0", id, method, params })));
    send(1, "initialize", initializeParams);
    send(2, "server/status", {});
    send(3, "no/such", {});
    while (!out.includes('"id":3')) await once(child.stdout, "data");
    child.stdin.end();
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0);
    let rest = out;
    while (rest !== "") {
      const [head, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(rest) ?? [];
      assert.ok(head !== undefined, `not a frame: ${rest.slice(0, 80)}`);
      JSON.parse(rest.slice(head.length, head.length + Number(length)));
      rest = rest.slice(head.length + Number(length));
    }
    assert.ok(!existsSync(socket));
  });

  it("shows two clients the same session", async () => {
    await configure(answer("Shared."));
    await serve();
    const [one, other] = await Promise.all([connectRaw(socket), connectRaw(socket)]);
    one.request("c", "session/create", { cwd: home.work });
    const { session } = (await one.next(({ id }) => id === "c")).result as { session: string };
    for (const client of [one, other]) {
      client.request("w", "session/watch", { session });
      await client.next(({ id }) => id === "w");
    }
    const run = home.run(["run", "--attach", socket, "--session", session, "Go."]);
    const events = async (client: typeof one): Promise<string[]> => {
      const seen: string[] = [];
      while (!seen.at(-1)?.includes('"turn.ended"')) {
        const { method, params } = await client.next();
        if (method === "session/event") seen.push(JSON.stringify(params));
      }
      return seen;
    };
    const [first, second] = await Promise.all([events(one), events(other)]);
    assert.deepEqual(first, second);
    assert.equal((await run).out, "Shared.\n");
    for (const { socket: open } of [one, other]) open.destroy();
  });
});
