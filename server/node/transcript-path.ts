/** Where the transcript of a session for hooks is. Its name is the id of the session, by which scripts find the session again. */
import { join } from "node:path";

export const getTranscriptPath = (dataDir: string, id: string): string => join(dataDir, "transcripts", `${id}.jsonl`);
