/**
 * What is known of programs that are more than they seem: those that run other programs, those that run code handed to them,
 * those that do what another one does, and options that run or write something. Tables, and one reader for each.
 */
import type { Match } from "./rules.ts";
import { splitWords } from "./words.ts";

const names = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((name) => name !== ""));

/** Run the program that their arguments name. */
const wrappers = names(`
  env sudo doas su pkexec run0 runuser command builtin exec nohup nice ionice chrt taskset timeout time stdbuf setsid setarch
  linux32 linux64 unshare nsenter chroot fakeroot proot flock watch xargs parallel strace ltrace gdb script expect unbuffer
  busybox toybox npx bunx pnpx uvx dlx entr systemd-run dbus-run-session firejail bwrap catchsegv caffeinate arch rlwrap
  ssh mosh docker podman kubectl at batch crontab screen tmux start-stop-daemon run-parts find fd fdfind trap eval coproc
  doas sshpass torsocks proxychains prlimit numactl cpulimit ssh-agent xvfb-run valgrind perf wine`);

/** Run code that stands in their arguments, in a file or on standard input. */
const shells = names("sh bash dash zsh ksh mksh ash fish csh tcsh rbash pwsh powershell posh yash elvish nu xonsh");
const interpreters = names(`
  python python2 python3 pypy pypy3 node nodejs deno bun perl ruby irb php lua luajit tclsh wish expect Rscript R julia
  awk gawk mawk nawk ed ex vi vim nvim view vimdiff emacs m4 dc bc osascript groovy scala ghci guile racket sqlite3 psql mysql
  gdb lldb less more man socat nc ncat netcat tsx ts-node jshell elixir iex erl ocaml rlwrap`);

/** Built into the shell; they change what later words mean or run text. */
const shapeshifters = names(`
  eval source . alias unalias hash enable export declare typeset local readonly set shopt unset read mapfile readarray
  compgen complete trap bind exec builtin command printf test [ let popd pushd dirs fc history wait coproc`);

/** A rule that forbids the first asks about the others: they can do the same. */
const kin: Readonly<Record<string, ReadonlySet<string>>> = {
  rm: names("unlink rmdir shred srm wipe truncate trash trash-put rimraf del mv rsync dd"),
  sudo: names("doas su pkexec run0 runuser"),
  curl: names("wget aria2c http https xh nc ncat socat"),
  wget: names("curl aria2c http https xh nc ncat socat"),
};
const kinWords: Readonly<Record<string, readonly RegExp[]>> = {
  rm: [
    /^git .*\b(rm|clean)\b/,
    /^find .*-delete\b/,
    /^(fd|fdfind) /,
    /--remove-files\b/,
    /^zip .*-\w*m/,
    /^(npm|pnpm|yarn|bun)x? .*\brimraf\b/,
  ],
};

export function baseName(program: string): string {
  const name = program.split(/[/\\]/).at(-1) ?? program;
  return name.replace(/\.exe$/i, "");
}

/** Does a rule that forbids catch these words? Whatever follows counts, options may stand in between, letters in any order. */
export function forbids(match: Match, words: readonly (string | null)[]): boolean {
  if (match.kind === "any") return true;
  if (match.kind !== "command") return false;
  const [program, ...rest] = match.words ?? [];
  const [first, ...given] = words;
  if (program === undefined || typeof first !== "string") return false;
  if (baseName(first).toLowerCase() !== baseName(program).toLowerCase()) return false;
  const plain = rest.filter((word) => !word.startsWith("-"));
  return (
    inOrder(plain, given) && rest.filter((word) => word.startsWith("-")).every((option) => hasOption(option, given))
  );
}

function inOrder(wanted: readonly string[], given: readonly (string | null)[]): boolean {
  let at = 0;
  for (const word of wanted) {
    while (given[at] !== word) {
      const here = given[at];
      if (at >= given.length) return false;
      // An option may have a value of its own behind it.
      const behindOption = at > 0 && given[at - 1]?.startsWith("-") === true;
      if (here !== null && here?.startsWith("-") !== true && !behindOption) return false;
      at += 1;
    }
    at += 1;
  }
  return true;
}

function hasOption(option: string, given: readonly (string | null)[]): boolean {
  if (given.includes(option) || given.some((word) => word?.startsWith(`${option}=`))) return true;
  if (option.startsWith("--")) return false;
  const letters = given.filter((word) => word !== null && /^-[^-]/.test(word)).join("");
  return [...option.slice(1)].every((letter) => letters.includes(letter));
}

/** How many words of a command behind a wrapper are looked at. */
const longest = 32;

