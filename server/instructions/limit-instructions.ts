/** Shortens instructions to what fits the context of a model. Pure. */

export interface InstructionFile {
  path: string;
  text: string;
}

/** The share of the context, and the characters of a token. */
const SHARE = 0.25;
const CHARS_PER_TOKEN = 3.5;

export const REST_LEFT_OUT =
  "[The rest of this file is left out here, because it is too long. Read the file if you need it.]";

const getMaxLength = (context: number | null): number =>
  context === null ? Number.POSITIVE_INFINITY : Math.floor(context * SHARE * CHARS_PER_TOKEN);

/** Whether a different context size could change these instructions. */
export const dependsOnContext = (text: string, context: number | null): boolean =>
  text.includes(REST_LEFT_OUT) || text.length > getMaxLength(context);

/** `context`: in tokens; null if unknown. The first files come first. `shortened`: paths of the files that were cut. */
export function limitInstructions(
  files: readonly InstructionFile[],
  context: number | null,
): { files: InstructionFile[]; shortened: string[] } {
  let left = getMaxLength(context);
  const shortened: string[] = [];
  const limited = files.map((file) => {
    const text = file.text.length <= left ? file.text : `${file.text.slice(0, left)}\n${REST_LEFT_OUT}`;
    if (text !== file.text) shortened.push(file.path);
    left = Math.max(0, left - file.text.length);
    return { ...file, text };
  });
  return { files: limited, shortened };
}
