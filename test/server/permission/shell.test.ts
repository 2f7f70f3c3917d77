/** Compares the parser with bash: for every line that it calls plain, bash runs exactly the programs that it names. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type Grammar, loadGrammar } from "../../../server/permission/load-parsers.ts";
import { type CommandLine, parseCommandLine } from "../../../server/permission/shell.ts";
import { parseWord, splitWords } from "../../../server/permission/shell-words.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

describe("parseCommandLine", () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const parse = (command: string): CommandLine => parseCommandLine(command, grammar.syntax);
  const parts = (command: string) => {
    const line = parse(command);
    return line.kind === "plain" ? line.parts.map((part) => part.words) : line.reason;
  };

  it("splits plain lines into parts", () => {
    assert.deepEqual(parts("ls -la src && git status"), [
      ["ls", "-la", "src"],
      ["git", "status"],
    ]);
    assert.deepEqual(parts("a 'b c' \"d\\$e\" f\\ g | h; i || j\nk # l"), [
      ["a", "b c", "d$e", "f g"],
      ["h"],
      ["i"],
      ["j"],
      ["k"],
    ]);
    assert.deepEqual(parts("cat < a.txt 2>&1 >/dev/null"), [["cat"]]);
    assert.deepEqual(parts("r''m \\rm r\\\nm"), [["rm", "rm", "rm"]]);
    assert.deepEqual(parts("grep -n 'foo$' a; grep \"foo$\" a; git show HEAD@{1} {}"), [
      ["grep", "-n", "foo$", "a"],
      ["grep", "foo$", "a"],
      ["git", "show", "HEAD@{1}", "{}"],
    ]);
  });

  it("finds redirections and the start of wildcards", () => {
    const line = parse("cat src/*.ts < in > out 2>> err");
    assert.ok(line.kind === "plain");
    assert.deepEqual(line.parts, [
      {
        text: "cat src/*.ts < in > out 2>> err",
        words: ["cat", "src/*.ts"],
        globs: [null, "src/"],
        reads: ["in"],
        writes: ["out", "err"],
        input: null,
        readersOnly: null,
      },
    ]);
  });

  for (const command of [
    "A=1 b",
    "a $b",
    'a "$b"',
    "a $(b)",
    "a `b`",
    "a <(b)",
    "a {b,c}",
    "a {1..3}",
    "a ~",
    "a b=~/c",
    "a &",
    "(a)",
    "{ a; }",
    "! a",
    "time a",
    "a |& b",
    "a <<< b",
    "a << E\nb\nE",
    "a 3> b",
    "a >& b",
    "a &> b",
    "a <> b",
    "if a; then b & fi",
    "if a; then (b); fi",
    "if a; then b; fi > c",
    "for f in $(a); do b; done",
    "for f in a; do cd $f; done",
    "for f in *; do a $f; done",
    "for f in a; do $f; done",
    "for f; do a; done",
    "for A in a; do b; done",
    "a << E\n$(b)\nE",
    "a << 'E'\nb\nE\n << 'E'",
    "a <<- 'E'\nb\nE",
    "a 3<< 'E'\nb\nE",
    "cat $a",
    "printf $a",
    `echo \${a:-b}`,
    `echo \${!a}`,
    `echo \${a[0]}`,
    "echo $((1))",
    "echo $a > $b",
    "$a",
    "[[ a ]]",
    "((1))",
    "f() { a; }",
    "coproc a",
    "a $'b'",
    'a $"b"',
    "a 'b",
    'a "b',
    "a \\",
    "a\r\nb",
    "a\u00a0b",
    "a\u0000b",
    "a \u202eb",
    "a \u200bb",
    "a \ud800",
    "a \u{e0041}",
    "/bin/r[m] a",
    "*",
    "",
    "   ",
    "# only a comment",
    "a && ",
    "export A=b",
    "a @(b|c)",
    ";; a",
    "a ]] && fi",
  ])
    it(`calls ${JSON.stringify(command)} opaque`, () => assert.equal(parse(command).kind, "opaque"));

  it("splits conditions, loops, here-documents and printed variables for lines that only read", () => {
    assert.deepEqual(parts("if a; then b; elif c; then d; else e; fi"), [["a"], ["b"], ["c"], ["d"], ["e"]]);
    assert.deepEqual(parts('for f in x "y z"; do a "$f" b && c; done; d'), [
      ["a", "x", "b"],
      ["a", "y z", "b"],
      ["c"],
      ["d"],
    ]);
    assert.deepEqual(parts('for f in *.ts; do\n  wc -l "$f"\ndone'), [["wc", "-l", "*.ts"]]);
    assert.deepEqual(parts("cat <<'E' | wc -l && a\n$(x) `y`\nE\nb"), [["cat"], ["wc", "-l"], ["a"], ["b"]]);
    assert.deepEqual(parts(`echo $HOME "a: \${PWD}/b"`), [["echo", "$HOME", `"a: \${PWD}/b"`]]);
    for (const line of ["if a; then b; fi", "a <<'E'\nb\nE", "echo $HOME", "for f in a; do b; done"]) {
      const read = parse(line);
      assert.ok(read.kind === "plain" && read.parts.every((part) => part.readersOnly !== null), line);
    }
  });

  it("has limits for bytes and commands", () => {
    for (const command of [`echo ${"a".repeat(64 * 1024)}`, `echo ${"ä".repeat(40_000)}`, "true;".repeat(501)]) {
      const line = parse(command);
      assert.ok(line.kind === "opaque" && line.capped, command.slice(0, 20));
    }
    assert.equal(parse("true;".repeat(500)).kind, "plain");
  });

  it("finds commands inside opaque lines", () => {
    const line = parse('for f in *; do echo "$(rm "$f")"; done');
    assert.ok(line.kind === "opaque");
    assert.deepEqual(line.found?.commands.map((words) => words[0]).toSorted(), ["echo", "rm"]);
    assert.deepEqual(line.found?.variables, []);
  });

  it("parses single words", () => {
    assert.deepEqual(parseWord("a'b'\"c\"\\d"), { value: "abcd", glob: null });
    assert.deepEqual(parseWord("src/*.ts"), { value: "src/*.ts", glob: "src/" });
    assert.deepEqual(parseWord("'*'"), { value: "*", glob: null });
    assert.equal(parseWord("$a"), null);
    assert.deepEqual(splitWords("npm  run 'a b'"), ["npm", "run", "a b"]);
    assert.equal(splitWords("a 'b"), null);
    assert.equal(splitWords("a; b"), null);
  });

  it(`names exactly the programs that bash runs (seed ${seed})`, function () {
    // Starts hundreds of shells, possibly on a busy machine.
    this.timeout(90_000);
    const root = mkdtempSync(join(tmpdir(), "tutti-shell-"));
    const [bin, record, work] = ["bin", "record", "work"].map((name) => join(root, name)) as [string, string, string];
    for (const folder of [bin, work]) mkdirSync(folder);
    const programs = ["p0", "p1", "p2", "#p", "if", "a=b"];
    for (const name of programs) {
      writeFileSync(join(bin, name), `#!/bin/sh\nprintf '%s\\0' "\${0##*/}" "$@" > "$RECORD/$$"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    /** The argument lists that bash ran, as sorted JSON. */
    const run = (command: string): string[] => {
      mkdirSync(record);
      spawnSync("/bin/bash", ["--noprofile", "--norc", "-c", command], {
        cwd: work,
        env: { PATH: bin, RECORD: record },
        stdio: "ignore",
        timeout: 5000,
      });
      const ran = readdirSync(record).map((name) =>
        JSON.stringify(readFileSync(join(record, name), "utf8").split("\0").slice(0, -1)),
      );
      rmSync(record, { recursive: true });
      return ran.toSorted();
    };
    const piece = fc.constantFrom(
      "a",
      "-x",
      "'b c'",
      "'$(p1 q)'",
      '"d;p1"',
      '"\\$e"',
      "\\;",
      "\\&",
      "f\\\ng",
      "*.q",
      "[z]",
      "#c",
      "h#i",
      "'#'",
      "=",
      "j=k",
      "{}",
      "{",
      "@{1}",
      "^",
      "'\"'",
      '"\'"',
      "%",
      ",",
      ":",
      '"$"',
      "l$",
    );
    const special = fc.constantFrom(
      "$x",
      "$(p1 s)",
      "`p1 t`",
      "{u,v}",
      "~",
      "> w",
      "< w",
      "2>&1",
      "&",
      "!",
      "\r",
      "if",
      "then",
      "(",
      ")",
      "<<E",
      "$'\\x41'",
      "A=1",
      "\u00a0",
    );
    const word = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(""));
    const argument = fc.oneof({ weight: 12, arbitrary: word }, { weight: 1, arbitrary: special });
    const program = fc.constantFrom("p0", "p1", "p2", "'p1'", "p\\1", 'p"2"', "p\\\n0", "'#p'", "\\if", "'a=b'");
    const command = fc
      .tuple(program, fc.array(argument, { maxLength: 3 }))
      .map(([name, rest]) => [name, ...rest].join(" "));
    const joint = fc.constantFrom(" && ", " | ", "; ", "\n", ";", "|", "&&", " # p1 r\n", " || ", " & ");
    const line = fc
      .tuple(command, fc.array(fc.tuple(joint, command), { maxLength: 3 }))
      .map(([first, rest]) => first + rest.flat().join(""));
    let plain = 0;
    fc.assert(
      fc.property(line, (text) => {
        const found = parse(text);
        if (found.kind !== "plain") return;
        plain += 1;
        const named = found.parts.map(({ words }) => JSON.stringify(words)).toSorted();
        const ran = run(text);
        const unexpected = ran.filter((args) => !named.includes(args));
        assert.deepEqual(unexpected, [], "bash ran a command that no part names");
        const isUncertain =
          found.parts.some((part) => part.reads.length > 0 || !programs.includes(part.words[0] ?? "")) ||
          text.includes("||");
        if (!isUncertain) assert.deepEqual(ran, named);
      }),
      { seed, numRuns: Number(process.env.RUNS ?? 250) },
    );
    rmSync(root, { recursive: true });
    assert.ok(plain > 50, `only ${plain} lines were plain`);
  });
});
