/** The image types and sizes that every client accepts as attachments. */
export const MAX_IMAGE_BYTES = 10 * 1024 * 1024;

const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

/** By file extension; undefined if models do not accept the type. */
export const imageTypeOf = (path: string): string | undefined => types[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];

export const isImageType = (mediaType: string): boolean => Object.values(types).includes(mediaType);
