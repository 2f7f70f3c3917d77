/**
 * A small shell that kills all commands when this program ends, even after kill -9: it reads from a pipe that only this program holds,
 * and the end of that pipe is its signal.
 */
import type { ChildProcess } from "node:child_process";
import type { Environment } from "./environment.ts";
import { callMarkerName, limitMarkerLine } from "./kill-tree.ts";

/** `$1`: the marker prefix that all calls of this program share. Input lines are `+GROUP` and `-GROUP`. */
const script = `
trap '' HUP INT TERM PIPE
groups=' '
while IFS= read -r line; do
  case $line in
    +*) groups="$groups\${line#+} " ;;
    -*) gone=\${line#-}
      case $groups in *" $gone "*) groups="\${groups%%" $gone "*} \${groups#*" $gone "}" ;; esac ;;
  esac
done
end() {
  for group in $groups; do kill -"$1" -"$group" 2>/dev/null; done
  [ -d /proc/self ] || return 0
  for file in $(grep -l -e "${callMarkerName}=$mark" -e "^${limitMarkerLine} .* $mark" /proc/[0-9]*/environ /proc/[0-9]*/limits 2>/dev/null); do
    pid=\${file#/proc/}
    kill -"$1" "\${pid%/*}" 2>/dev/null
  done
}
mark=$1
end TERM
sleep 0.7
end KILL
sleep 0.1
end KILL
`;

export interface Watchdog {
  /** Call it before the first command starts: a command found by its marker then cannot outlive this program. */
  start(): void;
  watch(group: number): void;
  forget(group: number): void;
}

/** Started with the first command, and restarted if it is killed. */
export function openWatchdog(marker: string, env: Environment): Watchdog {
  const groups = new Set<number>();
  let child: ChildProcess | null = null;

  function ensureRunning(): ChildProcess {
    if (child !== null) return child;
    const started = process
      .getBuiltinModule("node:child_process")
      .spawn("/bin/sh", ["-c", script, "tutti-watchdog", marker], {
        cwd: "/",
        detached: true,
        env: { PATH: env.PATH ?? "/usr/bin:/bin" },
        stdio: ["pipe", "ignore", "ignore"],
      });
    child = started;
    const onExit = () => {
      if (child === started) child = null;
    };
    started.once("exit", onExit).once("error", onExit);
    started.stdin?.on("error", onExit);
    started.unref();
    (started.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    for (const group of groups) started.stdin?.write(`+${group}\n`);
    return started;
  }

  const isPosix = process.platform !== "win32";
  return {
    start() {
      if (isPosix) ensureRunning();
    },
    watch(group) {
      if (!isPosix) return;
      const watching = ensureRunning();
      groups.add(group);
      watching.stdin?.write(`+${group}\n`);
    },
    forget(group) {
      if (groups.delete(group)) child?.stdin?.write(`-${group}\n`);
    },
  };
}
