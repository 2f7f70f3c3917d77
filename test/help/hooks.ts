/** Hooks for tests: each stores what its commands got, and answers with a script. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "./tutti.ts";

export interface HookInput extends Record<string, unknown> {
  hook_event_name: string;
  transcript_path: string;
}

/** The lines of a transcript, parsed. */
export interface TranscriptLine extends Record<string, unknown> {
  type: string;
  uuid: string;
  parentUuid: string | null;
  message?: { role: string; content: string | Record<string, unknown>[] };
}

export const parseTranscript = (text: string): TranscriptLine[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TranscriptLine);

const isRealUser = ({ type, message }: TranscriptLine): boolean =>
  type === "user" &&
  (typeof message?.content === "string" || (message?.content ?? []).some((block) => block.type === "text"));

/** As scripts read it: the texts of the assistant after the last line that a user wrote. */
export function lastTexts(lines: readonly TranscriptLine[]): string[] {
  const from = lines.findLastIndex(isRealUser);
  return lines
    .slice(from + 1)
    .filter(({ type }) => type === "assistant")
    .flatMap(({ message }) =>
      typeof message?.content === "string"
        ? [message.content]
        : (message?.content ?? []).flatMap((block) => (block.type === "text" ? [String(block.text)] : [])),
    );
}

/** Configures a command for each event. It stores its input, and a copy of the transcripts as they are then, in `hooks/`. */
export function addHooks(home: Home, scripts: Readonly<Record<string, string>>) {
  const folder = join(home.root, "hooks");
  const config = join(home.env.HOME ?? "", ".config/tutti");
  for (const path of [folder, config]) mkdirSync(path, { recursive: true });
  const hooks = Object.entries(scripts).map(([event, script]) => {
    const command = join(folder, `${event}.sh`);
    writeFileSync(command, `#!/bin/sh\nexec node "${recorder}" "${folder}" "${command}.answer"\n`, { mode: 0o755 });
    writeFileSync(`${command}.answer`, script);
    return [event, [{ hooks: [{ type: "command", command, timeout: 30 }] }]];
  });
  writeFileSync(join(config, "tutti.jsonc"), JSON.stringify({ hooks: Object.fromEntries(hooks) }));
  return {
    /** In the order of their starts. */
    inputs(event?: string): (HookInput & { transcript: TranscriptLine[]; agentTranscript: TranscriptLine[] })[] {
      const file = join(folder, "inputs.jsonl");
      if (!existsSync(file)) return [];
      const parsed = readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { input: HookInput; transcript: string; agent: string });
      return parsed
        .map(({ input, transcript, agent }) => ({
          ...input,
          transcript: parseTranscript(transcript),
          agentTranscript: parseTranscript(agent),
        }))
        .filter(({ hook_event_name }) => event === undefined || hook_event_name === event);
    },
  };
}

const recorder = join(import.meta.dirname, "hook-recorder.cjs");
