/** What a run records to, or is replayed from; loaded only where one of them was asked for. */
import { noRecording, type Recording } from "./recording.ts";

export async function openRecording(
  { record, replay }: { record?: string; replay?: string },
  redact: (text: string) => string,
): Promise<Recording> {
  if (record !== undefined) return (await import("./record.ts")).openRecorder(record, redact);
  return replay === undefined ? noRecording : (await import("./replay.ts")).openReplay(replay);
}
