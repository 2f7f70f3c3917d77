/**
 * A small shell beside this program that ends every command when this program is gone, also after a kill -9: it reads a pipe that only
 * we hold, and the end of that pipe is its signal.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { markName } from "./sweep.ts";

/** `$1`: the part of the mark that all calls of this program share. Lines are `+GROUP` and `-GROUP`. */
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
  for file in $(grep -l "${markName}=$mark" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}
    kill -"$1" "\${pid%/environ}" 2>/dev/null
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
  watch(group: number): void;
  forget(group: number): void;
}

/** Started with the first command; started again should someone end it. */
export function openWatchdog(mark: string): Watchdog {
  const groups = new Set<number>();
  let dog: ChildProcess | null = null;

  function awake(): ChildProcess {
    if (dog !== null) return dog;
    const started = spawn("/bin/sh", ["-c", script, "tutti-watchdog", mark], {
      cwd: "/",
      detached: true,
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    dog = started;
    const gone = () => {
      if (dog === started) dog = null;
    };
    started.once("exit", gone).once("error", gone);
    started.stdin?.on("error", gone);
    started.unref();
    (started.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    for (const group of groups) started.stdin?.write(`+${group}\n`);
    return started;
  }

  const isPosix = process.platform !== "win32";
  return {
    watch(group) {
      if (!isPosix) return;
      const watching = awake();
      groups.add(group);
      watching.stdin?.write(`+${group}\n`);
    },
    forget(group) {
      if (groups.delete(group)) dog?.stdin?.write(`-${group}\n`);
    },
  };
}
