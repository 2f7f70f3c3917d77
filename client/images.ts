/** Pictures that models take, as every client attaches them. */
export const MOST_IMAGE_BYTES = 10 * 1024 * 1024;

const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

/** By how the name ends; undefined where it is no picture that models take. */
export const imageTypeOf = (path: string): string | undefined => types[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];

export const isImageType = (mediaType: string): boolean => Object.values(types).includes(mediaType);
