/**
 * Tables of programs that need special treatment, with their lookups: programs that run other programs or code, programs that are
 * equivalent to others, and options that run programs or write files.
 */
import type { Match } from "./rules.ts";
import { splitWords } from "./shell-words.ts";

const toSet = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((name) => name !== ""));

/** Programs that run the program named in their arguments. */
const WRAPPERS = toSet(`
  env sudo doas su pkexec run0 runuser command builtin exec nohup nice ionice chrt taskset timeout time stdbuf setsid setarch
  linux32 linux64 unshare nsenter chroot fakeroot proot flock watch xargs parallel strace ltrace gdb script expect unbuffer
  busybox toybox npx bunx pnpx uvx dlx entr systemd-run dbus-run-session firejail bwrap catchsegv caffeinate arch rlwrap
  ssh mosh docker podman kubectl at batch crontab screen tmux start-stop-daemon run-parts find fd fdfind trap eval coproc
  doas sshpass torsocks proxychains prlimit numactl cpulimit ssh-agent xvfb-run valgrind perf wine`);

/** Programs that run code from their arguments, a file or standard input. */
const SHELLS = toSet("sh bash dash zsh ksh mksh ash fish csh tcsh rbash pwsh powershell posh yash elvish nu xonsh");
const INTERPRETERS = toSet(`
  python python2 python3 pypy pypy3 node nodejs deno bun perl ruby irb php lua luajit tclsh wish expect Rscript R julia
  awk gawk mawk nawk ed ex vi vim nvim view vimdiff emacs m4 dc bc osascript groovy scala ghci guile racket sqlite3 psql mysql
  gdb lldb less more man socat nc ncat netcat tsx ts-node jshell elixir iex erl ocaml rlwrap`);

/** Shell builtins that change the meaning of later words or run text. */
const SHELL_BUILTINS = toSet(`
  eval source . alias unalias hash enable export declare typeset local readonly set shopt unset read mapfile readarray
  compgen complete trap bind exec builtin command printf test [ let popd pushd dirs fc history wait coproc`);

/** Programs that can do the same as a denied one, so that they need approval. */
const EQUIVALENT_PROGRAMS: Readonly<Record<string, ReadonlySet<string>>> = {
  rm: toSet("unlink rmdir shred srm wipe truncate trash trash-put rimraf del mv rsync dd"),
  sudo: toSet("doas su pkexec run0 runuser"),
  curl: toSet("wget aria2c http https xh nc ncat socat"),
  wget: toSet("curl aria2c http https xh nc ncat socat"),
};
const EQUIVALENT_COMMANDS: Readonly<Record<string, readonly RegExp[]>> = {
  rm: [
    /^git .*\b(rm|clean)\b/,
    /^find .*-delete\b/,
    /^(fd|fdfind) /,
    /--remove-files\b/,
    /^zip .*-\w*m/,
    /^(npm|pnpm|yarn|bun)x? .*\brimraf\b/,
  ],
};

export function getBaseName(program: string): string {
  const name = program.split(/[/\\]/).at(-1) ?? program;
  return name.replace(/\.exe$/i, "");
}

/** True if a deny or ask rule matches these words: with any further words, options in between, and option letters in any order. */
export function matchesForbidden(match: Match, words: readonly (string | null)[]): boolean {
  if (match.kind === "any") return true;
  if (match.kind !== "command") return false;
  const [program, ...rest] = match.words ?? [];
  const [first, ...args] = match.partial ? completeLast(match.words ?? [], words) : words;
  if (program === undefined || typeof first !== "string") return false;
  if (getBaseName(first).toLowerCase() !== getBaseName(program).toLowerCase()) return false;
  const plain = rest.filter((word) => !word.startsWith("-"));
  return (
    containsInOrder(plain, args) &&
    rest.filter((word) => word.startsWith("-")).every((option) => hasOption(option, args))
  );
}

/** The words, with those that begin as the last one of the pattern does replaced by it. */
function completeLast(pattern: readonly string[], words: readonly (string | null)[]): (string | null)[] {
  const last = pattern.at(-1) ?? "";
  const isProgram = pattern.length === 1;
  const begins = (word: string): boolean =>
    isProgram ? getBaseName(word).toLowerCase().startsWith(getBaseName(last).toLowerCase()) : word.startsWith(last);
  return words.map((word, at) => (word !== null && (at === 0) === isProgram && begins(word) ? last : word));
}

