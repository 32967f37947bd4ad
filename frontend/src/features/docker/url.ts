import * as z from 'zod/mini';

export const VIEWS = ['review', 'events'] as const;

/** What enforcement does, as events are told. */
export const EVENTS = [
  'docker.warned',
  'docker.container_stopped',
  'docker.container_removed',
  'docker.back_below',
  'docker.skipped',
] as const;

const day = z.optional(z.iso.date());

export const fleetUrl = z.object({
  view: z._default(z.enum(VIEWS), 'review'),
  page: z._default(z.coerce.number().check(z.int(), z.positive()), 1),
  host: z._default(z.string(), ''),
  type: z.optional(z.enum(EVENTS)),
  user: z._default(z.string(), ''),
  since: day,
  until: day,
});
export type FleetUrl = z.output<typeof fleetUrl>;

/** No filter at all. */
export const EMPTY = { page: 1, host: '', type: undefined, user: '', since: undefined, until: undefined };

type Word<E> = E extends `docker.${infer W}` ? W : never;

/** An event's name without what all have in common: keys of texts hold no points. */
export function wordOf(type: (typeof EVENTS)[number]) {
  return type.slice('docker.'.length) as Word<typeof type>;
}
