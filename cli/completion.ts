/**
 * `tutti completion`: scripts for bash, zsh and fish, made from the command table. What depends on the user's configuration, such as
 * models, the scripts ask for with `tutti completion words KIND`.
 */
import type { Link } from "../protocol/link.ts";
import { globalFlags, usageError } from "./args.ts";
import type { Command, CommandInput, CommandRow, Flag } from "./command.ts";
import { tui } from "./tui.ts";

const wordLists: Record<string, (link: Link, input: CommandInput) => Promise<string[]>> = {
  async models(link) {
    return (await link.call("modelList", {})).models.flatMap(({ id, ready }) => (ready ? [id] : []));
  },
  themes: (_, input) => input.listThemes(),
  async sessions(link) {
    return ["last", ...(await link.call("sessionList", { limit: 50 })).sessions.map(({ id }) => id)];
  },
  async keys(link) {
    const { schema } = await link.call("configSchema", {});
    return listKeys(schema as JsonSchema);
  },
};

/** The flags whose values are listed, and the list. */
const listedValues: Readonly<Record<string, string>> = { model: "models", theme: "themes", session: "sessions" };
/** The subcommands whose operand is listed. */
const listedOperands: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  config: { get: "keys", set: "keys", unset: "keys" },
  sessions: Object.fromEntries(
    ["show", "rename", "archive", "delete", "fork", "export", "replay"].map((verb) => [verb, "sessions"]),
  ),
};
const listCommand = (kind: string): string => `$(tutti completion words ${kind} 2>/dev/null)`;

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
}

/** The keys of a configuration file, with a dot between those of a section. */
const listKeys = ({ properties = {} }: JsonSchema, prefix = ""): string[] =>
  Object.entries(properties).flatMap(([name, inner]) => [`${prefix}${name}`, ...listKeys(inner, `${prefix}${name}.`)]);

const shells: Record<string, (all: readonly Command[]) => string> = { bash, zsh, fish };

export const createCompletion = (commands: readonly CommandRow[]): Command => ({
  name: "completion",
  operands: "bash|zsh|fish",
  purpose: "Print a completion script for your shell.",
  verbs: Object.keys(shells),
  flags: [],
  examples: [
    "tutti completion bash > ~/.local/share/bash-completion/completions/tutti",
    "tutti completion fish | source",
  ],
  async run(input) {
    const [shell = "", kind = ""] = input.positionals;
    if (shell === "words") return printWords(input, kind);
    const script = shells[shell];
    if (!script) throw usageError("Missing shell. Use `tutti completion bash`, `zsh` or `fish`.");
    input.terminal.out(script(await Promise.all(commands.map((row) => row.load()))));
    return 0;
  },
});

async function printWords(input: CommandInput, kind: string): Promise<number> {
  const list = wordLists[kind];
  if (!list)
    throw usageError(`Unknown list ${JSON.stringify(kind)}. Use one of: ${Object.keys(wordLists).join(", ")}.`);
  const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
  try {
    for (const word of await list(link, input)) if (needsNoQuoting(word)) input.terminal.out(`${word}\n`);
    return 0;
  } finally {
    await link.close();
  }
}

/** Needs no quoting in any shell. Models and themes are named by others, so any other word is left out. */
const needsNoQuoting = (word: string): boolean => /^[\p{L}\p{N}_.@/][\p{L}\p{N}_.@/:+,-]*$/u.test(word);

const names = ({ name, short }: Flag): string[] => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
const flagsOf = (command: Command): readonly Flag[] => [...command.flags, ...globalFlags];

/**
 * Completes flags after a dash, values after their flag, subcommands after a command, and files elsewhere. Words are only compared:
 * `compgen -W` would run what looks like a command in them.
 */