function containsInOrder(required: readonly string[], args: readonly (string | null)[]): boolean {
  let at = 0;
  for (const word of required) {
    while (args[at] !== word) {
      const here = args[at];
      if (at >= args.length) return false;
      // An option may be followed by its value.
      const followsOption = at > 0 && args[at - 1]?.startsWith("-") === true;
      if (here !== null && here?.startsWith("-") !== true && !followsOption) return false;
      at += 1;
    }
    at += 1;
  }
  return true;
}

function hasOption(option: string, args: readonly (string | null)[]): boolean {
  if (args.includes(option) || args.some((word) => word?.startsWith(`${option}=`))) return true;
  if (option.startsWith("--")) return false;
  const letters = args.filter((word) => word !== null && /^-[^-]/.test(word)).join("");
  return [...option.slice(1)].every((letter) => letters.includes(letter));
}

/** How many words of a wrapped command are checked. */
const MAX_WRAPPED_WORDS = 32;

/** The commands that a command may run: itself and, for a wrapper, anything in its arguments. */
export function listReachableCommands(words: readonly (string | null)[]): (string | null)[][] {
  const [first, ...rest] = words;
  const all = [[...words]];
  if (typeof first !== "string") return all;
  const name = getBaseName(first);
  if (!WRAPPERS.has(name) && !SHELLS.has(name)) return all;
  const start =
    name === "find" || name === "fd" || name === "fdfind"
      ? rest.findIndex((word) => /^(-(exec|ok)|-[xX]$)/.test(word ?? ""))
      : 0;
  if (start < 0) return all;
  rest.slice(start).forEach((word, at) => {
    if (word === null) return;
    all.push(rest.slice(start + at, start + at + MAX_WRAPPED_WORDS));
    if (!/\s|;/.test(word)) return;
    for (const piece of word.split(/[;&|\n(){}]+/)) all.push(splitWords(piece) ?? piece.trim().split(/\s+/));
  });
  return all;
}

/** Whether a program is an interpreter or a shell, also with a version in its name: python3.11, perl5.36. */
const isInterpreter = (name: string): boolean =>
  SHELLS.has(name) || INTERPRETERS.has(name) || INTERPRETERS.has(name.replace(/-?\d+(\.\d+)*$/, ""));

/** True if the command runs text, from its arguments or from a pipe. */
export const runsCode = (words: readonly (string | null)[]): boolean =>
  listReachableCommands(words).some(([first]) => {
    const name = getBaseName(first ?? "");
    return isInterpreter(name) || name === "eval";
  });

