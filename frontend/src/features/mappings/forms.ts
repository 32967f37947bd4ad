import * as z from 'zod/mini';

/** A new mapping as it is filled in. */
export const mappingForm = z.object({
  person: z.string().check(z.minLength(1)),
  host: z.string().check(z.minLength(1)),
  username: z.string().check(z.trim(), z.minLength(1)),
});
export type MappingForm = z.output<typeof mappingForm>;
