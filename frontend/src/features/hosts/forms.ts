import * as z from 'zod/mini';

const HOST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const URL_START = /^https?:\/\/[^/?#@\s]+/;

/** A host to add, as it is filled in; an empty file is none. */
export const hostForm = z.object({
  id: z.string().check(z.trim(), z.regex(HOST_ID)),
  label: z.string().check(z.trim(), z.maxLength(200)),
  url: z.string().check(z.trim(), z.regex(URL_START)),
  ca_file: z.string().check(z.trim()),
});
export type HostForm = z.output<typeof hostForm>;