/** The pieces of a word with code that could be paths. */
export const splitCode = (word: string): string[] =>
  /[\s;<>|&(){}'"`]/.test(word) ? word.split(/[\s;<>|&(){}[\]'"`,]+/).filter((piece) => piece !== "") : [];

/** True if these words could do what the rule denies with another program. */
export function couldMatch(match: Match, words: readonly string[]): boolean {
  const program = match.kind === "command" ? getBaseName(match.words?.[0] ?? "") : "";
  return listReachableCommands(words).some((reached) => {
    const known = reached.filter((word) => word !== null);
    const name = getBaseName(known[0] ?? "");
    return (
      EQUIVALENT_PROGRAMS[program]?.has(name) === true ||
      EQUIVALENT_COMMANDS[program]?.some((pattern) => pattern.test([name, ...known.slice(1)].join(" "))) === true
    );
  });
}

/** Why it is unknown what these words will run, or null. `writes`: the line also writes files, so a script may be new. */
export function describeUnknown(words: readonly string[], writes: boolean): string | null {
  for (const reached of listReachableCommands(words)) {
    const known = reached.filter((word) => word !== null);
    const [first = "", ...rest] = known;
    const name = getBaseName(first);
    const script = rest.find((word) => !word.startsWith("-"));
    if (SHELLS.has(name)) return `${name} runs any code it gets`;
    if (SHELL_BUILTINS.has(name) && !["printf", "test", "[", "wait", "command", "exec", "builtin"].includes(name))
      return `${name} changes what later words mean`;
    if (["printf", "test", "["].includes(name) && rest.some((word) => word === "-v"))
      return `${name} -v evaluates its argument`;
    if (isInterpreter(name) && (writes || script === undefined || runsInlineCode(name, rest)))
      return `${name} runs code`;
    if (writes && /[/\\]/.test(first)) return "it may run a file that it just wrote";
    if (
      [
        "ssh",
        "mosh",
        "docker",
        "podman",
        "kubectl",
        "at",
        "batch",
        "crontab",
        "tmux",
        "screen",
        "xargs",
        "parallel",
      ].includes(name)
    )
      return `${name} runs commands that this line does not show`;
    const danger = WRITE_ONLY_RISKS.has(name) ? null : findDangerousOption(known);
    if (danger !== null) return danger;
  }
  return null;
}

/** Programs whose dangerous options write files or use other paths, but run nothing. */
const WRITE_ONLY_RISKS = toSet("sort tree xxd curl jq file cargo sed find fd fdfind pnpm yarn");

const SCRIPT_RUNNERS = toSet(
  "python python2 python3 pypy pypy3 node nodejs deno bun perl ruby php lua luajit tsx ts-node Rscript julia",
);

/** Options of these programs that take no value, so that the next word is a script or another option. */
const SCRIPT_FLAGS = toSet("--test --run -u -B");

/** A script is a file: any other option before it could be followed by code. */
function runsInlineCode(name: string, rest: readonly string[]): boolean {
  if (!SCRIPT_RUNNERS.has(name)) return true;
  const [first = "", second = ""] = rest.slice(
    Math.max(
      0,
      rest.findIndex((word) => !SCRIPT_FLAGS.has(word)),
    ),
  );
  if (first === "-m") return !SCRIPT_MODULES.has(second);
  return first.startsWith("-") && !SCRIPT_FLAGS.has(first);
}

/** Modules of Python that run a project's tests and checks. */
const SCRIPT_MODULES = toSet("pytest unittest pip venv mypy ruff black flake8 pylint isort build doctest compileall");

/** Programs that do what their name says, apart from the options in the tables below. They run a project's own code at most. */
const ORDINARY_PROGRAMS = toSet(`
  mkdir touch cp chmod tee sed sort tree xxd curl jq file dd make cmake ninja meson gcc g++ cc c++ clang clang++ javac java
  kotlinc mvn gradle gradlew ant sbt cargo rustc rustfmt go gofmt dotnet swift tsc eslint prettier biome jest vitest mocha ava tap playwright
  cypress webpack rollup vite esbuild rspec rake bundle gem rubocop composer phpunit pytest mypy ruff black flake8 pylint isort tox nox
  pip pip3 poetry uv hatch pdm hugo jekyll pandoc protoc shellcheck shfmt yamllint markdownlint cloc tokei
  npm pnpm yarn bun deno node tsx ts-node python python3 ruby php true false sleep wait kill pkill`);
const GIT_VERBS = toSet("add commit fetch push branch tag remote notes clone describe range-diff merge-base");
const PACKAGE_VERBS = toSet(
  "test t run run-script start install i ci add audit outdated view info why pack version build fmt lint",
);

/** Why a program might do anything, or null. */
export function findUnknownProgram(words: readonly (string | null)[]): string | null {
  const [first = "", second = ""] = words.map((word) => word ?? "");
  const name = getBaseName(first);
  if (WRAPPERS.has(name) || SHELL_BUILTINS.has(name)) return null;
  if (name === "git" && !GIT_VERBS.has(second)) return `git ${second} may change any file`;
  if (/^(npm|pnpm|yarn|bun|deno)$/.test(name) && !PACKAGE_VERBS.has(second))
    return `${name} ${second} may run any program`;
  if (/^(uv|poetry|pdm|hatch|bundle|cmake|tox|nox)$/.test(name) && /^(run|exec|-E|-P|r)$/.test(second))
    return `${name} ${second} may run any program`;
  return name === "git" || ORDINARY_PROGRAMS.has(name) ? null : `${name} is not known`;
}

/** Options that run a program or write a file, by program; `*` applies to every program. Long names also match if abbreviated. */
const DANGEROUS_OPTIONS: Readonly<Record<string, { long: readonly string[]; short: string; words?: RegExp }>> = {
  "*": {
    long: ["--exec", "--to-command", "--compress-program", "--use-compress-program", "--checkpoint-action", "--rsh"],
    short: "",
  },
  git: {
    long: "--output --ext-diff --textconv --open-files-in-pager --upload-pack --receive-pack --exec-path --git-dir --work-tree --config --config-env --template --no-index --separate-git-dir --strategy --extcmd --tool --paginate --namespace --super-prefix".split(
      " ",
    ),
    short: "O",
  },
  find: { long: [], short: "", words: /^-(exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls|files0-from)$/ },
  fd: { long: ["--exec-batch"], short: "xX" },
  fdfind: { long: ["--exec-batch"], short: "xX" },
  sort: { long: ["--output", "--temporary-directory", "--files0-from"], short: "oT" },
  sed: { long: ["--in-place", "--file"], short: "if" },
  tar: { long: ["--info-script", "--new-volume-script", "--rmt-command", "--rsh-command"], short: "IF" },
  rsync: { long: ["--rsync-path"], short: "e" },
  rg: { long: ["--pre", "--hostname-bin", "--search-zip"], short: "z" },
  tree: { long: ["--output"], short: "o" },
  file: { long: ["--magic-file", "--compile", "--files-from", "--uncompress"], short: "mCfzZ" },
  xxd: { long: [], short: "r" },
  curl: { long: ["--output", "--config", "--upload-file", "--output-dir", "--remote-name"], short: "oKTO" },
  wget: { long: ["--output-document", "--use-askpass", "--output-file", "--config"], short: "Oao" },
  go: { long: ["-exec", "-toolexec", "-vettool"], short: "" },
  cargo: { long: ["--config"], short: "" },
  npm: { long: ["--script-shell", "--prefix", "--userconfig", "--globalconfig", "--node-options"], short: "C" },
  pnpm: { long: ["--script-shell", "--dir"], short: "C" },
  yarn: { long: ["--cwd", "--use-yarnrc"], short: "" },
  make: {
    long: ["--eval", "--file", "--makefile", "--directory", "--include-dir"],
    short: "fCIE",
    words: /^(SHELL|MAKEFLAGS|CC|CXX|AR|LD)=/,
  },
  jq: { long: ["--rawfile", "--slurpfile", "--from-file", "--library-path"], short: "fL" },
};

/** Describes the first option that runs a program, writes a file or uses another path, or null. A rule with `:*` never covers these. */
export function findDangerousOption(words: readonly string[]): string | null {
  const [first = "", ...rest] = words;
  const name = getBaseName(first);
  if (name === "git" && rest[0]?.startsWith("-") === true && rest[0] !== "--no-pager" && rest[0] !== "--version")
    return `git ${rest[0]} changes what git runs or where`;
  const tables = [DANGEROUS_OPTIONS["*"], DANGEROUS_OPTIONS[name]].filter((table) => table !== undefined);
  for (const word of rest) {
    const option = word.split("=")[0] ?? word;
    const long = option.startsWith("--") && option.length > 4;
    const hit = tables.some(
      (table) =>
        table.long.some((known) => known === option || (long && known.startsWith(option))) ||
        table.words?.test(word) === true ||
        (/^-[^-]/.test(word) && [...table.short].some((letter) => word.slice(1).includes(letter))),
    );
    if (hit) return `${name} ${option} runs a program, writes a file or uses another path`;
  }
  return null;
}

/** True if only the exact line may be saved as a rule, because the arguments decide what runs. */
export function needsExactRule(words: readonly string[]): boolean {
  const name = getBaseName(words[0] ?? "");
  return (
    WRAPPERS.has(name) ||
    SHELLS.has(name) ||
    INTERPRETERS.has(name) ||
    SHELL_BUILTINS.has(name) ||
    findDangerousOption(words) !== null
  );
}
