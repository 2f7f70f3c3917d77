/** Every command in the documents is run, in the order of its page and in a home of its own, and prints what the page says. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, build } from "../help/built.ts";
import { answer, type Received, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { blocksOf, type Command, commandsOf } from "./markdown.ts";

const root = join(import.meta.dirname, "../..");
/** Blocks that need what a test machine does not have. A new one needs a reason in the page, and a look here. */
const MOST_NOT_RUN = 16;
const PAGES_MS = 240_000;

/** Ends each command's output in the one stream that all share. */
const MARK = "\x1e";

interface Ran extends Command {
  code: number;
  printed: string;
}

const pages = async (): Promise<string[]> => [
  "README.md",
  ...(await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

/** JSON where a schema is asked for, else a sentence; a list of models where one is asked for. */
function say({ path, body }: Received) {
  if (path.endsWith("/models")) return { body: [JSON.stringify({ object: "list", data: [{ id: "m" }] })] };
  return answer(
    JSON.stringify(body).includes("json_schema") ? '{"summary":"Nothing changed."}' : "It adds two numbers.",
  );
}

/** The address that pages give to an endpoint of one's own. */
const EXAMPLE = "https://llm.example.com/v1";

/** Where a page names a provider, its requests stay on this machine. */
const elsewhere = `groq openrouter openai anthropic google google-vertex azure amazon-bedrock
  ollama lmstudio vllm llamacpp`.split(/\s+/);

async function play(page: string, endpoint: ScriptedEndpoint): Promise<Ran[]> {
  const text = await readFile(join(root, page), "utf8");
  const all = blocksOf(text);
  const blocks = all.filter(({ language }) => language === "sh" || language === "console");
  const commands = blocks.filter(({ notRun }) => notRun === null).flatMap(commandsOf);
  if (commands.length === 0) return [];
  const home = await mkdtemp(join(tmpdir(), "tutti-docs-"));
  try {
    const work = await sample(home);
    for (const { file, text: content } of all) if (file !== null) await writeFile(join(work, file), content);
    const providers = Object.fromEntries(elsewhere.map((name) => [name, { baseUrl: endpoint.baseUrl }]));
    const env = {
      HOME: home,
      PATH: `${join(home, "bin")}:${process.env.PATH ?? ""}`,
      TERM: "dumb",
      USER: "ada",
      EDITOR: "true",
      TUTTI_KEYCHAIN: "off",
      TUTTI_BASE_URL: endpoint.baseUrl,
      TUTTI_CONFIG_CONTENT: JSON.stringify({ providers }),
      // Nothing listens there: what a page forgot to turn aside fails instead of leaving this machine.
      HTTP_PROXY: "http://127.0.0.1:9",
      HTTPS_PROXY: "http://127.0.0.1:9",
      NO_PROXY: "127.0.0.1,localhost",
    };
    const script = commands.map(
      (command) =>
        `${command.text.replaceAll(EXAMPLE, endpoint.baseUrl)}\ns=$?; printf '%s%s%s' '${MARK}' "$s" '${MARK}'; (exit $s)`,
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
      printed: pieces[2 * index] ?? "",
      code: Number(pieces[2 * index + 1] ?? Number.NaN),
    }));
  } finally {
    // A server that is ending may still put something into its cache.
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** The small project that the pages speak of. */
async function sample(home: string): Promise<string> {
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

/** `…` stands for anything; blanks at the ends of lines do not count. */
function fits(prints: string, printed: string): boolean {
  const tidy = (text: string): string => text.replace(/[ \t]+$/gm, "").trim();
  const pattern = tidy(prints)
    .split("…")
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join("[\\s\\S]*")}$`).test(tidy(printed));
}

describe("the commands in the documents", function () {
  this.timeout(PAGES_MS);
  before(build);

  it("each run, and print what the page says", async () => {
    const endpoint = await scriptedEndpoint([say]);
    try {
      const wrong: string[] = [];
      let count = 0;
      const waiting = await pages();
      const worker = async (): Promise<void> => {
        for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
          const ran = await play(page, endpoint);
          count += ran.length;
          for (const [index, { line, text, prints, printed, code }] of ran.entries()) {
            const asked = ran[index + 1]?.text === "echo $?";
            if (code !== 0 && !asked) wrong.push(`${page}:${line}: ${text}\nends with ${code}:\n${printed}`);
            else if (prints !== null && prints !== "" && !fits(prints, printed))
              wrong.push(`${page}:${line}: ${text}\nsays:\n${prints}\nprints:\n${printed}`);
          }
        }
      };
      await Promise.all([worker(), worker(), worker()]);
      assert.deepEqual(wrong, []);
      assert.ok(count > 60, `only ${count} commands were found`);
    } finally {
      await endpoint.close();
    }
  });

  it("that are not run are few, and say why", async () => {
    const left = await Promise.all(
      (await pages()).map(async (page) =>
        blocksOf(await readFile(join(root, page), "utf8"))
          .filter(({ language, notRun }) => notRun !== null || language === "bash" || language === "shell")
          .map(({ line, notRun }) => `${page}:${line}: ${notRun ?? "write sh or console"}`),
      ),
    );
    assert.ok(left.flat().length <= MOST_NOT_RUN, left.flat().join("\n"));
    assert.deepEqual(
      left.flat().filter((one) => one.endsWith("write sh or console")),
      [],
    );
  });
});
