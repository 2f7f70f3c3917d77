/** Checks a compact catalog that came from outside, row by row, and writes it in the layout that is read line by line. Pure. */
import { z } from "zod";

const size = z.number().nonnegative();
const price = z.union([z.literal(0), z.array(z.number()).min(2).max(4)]);
const more = z.strictObject({
  requestId: z.string().optional(),
  baseUrl: z.string().optional(),
  inputLimit: size.optional(),
});
const model = z.union([
  z.tuple([z.string(), size, size, size, size, size]),
  z.tuple([z.string(), size, size, size, size, size, price]),
  z.tuple([z.string(), size, size, size, size, size, price, size]),
  z.tuple([z.string(), size, size, size, size, size, price, size, z.union([z.literal(0), more])]),
]);

const shared = z.strictObject({
  version: z.literal(1),
  generated: z.string(),
  names: z.array(z.string()),
  efforts: z.array(z.array(z.string())),
});

const address = z.string().regex(/^(https?:\/\/|\{)/);

const provider = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  name: z.string(),
  category: z.string(),
  baseUrl: address.optional(),
  keys: z.array(z.string()).optional(),
  keyHeader: z.tuple([z.string(), z.string()]).optional(),
  open: z.literal(true).optional(),
  docs: z.string().optional(),
  note: z.string().optional(),
  reason: z.string().optional(),
  excluded: z.array(z.string()).optional(),
  models: z.array(model),
});

const catalog = z.tuple([shared]).rest(provider);

export function checkRows(value: unknown): string | null {
  const read = catalog.safeParse(value);
  return read.success ? `[\n${read.data.map((row) => JSON.stringify(row)).join(",\n")}\n]\n` : null;
}
