import * as z from 'zod/mini';
import type { DockerHostOut, HostReviewItemOut } from '@/api/generated/types.gen';

export const LISTS = ['container', 'image', 'volume', 'cache', 'review'] as const;
export type List = (typeof LISTS)[number];

export const dockerUrl = z.object({
  /** Which of Docker's objects are listed. */
  list: z._default(z.enum(LISTS), 'container'),
});

/** An object of any kind, as a line of its list. */
export interface Line extends Omit<HostReviewItemOut, 'host'> {
  /** What it is in besides: the state of a container, what an image alone takes. */
  state: string | null;
  /** How many containers use it; null where that says nothing. */
  containers: number | null;
}

/** The lines of a list; of what is to be decided those that the queue has. */
export function linesOf(host: DockerHostOut, queue: readonly HostReviewItemOut[], list: List): Line[] {
  const bare = { state: null, containers: null, claims: [] };
  switch (list) {
    case 'container':
      return host.containers.map((each) => ({ ...bare, ...each, kind: list }));
    case 'image':
      return host.images.map((each) => ({ ...bare, ...each, kind: list }));
    case 'volume':
      return host.volumes.map((each) => ({ ...bare, ...each, kind: list }));
    case 'cache':
      return host.build_cache.map((each) => ({ ...bare, ...each, kind: list }));
    case 'review':
      return queue.map((each) => ({ ...bare, ...each }));
  }
}

/** A name that fits a cell: ids of Docker say enough with their beginning. */
export function shortName(name: string): string {
  const bare = name.replace(/^sha256:/, '');
  return /^[0-9a-f]{64}$/.test(bare) ? bare.slice(0, 12) : name;
}

/** Whom it may belong to, the most likely first: who claims it, whom it counts for, and the candidates. */
export function suggestedUid({ claims, attribution }: Line): number | '' {
  return claims[0]?.uid ?? attribution.uid ?? attribution.candidates[0]?.uid ?? '';
}