/** The commands that a command may run: itself, and through wrappers whatever stands in its arguments. */
export function reachable(words: readonly (string | null)[]): (string | null)[][] {
  const [first, ...rest] = words;
  const all = [[...words]];
  if (typeof first !== "string") return all;
  const name = baseName(first);
  if (!wrappers.has(name) && !shells.has(name)) return all;
  const start =
    name === "find" || name === "fd" || name === "fdfind"
      ? rest.findIndex((word) => /^(-(exec|ok)|-[xX]$)/.test(word ?? ""))
      : 0;
  if (start < 0) return all;
  rest.slice(start).forEach((word, at) => {
    if (word === null) return;
    all.push(rest.slice(start + at, start + at + longest));
    if (!/\s|;/.test(word)) return;
    for (const piece of word.split(/[;&|\n(){}]+/)) all.push(splitWords(piece) ?? piece.trim().split(/\s+/));
  });
  return all;
}

/** Runs text that it is given, be it as an argument or through a pipe. */
export const runsCode = (words: readonly (string | null)[]): boolean =>
  reachable(words).some(([first]) => {
    const name = baseName(first ?? "");
    return shells.has(name) || interpreters.has(name) || name === "eval";
  });

/** What could be a path in a word that is code. */
export const wordsInCode = (word: string): string[] =>
  /[\s;<>|&(){}'"`]/.test(word) ? word.split(/[\s;<>|&(){}[\]'"`,]+/).filter((piece) => piece !== "") : [];

/** Could these words do what the rule forbids, without saying so? */
export function couldBe(match: Match, words: readonly string[]): boolean {
  const program = match.kind === "command" ? baseName(match.words?.[0] ?? "") : "";
  return reachable(words).some((reached) => {
    const known = reached.filter((word) => word !== null);
    const name = baseName(known[0] ?? "");
    return (
      kin[program]?.has(name) === true || kinWords[program]?.some((pattern) => pattern.test(known.join(" "))) === true
    );
  });
}

/** Says why nobody can tell what these words will run, or null. `writes`: the line also writes files, so a script may be new. */
export function unknowable(words: readonly string[], writes: boolean): string | null {
  for (const reached of reachable(words)) {
    const known = reached.filter((word) => word !== null);
    const [first = "", ...rest] = known;
    const name = baseName(first);
    const script = rest.find((word) => !word.startsWith("-"));
    if (shells.has(name)) return `${name} runs whatever it is given`;
    if (shapeshifters.has(name) && !["printf", "test", "[", "wait", "command", "exec", "builtin"].includes(name))
      return `${name} changes what later words mean`;
    if (["printf", "test", "["].includes(name) && rest.some((word) => word === "-v"))
      return `${name} -v evaluates its argument`;
    if (interpreters.has(name) && (writes || script === undefined || runsText(name, rest))) return `${name} runs code`;
    if (writes && /[/\\]/.test(first)) return "it may run a file that it has just written";
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
    const danger = onlyWrite.has(name) ? null : dangerousOption(known);
    if (danger !== null) return danger;
  }
  return null;
}

/** Their dangerous options write files or lead elsewhere, but run nothing. */
const onlyWrite = names("sort tree xxd curl jq file cargo sed find fd fdfind pnpm yarn");

const scriptRunners = names(
  "python python2 python3 pypy pypy3 node nodejs deno bun perl ruby php lua luajit tsx ts-node Rscript julia",
);

function runsText(name: string, rest: readonly string[]): boolean {
  if (!scriptRunners.has(name)) return true;
  const options = rest.slice(
    0,
    rest.findIndex((word) => !word.startsWith("-")),
  );
  const all = rest.every((word) => word.startsWith("-")) ? rest : options;
  return all.some(
    (word) =>
      /^-(-eval|-print|-require|-import|-loader|[a-zA-Z]*[ceEprRi])/.test(word) &&
      word !== "--test" &&
      word !== "--run",
  );
}

/** Options that run a program or write a file, by program; `*` holds for every program. Long names also match shortened. */
const dangerous: Readonly<Record<string, { long: readonly string[]; short: string; words?: RegExp }>> = {
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

/** Says which option runs a program, writes a file or leads elsewhere, or null. A rule with `:*` never admits these. */
export function dangerousOption(words: readonly string[]): string | null {
  const [first = "", ...rest] = words;
  const name = baseName(first);
  if (name === "git" && rest[0]?.startsWith("-") === true && rest[0] !== "--no-pager" && rest[0] !== "--version")
    return `git ${rest[0]} changes what git runs or where`;
  const tables = [dangerous["*"], dangerous[name]].filter((table) => table !== undefined);
  for (const word of rest) {
    const option = word.split("=")[0] ?? word;
    const long = option.startsWith("--") && option.length > 4;
    const hit = tables.some(
      (table) =>
        table.long.some((known) => known === option || (long && known.startsWith(option))) ||
        table.words?.test(word) === true ||
        (/^-[^-]/.test(word) && [...table.short].some((letter) => word.slice(1).includes(letter))),
    );
    if (hit) return `${name} ${option} runs a program, writes a file or leads elsewhere`;
  }
  return null;
}

/** Only the very same line may be remembered for these: what follows the name is the program. */
export function exactOnly(words: readonly string[]): boolean {
  const name = baseName(words[0] ?? "");
  return (
    wrappers.has(name) ||
    shells.has(name) ||
    interpreters.has(name) ||
    shapeshifters.has(name) ||
    dangerousOption(words) !== null
  );
}
