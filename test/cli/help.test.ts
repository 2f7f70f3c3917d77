/** Help of every command, the promised flags and commands, and shell completion in real shells. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseFlags } from "../../cli/args.ts";
import { commands } from "../../cli/commands.ts";
import { build } from "../help/build.ts";
import { type Home, openHome } from "../help/tutti.ts";

/** Every flag promised for `tutti run`, implemented or planned. */
const promised =
  `--context --file -f --image --agent --model --provider --tier --effort --base-url --api-key-env --format --schema
  --max-turns --max-cost --timeout --mode --allow --deny --sandbox --continue -c --session -s --fork --ephemeral --no-project --share
  --attach --record --replay --help -h --version --config --directory -C --theme --no-color --quiet --verbose`.split(
    /\s+/,
  );
const promisedCommands =
  `run serve stop status lsp acp web desktop share join hub sessions models providers agents skills commands route
  plugins permission trust config import stats doctor completion rehearse`.split(/\s+/);

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

describe("help and completion", () => {
  let home: Home;
  before(async function () {
    this.timeout(60_000);
    build();
    home = await openHome();
  });
  after(() => home.close());

  it("prints an overview with every command, and exits with 0 for --help", async () => {
    const asked = await home.run(["--help"]);
    assert.deepEqual([asked.code, asked.err], [0, ""]);
    for (const { name, purpose } of commands)
      assert.match(asked.out, new RegExp(`^  ${name} +${purpose.slice(0, 20)}`, "m"));
    const bare = await home.run([]);
    assert.deepEqual([bare.code, bare.out], [2, asked.out]);
  });

  for (const { name, load } of commands)
    it(`prints help for ${name}: the purpose, the flags and two valid examples`, async () => {
      const { code, out, err } = await home.run([name, "--help"]);
      assert.deepEqual([code, err], [0, ""]);
      const command = await load();
      const lines = out.split("\n");
      assert.equal(lines[0], command.purpose);
      assert.equal(lines[2], `Usage: tutti ${`${name} ${command.operands}`.trim()}`);
      for (const flag of command.flags) {
        const row = lines.find((line) => new RegExp(`^ .* --${flag.name}(?= |$)`).test(line)) ?? "";
        assert.ok(row.endsWith(flag.purpose), `--${flag.name}: ${row}`);
      }
      const examples = lines.slice(lines.indexOf("Examples:") + 1).filter((line) => line !== "");
      assert.equal(examples.length, 2);
      for (const example of examples) {
        const [, words = ""] = /\btutti (.*?)(?: [|>].*)?$/.exec(example) ?? [];
        const args = [...words.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replaceAll(/["']/g, ""));
        assert.ok(args.includes(name), example);
        assert.ok(parseFlags(command, args), example);
      }
    });

  it("lists each promised flag of run, or reports that it is not implemented", async () => {
    const { out } = await home.run(["run", "--help"]);
    const missing = promised.filter((flag) => !new RegExp(`(^|[ ,])${flag}(?=[ ,]|$)`, "m").test(out));
    assert.deepEqual(missing, ["--share"]);
    for (const flag of missing) {
      const later = await home.run(["run", flag, "x", "Go."]);
      assert.deepEqual([later.code, later.out], [2, ""]);
      assert.equal(later.err, `tutti: ${flag} is not implemented yet.\n`);
    }
  });

  it("has each promised command", () => {
    const missing = promisedCommands.filter((name) => !commands.some((row) => row.name === name));
    assert.deepEqual(missing, []);
  });

  describe("completion", () => {
    const script = async (shell: string): Promise<string> => {
      const { code, out, err } = await home.run(["completion", shell]);
      assert.deepEqual([code, err], [0, ""]);
      return out;
    };
    /** The completions of bash after these words; the last may be empty. */
    const complete = (source: string, ...words: string[]): string[] => {
      const run = spawnSync(
        "bash",
        [
          "--norc",
          "-c",
          `eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tutti; for it in "\${COMPREPLY[@]}"; do echo "$it"; done; complete -p tutti >&2`,
          ...["bash", source, "tutti", ...words],
        ],
        { cwd: home.work, encoding: "utf8" },
      );
      assert.match(run.stderr, /^complete .*-F _tutti tutti\n$/);
      return run.stdout.split("\n").filter((line) => line !== "");
    };

    if (has("bash"))
      it("completes commands, subcommands, flags, values and files in bash", async () => {
        const source = await script("bash");
        assert.deepEqual(complete(source, "re"), ["review", "rehearse"]);
        assert.deepEqual(
          complete(source, ""),
          commands.map(({ name }) => name),
        );
        assert.deepEqual(complete(source, "run", "--for"), ["--format", "--fork"]);
        assert.deepEqual(complete(source, "run", "--format", ""), ["text", "json", "stream-json"]);
        assert.deepEqual(complete(source, "run", "Go.", "--mode", "a"), ["ask", "auto"]);
        assert.deepEqual(complete(source, "providers", "lo"), ["login", "logout"]);
        assert.deepEqual(complete(source, "completion", ""), ["bash", "zsh", "fish"]);
        writeFileSync(join(home.work, "a long name.md"), "");
        assert.deepEqual(complete(source, "run", "-f", "a l"), ["a long name.md"]);
        assert.deepEqual(complete(source, "run", "--context", ""), ["a long name.md"]);
        assert.deepEqual(complete(source, "run", "--nothing-like-it"), []);
        assert.deepEqual(complete(source, "--li"), ["--line"]);
        assert.deepEqual(complete(source, "--mode", "p"), ["plan"]);
        for (const { load } of commands) {
          const { name, flags } = await load();
          const all = complete(source, name, "--");
          for (const flag of flags) assert.ok(all.includes(`--${flag.name}`), `${name} --${flag.name}`);
        }
      });

    if (has("bash"))
      it("runs and expands nothing of the words that it lists in bash", async () => {
        const source = await script("bash");
        const words = ["$(touch made)", "`touch made`", "$HOME", "*", `${"$"}{x:=y}`, "\"'", "\\a", "plain/model:free"];
        const listed = `tutti() { printf '%s\\n' ${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")}; }`;
        for (const flag of ["--model", "--theme", "--session"]) {
          const found = complete(`${listed}\n${source}`, flag, "");
          assert.deepEqual(
            found,
            words.flatMap((word) => word.split(" ")),
            flag,
          );
          assert.deepEqual(complete(`${listed}\n${source}`, flag, "pl"), ["plain/model:free"]);
          assert.deepEqual(complete(`${listed}\n${source}`, flag, "$("), ["$(touch"]);
        }
        assert.deepEqual(complete(source, "--model", "nothing$(touch made)"), []);
        assert.ok(!existsSync(join(home.work, "made")));
      });

    it("lists only words that need no quoting", async () => {
      const names = ["$(touch made)", "`touch made`", "a b", "a;b", "*", "-x", "~", "good-1.5:free", "größer"];
      const models = Object.fromEntries(names.map((name) => [name, {}]));
      const provider = { baseUrl: "http://127.0.0.1:9/v1", models };
      const env = { TUTTI_CONFIG_CONTENT: JSON.stringify({ providers: { here: provider } }) };
      const { out } = await home.run(["completion", "words", "models"], { env });
      const listed = out.split("\n").filter((word) => word.startsWith("here/"));
      assert.deepEqual(listed.toSorted(), ["here/-x", "here/good-1.5:free", "here/größer"]);
    });

    it("lists themes, models, configuration keys and sessions", async () => {
      const list = async (kind: string): Promise<string[]> => {
        const { code, out, err } = await home.run(["completion", "words", kind]);
        assert.deepEqual([code, err], [0, ""]);
        return out.trimEnd().split("\n");
      };
      assert.ok((await list("themes")).includes("catppuccin-mocha"));
      assert.ok((await list("models")).includes("rehearsal/tour"));
      const keys = await list("keys");
      for (const key of ["model", "theme", "permissions.mode", "permissions.allow"]) assert.ok(keys.includes(key), key);
      assert.equal((await list("sessions"))[0], "last");
      const source = await script("bash");
      for (const kind of ["themes", "models", "sessions", "keys"])
        assert.ok(source.includes(`$(tutti completion words ${kind} 2>/dev/null)`), kind);
    });

    if (has("zsh"))
      it("loads in zsh", async () => {
        const run = spawnSync("zsh", [
          "-f",
          "-c",
          'autoload -U compinit && compinit -D; eval "$1"',
          "zsh",
          await script("zsh"),
        ]);
        assert.deepEqual([run.status, String(run.stderr)], [0, ""]);
      });

    if (has("fish"))
      it("loads in fish", async () => {
        const run = spawnSync("fish", [
          "-N",
          "-c",
          'eval $argv[1]; complete -C "tutti run --for"',
          await script("fish"),
        ]);
        assert.match(String(run.stdout), /--format/);
      });

    it("prints one well-quoted line per word for fish", async () => {
      const lines = (await script("fish")).trimEnd().split("\n");
      for (const line of lines)
        assert.match(line, /^complete -c tutti( -[nald] ([A-Za-z0-9_-]+|'([^'\\]|\\.)*')| -[rf]| -s \w)+$/);
      for (const { name } of commands)
        assert.ok(
          lines.some((line) => line.includes(`-a ${name} `)),
          name,
        );
    });

    it("lists the shells for an unknown one", async () => {
      const { code, err } = await home.run(["completion", "powershell"]);
      assert.deepEqual([code, err], [2, "tutti: Missing shell. Use `tutti completion bash`, `zsh` or `fish`.\n"]);
    });
  });
});
