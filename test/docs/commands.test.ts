/** Runs every command in the documentation, in the order of its page and in a home of its own, and compares the output. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, build, compileCache } from "../help/build.ts";
import { answer, type Received, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { blocksOf, type Command, commandsOf } from "./markdown.ts";

const root = join(import.meta.dirname, "../..");
/** Blocks that cannot run on a test machine. A new one needs a reason in the page, and a change here. */
const MAX_NOT_RUN = 16;
const TIMEOUT_MS = 240_000;

/** Marks the end of each command's output in the shared stream. */
const MARK = "\x1e";

interface CommandResult extends Command {
  code: number;
  output: string;
}

const pages = async (): Promise<string[]> => [
  "README.md",
  ...(await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

/** Responds with JSON if the request has a schema, with a list of models, or with a sentence. */
function respond({ path, body }: Received) {
  if (path.endsWith("/models")) return { body: [JSON.stringify({ object: "list", data: [{ id: "m" }] })] };
  const request = JSON.stringify(body);
  if (request.includes('"findings"')) return answer('{"findings":[],"summary":"Nothing is wrong."}');
  return answer(request.includes("json_schema") ? '{"summary":"Nothing changed."}' : "It adds two numbers.");
}

/** The example endpoint in the pages. */
const EXAMPLE_URL = "https://llm.example.com/v1";

/** Providers in the pages, whose requests stay on this machine. */
const redirectedProviders = `groq openrouter openai anthropic google google-vertex azure amazon-bedrock
  ollama lmstudio vllm llamacpp`.split(/\s+/);

async function runPage(page: string, endpoint: ScriptedEndpoint): Promise<CommandResult[]> {
  const text = await readFile(join(root, page), "utf8");
  const all = blocksOf(text);
  const blocks = all.filter(({ language }) => language === "sh" || language === "console");
  const commands = blocks.filter(({ notRun }) => notRun === null).flatMap(commandsOf);
  if (commands.length === 0) return [];
  const home = await mkdtemp(join(tmpdir(), "tutti-docs-"));
  try {
    const work = await createSample(home);
    for (const { file, text: content } of all) if (file !== null) await writeFile(join(work, file), content);
    const providers = Object.fromEntries(redirectedProviders.map((name) => [name, { baseUrl: endpoint.baseUrl }]));
    const env = {
      HOME: home,
      PATH: `${join(home, "bin")}:${process.env.PATH ?? ""}`,
      TERM: "dumb",
      USER: "ada",
      ...compileCache,
      EDITOR: "true",
      TUTTI_KEYCHAIN: "off",
      TUTTI_BASE_URL: endpoint.baseUrl,
      TUTTI_CONFIG_CONTENT: JSON.stringify({ providers }),
      // Nothing listens there: other requests fail instead of leaving this machine.
      HTTP_PROXY: "http://127.0.0.1:9",
      HTTPS_PROXY: "http://127.0.0.1:9",
      NO_PROXY: "127.0.0.1,localhost",
    };
    const script = commands.map(
      (command) =>
        `${command.text.replaceAll(EXAMPLE_URL, endpoint.baseUrl)}\ns=$?; printf '%s%s%s' '${MARK}' "$s" '${MARK}'; (exit $s)`,
    );
    const shell = spawn(
      "/bin/sh",
      [
        "-c",
        `exec 2>&1\ngit() { command git -c user.name=ada -c user.email=a@b "$@"; }\n${script.join("\n")}\ntutti stop`,
      ],
      {
        cwd: work,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      },
    );
    let out = "";
    shell.stdout.on("data", (piece) => {
      out += piece;
    });
    await once(shell, "close");
    const pieces = out.split(MARK);
    return commands.map((command, index) => ({
      ...command,
      output: pieces[2 * index] ?? "",
      code: Number(pieces[2 * index + 1] ?? Number.NaN),
    }));
  } finally {
    // A stopping server may still write to its cache.
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Creates the small project that the pages use. */
async function createSample(home: string): Promise<string> {
  const work = join(home, "sample");
  await mkdir(join(work, ".git"), { recursive: true });
  await mkdir(join(home, "bin"));
  const shim = join(home, "bin", "tutti");
  await writeFile(shim, `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`);
  const jq = join(home, "bin", "jq");
  await writeFile(jq, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "test/help/jq.mjs")}" "$@"\n`);
  await chmod(jq, 0o755);
  await chmod(shim, 0o755);
  await writeFile(join(work, "README.md"), "# Sample\n\nAdds numbers.\n");
  await writeFile(join(work, "add.js"), "export const add = (a, b) => a + b;\n");
  await writeFile(join(work, "package.json"), '{"name":"sample","version":"1.0.0","scripts":{"test":"node --test"}}\n');
  const git = spawn("git", ["init", "--quiet"], { cwd: work, env: { HOME: home, PATH: process.env.PATH ?? "" } });
  await once(git, "close");
  return work;
}

/** `…` matches anything; trailing spaces are ignored. */
function matches(prints: string, printed: string): boolean {
  const trimLines = (text: string): string => text.replace(/[ \t]+$/gm, "").trim();
  const pattern = trimLines(prints)
    .split("…")
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join("[\\s\\S]*")}$`).test(trimLines(printed));
}

describe("the commands in the documentation", function () {
  this.timeout(TIMEOUT_MS);
  before(build);

  it("run, and print what the page shows", async () => {
    const endpoint = await scriptedEndpoint([respond]);
    try {
      const failures: string[] = [];
      let count = 0;
      const queue = await pages();
      const worker = async (): Promise<void> => {
        for (let page = queue.pop(); page !== undefined; page = queue.pop()) {
          const results = await runPage(page, endpoint);
          count += results.length;
          for (const [index, { line, text, expected, output, code }] of results.entries()) {
            const checksExitCode = results[index + 1]?.text === "echo $?";
            if (code !== 0 && !checksExitCode) failures.push(`${page}:${line}: ${text}\nends with ${code}:\n${output}`);
            else if (expected !== null && expected !== "" && !matches(expected, output))
              failures.push(`${page}:${line}: ${text}\nexpected:\n${expected}\nprints:\n${output}`);
          }
        }
      };
      await Promise.all([worker(), worker(), worker()]);
      assert.deepEqual(failures, []);
      assert.ok(count > 60, `only ${count} commands were found`);
    } finally {
      await endpoint.close();
    }
  });

  it("are skipped rarely, and with a reason", async () => {
    const skipped = await Promise.all(
      (await pages()).map(async (page) =>
        blocksOf(await readFile(join(root, page), "utf8"))
          .filter(({ language, notRun }) => notRun !== null || language === "bash" || language === "shell")
          .map(({ line, notRun }) => `${page}:${line}: ${notRun ?? "write sh or console"}`),
      ),
    );
    assert.ok(skipped.flat().length <= MAX_NOT_RUN, skipped.flat().join("\n"));
    assert.deepEqual(
      skipped.flat().filter((one) => one.endsWith("write sh or console")),
      [],
    );
  });
});