function bash(all: readonly Command[]): string {
  const of = (command: Command, flag: Flag): string => names(flag).join(`|${command.name}:`);
  const values = all.flatMap((command) =>
    flagsOf(command).flatMap((flag) =>
      flag.value === undefined ? [] : [`    ${command.name}:${of(command, flag)}) words="${bashValues(flag)}" ;;`],
    ),
  );
  const topLevel = flagsOf(tui).flatMap((flag) =>
    flag.value === undefined ? [] : [`    *:${names(flag).join("|*:")}) words="${bashValues(flag)}" ;;`],
  );
  const operands = Object.entries(listedOperands).flatMap(([command, verbs]) =>
    Object.entries(verbs).map(([verb, kind]) => `        ${command}:${verb}) words="${listCommand(kind)}" ;;`),
  );
  const flags = all.map(
    (command) => `        ${command.name}) words="${flagsOf(command).flatMap(names).join(" ")}" ;;`,
  );
  const verbs = all.flatMap(({ name, verbs }) => (verbs ? [`        ${name}) words="${verbs.join(" ")}" ;;`] : []));
  return `_tutti() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" words="" word newline=$'\\n'
  case "$command:\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
${topLevel.join("\n")}
    *) case "$COMP_CWORD:$current" in
      1:-*) words="${flagsOf(tui).flatMap(names).join(" ")}" ;;
      1:*) words="${all.map(({ name }) => name).join(" ")}" ;;
      *:-*) case "$command" in
${flags.join("\n")}
      esac ;;
      2:*) case "$command" in
${verbs.join("\n")}
      esac ;;
      3:*) case "$command:\${COMP_WORDS[2]}" in
${operands.join("\n")}
      esac ;;
    esac ;;
  esac
  COMPREPLY=()
  while IFS= read -r word; do
    [[ -n "$word" && "$word" == "$current"* ]] && COMPREPLY+=("$word")
  done <<< "\${words// /$newline}"
  [[ \${#COMPREPLY[@]} -gt 0 || "$current" == -* ]] && return
  while IFS= read -r word; do
    [[ -n "$word" ]] && COMPREPLY+=("$word")
  done <<< "$(compgen -f -- "$current")"
}
complete -o filenames -F _tutti tutti
`;
}

const bashValues = ({ name, choices }: Flag): string => {
  const kind = listedValues[name];
  return kind === undefined ? (choices?.join(" ") ?? "") : listCommand(kind);
};

function zsh(all: readonly Command[]): string {
  return `#compdef tutti
autoload -U +X bashcompinit && bashcompinit
${bash(all)}`;
}

function fish(all: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const value = ({ name, value, choices }: Flag): string[] => {
    if (value === undefined) return [];
    const kind = listedValues[name];
    const words = kind === undefined ? choices?.join(" ") : `(tutti completion words ${kind})`;
    return words === undefined ? ["-r"] : ["-r", `-f -a ${quoted(words)}`];
  };
  const topLevel = flagsOf(tui).map((flag) =>
    [
      `complete -c tutti -n __fish_use_subcommand -l ${flag.name}`,
      ...(flag.short === undefined ? [] : [`-s ${flag.short}`]),
      ...value(flag),
      `-d ${quoted(flag.purpose)}`,
    ].join(" "),
  );
  const operands = Object.entries(listedOperands).flatMap(([command, verbs]) =>
    Object.entries(verbs).map(
      ([verb, kind]) =>
        `complete -c tutti -n ${quoted(`__fish_seen_subcommand_from ${command}; and __fish_seen_subcommand_from ${verb}`)} -f -a ${quoted(`(tutti completion words ${kind})`)}`,
    ),
  );
  const rows = all.flatMap((command) => [
    `complete -c tutti -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.purpose)}`,
    ...(command.verbs ?? []).map(
      (verb) => `complete -c tutti -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)} -a ${verb}`,
    ),
    ...flagsOf(command).map((flag) =>
      [
        `complete -c tutti -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)} -l ${flag.name}`,
        ...(flag.short === undefined ? [] : [`-s ${flag.short}`]),
        ...value(flag),
        `-d ${quoted(flag.purpose)}`,
      ].join(" "),
    ),
  ]);
  return `${[...topLevel, ...rows, ...operands].join("\n")}\n`;
}
