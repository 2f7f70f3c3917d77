/** `tutti completion`: scripts for bash, zsh and fish, made from the command table. */
import { globalFlags, usageError } from "./args.ts";
import type { Command, CommandRow, Flag } from "./command.ts";

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
    const script = shells[input.positionals[0] ?? ""];
    if (!script) throw usageError("Missing shell. Use `tutti completion bash`, `zsh` or `fish`.");
    input.terminal.out(script(await Promise.all(commands.map((row) => row.load()))));
    return 0;
  },
});

const names = ({ name, short }: Flag): string[] => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
const flagsOf = (command: Command): readonly Flag[] => [...command.flags, ...globalFlags];

/** Completes flags after a dash, values after their flag, subcommands after a command, and files elsewhere. */
function bash(all: readonly Command[]): string {
  const of = (command: Command, flag: Flag): string => names(flag).join(`|${command.name}:`);
  const values = all.flatMap((command) =>
    flagsOf(command).flatMap((flag) =>
      flag.value === undefined
        ? []
        : [`    ${command.name}:${of(command, flag)}) words="${flag.choices?.join(" ") ?? ""}" ;;`],
    ),
  );
  const flags = all.map(
    (command) => `        ${command.name}) words="${flagsOf(command).flatMap(names).join(" ")}" ;;`,
  );
  const verbs = all.flatMap(({ name, verbs }) => (verbs ? [`        ${name}) words="${verbs.join(" ")}" ;;`] : []));
  return `_tutti() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" words="" found
  case "$command:\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
    *) case "$COMP_CWORD:$current" in
      1:*) words="${all.map(({ name }) => name).join(" ")}" ;;
      *:-*) case "$command" in
${flags.join("\n")}
      esac ;;
      2:*) case "$command" in
${verbs.join("\n")}
      esac ;;
    esac ;;
  esac
  found="$(compgen -W "$words" -- "$current")"
  [[ -n "$found" || "$current" == -* ]] || found="$(compgen -f -- "$current")"
  local IFS=$'\\n'
  COMPREPLY=($found)
}
complete -o filenames -F _tutti tutti
`;
}

function zsh(all: readonly Command[]): string {
  return `#compdef tutti
autoload -U +X bashcompinit && bashcompinit
${bash(all)}`;
}

function fish(all: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const rows = all.flatMap((command) => [
    `complete -c tutti -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.purpose)}`,
    ...(command.verbs ?? []).map(
      (verb) => `complete -c tutti -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)} -a ${verb}`,
    ),
    ...flagsOf(command).map(({ name, short, value, choices, purpose }) =>
      [
        `complete -c tutti -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)} -l ${name}`,
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...(value === undefined ? [] : ["-r"]),
        ...(choices ? [`-f -a ${quoted(choices.join(" "))}`] : []),
        `-d ${quoted(purpose)}`,
      ].join(" "),
    ),
  ]);
  return `${rows.join("\n")}\n`;
}
